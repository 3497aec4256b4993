"""Records one by one: of JSON lines, a JSON list, Parquet, or a saved Hugging Face data set."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from uniner.benchmark.document import Reading
from uniner.chat.dialogue import is_conversations, read_list
from uniner.records import ConfigError, InputError
from uniner.records.store import read_lines

EXTRA = "pip install 'uniner[corpus]'"


class Row(NamedTuple):
    """A record, where it stands (in words, and from 0), and names for the numbers in its keys."""

    where: str
    place: int
    value: Any
    names: Mapping[str, tuple[str, ...]]


def open_rows(path: Path, reading: Reading) -> Iterator[Row]:
    """The records of a file or folder, whatever it is."""
    if path.is_dir():
        return read_saved(path)
    if path.suffix == ".parquet":
        return read_parquet(path)
    if is_conversations(path):
        listed = read_list(path)
        return (Row(f"{path}: record {number}", number - 1, row, {}) for number, row in listed)
    lines = read_objects(path, reading)
    return (Row(f"{path}:{number}", number - 1, row, {}) for number, row in lines)


def read_objects(path: Path, reading: Reading) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file with one a line, by number of line; another line is refused."""
    for number, line in read_lines(path):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            yield number, row
        else:
            reading.refuse(f"{path}:{number}", f"expected a JSON object, got {line.strip()!r:.80}")


def read_parquet(path: Path) -> Iterator[Row]:
    """The rows of a Parquet file, and the label names that `datasets` left in it."""
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError:
        raise ConfigError(f"{path}: reading Parquet needs pyarrow: {EXTRA}") from None
    number = 0
    try:
        with parquet.ParquetFile(path) as table:
            note = (table.schema_arrow.metadata or {}).get(b"huggingface", b"{}")
            names = list_names(json.loads(note).get("info", {}).get("features", {}))
            for batch in table.iter_batches(256):
                for value in batch.to_pylist():
                    number += 1
                    yield Row(f"{path}: row {number}", number - 1, value, names)
    except (arrow.ArrowException, OSError, ValueError) as error:
        raise InputError(
            f"{path}: damaged, cut off or not Parquet, after row {number} "
            f"({str(error).splitlines()[0]:.120})"
        ) from None


def read_saved(path: Path) -> Iterator[Row]:
    """The rows of a data set that `datasets` saved as a folder."""
    try:
        from datasets import Dataset, load_from_disk
    except ImportError:
        raise ConfigError(f"{path}: reading this folder needs datasets: {EXTRA}") from None
    try:
        saved = load_from_disk(str(path))
    except (OSError, ValueError, KeyError) as error:
        why = " ".join(str(error).split())
        raise InputError(f"{path}: expected a folder saved by `datasets` ({why:.200})") from None
    if not isinstance(saved, Dataset):
        parts = [str(path / part) for part in saved]
        raise InputError(f"{path}: expected one split; name one of {parts}")
    names = list_names(saved.features.to_dict())
    for number, value in enumerate(saved, start=1):
        yield Row(f"{path}: row {number}", number - 1, value, names)


def list_names(features: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The names of the numbers of each key, from the features as `datasets` writes them."""
    found: dict[str, tuple[str, ...]] = {}
    for key, feature in features.items():
        inner = feature
        while isinstance(inner, list) or "feature" in inner:
            inner = inner[0] if isinstance(inner, list) else inner["feature"]
        if isinstance(names := inner.get("names"), list):
            found[key] = tuple(names)
    return found
