"""Which calls answer a wish, and how what they find becomes one result."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from uniner.records import Entity, Prediction
from uniner.records.store import entity_to_json
from uniner.serving.batching import Key
from uniner.serving.failures import RefusalError
from uniner.serving.limits import Limits
from uniner.serving.messages import AskedType, Wish, check_whole
from uniner.students.ground import flatten, in_order


class Sought(NamedTuple):
    """A type as the client calls it, and the lowest score it keeps, None being the model's own."""

    name: str
    threshold: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The calls for each text; types are known by the words that a model is asked with."""

    calls: tuple[Key, ...]
    sought: Mapping[str, Sought]
    sifted: bool
    """Whether entities are still to be held to their type's own threshold."""
    nested: bool

    def join(self, predictions: Sequence[Prediction]) -> dict[str, Any]:
        """One text's result from a prediction a call, as the row that is sent."""
        entities: Sequence[Entity] = [e for p in predictions for e in p.entities]
        if self.sifted:
            kept = filter(self._reaches, entities)
            entities = in_order(kept) if self.nested else flatten(kept)
        row: dict[str, Any] = {
            "entities": [
                {**entity_to_json(entity), "type": self.sought[entity.type].name}
                for entity in entities
            ]
        }
        faults = [asdict(fault) for p in predictions for fault in p.faults]
        return {**row, "faults": faults} if faults else row

    def _reaches(self, entity: Entity) -> bool:
        least = self.sought[entity.type].threshold
        return least is None or entity.score is None or entity.score >= least


def make_plan(wish: Wish, limits: Limits) -> Plan:
    """The calls for a wish; RefusalError where it is ambiguous or asks for too much.

    Types with thresholds of their own are asked for at the lowest, each deciding alone, and are
    held to their own afterwards: what one type does not keep then hides nothing of another.
    """
    sought: dict[str, Sought] = {}
    names: dict[str, int] = {}
    for number, asked in enumerate(wish.types):
        where = f"types[{number}]"
        kind = asked if isinstance(asked, AskedType) else AskedType(name=asked)
        words = clean(check_whole(kind.definition or kind.name, where))
        name = clean(check_whole(kind.name, where))
        if (first := names.setdefault(name, number)) != number or words in sought:
            raise RefusalError(422, describe_twin(first, number, kind.name), where)
        least = wish.threshold if kind.threshold is None else kind.threshold
        if least is not None and least < limits.threshold:
            at = "threshold" if kind.threshold is None else f"{where}.threshold"
            raise RefusalError(422, f"{least:g} is below the lowest, {limits.threshold:g}", at)
        sought[words] = Sought(kind.name, least)
    return Plan(*choose_calls(sought, nested=wish.nested), nested=wish.nested)


class Calls(NamedTuple):
    """The beginning of a plan."""

    calls: tuple[Key, ...]
    sought: Mapping[str, Sought]
    sifted: bool


def choose_calls(sought: Mapping[str, Sought], *, nested: bool) -> Calls:
    """One call where all types have one threshold, else one for those with and one without."""
    thresholds = {kind.threshold for kind in sought.values()}
    if len(thresholds) == 1:
        return Calls((Key(tuple(sought), thresholds.pop(), nested),), sought, sifted=False)
    least = min(threshold for threshold in thresholds if threshold is not None)
    known = tuple(words for words, kind in sought.items() if kind.threshold is not None)
    rest = tuple(words for words, kind in sought.items() if kind.threshold is None)
    calls = [Key(known, least, nested=True), *([Key(rest, None, nested=True)] if rest else [])]
    return Calls(tuple(calls), sought, sifted=True)


def describe_twin(first: int, number: int, name: str) -> str:
    """Why a type cannot be told from an earlier one."""
    if first != number:
        return f"type {name[:40]!r} is there already, as types[{first}]; name each once"
    return f"type {name[:40]!r} is asked with the same words as another; define it otherwise"


def clean(words: str) -> str:
    """Words as a model is asked with them."""
    return " ".join(words.split())
