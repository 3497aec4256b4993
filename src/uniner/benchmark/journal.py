"""Predictions as they come: a JSONL file that survives a kill at any moment."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from uniner.records import Prediction
from uniner.records.store import read_predictions, to_json


def read_journal(path: Path) -> list[Prediction]:
    """What is already there; a last line that a kill left half-written is cut off the file."""
    if not path.exists():
        return []
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        with path.open("r+b") as stream:
            stream.truncate(whole)
    return list(read_predictions(path))


@contextmanager
def open_journal(path: Path) -> Iterator[TextIO]:
    """A stream that adds to a journal."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", newline="\n") as stream:
        yield stream


def append(stream: TextIO, predictions: list[Prediction]) -> None:
    """Add predictions, handed to the operating system before this returns."""
    lines = [json.dumps(to_json(p), ensure_ascii=False) + "\n" for p in predictions]
    stream.write("".join(lines))
    stream.flush()
