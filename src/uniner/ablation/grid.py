"""Grids: TOML files that say which students are compared, and on what."""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any

from uniner.benchmark.catalog import SplitChoice, load_catalog
from uniner.records import ConfigError
from uniner.training.data import hash_inputs
from uniner.training.recipe import Family, Recipe, build, load_recipe

SEEDS: Mapping[Family, tuple[str, ...]] = {
    "span": ("student.seed",),
    "generative": ("generative.seed", "conversations.seed"),
}
"""What of a recipe is drawn anew with each seed of a grid, by the family of the student."""

CELL = "cell"
"""What every student of a grid is called, as names make no difference to how it is trained."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What each student is asked: `held_out` questions of its own corpus (0: all), and `suites`.

    Each of these names data sets of the benchmark, and before a colon what to call them; of each
    data set `limit` passages of a `split` are asked, drawn by seed 0; `any`: of the test split or,
    where that is not there, of the dev split, or else of the train split. `aliases`: the held-out
    questions once more, by other names of the same types. `types`: each type has a figure, over all
    data sets.
    """

    suites: tuple[str, ...] = ()
    split: SplitChoice = "test"
    limit: int = 100
    held_out: int = 0
    aliases: bool = False
    types: bool = False

    def __post_init__(self) -> None:
        if self.limit < 1:
            raise ConfigError(f"evaluation.limit must be at least 1, not {self.limit!r}")
        if self.held_out < 0:
            raise ConfigError(f"evaluation.held_out must be 0 or more, not {self.held_out!r}")
        for names in self.tests.values():
            load_catalog().list_suite(names)

    @property
    def tests(self) -> dict[str, str]:
        """The data sets of each suite, by what it is called."""
        parts = [suite.rpartition(":") for suite in self.suites]
        return {(title or names).strip(): names.strip() for title, _, names in parts}


@dataclass(frozen=True, slots=True)
class Cell:
    """One student of a grid: where it stands on each axis, and all that makes it."""

    labels: Mapping[str, str]
    seed: int
    recipe: Recipe
    probe: Probe

    @property
    def key(self) -> str:
        """A hash of what the figures depend on: the same in every grid that has this student."""
        what = {"recipe": self.recipe.to_json(), "probe": asdict(self.probe)}
        # Of what is annotated, names that are no files are data sets of the benchmark.
        corpus = self.recipe.corpus
        files = tuple(name for name in corpus.annotated if Path(name).is_file())
        inputs = hash_inputs(
            replace(self.recipe, corpus=replace(corpus, annotated=files, told=False))
        )
        what |= {"inputs": inputs} if inputs else {}
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def title(self) -> str:
        """What tells it from the others of its grid."""
        return ", ".join([*self.labels.values(), f"seed {self.seed}"])


@dataclass(frozen=True, slots=True)
class Grid:
    """Every combination of the values of `axes`, with every seed.

    An axis leads from the name of a value to the changes of the recipe that make it; `changes` are
    made first. `paper` leads from an axis to the paper's F1 of its values in the first suite, or
    else in what `paper_test` says; `about` says what is compared with what.
    """

    name: str
    title: str
    about: str
    recipe: str
    axes: Mapping[str, Mapping[str, Sequence[str]]]
    seeds: tuple[int, ...]
    changes: tuple[str, ...] = ()
    paper: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    paper_test: str = ""
    probe: Probe = Probe()

    def cells(self) -> Iterator[Cell]:
        """Its students, seed after seed, so that a grid that is stopped has whole comparisons."""
        for seed in self.seeds:
            for labels in product(*self.axes.values()):
                named = dict(zip(self.axes, labels, strict=True))
                changes = [c for axis, label in named.items() for c in self.axes[axis][label]]
                changes = [*self.changes, *changes, f"name={CELL}"]
                family = load_recipe(self.recipe, changes).family
                seeds = [f"{key}={seed}" for key in SEEDS[family]]
                yield Cell(named, seed, load_recipe(self.recipe, [*changes, *seeds]), self.probe)

    def choose(self, labels: Sequence[str]) -> "Grid":
        """The part of the grid that has these values of its axes; all values of the other axes."""
        axes = {}
        for axis, values in self.axes.items():
            kept = {label: changes for label, changes in values.items() if label in labels}
            axes[axis] = kept or values
        known = [label for values in self.axes.values() for label in values]
        if unknown := [label for label in labels if label not in known]:
            raise ConfigError(f"{self.name}: no value is called {unknown[0]!r}; there are {known}")
        return replace(self, axes=axes)

    def find_paper(self, arm: Sequence[str], test: str) -> float | None:
        """What the paper has for a value of any axis; None but beside the first suite."""
        if test != next(iter(self.probe.tests), None):
            return None
        figures = (
            self.paper.get(axis, {}).get(label) for axis, label in zip(self.axes, arm, strict=True)
        )
        return next((figure for figure in figures if figure is not None), None)


def load_grid(name: str, changes: Sequence[str] = (), seeds: Sequence[int] = ()) -> Grid:
    """The grid in the file `name`, or the bundled one; ConfigError says what is wrong with it.

    `changes` of the recipe come after the grid's own, `seeds` in place of them.
    """
    path, bundled = Path(name), files("uniner.ablation.grids") / f"{name}.toml"
    if path.is_file():
        text, where = path.read_text(encoding="utf-8"), name
    elif bundled.is_file():
        text, where = bundled.read_text(encoding="utf-8"), f"{name}.toml"
    else:
        raise ConfigError(f"{name}: no such grid; give a TOML file or one of {list_bundled()}")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: not TOML ({error})") from None
    return parse_grid(table, Path(where).stem, where, changes, seeds)


def list_bundled() -> list[str]:
    """The names of the grids that come with uniner."""
    found = files("uniner.ablation.grids").iterdir()
    return sorted(f.name.removesuffix(".toml") for f in found if f.name.endswith(".toml"))


def parse_grid(
    table: dict[str, Any], name: str, where: str, changes: Sequence[str], seeds: Sequence[int]
) -> Grid:
    """A grid from its table."""
    known = {"title", "about", "recipe", "axes", "seeds", "set", "evaluation"}
    known |= {"paper", "paper_test"}
    if unknown := sorted(set(table) - known):
        raise ConfigError(f"{where}: unknown keys {unknown}; known are {sorted(known)}")
    axes = table.get("axes")
    if not isinstance(axes, dict) or not axes or not all(map(is_axis, axes.values())):
        raise ConfigError(f"{where}: each of [axes] needs values, each a list of KEY=VALUE")
    paper = table.get("paper", {})
    for axis, figures in paper.items():
        if axis not in axes or set(figures) - set(axes[axis]):
            raise ConfigError(f"{where}: [paper.{axis}] names what is not in [axes]")
    drawn = tuple(seeds or table.get("seeds", (0, 1, 2)))
    if not drawn or not all(isinstance(seed, int) for seed in drawn):
        raise ConfigError(f"{where}: seeds must be whole numbers, not {drawn!r}")
    return Grid(
        name=name,
        title=str(table.get("title", name)),
        about=str(table.get("about", "")),
        recipe=str(table.get("recipe", "sample")),
        axes=axes,
        seeds=drawn,
        changes=(*table.get("set", ()), *changes),
        paper=paper,
        paper_test=str(table.get("paper_test", "")),
        probe=build(Probe, table.get("evaluation", {}), f"{where} [evaluation]"),
    )


def is_axis(value: object) -> bool:
    """Whether a TOML value leads from names to lists of changes."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(
            isinstance(changes, list) and all(isinstance(change, str) for change in changes)
            for changes in value.values()
        )
    )
