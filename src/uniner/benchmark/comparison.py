"""Systems side by side: on the same examples, or not at all."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from uniner.benchmark.catalog import DOMAINS, Catalog, Dataset, Domain, SplitName
from uniner.benchmark.estimate import (
    Estimate,
    estimate_f1,
)
from uniner.benchmark.gather import Run, System, group_runs
from uniner.benchmark.marking import Marked, mark_split
from uniner.benchmark.paper import Mode, find_figures
from uniner.benchmark.prepare import Preparation
from uniner.evaluation.intervals import RESAMPLES
from uniner.evaluation.score import Policy
from uniner.records import ConfigError

AVERAGE = "average"
AS_PAPER = str(Preparation())


@dataclass(frozen=True, slots=True)
class Settings:
    """How a comparison is made: `examples` errors of each kind are kept with their texts."""

    seed: int = 0
    resamples: int = RESAMPLES
    examples: int = 5

    def __post_init__(self) -> None:
        if self.examples < 0:
            raise ConfigError(f"{self.examples} examples of each kind are impossible")

    def seed_rng(self, name: str) -> np.random.Generator:
        """The same numbers for the same data set, and others for each."""
        return np.random.default_rng([self.seed, crc32(name.encode())])


@dataclass(frozen=True, slots=True)
class Row:
    """The same examples of one split, as the systems that were asked them did.

    `about` says how they were sampled or prepared, and is empty where they are the paper's own,
    every one of them. `marks` and `f1` (in percent) are by the names of systems.
    """

    dataset: Dataset
    split: SplitName
    about: str
    marks: Mapping[str, Marked]
    f1: Mapping[str, Mapping[Policy, Estimate]]

    @property
    def title(self) -> str:
        """What tables call it."""
        parts = (self.split if self.split != "test" else "", self.about)
        said = ", ".join(filter(None, parts))
        return f"{self.dataset.title} ({said})" if said else self.dataset.title

    @property
    def sample(self) -> Marked:
        """What any of the systems did, for what they share."""
        return next(iter(self.marks.values()))

    def paper(self, mode: Mode, *, partial: bool = False) -> Mapping[str, float]:
        """The paper's F1 of each system; it has them of test splits alone."""
        return find_figures(self.dataset.row, mode, partial=partial) if self.split == "test" else {}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Systems, the first of them the one that matters, and what they did row by row.

    `members` are the data sets that the paper has in each domain.
    """

    systems: tuple[System, ...]
    rows: tuple[Row, ...]
    members: Mapping[str, frozenset[str]]
    settings: Settings

    def rows_of(self, *names: str) -> list[Row]:
        """The rows that all of these systems have."""
        return [row for row in self.rows if all(name in row.marks for name in names)]

    def list_domains(self) -> list[Domain]:
        """The domains that occur, in the paper's order."""
        return [name for name in DOMAINS if any(row.dataset.domain == name for row in self.rows)]

    def covers(self, rows: Sequence[Row], domain: str) -> bool:
        """Whether rows are the test splits of all data sets that the paper has in a domain."""
        here = sorted(row.dataset.row for row in rows if row.split == "test")
        return len(here) == len(rows) and here == sorted(self.members.get(domain, ()))

    @property
    def shared(self) -> list[Row]:
        """The rows that every system has."""
        return self.rows_of(*(system.name for system in self.systems))


def compare_runs(
    runs: Sequence[Run],
    catalog: Catalog,
    settings: Settings = Settings(),
    advance: Callable[[int], None] = lambda _: None,
) -> Comparison:
    """Mark every split of every run anew, and put side by side what was asked the same examples.

    `advance` is told of each split that is done.
    """
    systems = group_runs(runs)
    groups: dict[tuple[str, str], dict[str, Marked]] = {}
    about: dict[tuple[str, str], str] = {}
    for system in systems:
        for files in system.splits:
            marked = mark_split(files, settings.examples, settings.seed)
            key = (files.stem, marked.digest)
            about.setdefault(key, describe_sample(marked, system))
            groups.setdefault(key, {})[system.name] = marked
            advance(1)
    rows = []
    told = Counter((stem, about[stem, digest]) for stem, digest in groups)
    for (stem, digest), marks in groups.items():
        same = told[stem, about[stem, digest]] > 1
        parts = (about[stem, digest], f"examples {digest[:6]}" if same else "")
        rows.append(build_row(", ".join(filter(None, parts)), marks, settings))
    rows.sort(key=lambda row: DOMAINS.index(row.dataset.domain))
    return Comparison(tuple(systems), tuple(rows), list_members(catalog), settings)


def build_row(about: str, marks: Mapping[str, Marked], settings: Settings) -> Row:
    """A row, its F1 estimated from one set of resamples for all systems and policies."""
    files = next(iter(marks.values())).files
    keys = [(name, policy) for name, marked in marks.items() for policy in marked.tables]
    tables = [marks[name].tables[policy] for name, policy in keys]
    figures = estimate_f1(tables, settings.seed_rng(files.stem), settings.resamples)
    f1: dict[str, dict[Policy, Estimate]] = {name: {} for name in marks}
    for (name, policy), figure in zip(keys, figures, strict=True):
        f1[name][policy] = figure
    return Row(files.dataset, files.split, about, marks, f1)


def describe_sample(marked: Marked, system: System) -> str:
    """How examples were drawn and prepared, where that is not the paper's way."""
    parts = []
    if marked.passages < marked.files.available:
        parts.append(f"{marked.passages:,} of {marked.files.available:,}")
    if (how := system.settings.get("preparation", AS_PAPER)) != AS_PAPER:
        parts.append(str(how))
    return ", ".join(parts)


def list_members(catalog: Catalog) -> dict[str, frozenset[str]]:
    """The rows of the paper's benchmark in each domain, and of all as `average`."""
    members: dict[str, set[str]] = {}
    for dataset in catalog.datasets.values():
        if dataset.in_benchmark:
            for name in (dataset.domain, AVERAGE):
                members.setdefault(name, set()).add(dataset.name)
    return {name: frozenset(rows) for name, rows in members.items()}
