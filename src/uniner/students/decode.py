"""From span scores to entities: flat (no overlap, the best first) or nested (each type alone)."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class Found(NamedTuple):
    """Words [first, last] of window `row`, with the column of their type and their logit."""

    row: int
    first: int
    last: int
    type: int
    logit: float


def find(logits: Floats, words: npt.NDArray[np.int64], least: float) -> list[Found]:
    """Spans of logits [B, W, K, N] that score at least `least` and end within their window."""
    rows, firsts, widths, types = np.nonzero(logits >= least)
    lasts = firsts + widths
    inside = lasts < words[rows]
    scores = logits[rows, firsts, widths, types]
    order = np.argsort(-scores[inside], kind="stable")
    columns = [values[inside][order].tolist() for values in (rows, firsts, lasts, types, scores)]
    return [Found(*values) for values in zip(*columns, strict=True)]


def choose(found: list[Found], *, nested: bool) -> list[Found]:
    """Of spans in order of score, those that stay; flat: none that overlaps a better one.

    Nested keeps every span of every type, but of two overlapping spans of one type that do not
    lie one within the other only the better.
    """
    kept: list[Found] = []
    taken: dict[tuple[int, int], list[Found]] = {}
    for span in found:
        rivals = taken.setdefault((span.row, span.type if nested else -1), [])
        if not any(clashes(span, rival, nested=nested) for rival in rivals):
            rivals.append(span)
            kept.append(span)
    return kept


def clashes(span: Found, rival: Found, *, nested: bool) -> bool:
    """Whether two spans of one window cannot both stand."""
    if span.last < rival.first or rival.last < span.first:
        return False
    within = (span.first <= rival.first and rival.last <= span.last) or (
        rival.first <= span.first and span.last <= rival.last
    )
    return not (nested and within)
