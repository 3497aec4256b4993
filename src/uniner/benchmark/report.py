"""What a benchmark run found: plain figures, for a table, a JSON file or a page."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from uniner.benchmark.catalog import SYSTEMS, Dataset, System
from uniner.evaluation.counts import Scores
from uniner.evaluation.report import rounded, scores_to_json
from uniner.evaluation.score import POLICIES, Policy


@dataclass(frozen=True, slots=True)
class DatasetResult:
    """One data set: how much of it was asked, and the scores under each policy that applies."""

    dataset: Dataset
    passages: int
    available: int
    queries: int
    scores: Mapping[Policy, Scores]
    faults: Mapping[str, int] = field(default_factory=dict)
    """How many answers, or parts of them, were of no use, by reason."""

    def f1(self, policy: Policy) -> float | None:
        """Micro-F1 in percent, or None where the data set has no offsets to judge by."""
        return 100 * self.scores[policy].micro.f1 if policy in self.scores else None


@dataclass(frozen=True, slots=True)
class BenchReport:
    """One model on one suite; `seed` matters only where `limit` left passages out."""

    model: str
    suite: str
    limit: int | None
    seed: int
    threshold: float | None
    nested: bool
    results: tuple[DatasetResult, ...]

    @property
    def faults(self) -> dict[str, int]:
        """The faults of all data sets by reason, the most frequent first."""
        total: Counter[str] = Counter()
        for result in self.results:
            total.update(result.faults)
        return dict(total.most_common())

    @property
    def subset(self) -> str | None:
        """How the passages were sampled, or None where every one was asked."""
        if all(result.passages == result.available for result in self.results):
            return None
        return f"at most {self.limit} passages a data set, seed {self.seed}"

    def average(self, policy: Policy) -> float | None:
        """The mean F1 over data sets in percent, or None where one has none."""
        return average([result.f1(policy) for result in self.results])

    def paper_average(self, system: System) -> float | None:
        """The mean of the paper's figures for the same data sets, or None where one has none."""
        return average([result.dataset.paper.get(system) for result in self.results])


def average(figures: Sequence[float | None]) -> float | None:
    """The mean of figures that are all known."""
    known = [figure for figure in figures if figure is not None]
    return fmean(known) if known and len(known) == len(figures) else None


def report_to_json(report: BenchReport) -> dict[str, Any]:
    """A report as it is written to `results.json`; F1, precision and recall in percent."""
    return {
        "model": report.model,
        "suite": report.suite,
        "subset": report.subset,
        "threshold": report.threshold,
        "nested": report.nested,
        "average": {
            "f1": {p: rounded(f) for p in POLICIES if (f := report.average(p)) is not None},
            "paper": {s: rounded(f) for s in SYSTEMS if (f := report.paper_average(s)) is not None},
        },
        "datasets": {result.dataset.name: result_to_json(result) for result in report.results},
    }


def result_to_json(result: DatasetResult) -> dict[str, Any]:
    """One data set of a report."""
    return {
        "title": result.dataset.title,
        "passages": result.passages,
        "available": result.available,
        "queries": result.queries,
        "paper": dict(result.dataset.paper),
        "scores": {policy: scores_to_json(scores) for policy, scores in result.scores.items()},
        "faults": dict(result.faults),
    }
