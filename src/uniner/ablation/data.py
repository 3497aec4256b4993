"""What the students of a grid learn from: annotated once, before any of them is trained."""

import hashlib
import json
import random
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

from uniner.ablation.grid import Cell
from uniner.benchmark.catalog import Dataset, load_catalog
from uniner.benchmark.reading import list_present, read_examples
from uniner.construction.narrator import Narrator, Silent
from uniner.corpus.split import split_of
from uniner.records import Annotated, ConfigError
from uniner.records.manifest import MANIFEST
from uniner.records.store import read_annotated, write_records
from uniner.training.data import ANNOTATED, claim, describe, hash_inputs, make_annotations
from uniner.training.generative.config import GenerativeConfig
from uniner.training.recipe import Recipe

DATA = "data"

REPEATED = 8_000
"""Passages that a base learns to repeat: it is to find out how to copy, not what they say."""


class Materials(NamedTuple):
    """A cell's recipe with the files that it names, and the folder of its annotated passages."""

    recipe: Recipe
    annotations: Path


def prepare(cell: Cell, folder: Path, data: Path | None, narrator: Narrator) -> Materials:
    """Make what a cell begins with, once for all cells that begin with the same.

    A name of `corpus.annotated` that is no file is a data set of the benchmark in the folder
    `data`, whose train split is meant.
    """
    folder = folder.resolve()  # runs note the files in it, and go on from wherever they are called
    recipe = find_recipe(cell, folder, data)
    if recipe.corpus.decontaminate:
        raise ConfigError(
            "corpus.decontaminate: not in a grid; sample the passages before, with "
            "`uniner corpus sample --decontaminate`, and name the file as corpus.passages"
        )
    # How a student is trained on them, and on how many of them, makes no difference to these.
    corpus = replace(recipe.corpus, told=False, unit="passage", limit=0, types=0, without=())
    source = Recipe(cell.recipe.name, corpus=corpus, teacher=recipe.teacher)
    made_of = json.dumps([describe(source), hash_inputs(source)], sort_keys=True)
    store = folder / DATA / hashlib.sha256(made_of.encode()).hexdigest()[:16]
    claim(source, store)
    made = (store / ANNOTATED).is_file()
    make_annotations(source, store, Silent() if made else narrator)
    if recipe.family == "generative" and recipe.generative.repeat:
        recipe = replace(recipe, generative=find_base(recipe.generative, store, folder, narrator))
    return Materials(recipe, store)


def find_base(
    config: GenerativeConfig, store: Path, folder: Path, narrator: Narrator
) -> GenerativeConfig:
    """The configuration with a base that has learnt to repeat what the training passages say.

    It is trained once for all students that begin with it, on at most `REPEATED` passages.
    """
    # What only generative students need takes longer to import than all else together.
    from uniner.training.generative.trainer import learn_to_repeat, plan_repeating

    made_of = json.dumps([store.name, asdict(plan_repeating(config))], sort_keys=True)
    out = folder / DATA / f"repeating-{hashlib.sha256(made_of.encode()).hexdigest()[:16]}"
    records = read_annotated(store / ANNOTATED)
    passages = [r.passage for r in records if split_of(r.passage.id) == "train"]
    if len(passages) > REPEATED:
        passages = random.Random(0).sample(passages, REPEATED)
    return replace(config, base=str(learn_to_repeat(passages, config, out, narrator)), repeat=0)


def hand_over(materials: Materials, run: Path) -> None:
    """Begin the run of a cell with the annotations that are there."""
    claim(materials.recipe, run)
    for source in sorted(materials.annotations.iterdir()):
        target = run / source.name
        if source.name != MANIFEST and not target.exists():
            part = target.with_name(f"{target.name}.part")
            shutil.copyfile(source, part)
            part.replace(target)


def find_recipe(cell: Cell, folder: Path, data: Path | None) -> Recipe:
    """The recipe of a cell, data sets by the files of their train splits."""
    corpus = cell.recipe.corpus
    names = [str(find_train(name, cell, folder, data)) for name in corpus.annotated]
    return replace(cell.recipe, corpus=replace(corpus, annotated=tuple(names)))


def find_train(name: str, cell: Cell, folder: Path, data: Path | None) -> Path:
    """An annotated file that a grid names, or a data set's train split as one."""
    datasets = load_catalog().datasets
    if Path(name).is_file() or name not in datasets:
        return Path(name)
    if data is None:
        raise ConfigError(f"{name} is learnt from here: give --data")
    dataset = datasets[name]
    check_unseen(dataset, cell, data)
    path = folder / DATA / f"{name_dataset(dataset)}.jsonl"
    if not path.is_file():
        write_train(dataset, path, data)
    return path


def name_dataset(dataset: Dataset) -> str:
    """What a student that is told its data set knows it by."""
    return dataset.row or dataset.name


def check_unseen(dataset: Dataset, cell: Cell, data: Path) -> None:
    """ConfigError where a data set would be asked about the passages that it was learnt from."""
    asked = (row for suite in cell.probe.tests.values() for row in load_catalog().list_suite(suite))
    for row in asked:
        present, split = list_present(row, data), cell.probe.split
        same = name_dataset(row) == name_dataset(dataset)
        if same and (split in ("train", "all") or (split == "any" and present == ["train"])):
            raise ConfigError(
                f"{row.name}: cannot be learnt from and asked with evaluation.split = {split!r}, "
                f"where {', '.join(present)} is there"
            )


def write_train(dataset: Dataset, path: Path, data: Path) -> None:
    """The train split of a data set as annotated passages, with its types in natural language."""
    records = []
    for example in read_examples(dataset, "train", data).rows:
        if example.entities is None:
            raise ConfigError(f"{dataset.name}: has no offsets to learn from; choose another form")
        passage = replace(example.passage, id=f"{path.stem}/{example.passage.id}")
        records.append(Annotated(passage, example.entities))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_records(path, records)
