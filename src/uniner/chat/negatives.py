"""Negative types: what is asked of a passage although it has nothing of the kind."""

import heapq
import math
import random
from bisect import bisect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Literal, TypeAlias

from uniner.corpus.naming import propose_renamings
from uniner.corpus.taxonomy import Taxonomy
from uniner.text.normalize import normalize_type

Negatives: TypeAlias = Literal["none", "uniform", "frequency"]
Kin: TypeAlias = Mapping[str, frozenset[str]]
"""By type, the others that may be true of the same mention; a type without any is left out."""


@dataclass(frozen=True)
class TypeSampler:
    """Draws types of a corpus: none, each as likely, or as likely as frequent (section 4.2).

    `frequencies` are positive. What is drawn depends on them and on `rng`, not on their order.
    """

    negatives: Negatives
    frequencies: Mapping[str, int]

    def draw(self, count: int, excluded: Callable[[str], bool], rng: random.Random) -> list[str]:
        """`count` distinct types that are not excluded, fewer where there are no more."""
        if self.negatives == "none" or not self.names:
            return []
        drawn: dict[str, None] = {}
        bounds, total = self.bounds, self.bounds[-1]
        for _ in range(50 + 10 * count):
            if len(drawn) >= count:
                return list(drawn)
            name = self.names[bisect(bounds, rng.random() * total)]
            if name not in drawn and not excluded(name):
                drawn[name] = None
        # Hardly anything drawn may be had: choose among all that may.
        left = [name for name in self.names if name not in drawn and not excluded(name)]
        keys = {name: math.log(1 - rng.random()) / self.weight(name) for name in left}
        return [*drawn, *heapq.nlargest(count - len(drawn), left, key=keys.__getitem__)]

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
