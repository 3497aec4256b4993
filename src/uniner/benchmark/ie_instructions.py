"""Examples from files of `{"sentence", "entities": [{"name", "type", "pos": [start, end]}]}`.

A list of label names lies beside the file, since every type is asked of every passage.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from uniner.benchmark.catalog import Dataset
from uniner.benchmark.examples import Example
from uniner.chat.dialogue import read_list
from uniner.records import Entity, InputError, Passage, RecordError
from uniner.records.types import check_grounded

LABELS = "labels.json"
"""The file beside the data that lists its types."""


def read(path: Path, dataset: Dataset) -> list[Example]:
    """One example for each sentence, its entities checked against its text."""
    types = read_types(path.with_name(LABELS), dataset)
    examples = []
    for number, row in read_list(path):
        try:
            examples.append(read_example(row, number, types, dataset))
        except RecordError as error:
            raise InputError(f"{path}: record {number}: {error}") from None
    return examples


def read_types(path: Path, dataset: Dataset) -> tuple[str, ...]:
    """The types to ask, in the order of the labels file, renamed and without the dropped ones."""
    labels = [label for _, label in read_list(path)]
    if wrong := [label for label in labels if not isinstance(label, str)]:
        raise InputError(f"{path}: expected a list of label names, got {wrong[0]!r:.60}")
    kept = [dataset.rename.get(label, label) for label in labels if label not in dataset.drop]
    return tuple(dict.fromkeys(kept))


def read_example(row: object, number: int, types: tuple[str, ...], dataset: Dataset) -> Example:
    """One record as an example; RecordError says what was expected."""
    if not isinstance(row, dict) or not isinstance(row.get("sentence"), str):
        raise RecordError(f"expected an object with a string 'sentence', got {row!r:.80}")
    if not isinstance(row.get("entities"), list):
        raise RecordError(f"expected a list as 'entities', got {row.get('entities')!r:.80}")
    passage = Passage(f"{dataset.name}_{number - 1}", row["sentence"], dataset.domain, dataset.name)
    mentions: dict[str, list[str]] = {name: [] for name in types}
    entities = []
    for item in row["entities"]:
        entity = read_entity(item, dataset.rename)
        if entity.type in dataset.drop:
            continue
        if entity.type not in mentions:
            raise RecordError(f"type {entity.type!r} is not in {LABELS}: {list(types)}")
        mentions[entity.type].append(entity.text)
        entities.append(entity)
    check_grounded(passage, tuple(entities))
    golds = tuple(tuple(names) for names in mentions.values())
    return Example(passage, types, golds, tuple(entities))


def read_entity(item: object, rename: Mapping[str, str]) -> Entity:
    """One entity of a record, its label renamed."""
    row: Mapping[str, Any] = item if isinstance(item, dict) else {}
    name, label, place = row.get("name"), row.get("type"), row.get("pos")
    if not (
        isinstance(name, str)
        and isinstance(label, str)
        and isinstance(place, list)
        and len(place) == 2
        and all(type(offset) is int for offset in place)
    ):
        raise RecordError(
            f'expected an entity {{"name", "type", "pos": [start, end]}}, got {item!r:.80}'
        )
    return Entity(place[0], place[1], name, rename.get(label, label))
