"""What went wrong in one passage, error by error."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, TypeAlias

from uniner.evaluation.mentions import normalize_mention
from uniner.evaluation.overlap import Likeness, Mark, find_likeness, pair_best, split_groups
from uniner.records import Entity, Fault, Prediction

Kind: TypeAlias = Literal["boundary", "type", "missed", "spurious", "malformed"]
"""`boundary`: another span than an overlapping gold entity of the same type. `type`: another type
than an overlapping one. `missed`, `spurious`: gold or predicted without a partner. `malformed`: a
fault in an answer."""


class Mention(NamedTuple):
    """A gold mention of a data set that gives no offsets."""

    text: str
    type: str


class Error(NamedTuple):
    """One error: what is right and what was predicted, where there is such; `why` of a fault."""

    kind: Kind
    gold: Entity | Mention | None
    predicted: Entity | None
    why: str = ""


KINDS: dict[Likeness, Kind] = {"type": "boundary", "span": "type", "overlap": "type"}
"""What the error is called where a pair is not the same."""


def find_errors(gold: Sequence[Entity], prediction: Prediction) -> list[Error]:
    """The errors of a passage in reading order, then the malformed answers; repeats count once.

    Exact matches are none and are set aside first. Of the rest as many as can are boundary errors,
    then as many as can are type errors, each entity in one error only.
    """
    golds, found = by_mark(gold), by_mark(prediction.entities)
    left, right = golds.keys() - found.keys(), found.keys() - golds.keys()
    errors: list[tuple[Mark, Error]] = []
    for group in split_groups(left, right):
        missed, spurious = map(set, group)
        for g, p in pair_best(group, {"type": 1}):
            errors.append((g, Error(KINDS[find_likeness(g, p)], golds[g], found[p])))
            missed.remove(g)
            spurious.remove(p)
        errors += [(g, Error("missed", golds[g], None)) for g in missed]
        errors += [(p, Error("spurious", None, found[p])) for p in spurious]
    errors.sort(key=lambda row: (row[0], row[1].kind))
    return [error for _, error in errors] + list_malformed(prediction.faults)


def find_mention_errors(
    types: Sequence[str], mentions: Sequence[Sequence[str]], prediction: Prediction
) -> list[Error]:
    """The errors of a passage whose gold is strings for each type: missed, spurious, malformed.

    Mentions are compared as `uniner2023` compares them; of those that it holds for one, the first
    is named.
    """
    golds: dict[Mention, Mention] = {}
    for kind, texts in zip(types, mentions, strict=True):
        for text in texts:
            golds.setdefault(simplify(Mention(text, kind)), Mention(text, kind))
    found: dict[Mention, Entity] = {}
    for entity in prediction.entities:
        found.setdefault(simplify(Mention(entity.text, entity.type)), entity)
    missed = [Error("missed", m, None) for key, m in golds.items() if key not in found]
    spurious = [Error("spurious", None, e) for key, e in found.items() if key not in golds]
    return missed + spurious + list_malformed(prediction.faults)


def simplify(mention: Mention) -> Mention:
    """A mention with its text normalised."""
    return Mention(normalize_mention(mention.text), mention.type)


def by_mark(entities: Iterable[Entity]) -> dict[Mark, Entity]:
    """Entities by where and what they are; of repeats the one with the highest score."""
    ranked = sorted(entities, key=lambda entity: entity.score or 0.0)
    return {Mark(entity.start, entity.end, entity.type): entity for entity in ranked}


def list_malformed(faults: Iterable[Fault]) -> list[Error]:
    """An error for each fault."""
    return [Error("malformed", None, None, fault.why) for fault in faults]
