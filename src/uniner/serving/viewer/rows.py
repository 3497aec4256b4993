"""What the page shows of one passage: its entities, and what is right and wrong about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from uniner.benchmark.examples import Example
from uniner.benchmark.mistakes import KINDS, describe, describe_fault, list_errors, locate
from uniner.evaluation.errors import Error, Kind, Mention, find_errors, simplify
from uniner.evaluation.overlap import Mark
from uniner.records import Annotated, Entity, Passage, Prediction

Fate: TypeAlias = Kind | Literal["found", "right"]
"""What became of a mention: `found` where there is nothing to compare it with."""

FATES: tuple[Fate, ...] = ("found", "right", *KINDS)


class Fact(NamedTuple):
    """What became of a mention, or of two that belong together; `what` says an error in words."""

    fate: Fate
    types: tuple[str, ...]
    what: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A passage with its entities on one side, or gold beside predicted."""

    passage: Passage
    sides: tuple[tuple[str, tuple[Entity, ...]], ...]
    facts: tuple[Fact, ...]


def show_prediction(prediction: Prediction) -> Row:
    """A passage with the entities that a person or a model gave it."""
    found = [Fact("found", (entity.type,)) for entity in prediction.entities]
    facts = (*found, *list_faults(prediction))
    return Row(prediction.passage, (("", prediction.entities),), facts)


def show_pair(gold: Annotated, prediction: Prediction) -> Row:
    """A passage as it should be, beside what was predicted."""
    errors = find_errors(gold.entities, prediction)
    return show_errors(gold.entities, prediction, errors, grounded=True)


def show_example(example: Example, prediction: Prediction) -> Row:
    """A passage of a benchmark; gold without offsets is shown where its strings first stand."""
    gold = example.entities if example.entities is not None else tuple(locate(example))
    grounded = example.entities is not None
    return show_errors(gold, prediction, list_errors(example, prediction), grounded=grounded)


def show_errors(
    gold: tuple[Entity, ...], prediction: Prediction, errors: Iterable[Error], *, grounded: bool
) -> Row:
    """Gold beside predicted; what is in no error is right, by place or else by its string."""

    def key(entity: Entity) -> Mark | Mention:
        if grounded:
            return Mark(entity.start, entity.end, entity.type)
        return simplify(Mention(entity.text, entity.type))

    errors = list(errors)
    wrong = {key(error.predicted) for error in errors if error.predicted is not None}
    kept = {key(entity) for entity in prediction.entities} - wrong
    facts = [Fact("right", (mention.type,)) for mention in sorted(kept)]
    for error in errors:
        if error.kind != "malformed":
            sides = (error.gold, error.predicted)
            types = tuple(dict.fromkeys(side.type for side in sides if side is not None))
            facts.append(Fact(error.kind, types, describe(error)))
    facts += list_faults(prediction)
    return Row(
        prediction.passage, (("gold", gold), ("predicted", prediction.entities)), tuple(facts)
    )


def list_faults(prediction: Prediction) -> list[Fact]:
    """The answers of no use."""
    return [
        Fact("malformed", (fault.type,), describe_fault(prediction, number))
        for number, fault in enumerate(prediction.faults)
    ]
