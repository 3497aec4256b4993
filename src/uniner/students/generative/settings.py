"""A generative student on disk: a Hugging Face model folder with `generative.json` in it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args, get_origin, get_type_hints

from uniner.chat.template import TemplateName
from uniner.chat.variants import Variant
from uniner.records import InputError
from uniner.records.store import write_whole

FILE = "generative.json"

Architecture: TypeAlias = Literal["causal", "prefix", "seq2seq"]
"""`causal`: every token sees those before it. `prefix`: those of the passage see one another too.
`seq2seq`: an encoder reads passage and question, a decoder answers."""


@dataclass(frozen=True, slots=True)
class GenerativeSettings:
    """What inference must know of a trained generative student.

    `variant` is how it is asked; `max_tokens` bounds a window of a passage together with one
    question and its answer; `dataset` is the data set whose idea of types it is asked for, or
    empty; `threshold` is the least probability at which an answer is begun, or goes on.
    """

    name: str
    architecture: Architecture = "causal"
    template: TemplateName = "uniner"
    variant: Variant = "per-type"
    max_tokens: int = 1024
    dataset: str = ""
    threshold: float = 0.5
    format: int = 1


def write_settings(folder: Path, settings: GenerativeSettings) -> None:
    """Write `generative.json` into a model folder."""
    with write_whole(folder / FILE) as stream:
        stream.write(json.dumps(asdict(settings), indent=2) + "\n")


def read_settings(folder: Path) -> GenerativeSettings:
    """The settings of a generative student; InputError says what is wrong with them."""
    path = folder / FILE
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(row, dict) and row.get("format", 1) != 1:
            raise InputError(f"{path}: format {row['format']!r} is newer than this uniner reads")
        settings = GenerativeSettings(**row)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, TypeError) as error:  # ValueError: neither UTF-8 nor JSON
        raise InputError(f"{path}: not the settings of a generative student ({error})") from None
    for name, hint in get_type_hints(GenerativeSettings).items():
        value = getattr(settings, name)
        fits = value in get_args(hint) if get_origin(hint) is Literal else isinstance(value, hint)
        if not fits and not (hint is float and isinstance(value, int)):
            raise InputError(f"{path}: {name} cannot be {value!r}")
    if not 0 <= settings.threshold <= 1 or settings.max_tokens < 64:
        raise InputError(f"{path}: threshold must be within [0, 1], max_tokens at least 64")
    return settings
