"""Passes over an annotated file: read as a stream, renamed where asked, with progress."""

from collections.abc import Iterator
from pathlib import Path

from uniner.cli.progress import Console
from uniner.corpus.naming import Table, rename
from uniner.records import Annotated, ConfigError, InputError
from uniner.records.store import read_annotated

STEP = 200
"""Passages between two looks at the clock."""


def pass_over(path: Path, label: str, table: Table) -> Iterator[Annotated]:
    """The annotated passages of a file with their types renamed; InputError where it has none."""
    number = 0
    with Console().progress(label, None) as advance:
        for number, annotated in enumerate(read_annotated(path), start=1):
            yield rename(annotated, table)
            if number % STEP == 0:
                advance(STEP)
    if not number:
        raise InputError(f"{path}: no records; expected at least one annotated passage")


def check_apart(annotated: Path, out: Path) -> None:
    """ConfigError where a command would write over what it reads."""
    if annotated.exists() and out.exists() and out.samefile(annotated):
        raise ConfigError(f"--out {out}: is the annotated file itself; choose another name")
