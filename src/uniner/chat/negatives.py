"""Negative types: what is asked of a passage although it has nothing of the kind."""

import heapq
import math
import random
from bisect import bisect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Literal, TypeAlias

from uniner.corpus.naming import propose_renamings
from uniner.corpus.taxonomy import Taxonomy
from uniner.text.normalize import normalize_type

Negatives: TypeAlias = Literal["none", "uniform", "frequency"]
PassageNegatives: TypeAlias = Literal[Negatives, "hard"]
"""Those of one passage; `hard`: types that mean something like those present, see `Near`."""

Kin: TypeAlias = Mapping[str, frozenset[str]]
"""By type, the others that may be true of the same mention; a type without any is left out."""

Near: TypeAlias = Mapping[str, Sequence[str]]
"""By type, others that mean something like it, the nearest first."""

Excluded: TypeAlias = Callable[[str], bool]


@dataclass(frozen=True)
class TypeSampler:
    """Draws types of a corpus: none, each as likely, or as likely as frequent (section 4.2).

    `frequencies` are positive. What is drawn depends on them and on `rng`, not on their order.
    Hard ones, each with a probability of `share`, are `near` the types that are present; where
    none is left, and for the rest, types are as likely as frequent.
    """

    negatives: PassageNegatives
    frequencies: Mapping[str, int]
    near: Near = field(default_factory=dict)
    share: float = 1.0

    def draw(
        self, count: int, excluded: Excluded, rng: random.Random, present: Collection[str] = ()
    ) -> list[str]:
        """`count` distinct types that are not excluded, fewer where there are no more."""
        if self.negatives == "none" or not self.names:
            return []
        drawn: dict[str, None] = {}
        if self.negatives == "hard":
            wanted = sum(rng.random() < self.share for _ in range(count))
            drawn.update(dict.fromkeys(draw_near(self.near, present, wanted, excluded, rng)))
        bounds, total = self.bounds, self.bounds[-1]
        for _ in range(50 + 10 * count):
            if len(drawn) >= count:
                return list(drawn)
            name = self.names[bisect(bounds, rng.random() * total)]
            if name not in drawn and not excluded(name):
                drawn[name] = None
        # Hardly anything drawn may be had: choose among all that may.
        left = [name for name in self.names if name not in drawn and not excluded(name)]
        weights = {name: self.weight(name) for name in left}
        return [*drawn, *draw_weighted(weights, count - len(drawn), rng)]

    def weight(self, name: str) -> int:
        """How likely a type is drawn, relative to others."""
        return 1 if self.negatives == "uniform" else self.frequencies[name]

    @cached_property
    def names(self) -> list[str]:
        """The types, the likeliest first, so that a search for one is short."""
        return sorted(self.frequencies, key=lambda name: (-self.frequencies[name], name))

    @cached_property
    def bounds(self) -> list[int]:
        """Where the part of each type ends on a line as long as all weights together."""
        return list(accumulate(map(self.weight, self.names)))


def draw_near(
    near: Near, present: Collection[str], count: int, excluded: Excluded, rng: random.Random
) -> list[str]:
    """At most `count` types near those present; the n-th nearest to one of them weighs 1 / n."""
    weights: dict[str, float] = {}
    for kind in sorted(present):
        for rank, name in enumerate(near.get(kind, ()), start=1):
            if not excluded(name):
                weights[name] = weights.get(name, 0.0) + 1 / rank
    return draw_weighted(weights, count, rng)


def draw_weighted(weights: Mapping[str, float], count: int, rng: random.Random) -> list[str]:
    """At most `count` distinct names, one after the other, each as likely as it weighs."""
    # The largest of u ** (1 / weight), here in logarithms, are such a draw.
    keys = {name: math.log(1 - rng.random()) / weight for name, weight in weights.items()}
    return heapq.nlargest(count, keys, key=keys.__getitem__)


def find_kin(frequencies: Mapping[str, int], taxonomy: Taxonomy | None) -> Kin:
    """The kin of each type: its other spellings, its plural, and what the taxonomy relates to it.

    It is symmetric, and in the spelling of `frequencies`.
    """
    table = {row.type: row.name for row in propose_renamings(frequencies)}
    groups: dict[str, set[str]] = {}
    spelled: dict[str, set[str]] = {}
    for name in frequencies:
        group = groups.setdefault(table.get(name, name), set())
        group.add(name)
        spelled[normalize_type(name)] = group
    kin: dict[str, frozenset[str]] = {}
    for group in groups.values():
        near = {other for name in group for other in (taxonomy.related(name) if taxonomy else ())}
        around = group.union(*(spelled[other] for other in near if other in spelled))
        if len(around) > 1:
            kin.update({name: frozenset(around - {name}) for name in group})
    return kin


def add_heads(kin: Kin, names: Collection[str]) -> dict[str, frozenset[str]]:
    """Kin, and types of which one is by its words a kind of the other: `rock band` and `band`."""
    related = {name: set(others) for name, others in kin.items()}
    spelled: dict[str, list[str]] = {}
    for name in names:
        spelled.setdefault(normalize_type(name), []).append(name)
    for name in names:
        words = normalize_type(name).split()
        for start in range(1, len(words)):
            for head in spelled.get(" ".join(words[start:]), ()):
                related.setdefault(name, set()).add(head)
                related.setdefault(head, set()).add(name)
    return {name: frozenset(others) for name, others in related.items()}
