"""Doccano's JSONL of sequence labelling: `{"text", "label": [[start, end, type], ...]}` a line."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from uniner.benchmark.document import Reading
from uniner.benchmark.readers.rows import RowOptions
from uniner.conversion.losses import note_scores
from uniner.conversion.output import write_lines
from uniner.conversion.rows import read_rows
from uniner.records import Annotated, Passage

FLAT = RowOptions(layout="text_spans", spans="label", span=("0", "1", "2"))
NAMED = {
    "labels": RowOptions(layout="text_spans", spans="labels", span=("0", "1", "2")),
    "entities": RowOptions(
        layout="text_spans", spans="entities", span=("start_offset", "end_offset", "label")
    ),
}
"""How else doccano has written it: by an earlier name, and in projects with relations."""


def read(path: Path, reading: Reading) -> Iterator[Annotated]:
    """A passage for each line, in any of doccano's layouts; relations are none of our business."""
    return read_rows(path, choose_layout, reading)


def choose_layout(record: dict[str, Any]) -> RowOptions:
    """Which keys hold the mentions of a record."""
    return next((NAMED[key] for key in NAMED if key in record and "label" not in record), FLAT)


def write(path: Path, records: Iterable[Annotated], notes: Counter[str]) -> None:
    """Keeps all but scores; doccano takes further keys for metadata."""
    write_lines(path, (make_row(record, notes) for record in records))


def make_row(record: Annotated, notes: Counter[str]) -> dict[str, Any]:
    """One line."""
    note_scores(record.entities, notes)
    return {
        **describe_passage(record.passage),
        "label": [[e.start, e.end, e.type] for e in record.entities],
    }


def describe_passage(passage: Passage) -> dict[str, Any]:
    """The id and text of a passage, its domain and source where it has them."""
    known = {"domain": passage.domain, "source": passage.source}
    said = {key: value for key, value in known.items() if value}
    return {"id": passage.id, "text": passage.text, **said}
