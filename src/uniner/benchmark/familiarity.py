"""How zero-shot a run was: how near the types it was asked are to those that training had.

After Familiarity (Golde et al., arXiv 2412.10121). There each evaluated type has the mean
similarity (cosine, negative ones as 0) of the K training mentions whose types are nearest to it,
weighted by 1 / rank; K is 1,000, and the figure of a data set is the mean over its types.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from uniner.benchmark.vocabulary import Vocabulary
from uniner.text.normalize import normalize_type

Floats: TypeAlias = NDArray[np.float32]

MENTIONS = 1_000
"""K: the nearest training mentions that a type is judged by."""

NEAREST = 5
"""Training types that are named for each evaluated one."""

CHUNK = 64
"""Evaluated types compared at a time, so that their similarities fit into memory."""


class Embed(Protocol):
    """Turns type names into vectors of length 1: similar names, similar vectors."""

    def __call__(self, names: Sequence[str], /) -> Floats:
        """An array [n, d]."""
        ...


class Neighbour(NamedTuple):
    """A training type, and its cosine similarity to the evaluated one."""

    type: str
    similarity: float


@dataclass(frozen=True, slots=True)
class TypeFamiliarity:
    """How near training was to one evaluated type, of which there are `gold` mentions.

    `seen`: training had this very name. `typical`: the mean similarity to all training types,
    below which nothing is near.
    """

    type: str
    gold: int
    seen: bool
    nearest: tuple[Neighbour, ...]
    familiarity: float
    typical: float

    @property
    def similarity(self) -> float:
        """That of the nearest training type."""
        return self.nearest[0].similarity


@dataclass(frozen=True, slots=True)
class Familiarity:
    """Evaluated types of a data set, or of all; shares and means in [0, 1]."""

    types: tuple[TypeFamiliarity, ...]

    @property
    def seen_types(self) -> float:
        """The share of types whose name training had."""
        return fmean(kind.seen for kind in self.types)

    @property
    def seen_mentions(self) -> float:
        """The share of gold mentions whose type's name training had; 0 without mentions."""
        gold = sum(kind.gold for kind in self.types)
        return sum(kind.gold for kind in self.types if kind.seen) / gold if gold else 0.0

    @property
    def similarity(self) -> float:
        """The mean over types of the similarity to the nearest training type."""
        return fmean(kind.similarity for kind in self.types)

    @property
    def typical(self) -> float:
        """The mean similarity of these types to all training types."""
        return fmean(kind.typical for kind in self.types)

    @property
    def value(self) -> float:
        """Familiarity as published: the mean over types."""
        return fmean(kind.familiarity for kind in self.types)


def measure_familiarity(
    evaluated: Mapping[str, Mapping[str, int]], trained: Vocabulary, embed: Embed
) -> tuple[dict[str, Familiarity], Familiarity]:
    """Of each data set, and of all types together, each of them once.

    `evaluated` leads from a data set to its types and the gold mentions of each. Names that differ
    in case or white space alone are one type.
    """
    merged = {dataset: merge_names(types) for dataset, types in evaluated.items()}
    gold: Counter[str] = Counter()
    for types in merged.values():
        gold.update(types)
    known = {kind.type: kind for kind in judge_types(gold, trained, embed)}
    by_dataset = {
        dataset: Familiarity(
            tuple(replace(known[name], gold=count) for name, count in types.items())
        )
        for dataset, types in merged.items()
    }
    return by_dataset, Familiarity((*known.values(),))


def merge_names(counts: Mapping[str, int]) -> dict[str, int]:
    """The counts of names that are the same but for case and white space, together."""
    merged: dict[str, int] = {}
    for name, count in counts.items():
        key = normalize_type(name)
        merged[key] = merged.get(key, 0) + count
    return merged


def judge_types(
    gold: Mapping[str, int], trained: Vocabulary, embed: Embed
) -> Iterator[TypeFamiliarity]:
    """One judgement a type, in order; `gold` has normalised names."""
    names = [*trained.counts, *trained.others]
    mentions = np.array([*trained.counts.values(), *(0 for _ in trained.others)])
    vectors, known, asked = embed(names), set(names), list(gold)
    for start in range(0, len(asked), CHUNK):
        chunk = asked[start : start + CHUNK]
        similarities = np.clip(embed(chunk) @ vectors.T, -1, 1)
        for name, row in zip(chunk, similarities, strict=True):
            order = np.argsort(-row, kind="stable")
            nearest = tuple(Neighbour(names[i], float(row[i])) for i in order[:NEAREST])
            value = weigh(row[order], mentions[order])
            yield TypeFamiliarity(
                name, gold[name], name in known, nearest, value, float(row.mean())
            )


def weigh(similarities: Floats, mentions: NDArray[np.int64], most: int = MENTIONS) -> float:
    """The mean similarity of the first `most` mentions, weighted by 1 / rank.

    Similarities fall, and each is that of so many mentions. Where training had fewer mentions than
    `most`, all of them are taken; 0 where it had none.
    """
    ends = np.minimum(np.cumsum(mentions), most)
    counts = np.diff(ends, prepend=0)
    ranked = np.repeat(np.maximum(similarities, 0), counts)
    weights = 1 / np.arange(1, len(ranked) + 1)
    return float(ranked @ weights / weights.sum()) if len(ranked) else 0.0
