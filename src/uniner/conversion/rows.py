"""Records of one passage each that the benchmark's reader of rows reads, as annotated passages."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.records import open_rows
from uniner.benchmark.readers.rows import (
    RowOptions,
    check_record,
    place_entities,
    read_marked,
)
from uniner.records import Annotated, Passage, RecordError
from uniner.records.store import passage_from_json


def read_rows(
    path: Path, choose: Callable[[dict[str, Any]], RowOptions], reading: Reading
) -> Iterator[Annotated]:
    """A passage for each record; `choose` says which keys of a record hold what.

    It has the record's `id`, `domain` and `source` where these are given, else its place as id.
    """
    for row in open_rows(path, reading):
        try:
            record = check_record(row.value, [])
            marked = read_marked(record, row.names, choose(record), reading)
            passage = name_passage(record, marked.text, row.place)
            entities = place_entities(marked, row.where, reading)
        except RecordError as error:
            reading.refuse(row.where, str(error))
            continue
        yield Annotated(passage, entities)


def name_passage(record: dict[str, Any], text: str, index: int) -> Passage:
    """The passage of a record, with what the record says of it."""
    known = {key: record[key] for key in ("domain", "source") if isinstance(record.get(key), str)}
    match record.get("id"):
        case str(name):
            pass
        case int(value) if not isinstance(value, bool):
            name = str(value)
        case _:
            name = str(index)
    return passage_from_json({**known, "id": name, "text": text})


def ground_document(document: Document) -> Annotated:
    """A document that has offsets, as an annotated passage."""
    return Annotated(Passage(document.id, document.text), document.entities or ())
