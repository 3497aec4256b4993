"""Where a conversion goes: a file that is whole or not there, or standard output."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from uniner.records import ConfigError, InputError
from uniner.records.store import write_whole

STDOUT = "-"


@contextmanager
def open_output(path: Path) -> Iterator[TextIO]:
    """A text stream to a file, or for `-` to standard output.

    ConfigError for a folder, InputError where the file cannot be written.
    """
    if str(path) == STDOUT:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        yield sys.stdout
        sys.stdout.flush()
        return
    if path.is_dir():
        raise ConfigError(f"{path}: is a folder; name a file in it")
    try:
        with write_whole(path) as stream:
            yield stream
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from None


def write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """JSON lines."""
    with open_output(path) as stream:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")


def write_list(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """One JSON list, a row a line, in constant memory."""
    with open_output(path) as stream:
        before = "[\n"
        for row in rows:
            stream.write(before + json.dumps(row, ensure_ascii=False))
            before = ",\n"
        stream.write("\n]\n" if before == ",\n" else "[]\n")
