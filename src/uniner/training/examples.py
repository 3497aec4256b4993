"""Annotated passages as what the span student learns from: gold spans with their type ladders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from uniner.corpus.taxonomy import Taxonomy
from uniner.records import Annotated, Passage, Span
from uniner.students.encode import Encoded, Encoder, cut_words
from uniner.text.passages import cut
from uniner.text.words import split_words

Gold = dict[tuple[int, int], tuple[str, ...]]
Weights = dict[tuple[int, int], float]


@dataclass(frozen=True, slots=True)
class Example:
    """A window of a passage as arrays; `gold` maps (first word, width - 1) to types.

    The types of a span are its ladder: the most specific first. `weights` says how much a span
    counts where that is not 1.
    """

    passage: Passage
    window: Encoded
    lowered: Encoded
    gold: Gold
    weights: Weights = field(default_factory=dict)


@dataclass(slots=True)
class Skipped:
    """Gold spans that a student cannot represent, counted."""

    too_wide: int = 0
    inside_a_word: int = 0
    across_windows: int = 0


def make_examples(
    records: Iterable[Annotated], encoder: Encoder, max_width: int, max_pieces: int = 512
) -> tuple[list[Example], Skipped]:
    """Examples of annotated passages, and how many gold spans none of them can hold.

    A passage of more than `max_pieces` sub-words becomes several examples, cut at sentence ends
    where there are any; one without words becomes none.
    """
    examples, skipped = [], Skipped()
    room = max_pieces - len(encoder.prefix) - len(encoder.suffix)
    for record in records:
        text = record.passage.text
        words = split_words(text)
        gold, weights = find_gold(record, words, max_width, skipped)
        placed = 0
        for window in cut(words, text, room, 0, count_pieces(text, words, encoder)):
            surfaces = cut_words(text, words[window.first : window.last])
            inside = {
                (first - window.first, width): ladder
                for (first, width), ladder in gold.items()
                if window.first <= first and first + width < window.last
            }
            placed += len(inside)
            lowered = encoder.window([surface.lower() for surface in surfaces])
            weighed = {
                (first - window.first, width): weight
                for (first, width), weight in weights.items()
                if (first - window.first, width) in inside
            }
            whole = encoder.window(surfaces)
            examples.append(Example(record.passage, whole, lowered, inside, weighed))
        skipped.across_windows += len(gold) - placed
    return examples, skipped


def count_pieces(text: str, words: Sequence[Span], encoder: Encoder) -> list[int]:
    """Each word's sub-words, as it is or in lower case, whichever are more."""
    lowered = encoder.pieces([surface.lower() for surface in cut_words(text, words)])
    return list(map(max, encoder.costs(text, words), map(len, lowered)))


def find_gold(
    record: Annotated, words: Sequence[Span], max_width: int, skipped: Skipped
) -> tuple[Gold, Weights]:
    """Types by (first word, width - 1), most specific first; the rest is counted in `skipped`.

    A span whose entities have scores weighs as much as the highest of them: the share of the
    teacher's answers that agree on it.
    """
    starts = {span.start: index for index, span in enumerate(words)}
    ends = {span.end: index for index, span in enumerate(words)}
    ladders: dict[Span, dict[str, None]] = {}
    scores: dict[Span, float] = {}
    for entity in record.entities:
        ladders.setdefault(entity.span, {})[entity.type] = None
        if entity.score is not None:
            scores[entity.span] = max(entity.score, scores.get(entity.span, 0.0))
    gold: Gold = {}
    weights: Weights = {}
    for span, ladder in ladders.items():
        start, end = span
        if start not in starts or end not in ends:
            skipped.inside_a_word += 1
        elif ends[end] - starts[start] >= max_width:
            skipped.too_wide += 1
        else:
            place = starts[start], ends[end] - starts[start]
            gold[place] = tuple(ladder)
            if span in scores:
                weights[place] = scores[span]
    return gold, weights


def close_ladders(examples: Sequence[Example], taxonomy: Taxonomy) -> list[Example]:
    """The same examples with each ladder continued by its types' ancestors."""
    return [
        replace(
            example,
            gold={span: tuple(taxonomy.close(ladder)) for span, ladder in example.gold.items()},
        )
        for example in examples
    ]
