"""JSONL files of records: read as a stream with line numbers, written whole or not at all."""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from glob import escape
from pathlib import Path
from typing import Any, TextIO, TypeVar

from uniner.records.errors import InputError, RecordError
from uniner.records.types import Annotated, Entity, Fault, Passage, Prediction, check_characters

Record = TypeVar("Record", Passage, Annotated, Prediction)


def passage_from_json(row: dict[str, Any]) -> Passage:
    """`{"id", "text", "domain"?, "source"?}` as a passage; RecordError says what is wrong."""
    for name in ("id", "text"):
        if not isinstance(row.get(name), str):
            raise RecordError(f"field {name!r} must be a string, not {row.get(name)!r}")
    texts = (row["id"], row["text"], str(row.get("domain", "")), str(row.get("source", "")))
    for name, text in zip(("id", "text", "domain", "source"), texts, strict=True):
        check_characters(text, f"field {name!r}")
    return Passage(*texts)


def entity_from_json(row: object) -> Entity:
    """`{"start", "end", "text", "type", "score"?}` as an entity."""
    if not isinstance(row, dict):
        raise RecordError(f"an entity must be an object, not {row!r}")
    for name, kind in (("start", int), ("end", int), ("text", str), ("type", str)):
        if not isinstance(row.get(name), kind) or isinstance(row.get(name), bool):
            raise RecordError(f"entity field {name!r} must be {kind.__name__}: {row!r}")
    score = row.get("score")
    if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
        raise RecordError(f"entity field 'score' must be a number: {row!r}")
    return Entity(row["start"], row["end"], row["text"], row["type"], score)


def entities_from_json(row: dict[str, Any]) -> tuple[Entity, ...]:
    """The `entities` list of an annotated or prediction row."""
    rows = row.get("entities")
    if not isinstance(rows, list):
        raise RecordError(f"field 'entities' must be a list, not {rows!r}")
    return tuple(entity_from_json(entity) for entity in rows)


def annotated_from_json(row: dict[str, Any]) -> Annotated:
    """A passage row with `entities`."""
    return Annotated(passage_from_json(row), entities_from_json(row))


def prediction_from_json(row: dict[str, Any]) -> Prediction:
    """A passage row with scored `entities`, and `faults` where there are any."""
    faults = row.get("faults", [])
    if not isinstance(faults, list):
        raise RecordError(f"field 'faults' must be a list, not {faults!r}")
    return Prediction(
        passage_from_json(row), entities_from_json(row), tuple(map(fault_from_json, faults))
    )


def fault_from_json(row: object) -> Fault:
    """`{"type", "why", "raw"}` as a fault."""
    match row:
        case {"type": str(kind), "why": str(why), "raw": str(raw)}:
            return Fault(kind, why, raw)
        case _:
            raise RecordError(f"a fault must have strings as 'type', 'why' and 'raw', not {row!r}")


def to_json(record: Passage | Annotated | Prediction) -> dict[str, Any]:
    """The row that a record is written as."""
    passage = record if isinstance(record, Passage) else record.passage
    row: dict[str, Any] = {
        "id": passage.id,
        "text": passage.text,
        "domain": passage.domain,
        "source": passage.source,
    }
    if not isinstance(record, Passage):
        row["entities"] = [entity_to_json(entity) for entity in record.entities]
    if isinstance(record, Prediction) and record.faults:
        row["faults"] = [asdict(fault) for fault in record.faults]
    return row


def entity_to_json(entity: Entity) -> dict[str, Any]:
    """The row of one entity; the score only where there is one."""
    row: dict[str, Any] = {
        "start": entity.start,
        "end": entity.end,
        "text": entity.text,
        "type": entity.type,
    }
    if entity.score is not None:
        row["score"] = round(entity.score, 4)
    return row


@contextmanager
def open_input(path: Path | str) -> Iterator[TextIO]:
    """Open a UTF-8 file, or standard input for `-`, with one clear error where it cannot be."""
    if str(path) == "-":
        sys.stdin.reconfigure(encoding="utf-8", errors="strict")  # type: ignore[union-attr]
        yield sys.stdin
        return
    try:
        with Path(path).open(encoding="utf-8") as stream:
            yield stream
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder; name a file in it") from None
    except PermissionError:
        raise InputError(f"{path}: not readable; check its permissions") from None


def read_lines(path: Path | str) -> Iterator[tuple[int, str]]:
    """Numbered lines of a UTF-8 file or `-`; InputError names the line that is not UTF-8."""
    number = 0
    with open_input(path) as stream:
        try:
            for number, line in enumerate(stream, start=1):
                yield number, line
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path}: not UTF-8 after line {number} (byte {error.object[error.start]:#04x}); "
                "convert it, for example with iconv -t UTF-8"
            ) from None


def read_jsonl(path: Path | str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Numbered JSON objects of a file, one a line; blank lines are skipped."""
    for number, line in read_lines(path):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            why = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
            raise InputError(
                f"{path}:{number}: malformed JSON ({why}): {line.strip()[:60]!r}"
            ) from None
        if not isinstance(row, dict):
            raise InputError(f"{path}:{number}: expected a JSON object, got {line.strip()[:60]!r}")
        yield number, row


def read_records(path: Path | str, parse: Callable[[dict[str, Any]], Record]) -> Iterator[Record]:
    """Records of a JSONL file, in constant memory; an error names the file and the line."""
    for number, row in read_jsonl(path):
        try:
            record = parse(row)
        except RecordError as error:
            raise InputError(f"{path}:{number}: {error}") from None
        yield record


def read_passages(path: Path | str) -> Iterator[Passage]:
    """Passages of a JSONL file."""
    return read_records(path, passage_from_json)


def read_annotated(path: Path | str) -> Iterator[Annotated]:
    """Annotated passages of a JSONL file."""
    return read_records(path, annotated_from_json)


def read_predictions(path: Path | str) -> Iterator[Prediction]:
    """Predictions of a JSONL file."""
    return read_records(path, prediction_from_json)


@contextmanager
def write_whole(path: Path | str) -> Iterator[TextIO]:
    """A text stream that becomes `path` only when the block ends without an error."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            yield stream
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def remove_leftovers(path: Path) -> None:
    """Remove what killed writers of `path` left; only for who knows that nobody else writes it."""
    random = "?" * 8  # as many letters as mkstemp takes, so that no other file's part is meant
    for part in path.parent.glob(f"{escape(f'.{path.name}.')}{random}.part"):
        part.unlink(missing_ok=True)


def write_records(path: Path | str, records: Iterable[Passage | Annotated | Prediction]) -> int:
    """Write records as JSONL, whole or not at all; returns how many."""
    count = 0
    with write_whole(path) as stream:
        for record in records:
            stream.write(json.dumps(to_json(record), ensure_ascii=False) + "\n")
            count += 1
    return count
