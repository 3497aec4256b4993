"""From one format to another: a stream of annotated passages, and what was lost on the way."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from uniner.benchmark.document import Reading
from uniner.conversion.formats import Format
from uniner.conversion.losses import describe, name_serious
from uniner.conversion.output import STDOUT
from uniner.records import Annotated, ConfigError, InputError


class Side(NamedTuple):
    """A file or folder, and how it is read or written."""

    path: Path
    form: Format


class Outcome(NamedTuple):
    """How much was read, and what was lost or repaired on the way, by a fixed phrase."""

    passages: int
    entities: int
    notes: Counter[str]


def convert(
    source: Side,
    target: Side,
    *,
    strict: bool = False,
    lenient: bool = False,
    advance: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Write `target` from `source`, whole or not at all, holding one passage at a time.

    InputError for malformed input (skipped and counted where `lenient`), for no passages at all
    and, where `strict`, for any loss of or within a text or an entity.
    """
    check_apart(source.path, target.path)
    if strict and str(target.path) == STDOUT:
        raise ConfigError("--strict knows of a loss only at the end, so OUT must be a file, not -")
    reading = Reading(lenient)
    counts: Counter[str] = Counter()

    def pass_on() -> Iterator[Annotated]:
        for record in source.form.read(source.path, reading):
            counts["passages"] += 1
            counts["entities"] += len(record.entities)
            yield record
            advance(1)
        if not counts["passages"]:
            raise InputError(f"{source.path}: no passages; expected at least one")
        # The writer has noted what it lost before it asked for a passage after the last.
        if strict and (lost := name_serious(reading.notes)):
            raise InputError(f"{target.path}: not written, as --strict forbids: {describe(lost)}")

    target.form.write(target.path, pass_on(), reading.notes)
    return Outcome(counts["passages"], counts["entities"], +reading.notes)


def check_apart(source: Path, target: Path) -> None:
    """ConfigError where a conversion would write over what it reads."""
    if source.exists() and target.exists() and target.samefile(source):
        raise ConfigError(f"{target}: is what is read; choose another name for OUT")
