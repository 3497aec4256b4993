"""Passages in words, for formats that know mentions by the words they are made of."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from uniner.conversion.losses import Loss, note_scores
from uniner.records import Annotated, Entity, Span
from uniner.students.ground import flatten
from uniner.text.words import split_words

MARK = "\ufeff"
"""A byte order mark; readers of files drop it, and then a word is missing."""


class Mention(NamedTuple):
    """Words [first, end) of a passage and their type."""

    first: int
    end: int
    type: str


class Worded(NamedTuple):
    """The words of a passage and its mentions in reading order."""

    words: list[str]
    mentions: list[Mention]


def word(record: Annotated, notes: Counter[str], *, flat: bool) -> Worded:
    """A passage in words; what does not fit them is counted, overlaps too where they must go."""
    text = record.passage.text
    places = [place for place in split_words(text) if text[slice(*place)] != MARK]
    words = [text[start:end] for start, end in places]
    if words and " ".join(words) != text:
        notes[Loss.SPACING] += 1
    note_scores(record.entities, notes)
    entities = snap(record, places, notes)
    if flat:
        kept = flatten(entities)
        notes[Loss.OVERLAP] += len(entities) - len(kept)
        entities = list(kept)
    starts = {place.start: index for index, place in enumerate(places)}
    ends = {place.end: index for index, place in enumerate(places, start=1)}
    mentions = [Mention(starts[e.start], ends[e.end], e.type) for e in entities]
    return Worded(words, sorted(mentions, key=lambda m: (m.first, -m.end, m.type)))


def snap(record: Annotated, places: Sequence[Span], notes: Counter[str]) -> list[Entity]:
    """The entities with edges of words as theirs: no white space, and no part of a word."""
    text = record.passage.text
    starts = [place.start for place in places]
    ends = [place.end for place in places]
    found: dict[tuple[Span, str], Entity] = {}
    for entity in record.entities:
        first, last = bisect_right(ends, entity.start), bisect_left(starts, entity.end) - 1
        if first > last:
            notes[Loss.BLANK] += 1
            continue
        start, end = starts[first], ends[last]
        if start > entity.start or end < entity.end:
            notes[Loss.TRIMMED] += 1
        if start < entity.start or end > entity.end:
            notes[Loss.STRETCHED] += 1
        key = Span(start, end), entity.type
        if key in found:
            notes[Loss.REPEATED] += 1
        found.setdefault(key, Entity(start, end, text[start:end], entity.type, entity.score))
    return [*found.values()]
