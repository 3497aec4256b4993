"""Rows of objects: JSONL, Parquet, and data sets of the hub."""

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from uniner.corpus.files import File
from uniner.corpus.streams import Advance, read_chunks, split_lines
from uniner.records import ConfigError, InputError

Row: TypeAlias = tuple[int, object]
"""A line or row, from 1, and its object; an InputError (not raised) where it cannot be read."""

BATCH = 256
"""Rows of a Parquet file in memory at a time, besides what its row groups need."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The fields of a row that are read, and the part of a hub's data set.

    A field in another is `outer.inner`; without a domain field the usual ones are tried.
    """

    text_field: str = "text"
    domain_field: str = ""
    split: str = "train"
    subset: str = ""


def read_jsonl(file: File, advance: Advance) -> Iterator[Row]:
    """The objects of a file with one a line; blank lines are skipped."""
    for number, line in enumerate(split_lines(read_chunks(file.path, advance)), start=1):
        data = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if data.strip():
            yield number, parse_line(data)


def parse_line(line: bytes) -> object:
    """The object of a line, or what is wrong with it."""
    try:
        row = json.loads(line.decode())
    except UnicodeDecodeError as error:
        return InputError(f"not UTF-8 (byte {line[error.start]:#04x}); convert or remove it")
    except (ValueError, RecursionError) as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        return InputError(f"malformed JSON ({why}): {line[:60].decode(errors='replace')!r}")
    if not isinstance(row, dict):
        return InputError(f"expected a JSON object, got {str(row)[:60]!r}")
    return row


def read_parquet(file: File, layout: Layout, advance: Advance) -> Iterator[Row]:
    """The rows of a Parquet file, streamed; only the columns that may be needed."""
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError:
        raise ConfigError(
            f"{file.path}: reading Parquet needs pyarrow: pip install 'uniner[corpus]'"
        ) from None
    number, told = 0, 0
    try:
        with parquet.ParquetFile(file.path) as table:
            names = table.schema_arrow.names
            wanted = [layout.text_field, layout.domain_field or "domain", "meta"]
            needed = {*wanted, *(field.partition(".")[0] for field in wanted)}
            columns = [name for name in names if name in needed]
            if not {layout.text_field, layout.text_field.partition(".")[0]} & {*columns}:
                raise InputError(
                    f"{file.path}: no column {layout.text_field!r} (there are "
                    f"{', '.join(map(repr, names))[:200]}); name the text's with --text-field"
                )
            total = max(1, table.metadata.num_rows)
            for batch in table.iter_batches(BATCH, columns=columns):
                for row in batch.to_pylist():
                    number += 1
                    yield number, row
                read = file.size * number // total
                advance(read - told)
                told = read
    except (arrow.ArrowException, OSError) as error:
        raise InputError(
            f"{file.path}: damaged, cut off or not Parquet, after row {number} "
            f"({str(error).splitlines()[0]:.120})"
        ) from None


def read_hub(file: File, layout: Layout) -> Iterator[Row]:
    """The rows of a data set that `datasets` finds by its name or folder, streamed."""
    try:
        from datasets import load_dataset
    except ImportError:
        raise ConfigError(f"hf:{file.path}: needs datasets: pip install 'uniner[corpus]'") from None
    number = 0
    try:
        rows = load_dataset(file.path, layout.subset or None, split=layout.split, streaming=True)
        for number, row in enumerate(rows, start=1):
            yield number, row
    except Exception as error:  # whatever the libraries and formats beneath may raise
        why = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"hf:{file.path}: cannot be read after row {number} ({why:.200}); "
            "check its name, --split and --config, and that the hub can be reached"
        ) from None
