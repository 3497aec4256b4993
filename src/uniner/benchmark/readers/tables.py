"""Lines of a file as rows of columns, by number of line."""

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, TypeAlias, assert_never

from uniner.records import InputError
from uniner.records.store import read_lines

Separator: TypeAlias = Literal["tab", "space", "any", "csv"]
"""What parts columns: one TAB, one blank, any number of both, or commas with quotation marks."""

BLANKS = re.compile(r"[ \t]+")  # `str.split` would also split at U+00A0, which tokens may hold


def read_rows(path: Path, separator: Separator) -> Iterator[tuple[int, list[str]]]:
    """The rows of a file; a line of nothing but blanks is an empty row."""
    match separator:
        case "csv":
            return read_csv(path)
        case "tab":
            return split_lines(path, lambda line: line.split("\t"))
        case "space":
            return split_lines(path, lambda line: line.split(" "))
        case "any":
            return split_lines(path, lambda line: BLANKS.split(line.strip(" \t")))
        case _:
            assert_never(separator)


def split_lines(path: Path, split: Callable[[str], list[str]]) -> Iterator[tuple[int, list[str]]]:
    """The rows of a file in which every line is one."""
    for number, line in strip_mark(path):
        yield number, split(line.rstrip("\n")) if line.strip() else []


def read_csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV file, each by its first line.

    InputError even where reading is lenient: after a stray quotation mark nobody knows where rows
    are.
    """
    rows = csv.reader((line for _, line in strip_mark(path)), strict=True)
    while True:
        number = rows.line_num + 1
        try:
            row = next(rows, None)
        except csv.Error as error:
            raise InputError(
                f"{path}:{number}: expected a row of CSV ({error}); check its quotation marks"
            ) from None
        if row is None:
            return
        yield number, row


def strip_mark(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines of a file without the byte order mark that some editors put first."""
    for number, line in read_lines(path):
        yield number, line.removeprefix("\ufeff") if number == 1 else line
