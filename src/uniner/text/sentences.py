"""The sentences of a text, and of a text with entities that no cut may go through."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from uniner.records import Entity, Span
from uniner.text.passages import ends_sentence, shift
from uniner.text.words import split_words


def find_sentences(text: str) -> Iterator[Span]:
    """Sentences by rule, and lines; blanks around them belong to none."""
    words = split_words(text)
    first = 0
    for index in range(len(words)):
        end = words[index][1]
        last = index + 1 == len(words)
        if last or "\n" in text[end : words[index + 1][0]] or ends_sentence(words, text, index):
            yield Span(words[first][0], end)
            first = index + 1


def join_crossed(sentences: Sequence[Span], entities: Sequence[Entity]) -> list[Span]:
    """Sentences joined, and stretched at the ends of the text, until each entity is within one."""
    joined: list[Span] = []
    reach = position = 0
    for sentence in sentences:
        first = len(joined)
        start = sentence.start
        while position < len(entities) and entities[position].start < start:
            reach = max(reach, entities[position].end)
            start = start if first else min(start, entities[position].start)
            position += 1
        if joined and reach > joined[-1].end:
            joined[-1] = Span(joined[-1].start, sentence.end)
        else:
            joined.append(Span(start, sentence.end))
    last = max([reach, *(entity.end for entity in entities[position:])])
    if joined and last > joined[-1].end:
        joined[-1] = Span(joined[-1].start, last)
    return joined


def cut_sentences(
    text: str, entities: Sequence[Entity], sentences: Sequence[Span] = ()
) -> Iterator[tuple[str, tuple[Entity, ...]]]:
    """The sentences of a text, found by rule where they are not given, each with its entities.

    Where an entity reaches over a boundary the sentences on both sides stay one, so that there are
    as many entities as before; those of one place keep their order.
    """
    ordered = sorted(entities, key=lambda entity: entity.span)
    starts = [entity.start for entity in ordered]
    for start, end in join_crossed(sentences or [*find_sentences(text)], ordered):
        inside = ordered[bisect_left(starts, start) : bisect_left(starts, end)]
        yield text[start:end], tuple(shift(inside, -start))
