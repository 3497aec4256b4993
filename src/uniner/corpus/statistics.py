"""What is in an annotated corpus, counted in one pass (section 3.2 and table 1 of the paper)."""

import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from uniner.records import Annotated
from uniner.text.words import WORD

WORDS = (16, 32, 64, 128, 256)
LENGTHS = ("1-16", "17-32", "33-64", "65-128", "129-256", "over 256")
"""Passages are grouped by length: up to so many words, or more."""

CUTS = (0.01, 0.1, 1.0)
BANDS = ("top 1%", "1%-10%", "10%-100%")
"""The bands of table 1: the most frequent 1 % of the types, the next up to 10 %, the rest."""

EXAMPLES = 10
"""Types of a band that are named."""

PAPER_SHARES = (0.74, 0.19, 0.07)
PAPER_PASSAGES, PAPER_PAIRS, PAPER_ENTITIES, PAPER_TYPES = 50_000, 45_889, 240_725, 13_020


@dataclass(slots=True)
class Group:
    """Passages of one kind, their entities and the types of these."""

    passages: int = 0
    entities: int = 0
    types: set[str] = field(default_factory=set)

    def add(self, other: "Group") -> None:
        """Count another group in."""
        self.passages += other.passages
        self.entities += other.entities
        self.types |= other.types


class Band(NamedTuple):
    """The types between two ranks, the most frequent first, and their share of all entities."""

    types: tuple[str, ...]
    entities: int
    share: float


@dataclass(slots=True)
class Statistics:
    """Counts over annotated passages; they grow with the types and domains, not the passages.

    `typed` counts spans with a type, and `types`, as the paper does, each mention of a passage
    once with each of its types, wherever and however often it stands there.
    """

    passages: int = 0
    pairs: int = 0
    mentions: int = 0
    typed: int = 0
    types: Counter[str] = field(default_factory=Counter)
    domains: dict[str, Group] = field(default_factory=dict)
    lengths: list[Group] = field(default_factory=lambda: [Group() for _ in LENGTHS])

    def add(self, annotated: Annotated) -> None:
        """Count one passage."""
        types = list_types(annotated)
        words = len(WORD.findall(annotated.passage.text))
        one = Group(1, len(types), set(types))
        self.passages += 1
        self.pairs += bool(types)
        self.mentions += len({entity.span for entity in annotated.entities})
        self.typed += len({(entity.span, entity.type) for entity in annotated.entities})
        self.types.update(types)
        self.domains.setdefault(annotated.passage.domain, Group()).add(one)
        self.lengths[bisect_left(WORDS, words)].add(one)

    @property
    def entities(self) -> int:
        """Entities as the paper counts them."""
        return self.types.total()

    @property
    def entities_per_pair(self) -> float:
        """Entities of a passage that has any."""
        return self.entities / self.pairs if self.pairs else 0.0

    def rank_types(self) -> list[tuple[str, int]]:
        """Types and their entities, the most frequent first, equal ones by name."""
        return sorted(self.types.items(), key=lambda row: (-row[1], row[0]))

    def bands(self) -> list[Band]:
        """The types in the bands of table 1; the first has at least one, if there are any."""
        ranked = self.rank_types()
        found, start = [], 0
        for cut in CUTS:
            end = max(round(cut * len(ranked)), min(1, len(ranked)))
            entities = sum(count for _, count in ranked[start:end])
            share = entities / self.entities if self.entities else 0.0
            found.append(Band(tuple(name for name, _ in ranked[start:end]), entities, share))
            start = end
        return found

    def rank_domains(self) -> list[tuple[str, Group]]:
        """Domains with the most passages first, equal ones by name."""
        return sorted(self.domains.items(), key=lambda row: (-row[1].passages, row[0]))


def statistics_to_json(statistics: Statistics, drops: Mapping[str, int]) -> dict[str, Any]:
    """All figures, shares in percent; all domains, the most frequent types of each band."""
    return {
        "passages": statistics.passages,
        "pairs": statistics.pairs,
        "mentions": statistics.mentions,
        "typed_mentions": statistics.typed,
        "entities": statistics.entities,
        "types": len(statistics.types),
        "entities_per_pair": round(statistics.entities_per_pair, 2),
        "bands": [
            {
                "band": name,
                "types": len(band.types),
                "entities": band.entities,
                "percent": round(100 * band.share, 2),
                "examples": list(band.types[:EXAMPLES]),
            }
            for name, band in zip(BANDS, statistics.bands(), strict=True)
        ],
        "domains": [
            {"domain": name, **group_to_json(group)} for name, group in statistics.rank_domains()
        ],
        "lengths": [
            {"words": name, **group_to_json(group)}
            for name, group in zip(LENGTHS, statistics.lengths, strict=True)
        ],
        "drops": dict(drops),
    }


def group_to_json(group: Group) -> dict[str, int]:
    """The figures of a group."""
    return {"passages": group.passages, "entities": group.entities, "types": len(group.types)}


def list_types(annotated: Annotated) -> list[str]:
    """The type of each distinct (mention, type) of a passage."""
    # Interned, a type takes its memory once, in however many counts it is.
    return [sys.intern(type) for _, type in {(e.text, e.type): None for e in annotated.entities}]


def count_types(records: Iterable[Annotated]) -> Counter[str]:
    """How often each type occurs, as the paper counts."""
    types: Counter[str] = Counter()
    for annotated in records:
        types.update(list_types(annotated))
    return types


def count_annotated(records: Iterable[Annotated]) -> Statistics:
    """The statistics of annotated passages."""
    statistics = Statistics()
    for annotated in records:
        statistics.add(annotated)
    return statistics
