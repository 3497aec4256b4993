"""A span student on disk: a folder with its graphs, its tokenizer and its settings."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from uniner.records import InputError

FILES = ("settings.json", "tokenizer.json", "encoder.onnx", "types.onnx", "spans.onnx")


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
            "`uniner distill` and `uniner train` write such folders"
        )
    path = folder / "settings.json"
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        settings = Settings(**row)
    except (json.JSONDecodeError, UnicodeDecodeError, TypeError) as error:
        raise InputError(f"{path}: not the settings of a model ({error})") from None
    for field in fields(Settings):
        value = getattr(settings, field.name)
        kind = str if field.name == "name" else (int, float)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise InputError(f"{path}: {field.name} cannot be {value!r}")
    if settings.format != 1:
        raise InputError(f"{path}: format {settings.format!r} is newer than this uniner reads")
    return settings
