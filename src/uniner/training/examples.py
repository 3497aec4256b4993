"""Annotated passages as what the span student learns from: gold spans with their type ladders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from uniner.corpus.taxonomy import Taxonomy
from uniner.records import Annotated, Passage
from uniner.students.encode import Encoded, Encoder, cut_words
from uniner.text.words import split_words


@dataclass(frozen=True, slots=True)
class Example:
    """A passage as arrays; `gold` maps (first word, width - 1) to types, most specific first."""

    passage: Passage
    window: Encoded
    lowered: Encoded
    gold: dict[tuple[int, int], tuple[str, ...]]


@dataclass(slots=True)
class Skipped:
    """Gold spans that a student cannot represent, counted."""

    too_wide: int = 0
    inside_a_word: int = 0


def make_examples(
    records: Iterable[Annotated], encoder: Encoder, max_width: int
) -> tuple[list[Example], Skipped]:
    """Examples of annotated passages, and how many gold spans no word span can stand for."""
    examples, skipped = [], Skipped()
    for record in records:
        words = split_words(record.passage.text)
        starts = {span.start: index for index, span in enumerate(words)}
        ends = {span.end: index for index, span in enumerate(words)}
        ladders: dict[tuple[int, int], list[str]] = {}
        for start, end in dict.fromkeys(entity.span for entity in record.entities):
            if start not in starts or end not in ends:
                skipped.inside_a_word += 1
            elif ends[end] - starts[start] >= max_width:
                skipped.too_wide += 1
            else:
                ladders[starts[start], ends[end] - starts[start]] = []
        for entity in record.entities:
            key = (
                starts.get(entity.start, -1),
                ends.get(entity.end, -1) - starts.get(entity.start, -1),
            )
            if key in ladders and entity.type not in ladders[key]:
                ladders[key].append(entity.type)
        if words:
            surfaces = cut_words(record.passage.text, words)
            examples.append(
                Example(
                    record.passage,
                    encoder.window(surfaces),
                    encoder.window([surface.lower() for surface in surfaces]),
                    {key: tuple(ladder) for key, ladder in ladders.items()},
                )
            )
    return examples, skipped


def close_ladders(examples: Sequence[Example], taxonomy: Taxonomy) -> list[Example]:
    """The same examples with each ladder continued by its types' ancestors."""
    return [
        Example(
            example.passage,
            example.window,
            example.lowered,
            {span: tuple(taxonomy.close(ladder)) for span, ladder in example.gold.items()},
        )
        for example in examples
    ]
