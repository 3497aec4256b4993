"""Figures that know how sure they are: a value, and what it was in each resample of the passages.

Kept with their draws, figures of single data sets make the interval of any mean over them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from uniner.evaluation.intervals import (
    BOUNDS,
    RESAMPLES,
    Comparison,
    Interval,
    Table,
    exchange,
    judge,
    measure_f1,
    resample,
)


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """F1 in percent, and the same figure in each of the resamples [n]."""

    value: float
    draws: Table

    @property
    def interval(self) -> Interval:
        """What holds 95 % of the draws."""
        low, high = np.percentile(self.draws, BOUNDS)
        return Interval(float(low), float(high))


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """How much higher one F1 is than another on the same passages, in points.

    `chance` is what it comes to where it is chance which of the two gave which answer.
    """

    value: float
    draws: Table
    chance: Table

    @property
    def comparison(self) -> Comparison:
        """The difference with its interval and p, as `intervals.compare` has them."""
        return judge(self.value, self.draws, self.chance)


def estimate_f1(
    tables: Sequence[Table], rng: np.random.Generator, draws: int = RESAMPLES
) -> list[Estimate]:
    """Micro F1 of each table of the same passages, all of them judged by the same resamples."""
    drawn = np.split(resample(np.hstack(list(tables)), rng, draws), len(tables), axis=1)
    return [
        Estimate(float(measure_f1(table.sum(axis=0))), measure_f1(sums))
        for table, sums in zip(tables, drawn, strict=True)
    ]


def subtract(
    one: Estimate, other: Estimate, tables: tuple[Table, Table], rng: np.random.Generator
) -> Difference:
    """The difference of two figures of the same resamples; `tables` are what each is of."""
    first, second = tables
    moved = exchange(second - first, rng, len(one.draws))
    chance = measure_f1(first.sum(axis=0) + moved) - measure_f1(second.sum(axis=0) - moved)
    return Difference(one.value - other.value, one.draws - other.draws, chance)


def average_estimates(estimates: Sequence[Estimate]) -> Estimate:
    """The mean over data sets, each resampled by itself."""
    return Estimate(
        float(np.mean([estimate.value for estimate in estimates])),
        np.mean([estimate.draws for estimate in estimates], axis=0),
    )


def average_differences(differences: Sequence[Difference]) -> Difference:
    """The mean difference over data sets, each resampled by itself."""
    return Difference(
        float(np.mean([difference.value for difference in differences])),
        np.mean([difference.draws for difference in differences], axis=0),
        np.mean([difference.chance for difference in differences], axis=0),
    )
