"""From a row of the catalog to its examples, whatever the format of its file."""

from pathlib import Path
from typing import assert_never

from uniner.benchmark import conversations, ie_instructions
from uniner.benchmark.catalog import Dataset
from uniner.benchmark.examples import Example
from uniner.records import InputError


def list_files(dataset: Dataset, folder: Path) -> list[Path]:
    """The files that a data set is read from, whether or not they are there."""
    path = folder / dataset.path
    match dataset.reader:
        case "conversations":
            return [path]
        case "ie_instructions":
            return [path, path.with_name(ie_instructions.LABELS)]
    assert_never(dataset.reader)


def is_present(dataset: Dataset, folder: Path) -> bool:
    """Whether every file of a data set lies under `folder`."""
    return all(path.is_file() for path in list_files(dataset, folder))


def read_examples(dataset: Dataset, folder: Path) -> list[Example]:
    """Every example of a data set under `folder`; InputError says what is missing or wrong."""
    for path in list_files(dataset, folder):
        if not path.is_file():
            raise InputError(
                f"{path}: no such file; {dataset.name} is published at {dataset.source} "
                "(see `uniner bench list`)"
            )
    path = folder / dataset.path
    match dataset.reader:
        case "conversations":
            examples = conversations.read(path, dataset)
        case "ie_instructions":
            examples = ie_instructions.read(path, dataset)
        case _:
            assert_never(dataset.reader)
    ids = {example.passage.id for example in examples}
    if len(ids) < len(examples):
        raise InputError(f"{path}: {len(examples) - len(ids)} passages share an id with another")
    return examples
