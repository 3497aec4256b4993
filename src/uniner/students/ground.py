"""Answers as entities: every mention is placed in the passage, and what cannot be is a fault."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from uniner.chat.answer import Answer, Malformed
from uniner.records import Entity, Fault
from uniner.text.align import locate

NOT_A_MENTION = "lists something that is not a mention"
NOT_IN_TEXT = "names what the text does not say"
NOT_ASKED = "gives a type that was not asked for"
CUT_OFF = "breaks off before its end"
"""Why a part of an answer, or all of it, is of no use."""


class Grounded(NamedTuple):
    """The entities of one answer in reading order, and what of it is of no use."""

    entities: tuple[Entity, ...]
    faults: tuple[Fault, ...]


def ground(
    answer: Answer,
    text: str,
    kind: str,
    scores: Mapping[str, float] | None = None,
) -> Grounded:
    """The mentions of an answer about `kind` wherever they stand in `text`.

    `scores` gives the probability of each mention where it is known. Repeats count once.
    """
    if isinstance(answer, Malformed):
        return Grounded((), (Fault(kind, answer.why, answer.raw),))
    mentions = list(dict.fromkeys(item for item in answer.items if isinstance(item, str)))
    faults = [
        Fault(kind, NOT_A_MENTION, str(item)) for item in answer.items if not isinstance(item, str)
    ]
    places = locate(mentions, text)
    found: dict[tuple[int, int], Entity] = {}
    for mention in mentions:
        spans = places[mention]
        if not spans:
            faults.append(Fault(kind, NOT_IN_TEXT, mention))
        for start, end in spans:
            score = scores.get(mention) if scores else None
            found.setdefault((start, end), Entity(start, end, text[start:end], kind, score))
    return Grounded(in_order(found.values()), tuple(faults))


def in_order(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Entities in reading order, the longer of two that start together first."""
    return tuple(sorted(entities, key=lambda e: (e.start, -e.end, e.type)))


def flatten(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Entities of which no two overlap: the surer stays, then the longer, then the earlier."""
    kept: list[Entity] = []
    starts: list[int] = []
    for entity in sorted(entities, key=lambda e: (-(e.score or 0.0), e.start - e.end, e.start)):
        at = bisect_left(starts, entity.end)  # what starts later ends later: one neighbour decides
        if at == 0 or kept[at - 1].end <= entity.start:
            starts.insert(at, entity.start)
            kept.insert(at, entity)
    return tuple(kept)
