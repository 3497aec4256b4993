"""Our own JSONL: a passage a line with its entities, and their scores where they are predicted."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from uniner.benchmark.document import Reading
from uniner.benchmark.readers.records import read_objects
from uniner.conversion.losses import Loss
from uniner.conversion.output import write_lines
from uniner.records import Annotated, RecordError
from uniner.records.store import prediction_from_json, to_json


def read(path: Path, reading: Reading) -> Iterator[Annotated]:
    """Annotated passages or predictions."""
    for number, row in read_objects(path, reading):
        try:
            found = prediction_from_json(row)
        except RecordError as error:
            reading.refuse(f"{path}:{number}", str(error))
            continue
        for _ in found.faults:
            reading.note(Loss.FAULT)
        yield Annotated(found.passage, found.entities)


def write(path: Path, records: Iterable[Annotated], _: Counter[str]) -> None:
    """Keeps everything."""
    write_lines(path, (to_json(record) for record in records))
