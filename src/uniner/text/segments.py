"""A text in pieces, each with the entities that cover it: what every highlighter draws from."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from uniner.records import Entity


class Segment(NamedTuple):
    """Characters [start, end) of a text and the entities over all of them, outermost first."""

    start: int
    end: int
    cover: tuple[Entity, ...]


def segments(length: int, entities: Sequence[Entity]) -> Iterator[Segment]:
    """A text of `length` characters as consecutive segments; nested and crossing entities too."""
    waiting = sorted(entities, key=lambda e: (e.start, -e.end, e.type), reverse=True)
    cover: list[Entity] = []
    start = 0
    while start < length:
        cover = [entity for entity in cover if entity.end > start]
        while waiting and waiting[-1].start <= start:
            cover.append(waiting.pop())
        nearest = [entity.end for entity in cover]
        if waiting:
            nearest.append(waiting[-1].start)
        end = min([*nearest, length])
        yield Segment(start, end, tuple(cover))
        start = end
