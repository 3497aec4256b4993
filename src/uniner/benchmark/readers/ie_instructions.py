"""JSON lists of `{"sentence", "entities": [{"name", "type", "pos": [start, end]}]}`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from uniner.benchmark.document import Document, Reading
from uniner.chat.dialogue import read_list
from uniner.records import Entity, RecordError
from uniner.records.types import check_characters


@dataclass(frozen=True, slots=True)
class InstructionOptions:
    """These files leave nothing to choose."""


def read(
    paths: Sequence[Path], options: InstructionOptions, reading: Reading
) -> Iterator[Document]:
    """One document for each sentence, its entities checked against its text."""
    for path in paths:
        prefix = f"{path.stem}-" if len(paths) > 1 else ""
        for number, row in read_list(path):
            where = f"{path}: record {number}"
            try:
                text, items = read_sentence(row)
            except RecordError as error:
                reading.refuse(where, str(error))
                continue
            if not text.strip():
                reading.note("document without text skipped")
                continue
            entities = read_entities(items, text, where, reading)
            yield Document(f"{prefix}{number - 1}", text, entities)


def read_sentence(row: object) -> tuple[str, list[object]]:
    """The text of a record and its raw entities; RecordError says what was expected."""
    match row:
        case {"sentence": str(text), "entities": list(items)}:
            return check_characters(text, "the sentence"), items
        case _:
            raise RecordError(
                f"expected an object with a string 'sentence' and a list 'entities', "
                f"got {row!r:.80}"
            )


def read_entities(
    items: Sequence[object], text: str, where: str, reading: Reading
) -> tuple[Entity, ...]:
    """The entities of a sentence; one that is malformed or does not stand there is refused."""
    entities = []
    for item in items:
        try:
            entities.append(read_entity(item, text))
        except RecordError as error:
            reading.refuse(where, str(error))
    return tuple(entities)


def read_entity(item: object, text: str) -> Entity:
    """One entity of a record, verbatim where it says it stands."""
    match item:
        case {"name": str(name), "type": str(label), "pos": [int(start), int(end)]} if (
            type(start) is type(end) is int
        ):
            entity = Entity(start, end, name, label)
        case _:
            raise RecordError(
                f'expected an entity {{"name", "type", "pos": [start, end]}}, got {item!r:.80}'
            )
    if text[start:end] != name:
        raise RecordError(
            f"expected {name!r:.60} ({label}) at [{start}, {end}), where the text reads "
            f"{text[start:end]!r:.60}"
        )
    return entity
