"""Which types mean something like which, by the vectors that the bundled student has of them."""

from collections.abc import Iterable, Sequence

import numpy as np

from uniner.chat.negatives import Kin
from uniner.students.decode import Floats
from uniner.students.load import BUNDLED, load_extractor
from uniner.students.span import SpanStudent

MOST = 20
"""Neighbours of a type that are kept."""

BLOCK = 512
"""Types compared with all others at once: what bounds the memory."""


def find_neighbours(types: Iterable[str], kin: Kin) -> dict[str, tuple[str, ...]]:
    """The types nearest to each, the nearest first, whatever the order of `types`."""
    # What else is in its batch moves a quantised vector a little: the order must be one.
    names = sorted(set(types))
    return rank_neighbours(names, embed_types(names), kin)


def embed_types(names: Sequence[str]) -> Floats:
    """Vectors [N, H] of type names, by the bundled student."""
    student = load_extractor(BUNDLED)
    assert isinstance(student, SpanStudent), "the bundled student is one that scores spans"
    return student.embed_names(names)[:, :-1]  # the last column is not a direction but a bias


def rank_neighbours(
    names: Sequence[str], vectors: Floats, kin: Kin, most: int = MOST
) -> dict[str, tuple[str, ...]]:
    """At most `most` types for each, by the cosine of vectors [N, H]; never itself nor its kin."""
    if len(names) < 2:
        return {}
    units = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    numbers = {name: number for number, name in enumerate(names)}
    most = min(most, len(names) - 1)
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(names), BLOCK):
        far = -(units[start : start + BLOCK] @ units.T)
        for row, name in enumerate(names[start : start + BLOCK]):
            barred = [numbers[other] for other in kin.get(name, ()) if other in numbers]
            far[row, [start + row, *barred]] = np.inf
        nearest = np.sort(np.argpartition(far, most - 1, axis=1)[:, :most], axis=1)
        distances = np.take_along_axis(far, nearest, axis=1)
        order = np.argsort(distances, axis=1, kind="stable")
        for row, name in enumerate(names[start : start + BLOCK]):
            ranked = nearest[row, order[row]][np.isfinite(distances[row, order[row]])]
            found[name] = tuple(names[number] for number in ranked)
    return found
