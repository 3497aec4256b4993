"""Rows in and out: passages from JSONL or Parquet, results as JSONL or as a folder of Parquet."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from uniner.corpus.files import walk
from uniner.records import ConfigError, InputError, Passage, RecordError
from uniner.records.store import passage_from_json, read_passages, write_whole

if TYPE_CHECKING:
    import pyarrow

PARQUET = ".parquet"
SUFFIXES = (".jsonl", PARQUET)
FIELDS = ("id", "text", "domain", "source")
DEFAULTS = {"kind": "entities", "sample": 0}
"""What JSON leaves out of a reply, but a column would not have."""
READ = 1_000
"""Rows of a Parquet file in memory at a time, besides what its row groups need."""
GROUP = 20_000
"""Rows of a row group."""
GROUPS = 10
"""Row groups of a file."""

Row: TypeAlias = Any
"""A row as it is written."""
Put: TypeAlias = Callable[[Row], object]
"""Writes one row."""
Kind: TypeAlias = Literal["annotated", "replies"]


def list_inputs(path: Path) -> list[Path]:
    """The files that a name stands for, those of a folder in a fixed order; InputError if none."""
    if not path.is_dir():
        return [path]
    found = [inner for inner in walk(path) if inner.suffix in SUFFIXES]
    if not found:
        raise InputError(f"{path}: no {' or '.join(SUFFIXES)} file in this folder")
    return found


def read_input(path: Path) -> Iterator[Passage]:
    """The passages of a JSONL or Parquet file; an error names the file and the row."""
    return read_parquet(path) if path.suffix == PARQUET else read_passages(path)


def read_parquet(path: Path) -> Iterator[Passage]:
    """The passages of a Parquet file with columns id and text, maybe domain and source."""
    arrow = import_arrow()
    from pyarrow import parquet

    number = 0
    try:
        with parquet.ParquetFile(path) as table:
            columns = [name for name in FIELDS if name in table.schema_arrow.names]
            for batch in table.iter_batches(READ, columns=columns):
                for row in batch.to_pylist():
                    number += 1
                    yield passage_from_json({k: v for k, v in row.items() if v is not None})
    except RecordError as error:
        raise InputError(f"{path}: row {number}: {error}") from None
    except (arrow.ArrowException, OSError) as error:
        why = " ".join(str(error).split())[:120]
        raise InputError(f"{path}: not readable as Parquet after row {number} ({why})") from None


def render(row: dict[str, Any], kind: Kind, suffix: str) -> Row:
    """A row as it is written to a file of this suffix: a line of JSON, or itself for Parquet."""
    if suffix == PARQUET:
        return row
    # A reply may hold half a character, which no file in UTF-8 can but JSON's escapes can.
    return json.dumps(row, ensure_ascii=kind == "replies") + "\n"


@contextmanager
def write_rows(path: Path, kind: Kind) -> Iterator[Put]:
    """What writes rendered rows to `path`, which is there when the block ends without an error.

    A name that ends in .parquet becomes a folder of Parquet files, any other one a JSONL file.
    """
    if path.suffix == PARQUET:
        with write_parquet(path, kind) as put:
            yield put
    else:
        with write_whole(path) as stream:
            yield stream.write


@contextmanager
def write_parquet(folder: Path, kind: Kind) -> Iterator[Put]:
    """What writes rows to part-00000.parquet and so on; equal rows give equal files."""
    if folder.exists() and not is_ours(folder):
        raise InputError(f"{folder}: is there and no folder of Parquet files; name another")
    made = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    try:
        shelf = Shelf(made, make_schema(kind), DEFAULTS if kind == "replies" else {})
        yield shelf.put
        shelf.close()
        if folder.exists():
            shutil.rmtree(folder)
        made.replace(folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


@dataclass(slots=True)
class Shelf:
    """A folder that is filled with Parquet files of so many rows."""

    folder: Path
    schema: "pyarrow.Schema"
    defaults: Mapping[str, object]
    rows: list[dict[str, Any]] = field(default_factory=list)
    groups: int = 0
    writer: Any = None

    def put(self, row: dict[str, Any]) -> None:
        """Add a row."""
        self.rows.append({**self.defaults, **row})
        if len(self.rows) == GROUP:
            self.flush()

    def flush(self) -> None:
        """Write the rows that wait as a row group, the first of a file where it is time."""
        from pyarrow import Table, parquet

        if self.groups % GROUPS == 0:
            self.close_file()
            name = f"part-{self.groups // GROUPS:05}.parquet"
            self.writer = parquet.ParquetWriter(self.folder / name, self.schema)
        self.writer.write_table(Table.from_pylist(self.rows, self.schema))
        self.groups += 1
        self.rows = []

    def close(self) -> None:
        """Write the rest; a folder without rows has one file that says what rows would hold."""
        if self.rows or not self.groups:
            self.flush()
        self.close_file()

    def close_file(self) -> None:
        """End the file under way."""
        if self.writer is not None:
            self.writer.close()


def make_schema(kind: Kind) -> "pyarrow.Schema":
    """The columns of a kind of rows."""
    arrow = import_arrow()
    text, whole = arrow.string(), arrow.int32()
    match kind:
        case "annotated":
            entity = {"start": whole, "end": whole, "text": text, "type": text}
            entities = arrow.list_(arrow.struct({**entity, "score": arrow.float64()}))
            return arrow.schema({**dict.fromkeys(FIELDS, text), "entities": entities})
        case "replies":
            columns = dict.fromkeys(("id", "reply", "model", "kind"), text)
            return arrow.schema({**columns, "sample": whole})


def is_ours(folder: Path) -> bool:
    """Whether a folder holds nothing but Parquet files."""
    return folder.is_dir() and all(inner.suffix == PARQUET for inner in folder.iterdir())


def import_arrow() -> ModuleType:
    """pyarrow, or ConfigError."""
    try:
        import pyarrow
    except ImportError:
        raise ConfigError("Parquet needs pyarrow: pip install 'uniner[corpus]'") from None
    module: ModuleType = pyarrow
    return module
