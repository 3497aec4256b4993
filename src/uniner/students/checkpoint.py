"""A span student on disk: a folder with its graphs, its tokenizer and its settings."""

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from uniner.records import InputError

FILES = ("settings.json", "tokenizer.json", "encoder.onnx", "types.onnx", "spans.onnx")

LEAST_PIECES = 16
"""A window must hold at least the special tokens and one word."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What inference must know of a trained span student.

    A logit x is the probability sigmoid(slope * x + offset); `threshold` is in probabilities.
    """

    name: str
    max_width: int
    max_pieces: int = 256
    threshold: float = 0.5
    slope: float = 1.0
    offset: float = 0.0
    format: int = 1

    def to_json(self) -> str:
        """The text of `settings.json`."""
        return json.dumps(asdict(self), indent=2) + "\n"


def read_settings(folder: Path) -> Settings:
    """The settings of a model folder; InputError says which file is missing or wrong."""
    if not folder.is_dir():
        raise InputError(f"{folder}: no such model folder")
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise InputError(
            f"{folder}: not a model folder, {', '.join(missing)} missing; "
            "`uniner distill` writes such folders"
        )
    path = folder / "settings.json"
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(row, dict) and row.get("format", 1) != 1:
            raise InputError(f"{path}: format {row['format']!r} is newer than this uniner reads")
        settings = Settings(**row)
    except (ValueError, TypeError) as error:  # ValueError: neither UTF-8 nor JSON
        raise InputError(f"{path}: not the settings of a model ({error})") from None
    for name, allowed in ALLOWED.items():
        if not allowed(value := getattr(settings, name)):
            raise InputError(f"{path}: {name} cannot be {value!r}")
    return settings


def is_whole(value: object) -> bool:
    """Whether a JSON value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Whether a JSON value is a finite number."""
    return is_whole(value) or (isinstance(value, float) and math.isfinite(value))


ALLOWED: dict[str, Callable[[Any], bool]] = {
    "name": lambda value: isinstance(value, str),
    "max_width": lambda value: is_whole(value) and value >= 1,
    "max_pieces": lambda value: is_whole(value) and value >= LEAST_PIECES,
    "threshold": lambda value: is_number(value) and 0 <= value <= 1,
    "slope": lambda value: is_number(value) and value > 0,
    "offset": is_number,
}
"""What each setting may be: a file that breaks this would fail later, and less clearly."""
