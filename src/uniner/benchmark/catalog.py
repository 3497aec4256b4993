"""The catalog: one row for each data set, and the suites that name them."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from uniner.benchmark.formats import FORMATS
from uniner.benchmark.options import build_options
from uniner.records import ConfigError

Domain: TypeAlias = Literal[
    "general", "biomedical", "clinical", "stem", "programming", "social", "law", "finance",
    "transport",
]  # fmt: skip
"""The paper's domains (figure 5); each is also the name of a suite."""

DOMAINS: tuple[Domain, ...] = get_args(Domain)

SplitName: TypeAlias = Literal["train", "dev", "test"]
SPLITS: tuple[SplitName, ...] = get_args(SplitName)

SplitChoice: TypeAlias = Literal["test", "dev", "train", "any", "all"]
"""A split; or the first of test, dev and train that is there; or each that is there."""

SPLIT_CHOICES: tuple[SplitChoice, ...] = get_args(SplitChoice)

Access: TypeAlias = Literal["open", "form", "paid"]
"""How a data set is had: freely, by signing its owner's form, or from a publisher."""

ALL = "all43"
"""The suite of the whole benchmark: 49 rows, which the paper counts as 43 data sets."""


@dataclass(frozen=True, slots=True)
class Split:
    """The files or folders of one split, relative to the folder that the user names.

    `paper`: how many passages the paper has; `options` go before the data set's own; `share`:
    the part of the whole, shuffled with seed 0, that this split is where the owners made none.
    """

    files: tuple[str, ...]
    paper: int | None = None
    share: tuple[float, float] = (0.0, 1.0)
    options: Mapping[str, Any] = field(default_factory=dict)

    def find(self, folder: Path) -> list[Path]:
        """Where its files lie, or would."""
        return [folder / name for name in self.files]


@dataclass(frozen=True, slots=True)
class Dataset:
    """A row of the catalog.

    `labels` lead from the file's labels to the types that are asked, in the order of asking; empty:
    every label is itself a type, and each text says which are asked of it. `drop` leads from other
    labels to why they are left out. `documents`: texts are articles, to be split into sentences.
    `row` is the row of the paper's benchmark that this is a form of: its own name, another's, or
    empty for one that the paper has not. `types`: how many types the paper has. `how`: what to do
    to get the files that nothing can fetch. `differs`: why our sizes are not the paper's, by split
    or for all of them.
    """

    name: str
    title: str
    domain: Domain
    licence: str
    access: Access
    source: str
    reader: str
    row: str
    types: int
    splits: Mapping[SplitName, Split]
    labels: Mapping[str, str] = field(default_factory=dict)
    drop: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    documents: bool = False
    hub: str = ""
    how: str = ""
    differs: Mapping[str, str] = field(default_factory=dict)

    @property
    def in_benchmark(self) -> bool:
        """Whether this is one of the 49 rows itself."""
        return self.row == self.name

    def title_split(self, split: SplitName) -> str:
        """What tables call a split: it is named only where it is not the test split."""
        return self.title if split == "test" else f"{self.title} ({split})"

    def file_split(self, split: SplitName) -> str:
        """What the names of a split's files in a run begin with."""
        return f"{self.name}.{split}"


@dataclass(frozen=True, slots=True)
class Catalog:
    """Data sets by name, and suites as lists of those names; every data set is a suite too."""

    datasets: Mapping[str, Dataset]
    suites: Mapping[str, tuple[str, ...]]

    def list_suite(self, name: str) -> list[Dataset]:
        """The data sets of a suite, or of several with commas; ConfigError lists all names."""
        rows: dict[str, Dataset] = {}
        for part in filter(None, (part.strip() for part in name.split(","))):
            if part not in self.datasets and part not in self.suites:
                known = ", ".join([*self.suites, *self.datasets])
                raise ConfigError(f"no suite or data set is called {part!r}; choose among {known}")
            rows |= {row: self.datasets[row] for row in self.suites.get(part, (part,))}
        if not rows:
            raise ConfigError(f"suite {name!r} names no data set")
        return [*rows.values()]


