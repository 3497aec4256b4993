"""From a row of the catalog to its examples, whatever the format of its files."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from uniner.benchmark.catalog import SPLITS, Dataset, SplitName
from uniner.benchmark.document import Document, Reading
from uniner.benchmark.examples import Example
from uniner.benchmark.formats import FORMATS
from uniner.benchmark.options import build_options
from uniner.benchmark.prepare import Preparation, prepare
from uniner.records import InputError

AS_PAPER = Preparation()


@dataclass(frozen=True, slots=True)
class Examples:
    """The examples of one split, and what was met while they were read, by a fixed phrase."""

    rows: list[Example]
    notes: Mapping[str, int] = field(default_factory=dict)


def list_present(dataset: Dataset, folder: Path) -> list[SplitName]:
    """The splits of a data set that lie under `folder` whole."""
    return [
        name
        for name in SPLITS
        if name in dataset.splits and all(p.exists() for p in dataset.splits[name].find(folder))
    ]


def read_examples(
    dataset: Dataset,
    split: SplitName,
    folder: Path,
    how: Preparation = AS_PAPER,
    *,
    lenient: bool = False,
) -> Examples:
    """Every example of a split under `folder`; InputError says what is missing or wrong."""
    reading = Reading(lenient)
    documents = read_documents(dataset, split, folder, reading)
    rows = prepare(documents, dataset, how, reading)
    if not rows:
        raise InputError(f"{dataset.name}, {split}: no passages in {describe(dataset, split)}")
    return Examples(rows, dict(reading.notes.most_common()))


def read_documents(
    dataset: Dataset, split: SplitName, folder: Path, reading: Reading
) -> list[Document]:
    """The documents of a split as its files have them, ids made those of the data set."""
    if split not in dataset.splits:
        known = ", ".join(dataset.splits)
        raise InputError(f"{dataset.name} has no split {split!r}; it has {known}")
    part = dataset.splits[split]
    for path in part.find(folder):
        if not path.exists():
            raise InputError(
                f"{path}: no such file; `uniner bench fetch {dataset.name}` says how to get it"
            )
    kind = FORMATS[dataset.reader]
    options = build_options(kind.options, {**dataset.options, **part.options}, dataset.name)
    documents = list(kind.read(part.find(folder), options, reading))
    ids = {document.id for document in documents}
    if len(ids) < len(documents):
        raise InputError(
            f"{dataset.name}, {split}: {len(documents) - len(ids)} texts share an id with another"
        )
    return take_share(documents, part.share)


def take_share(documents: list[Document], share: tuple[float, float]) -> list[Document]:
    """A part of the documents, shuffled with seed 0 first, in file order."""
    low, high = share
    if (low, high) == (0.0, 1.0):
        return documents
    order = list(range(len(documents)))
    random.Random(0).shuffle(order)
    chosen = order[round(low * len(order)) : round(high * len(order))]
    return [documents[index] for index in sorted(chosen)]


def describe(dataset: Dataset, split: SplitName) -> str:
    """The files of a split on one line."""
    return ", ".join(dataset.splits[split].files)
