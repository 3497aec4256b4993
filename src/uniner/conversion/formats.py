"""Every format of annotated passages that is read and written, by its name."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from uniner.benchmark.document import Reading
from uniner.conversion import (
    annotated,
    brat,
    conll,
    conversations,
    doccano,
    gliner,
    label_studio,
)
from uniner.records import Annotated, ConfigError


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is read and written; what is lost on either way is counted as it passes."""

    read: Callable[[Path, Reading], Iterator[Annotated]]
    write: Callable[[Path, Iterable[Annotated], Counter[str]], None]


FORMATS: dict[str, Format] = {
    "annotated": Format(annotated.read, annotated.write),
    "brat": Format(brat.read, brat.write),
    "conll": Format(conll.read, conll.write),
    "conversations": Format(conversations.read, conversations.write),
    "doccano": Format(doccano.read, doccano.write),
    "gliner": Format(gliner.read, gliner.write),
    "label-studio": Format(label_studio.read, label_studio.write),
}

SUFFIXES = {
    ".jsonl": "annotated",
    ".ndjson": "annotated",
    ".conll": "conll",
    ".bio": "conll",
}
"""Suffixes that say enough: a `.json` may be any of three formats, a `.txt` may be columns."""


def find_format(path: Path, named: str | None, option: str) -> Format:
    """The format that is named, or that a path's suffix says; ConfigError where nothing does."""
    if named is not None:
        return FORMATS[named]
    if path.is_dir():
        return FORMATS["brat"]
    known = SUFFIXES.get(path.suffix.lower())
    if known is None:
        raise ConfigError(
            f"{path}: its name does not say what format it has; give {option} and one of "
            f"{', '.join(FORMATS)}"
        )
    return FORMATS[known]
