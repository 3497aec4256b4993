"""Sentences of tagged tokens as texts with entities, and documents of such sentences."""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from uniner.benchmark.document import Document
from uniner.records import Entity, Span
from uniner.text.passages import shift
from uniner.text.tags import Scheme, decode, opens_unmarked


class Sentence(NamedTuple):
    """A text, its entities in reading order, and how many of them each kind of tag opened.

    `marked` counts those opened by B, S or U, `unmarked` those opened by I, E or L.
    """

    text: str
    entities: tuple[Entity, ...] = ()
    marked: int = 0
    unmarked: int = 0


def build_sentence(
    tokens: Sequence[str], layers: Sequence[Sequence[str]], scheme: Scheme
) -> Sentence:
    """Tokens with one blank between them, and the mentions that each layer of tags makes.

    A mention that several layers give counts once. RecordError where a tag is none.
    """
    text = " ".join(tokens)
    starts = list(accumulate((len(token) + 1 for token in tokens), initial=0))
    entities: set[Entity] = set()
    marked = unmarked = 0
    for tags in layers:
        for first, last, label in decode(tags, scheme):
            start, end = starts[first], starts[last] - 1
            entities.add(Entity(start, end, text[start:end], label))
            if opens_unmarked(tags[first], scheme):
                unmarked += 1
            else:
                marked += 1
    ordered = sorted(entities, key=lambda entity: (entity.start, -entity.end, entity.type))
    return Sentence(text, tuple(ordered), marked, unmarked)


def join_sentences(name: str, sentences: Sequence[Sentence]) -> Document:
    """Sentences with one blank between them, each known by its span."""
    entities: list[Entity] = []
    spans: list[Span] = []
    start = 0
    for sentence in sentences:
        entities += shift(sentence.entities, start)
        spans.append(Span(start, start + len(sentence.text)))
        start += len(sentence.text) + 1
    text = " ".join(sentence.text for sentence in sentences)
    return Document(name, text, tuple(entities), sentences=tuple(spans))
