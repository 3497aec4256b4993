"""Errors shown in context: a few of each kind, drawn by a seed."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, get_args

from uniner.benchmark.examples import Example
from uniner.evaluation.errors import Error, Kind, Mention, find_errors, find_mention_errors
from uniner.records import Entity, Prediction
from uniner.text.passages import shift

KINDS: tuple[Kind, ...] = get_args(Kind)

AROUND = 160
"""Characters shown on either side of an error."""

RAW = 200
"""Characters shown of an answer that could not be read."""

FEW = 12
"""Data sets that are few enough for each to show an error."""


@dataclass(frozen=True, slots=True)
class Case:
    """One error in a piece of its passage; the entities of that piece, gold and predicted.

    `what` says it in words, `dataset` is the title of the row that it is from.
    """

    kind: Kind
    dataset: str
    what: str
    text: str
    gold: tuple[Entity, ...]
    predicted: tuple[Entity, ...]


class Mistakes(NamedTuple):
    """How many errors of each kind there are, and some of them."""

    counts: Mapping[Kind, int]
    cases: tuple[Case, ...]


def find_mistakes(
    title: str, examples: Sequence[Example], predictions: Sequence[Prediction], most: int, seed: int
) -> Mistakes:
    """Every error of a split counted, and of each kind up to `most` drawn."""
    found: dict[Kind, list[tuple[int, int, Error]]] = {kind: [] for kind in KINDS}
    for place, (example, prediction) in enumerate(zip(examples, predictions, strict=True)):
        nth: Counter[Kind] = Counter()
        for error in list_errors(example, prediction):
            found[error.kind].append((place, nth[error.kind], error))
            nth[error.kind] += 1
    rng = random.Random(f"{seed} {title}")
    cases = [
        build_case(title, error, nth_one, examples[place], predictions[place])
        for errors in found.values()
        for place, nth_one, error in rng.sample(errors, min(most, len(errors)))
    ]
    counts: dict[Kind, int] = {kind: len(errors) for kind, errors in found.items()}
    return Mistakes(counts, tuple(cases))


def list_errors(example: Example, prediction: Prediction) -> list[Error]:
    """The errors of a passage, by position where its gold has offsets."""
    if example.entities is not None:
        return find_errors(example.entities, prediction)
    return find_mention_errors(example.types, example.mentions, prediction)


def build_case(
    title: str, error: Error, nth: int, example: Example, prediction: Prediction
) -> Case:
    """An error with what is around it."""
    text = example.passage.text
    gold = example.entities if example.entities is not None else tuple(locate(example))
    start, end = find_place(error, text)
    start, end = max(0, start - AROUND), min(len(text), end + AROUND)
    return Case(
        error.kind,
        title,
        describe(error) or describe_fault(prediction, nth),
        ("…" if start else "") + text[start:end] + ("…" if end < len(text) else ""),
        cut_entities(gold, start, end),
        cut_entities(prediction.entities, start, end),
    )


def locate(example: Example) -> Iterator[Entity]:
    """Gold strings where they first stand in the text, for show."""
    for kind, strings in zip(example.types, example.mentions, strict=True):
        for string in dict.fromkeys(strings):
            if string and (start := example.passage.text.find(string)) >= 0:
                yield Entity(start, start + len(string), string, kind)


def find_place(error: Error, text: str) -> tuple[int, int]:
    """The characters that an error is about; the beginning where that is unknown."""
    sides = [side for side in (error.gold, error.predicted) if isinstance(side, Entity)]
    if sides:
        return min(side.start for side in sides), max(side.end for side in sides)
    if isinstance(error.gold, Mention) and (start := text.find(error.gold.text)) >= 0:
        return start, start + len(error.gold.text)
    return 0, 0


def cut_entities(entities: Iterable[Entity], start: int, end: int) -> tuple[Entity, ...]:
    """The entities that lie within a piece of text, in reading order, offsets from its start."""
    inside = [e for e in entities if start <= e.start and e.end <= end]
    inside.sort(key=lambda e: (e.start, -e.end))
    return tuple(shift(inside, (1 if start else 0) - start))


def describe(error: Error) -> str:
    """An error in words; empty for a malformed answer."""
    match error.gold, error.predicted:
        case None, None:
            return ""
        case gold, None if gold is not None:
            return f"“{gold.text}” ({gold.type}) was not found"
        case None, predicted if predicted is not None:
            return f"“{predicted.text}” ({predicted.type}) is none"
        case gold, predicted if gold is not None and predicted is not None:
            return f"“{gold.text}” ({gold.type}) was found as “{predicted.text}” ({predicted.type})"
    return ""


def describe_fault(prediction: Prediction, nth: int) -> str:
    """An answer of no use in words."""
    fault = prediction.faults[nth]
    raw = fault.raw if len(fault.raw) <= RAW else f"{fault.raw[:RAW]}…"
    return f"asked for {fault.type}, an answer that {fault.why}: “{raw}”"


def choose_cases(groups: Sequence[Sequence[Case]], most: int, seed: int) -> list[Case]:
    """Of each kind up to `most`, from as many data sets as can be; a group is one of them.

    Where data sets are few, each that has an error shows one.
    """
    chosen: list[Case] = []
    for kind in KINDS:
        queues = [[case for case in group if case.kind == kind] for group in groups]
        random.Random(f"{seed} {kind}").shuffle(queues)
        rounds = [
            case for turn in range(most) for queue in queues for case in queue[turn : turn + 1]
        ]
        chosen += rounds[:most]
    if len(groups) <= FEW:
        shown = {case.dataset for case in chosen}
        rest = [group[0] for group in groups if group and group[0].dataset not in shown]
        chosen += rest if most else []
    return sorted(chosen, key=lambda case: KINDS.index(case.kind))
