"""How far a score may be chance: intervals and comparisons by resampling whole passages.

Passages are drawn, not queries, as the answers about one passage hang together.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from uniner.evaluation.counts import Scores
from uniner.records import RecordError

Table: TypeAlias = npt.NDArray[np.float64]
"""One row for each passage: gold, predicted, correct, over all types."""

RESAMPLES = 1_000
BOUNDS = (2.5, 97.5)
"""The percentiles between which 95 % of the resamples lie."""


class Interval(NamedTuple):
    """The bounds of a figure with a confidence of 95 %, in percent."""

    low: float
    high: float


class Comparison(NamedTuple):
    """How much higher the first run's micro F1 is than the second's, in points.

    `low` and `high` bound the difference with a confidence of 95 %; `p` is the chance of one as
    great, in either direction, if the runs were as good as each other.
    """

    difference: float
    low: float
    high: float
    p: float


def tabulate(passages: Iterable[Scores]) -> Table:
    """The counts of each passage, given the scores of each by itself."""
    totals = (scores.micro for scores in passages)
    rows = [(counts.gold, counts.predicted, counts.correct) for counts in totals]
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def bootstrap(counts: Table, *, seed: int = 0, resamples: int = RESAMPLES) -> Interval:
    """The percentile interval of micro F1 over passages; RecordError where there are none."""
    return bootstrap_mean([counts], seed=seed, resamples=resamples)


def bootstrap_mean(
    tables: Sequence[Table], *, seed: int = 0, resamples: int = RESAMPLES
) -> Interval:
    """The percentile interval of the mean F1 of data sets, each resampled by itself."""
    rng = np.random.default_rng(seed)
    figures = [measure_f1(resample(counts, rng, resamples)) for counts in tables]
    low, high = np.percentile(np.mean(figures, axis=0), BOUNDS)
    return Interval(float(low), float(high))


def compare(
    first: Table, second: Table, *, seed: int = 0, resamples: int = RESAMPLES
) -> Comparison:
    """Two runs on the same passages in the same order: paired bootstrap, and p by randomization.

    Where the runs are equally good, it is chance which of them gave which answer: p is the share of
    random exchanges, passage by passage, that make a difference as great as the one that was seen.
    """
    if first.shape != second.shape:
        raise RecordError(
            f"{len(first):,} and {len(second):,} passages cannot be compared; "
            "give the counts of two runs on the same ones"
        )
    rng = np.random.default_rng(seed)
    drawn = resample(np.hstack([first, second]), rng, resamples)
    seen = measure_f1(first.sum(axis=0)) - measure_f1(second.sum(axis=0))
    moved = exchange(second - first, rng, resamples)
    chance = measure_f1(first.sum(axis=0) + moved) - measure_f1(second.sum(axis=0) - moved)
    return judge(float(seen), measure_f1(drawn[:, :3]) - measure_f1(drawn[:, 3:]), chance)


def judge(difference: float, draws: Table, chance: Table) -> Comparison:
    """A difference, what it is in resamples [n], and what it is by random exchanges [m]."""
    low, high = np.percentile(draws, BOUNDS)
    as_great = np.abs(chance) >= abs(difference) - 1e-9
    return Comparison(
        difference, float(low), float(high), (1 + int(as_great.sum())) / (1 + len(chance))
    )


def resample(counts: Table, rng: np.random.Generator, resamples: int) -> Table:
    """Each row the sum of as many rows of `counts` as there are, drawn with repetition."""
    size = len(counts)
    if not size:
        raise RecordError("there are no passages to resample; score at least one")
    sums = np.empty((resamples, counts.shape[1]))
    for number in range(resamples):  # one at a time, so that memory stays that of the counts
        drawn = rng.integers(size, size=size, dtype=np.int32)
        sums[number] = np.bincount(drawn, minlength=size) @ counts
    return sums


def exchange(change: Table, rng: np.random.Generator, resamples: int) -> Table:
    """Each row the sum of those rows of `change` whose passages are exchanged, by a fair coin."""
    sums = np.empty((resamples, change.shape[1]))
    for number in range(resamples):
        sums[number] = rng.integers(2, size=len(change), dtype=np.int8) @ change
    return sums


def measure_f1(counts: Table) -> Table:
    """F1 in percent of the last axis: gold, predicted, correct; 0 where nothing is correct."""
    found = counts[..., 0] + counts[..., 1]
    return np.divide(200 * counts[..., 2], found, out=np.zeros_like(found), where=found > 0)
