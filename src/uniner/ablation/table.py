"""The figures of a grid: one tidy row each, and what seeds say together."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple, TypeAlias

from uniner.ablation.cells import Outcome
from uniner.ablation.grid import Cell
from uniner.evaluation.score import Policy
from uniner.records.store import write_whole

Arm: TypeAlias = tuple[str, ...]
"""A value of each axis of a grid."""

STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""Student's t at 97.5 % for 1, 2, … degrees of freedom; with more the normal's 1.96 is near."""


class Spread(NamedTuple):
    """The mean over seeds, the 95 % interval of Student's t (None for one seed), each seed's."""

    mean: float
    within: float | None
    values: tuple[float, ...]

    def __str__(self) -> str:
        more = "" if self.within is None else f" ± {self.within:.1f}"
        return f"{self.mean:.1f}{more}"


@dataclass(frozen=True, slots=True)
class Trial:
    """A cell and what became of it."""

    cell: Cell
    outcome: Outcome

    @property
    def arm(self) -> Arm:
        """Where it stands on the axes."""
        return tuple(self.cell.labels.values())

    def mean_f1(self, test: str, policy: Policy) -> float | None:
        """F1 in a test, the mean over its data sets; None where a policy does not fit."""
        figures = [
            figure.f1
            for figure in self.outcome.figures
            if (figure.test, figure.policy) == (test, policy)
        ]
        return fmean(figures) if figures else None


def list_tests(trials: Sequence[Trial]) -> list[str]:
    """The tests that were asked, in the order of asking."""
    return [*dict.fromkeys(figure.test for t in trials for figure in t.outcome.figures)]


def spread(trials: Sequence[Trial], test: str, policy: Policy) -> dict[Arm, Spread]:
    """F1 of each arm over its seeds."""
    found: dict[Arm, list[float]] = {}
    for trial in trials:
        if (f1 := trial.mean_f1(test, policy)) is not None:
            found.setdefault(trial.arm, []).append(f1)
    return {arm: summarize(values) for arm, values in found.items()}


def differ(trials: Sequence[Trial], test: str, policy: Policy, axis: int) -> dict[Arm, Spread]:
    """F1 of each arm less that of the one with the axis's first value, seed by seed."""
    by_seed = {
        (trial.cell.seed, trial.arm): f1
        for trial in trials
        if (f1 := trial.mean_f1(test, policy)) is not None
    }
    first = trials[0].arm[axis]
    found: dict[Arm, list[float]] = {}
    for (seed, arm), f1 in by_seed.items():
        base = (*arm[:axis], first, *arm[axis + 1 :])
        if arm != base and (seed, base) in by_seed:
            found.setdefault(arm, []).append(f1 - by_seed[seed, base])
    return {arm: summarize(values) for arm, values in found.items()}


def summarize(values: Sequence[float]) -> Spread:
    """The mean of one value or more, and how far it may be off."""
    if len(values) < 2:
        return Spread(fmean(values), None, tuple(values))
    free = len(values) - 1
    quantile = STUDENT[free - 1] if free <= len(STUDENT) else 1.96
    within = quantile * stdev(values) / len(values) ** 0.5
    return Spread(fmean(values), within, tuple(values))


def list_rows(grid: str, trials: Sequence[Trial]) -> Iterator[Mapping[str, Any]]:
    """One row a figure."""
    for trial in trials:
        cell, outcome = trial.cell, trial.outcome
        for figure in outcome.figures:
            yield {
                "grid": grid,
                **cell.labels,
                "seed": cell.seed,
                "trained_passages": outcome.passages,
                "seconds": outcome.seconds,
                **asdict(figure),
                "cell": outcome.key,
            }


def write_table(rows: Sequence[Mapping[str, Any]], stem: Path) -> None:
    """The rows as `stem`.csv and, where pyarrow is installed, as `stem`.parquet."""
    with write_whole(stem.with_suffix(".csv")) as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            rounded = {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}
            writer.writerow(rounded)
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        return
    parquet.write_table(pyarrow.Table.from_pylist([*rows]), stem.with_suffix(".parquet"))
