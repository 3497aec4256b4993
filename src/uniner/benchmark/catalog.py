"""The catalog: one row for each data set, and the suites that name them."""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from importlib.resources import files
from typing import Any, Literal, TypeAlias, get_args

from uniner.records import ConfigError

Reader: TypeAlias = Literal["conversations", "ie_instructions"]
"""The format of a data set's file."""

System: TypeAlias = Literal["ChatGPT", "UniNER-7B", "UniNER-13B"]
"""A system whose zero-shot F1 the paper gives."""

SYSTEMS: tuple[System, ...] = get_args(System)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A row of the catalog; `path` is relative to the folder that the user names."""

    name: str
    title: str
    domain: str
    licence: str
    source: str
    reader: Reader
    path: str
    types: int
    passages: int
    drop: tuple[str, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    paper: Mapping[System, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Data sets by name, and suites as lists of those names; every data set is a suite too."""

    datasets: Mapping[str, Dataset]
    suites: Mapping[str, tuple[str, ...]]

    def list_suite(self, name: str) -> list[Dataset]:
        """The data sets of a suite; ConfigError lists the names there are."""
        if name in self.datasets:
            return [self.datasets[name]]
        if name not in self.suites:
            known = ", ".join([*self.suites, *self.datasets])
            raise ConfigError(f"no suite or data set is called {name!r}; choose one of {known}")
        return [self.datasets[row] for row in self.suites[name]]


def load_catalog() -> Catalog:
    """The catalog that comes with the package."""
    return parse_catalog(files("uniner.benchmark").joinpath("catalog.toml").read_text("utf-8"))


def parse_catalog(text: str, where: str = "catalog.toml") -> Catalog:
    """A catalog from TOML; ConfigError names every unknown key, wrong value or missing name."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: not TOML: {error}") from None
    check_keys(table, {"suites", "dataset"}, where)
    datasets: dict[str, Dataset] = {}
    for number, row in enumerate(table.get("dataset", []), start=1):
        dataset = parse_dataset(row, f"{where}: data set {number}")
        if dataset.name in datasets:
            raise ConfigError(f"{where}: data set {number}: {dataset.name!r} is already there")
        datasets[dataset.name] = dataset
    suites: dict[str, tuple[str, ...]] = {}
    for name, rows in table.get("suites", {}).items():
        if name in datasets:
            raise ConfigError(f"{where}: suite {name!r} has the name of a data set")
        suites[name] = parse_strings(rows, f"{where}: suite {name!r}")
        if unknown := [row for row in rows if row not in datasets]:
            raise ConfigError(f"{where}: suite {name!r} names unknown data sets {unknown}")
    return Catalog(datasets, suites)


def parse_dataset(row: Mapping[str, Any], where: str) -> Dataset:
    """One `[[dataset]]` table."""
    specs = {spec.name: spec for spec in fields(Dataset)}
    check_keys(row, set(specs), where)
    missing = [
        name
        for name, spec in specs.items()
        if name not in row and spec.default is MISSING and spec.default_factory is MISSING
    ]
    if missing:
        raise ConfigError(f"{where}: missing keys {missing}")
    for name in ("name", "title", "domain", "licence", "source", "path"):
        if not isinstance(row[name], str) or not row[name]:
            raise ConfigError(f"{where}: {name} must be a non-empty string, not {row[name]!r}")
    for name in ("types", "passages"):
        if not isinstance(row[name], int) or isinstance(row[name], bool) or row[name] < 1:
            raise ConfigError(f"{where}: {name} must be a count, not {row[name]!r}")
    if row["reader"] not in get_args(Reader):
        raise ConfigError(
            f"{where}: reader must be one of {list(get_args(Reader))}, not {row['reader']!r}"
        )
    rename, paper = row.get("rename", {}), row.get("paper", {})
    if not isinstance(rename, dict):
        raise ConfigError(f"{where}: rename must be a table of label = type, not {rename!r}")
    parse_strings([*rename.values()], f"{where}: rename")
    check_keys(paper, set(SYSTEMS), f"{where}: paper")
    for system, figure in paper.items():
        if isinstance(figure, bool) or not isinstance(figure, int | float):
            raise ConfigError(f"{where}: paper: {system} must be an F1 in percent, not {figure!r}")
    drop = parse_strings(row.get("drop", []), f"{where}: drop")
    return Dataset(**{**row, "drop": drop})


def parse_strings(value: object, where: str) -> tuple[str, ...]:
    """A list of strings."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{where}: expected a list of strings, not {value!r}")
    return tuple(value)


def check_keys(table: object, known: set[str], where: str) -> None:
    """Raise ConfigError unless `table` is a table with known keys only."""
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: expected a table, not {table!r}")
    if unknown := sorted(set(table) - known):
        raise ConfigError(f"{where}: unknown keys {unknown}; known are {sorted(known)}")
