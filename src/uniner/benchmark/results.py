"""What a benchmark run found: plain figures, for a table, a JSON file or a page."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from uniner.benchmark.catalog import Dataset, SplitName
from uniner.benchmark.paper import SYSTEMS, Mode, find_figures
from uniner.evaluation.counts import Scores
from uniner.evaluation.report import rounded, scores_to_json
from uniner.evaluation.score import POLICIES, Policy


@dataclass(frozen=True, slots=True)
class DatasetResult:
    """One split of a data set: how much of it was asked, and the scores of each policy that fits.

    `notes` count what was repaired or left out when its files were read; `faults`, the answers, or
    parts of them, that were of no use; both by reason.
    """

    dataset: Dataset
    split: SplitName
    passages: int
    available: int
    queries: int
    scores: Mapping[Policy, Scores]
    faults: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, int] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What tables call it."""
        return self.dataset.title_split(self.split)

    def f1(self, policy: Policy) -> float | None:
        """Micro F1 in percent, or None where the data set has no offsets to judge by."""
        return 100 * self.scores[policy].micro.f1 if policy in self.scores else None

    def paper(self, mode: Mode, *, partial: bool = False) -> Mapping[str, float]:
        """The paper's F1 of each system on the same data set, in percent."""
        return find_figures(self.dataset.row, mode, partial=partial)


@dataclass(frozen=True, slots=True)
class BenchReport:
    """One model on one suite; `seed` matters only where `limit` left passages out.

    `absent` names the data sets of the suite that were not there to be asked.
    """

    model: str
    mode: Mode
    suite: str
    preparation: str
    limit: int | None
    seed: int
    threshold: float | None
    nested: bool
    results: tuple[DatasetResult, ...]
    absent: tuple[str, ...] = ()

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
        return f"at most {self.limit:,} passages a data set, seed {self.seed}"

    def average(self, policy: Policy) -> float | None:
        """The mean F1 over data sets in percent, or None where one has none."""
        return average(result.f1(policy) for result in self.results)

    def paper_average(self, system: str) -> float | None:
        """The mean of the paper's figures for the same data sets, or None where one has none."""
        return average(result.paper(self.mode).get(system) for result in self.results)


def average(figures: Iterable[float | None]) -> float | None:
    """The mean of figures that are all known."""
    rows = list(figures)
    known = [figure for figure in rows if figure is not None]
    return fmean(known) if known and len(known) == len(rows) else None


def report_to_json(report: BenchReport) -> dict[str, Any]:
    """A report as it is written to `results.json`; F1, precision and recall in percent."""
    systems = {s: report.paper_average(s) for s in SYSTEMS[report.mode]}
    return {
        "model": report.model,
        "mode": report.mode,
        "suite": report.suite,
        "preparation": report.preparation,
        "subset": report.subset,
        "threshold": report.threshold,
        "nested": report.nested,
        "absent": list(report.absent),
        "average": {
            "f1": {p: rounded(f) for p in POLICIES if (f := report.average(p)) is not None},
            "paper": {s: rounded(f) for s, f in systems.items() if f is not None},
        },
        "datasets": {name_result(r): result_to_json(r, report.mode) for r in report.results},
    }


def name_result(result: DatasetResult) -> str:
    """The name that a result's files have in a run's folder."""
    return f"{result.dataset.name}.{result.split}"


def result_to_json(result: DatasetResult, mode: Mode) -> dict[str, Any]:
    """One data set of a report."""
    return {
        "dataset": result.dataset.name,
        "split": result.split,
        "title": result.title,
        "passages": result.passages,
        "available": result.available,
        "queries": result.queries,
        "paper": dict(result.paper(mode)),
        "scores": {policy: scores_to_json(scores) for policy, scores in result.scores.items()},
        "faults": dict(result.faults),
        "notes": dict(result.notes),
    }
