"""Mentions that give their own text beside their offsets: where in a text they stand."""

import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias, assert_never

from uniner.benchmark.document import Reading
from uniner.records import Entity, InputError, Span

Discontinuous: TypeAlias = Literal["cover", "first", "drop"]
"""Of a mention in several pieces: all from its first to its last character, its first piece, none.

An answer is one verbatim span, so nothing else is left of it.
"""

NEAR = 40
"""How many characters from its place a misplaced mention is looked for."""


class Mention(NamedTuple):
    """A T line: its label, the pieces it is made of and the text that it gives for them."""

    label: str
    pieces: tuple[Span, ...]
    text: str


def read_text(path: Path) -> str:
    """A whole UTF-8 file with its line ends as they are, since offsets count them."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(
            f"{path}:{line}: not UTF-8 (byte {error.object[error.start]:#04x}); "
            "convert it, for example with iconv -t UTF-8"
        ) from None


def list_lines(text: str) -> tuple[Span, ...]:
    """The lines of a text that are not blank, without white space around them."""
    return tuple(Span(*match.span()) for match in re.finditer(r"\S(?:[^\n]*\S)?", text))


def read_verbatim(text: str, mention: Mention) -> str:
    """What stands at the pieces of a mention, joined as its line joins them."""
    return " ".join(text[start:end] for start, end in mention.pieces)


def place_pieces(
    text: str, mention: Mention, parted: Discontinuous, reading: Reading
) -> Entity | None:
    """The entity of a mention; pieces that only white space parts (a line end) are one."""
    pieces, expected = mention.pieces, mention.text
    apart = any(text[a.end : b.start].strip() or b.start < a.end for a, b in pairwise(pieces))
    span: Span | None = Span(min(p.start for p in pieces), max(p.end for p in pieces))
    if len(pieces) == 1:
        span = place_mention(text, pieces[0], expected, reading)
    elif read_verbatim(text, mention).split() != expected.split():
        reading.note("discontinuous mention whose text is elsewhere dropped")
        return None
    elif apart:
        match parted:
            case "cover":
                reading.note("discontinuous mention covered")
            case "first":
                reading.note("discontinuous mention cut to its first piece")
                span = pieces[0]
            case "drop":
                reading.note("discontinuous mention dropped")
                return None
            case _:
                assert_never(parted)
    return Entity(*span, text[span.start : span.end], mention.label) if span else None


def place_mention(text: str, span: Span, expected: str, reading: Reading) -> Span | None:
    """Where a mention stands: at its span, without white space around it, or near where it is once.

    None, and a note, where its text is nowhere near or in several places.
    """
    start, end = span
    found, wanted = text[start:end], expected.strip()
    if found == expected and found == wanted:
        return span
    if found.strip() == wanted and wanted:
        reading.note("white space around a mention cut off")
        start += len(found) - len(found.lstrip())
        return Span(start, start + len(wanted))
    low = max(0, start - NEAR)
    window = text[low : end + NEAR]
    first = window.find(wanted) if wanted else -1
    if first < 0 or window.find(wanted, first + 1) >= 0:
        reading.note("mention whose text is elsewhere dropped")
        return None
    reading.note("misplaced mention moved to its text")
    return Span(low + first, low + first + len(wanted))


def drop_repeated(entities: Iterable[Entity], reading: Reading) -> tuple[Entity, ...]:
    """Entities in their order, each once."""
    given = tuple(entities)
    kept = tuple(dict.fromkeys(given))
    for _ in range(len(given) - len(kept)):
        reading.note("mention given twice dropped")
    return kept