def load_catalog() -> Catalog:
    """The catalog that comes with the package."""
    return parse_catalog(files("uniner.benchmark").joinpath("catalog.toml").read_text("utf-8"))


def parse_catalog(text: str, where: str = "catalog.toml") -> Catalog:
    """A catalog from TOML; ConfigError names every unknown key, wrong value or missing name.

    The suites of the whole benchmark and of each domain come from the rows.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: not TOML: {error}") from None
    if unknown := sorted(set(table) - {"suites", "dataset"}):
        raise ConfigError(f"{where}: unknown keys {unknown}; known are ['dataset', 'suites']")
    datasets: dict[str, Dataset] = {}
    for number, row in enumerate(table.get("dataset", []), start=1):
        dataset = parse_dataset(row, f"{where}: data set {number}")
        if dataset.name in datasets:
            raise ConfigError(f"{where}: data set {number}: {dataset.name!r} is already there")
        datasets[dataset.name] = dataset
    suites = {name: tuple(rows) for name, rows in table.get("suites", {}).items()}
    suites |= dict(list_groups(datasets.values()))
    for name, rows in suites.items():
        if name in datasets:
            raise ConfigError(f"{where}: suite {name!r} has the name of a data set")
        if unknown := [row for row in rows if row not in datasets]:
            raise ConfigError(f"{where}: suite {name!r} names unknown data sets {unknown}")
    for dataset in datasets.values():
        if dataset.row and dataset.row not in datasets:
            raise ConfigError(f"{where}: {dataset.name!r} is a form of unknown {dataset.row!r}")
    return Catalog(datasets, suites)


def list_groups(datasets: Iterable[Dataset]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The suites that follow from the rows: the benchmark, and each domain of it."""
    rows = [dataset for dataset in datasets if dataset.in_benchmark]
    yield ALL, tuple(row.name for row in rows)
    for domain in DOMAINS:
        yield domain, tuple(row.name for row in rows if row.domain == domain)


def parse_dataset(table: Mapping[str, Any], where: str) -> Dataset:
    """One `[[dataset]]` table."""
    where = f"{where} ({table['name']})" if isinstance(table.get("name"), str) else where
    plain = {"row": table.get("name"), "splits": {}, **table}
    splits = plain.pop("splits")
    tables = {name: plain.pop(name, {}) for name in ("labels", "drop", "differs", "options")}
    row = build_options(Dataset, plain, where, splits={}, **tables)
    if row.reader not in FORMATS:
        raise ConfigError(f"{where}: reader must be one of {list(FORMATS)}, not {row.reader!r}")
    if not isinstance(splits, dict) or not splits or set(splits) - set(SPLITS):
        raise ConfigError(f"{where}: splits must be among {list(SPLITS)}, not {splits!r:.60}")
    for name in ("labels", "drop", "differs"):
        if not all(isinstance(item, str) and item for item in tables[name].values()):
            raise ConfigError(f"{where}: {name} must lead from labels to strings")
    if both := sorted(set(tables["labels"]) & set(tables["drop"])):
        raise ConfigError(f"{where}: labels {both} are both asked and dropped")
    if unknown := sorted(set(tables["differs"]) - {*splits, "all"}):
        raise ConfigError(f"{where}: differs: {unknown} are not among its splits")
    parsed = {
        name: parse_split(splits[name], f"{where}: {name}") for name in SPLITS if name in splits
    }
    for name, split in parsed.items():
        kind = FORMATS[row.reader].options
        build_options(kind, {**tables["options"], **split.options}, f"{where}: {name}: options")
    return replace(row, splits=parsed)


def parse_split(table: Any, where: str) -> Split:
    """One split: `files`, and `paper`, `share` or a reader's options where there are any."""
    if not isinstance(table, dict) or not isinstance(table.get("files"), list):
        raise ConfigError(f"{where}: expected a table with a list of files, not {table!r:.60}")
    options = {k: v for k, v in table.items() if k not in ("files", "paper", "share")}
    low, high = table.get("share", (0.0, 1.0))
    if not 0 <= low < high <= 1:
        raise ConfigError(f"{where}: share must be two rising parts of 1, not {table['share']!r}")
    return Split(tuple(table["files"]), table.get("paper"), (float(low), float(high)), options)
