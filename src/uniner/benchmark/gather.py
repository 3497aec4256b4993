"""Finished runs found in their folders, and joined where they are one system's."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from uniner.benchmark.catalog import SPLITS, Catalog, Dataset, SplitName
from uniner.benchmark.examples import Example, read_run_examples
from uniner.benchmark.paper import MODES, Mode
from uniner.benchmark.run import RESULTS
from uniner.records import ConfigError, InputError, Prediction
from uniner.records.manifest import MANIFEST
from uniner.records.store import read_predictions

SCOPE = ("suite", "split", "inputs")
"""Settings that say which data sets were asked, and nothing of how."""

UNSET = {"limit": "every passage", "threshold": "its own threshold"}
"""What a setting without a value means."""


@dataclass(frozen=True, slots=True)
class SplitFiles:
    """One split of a data set in a run's folder; `notes` count what was met when it was read."""

    folder: Path
    dataset: Dataset
    split: SplitName
    available: int
    notes: Mapping[str, int] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """What the names of its files begin with."""
        return self.dataset.file_split(self.split)

    @property
    def title(self) -> str:
        """What tables call it."""
        return self.dataset.title_split(self.split)

    def read(self) -> tuple[list[Example], list[Prediction]]:
        """The examples and a prediction for each, in the same order; InputError where one lacks."""
        examples = read_run_examples(self.folder / f"{self.stem}.examples.jsonl")
        path = self.folder / f"{self.stem}.predictions.jsonl"
        found = {prediction.passage.id: prediction for prediction in read_predictions(path)}
        for example in examples:
            prediction = found.get(example.passage.id)
            if prediction is None or prediction.passage.text != example.passage.text:
                what = "no prediction for" if prediction is None else "another text for"
                raise InputError(
                    f"{path}: {what} passage {example.passage.id!r}; run it again with "
                    "`uniner bench run`"
                )
        return examples, [found[example.passage.id] for example in examples]


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: its settings and versions as its manifest has them, and what it asked."""

    folder: Path
    settings: Mapping[str, Any]
    versions: Mapping[str, Any]
    absent: tuple[str, ...]
    splits: tuple[SplitFiles, ...]


@dataclass(frozen=True, slots=True)
class System:
    """A model asked in one way, in one or more runs; `name` tells it from the other systems."""

    name: str
    runs: tuple[Run, ...]

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings that all of its runs share."""
        settings = self.runs[0].settings
        return {name: value for name, value in settings.items() if name not in SCOPE}

    @property
    def mode(self) -> Mode:
        """Zero-shot or supervised."""
        return next(mode for mode in MODES if mode == self.settings.get("mode", MODES[0]))

    @property
    def splits(self) -> list[SplitFiles]:
        """What it asked, each split once: the first run that has it."""
        found: dict[str, SplitFiles] = {}
        for files in self.list_files():
            found.setdefault(files.stem, files)
        return [*found.values()]

    @property
    def repeats(self) -> list[SplitFiles]:
        """What an earlier of its runs has too, and what is not looked at therefore."""
        first = {id(files) for files in self.splits}
        return [files for files in self.list_files() if id(files) not in first]

    def list_files(self) -> list[SplitFiles]:
        """The splits of all of its runs."""
        return [files for run in self.runs for files in run.splits]


def read_run(folder: Path, catalog: Catalog) -> Run:
    """The run of a folder; InputError where there is none, or none that is finished."""
    if not (folder / MANIFEST).is_file():
        raise InputError(f"{folder}: no run is there ({MANIFEST} is missing); name a run's folder")
    if not (folder / RESULTS).is_file():
        raise InputError(
            f"{folder}: the run is not finished; give the same `uniner bench run` again to go on"
        )
    manifest, results = read_object(folder / MANIFEST), read_object(folder / RESULTS)
    settings = manifest.get("run")
    if not isinstance(settings, dict) or not isinstance(settings.get("model"), str):
        raise InputError(f"{folder / MANIFEST}: not the manifest of a run; make the run again")
    if settings.get("mode", MODES[0]) not in MODES:
        raise InputError(
            f"{folder / MANIFEST}: mode must be one of {list(MODES)}, not {settings['mode']!r}"
        )
    rows = results.get("datasets")
    if not isinstance(rows, dict) or not rows:
        raise InputError(f"{folder / RESULTS}: no data sets; make the run again")
    splits = tuple(find_split(folder, name, row, catalog) for name, row in rows.items())
    others = {name: value for name, value in manifest.items() if name != "run"}
    return Run(folder, settings, others, tuple(results.get("absent", ())), splits)


def read_object(path: Path) -> dict[str, Any]:
    """The object of a JSON file."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: malformed JSON ({error}); make the run again") from None
    if not isinstance(value, dict):
        raise InputError(f"{path}: expected a JSON object; make the run again")
    return value


def find_split(folder: Path, name: str, row: Any, catalog: Catalog) -> SplitFiles:
    """One data set that `results.json` speaks of."""
    notes = row.get("notes", {}) if isinstance(row, dict) else {}
    match row:
        case {"dataset": str(dataset), "split": split, "available": int(available)} if (
            split in SPLITS
        ):
            if dataset not in catalog.datasets:
                raise InputError(
                    f"{folder / RESULTS}: the catalog has no data set {dataset!r}; "
                    "see `uniner bench list`"
                )
            return SplitFiles(folder, catalog.datasets[dataset], split, available, notes)
        case _:
            raise InputError(
                f"{folder / RESULTS}: data set {name!r} has no 'dataset', 'split' and "
                "'available'; make the run again"
            )


def group_runs(runs: Sequence[Run]) -> list[System]:
    """Systems in the order of their first runs; runs that differ in more than suites stay apart.

    ConfigError where a folder is given twice.
    """
    groups: dict[str, list[Run]] = {}
    seen: set[Path] = set()
    for run in runs:
        if run.folder.resolve() in seen:
            raise ConfigError(f"{run.folder}: given twice; name each run once")
        seen.add(run.folder.resolve())
        shared = {name: value for name, value in run.settings.items() if name not in SCOPE}
        groups.setdefault(json.dumps(shared, sort_keys=True, default=str), []).append(run)
    members = [tuple(group) for group in groups.values()]
    return [System(name, group) for name, group in zip(name_groups(members), members, strict=True)]


def name_groups(groups: Sequence[tuple[Run, ...]]) -> list[str]:
    """The model of each, and what tells it from others of the same model."""
    names = []
    for group in groups:
        settings = group[0].settings
        rivals = [g[0].settings for g in groups if g[0].settings["model"] == settings["model"]]
        telling = [name for name in settings if name not in (*SCOPE, "model", "fingerprint")]
        differing = [n for n in telling if any(r.get(n) != settings[n] for r in rivals)]
        parts = [part for n in differing if (part := describe_setting(n, settings[n]))]
        names.append(f"{settings['model']} ({', '.join(parts)})" if parts else settings["model"])
    return [
        f"{name} [{group[0].folder.name}]" if names.count(name) > 1 else name
        for name, group in zip(names, groups, strict=True)
    ]


def describe_setting(name: str, value: object) -> str:
    """A setting in a few words; empty where there is nothing to say."""
    match name, value:
        case "limit", int():
            return f"at most {value:,} passages a data set"
        case "preparation" | "mode", str():
            return value
        case _, bool():
            return name if value else f"not {name}"
        case _, None:
            return UNSET.get(name, "")
    return f"{name} {value}"
