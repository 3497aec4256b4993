"""Benchmark examples: a passage, the types asked of it, and what is right."""

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uniner.records import Entity, InputError, Passage, RecordError
from uniner.records.store import (
    entities_from_json,
    entity_to_json,
    passage_from_json,
    read_jsonl,
    to_json,
    write_whole,
)
from uniner.records.types import check_type


@dataclass(frozen=True, slots=True)
class Example:
    """One passage of a data set: `mentions` holds the gold strings of each of `types`.

    `entities` are the same mentions with offsets, or None where the file gives none.
    """

    passage: Passage
    types: tuple[str, ...]
    mentions: tuple[tuple[str, ...], ...]
    entities: tuple[Entity, ...] | None = None

    def __post_init__(self) -> None:
        if not self.types or len(self.types) != len(self.mentions):
            raise RecordError(f"passage {self.passage.id!r}: every type needs its gold mentions")
        for name in self.types:
            check_type(name)
        try:
            self.passage.text.encode()
        except UnicodeEncodeError as error:
            raise RecordError(
                f"passage {self.passage.id!r}: half a character at offset {error.start}"
            ) from None


def choose_examples(examples: Sequence[Example], limit: int | None, seed: int) -> list[Example]:
    """All examples, or a sample of `limit` of them that depends on `seed` alone, in file order."""
    if limit is None or limit >= len(examples):
        return list(examples)
    return [examples[i] for i in sorted(random.Random(seed).sample(range(len(examples)), limit))]


def example_to_json(example: Example) -> dict[str, Any]:
    """The row that an example is written as: offsets where there are any, else gold strings."""
    row = {**to_json(example.passage), "types": list(example.types)}
    if example.entities is None:
        return {**row, "mentions": [list(strings) for strings in example.mentions]}
    return {**row, "entities": [entity_to_json(entity) for entity in example.entities]}


def example_from_json(row: dict[str, Any]) -> Example:
    """An example that `example_to_json` wrote; RecordError says what is wrong."""
    passage = passage_from_json(row)
    types = read_array(row, "types")
    if "mentions" in row:
        return Example(passage, tuple(types), tuple(map(tuple, read_array(row, "mentions"))))
    entities = entities_from_json(row)
    found: dict[str, list[str]] = {name: [] for name in types}
    for entity in entities:
        found.setdefault(entity.type, []).append(entity.text)
    return Example(passage, tuple(types), tuple(map(tuple, found.values())), entities)


def read_array(row: dict[str, Any], name: str) -> list[Any]:
    """A list of an example's row."""
    value = row.get(name)
    if not isinstance(value, list):
        raise RecordError(f"field {name!r} must be a list, not {value!r}")
    return value


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """Write examples as JSONL, whole or not at all."""
    with write_whole(path) as stream:
        for example in examples:
            stream.write(json.dumps(example_to_json(example), ensure_ascii=False) + "\n")


def read_run_examples(path: Path) -> list[Example]:
    """The examples of a JSONL file; an error names the file and the line."""
    examples = []
    for number, row in read_jsonl(path):
        try:
            examples.append(example_from_json(row))
        except RecordError as error:
            raise InputError(f"{path}:{number}: {error}") from None
    return examples
