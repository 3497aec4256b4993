"""Files that their owners marked up: XML, and mentions that must stand where their offsets say."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias
from xml.etree.ElementTree import Element, ParseError, fromstring

from uniner.benchmark.document import Reading
from uniner.benchmark.readers.placing import read_text
from uniner.records import Span

Repair: TypeAlias = Callable[[str], str]
"""Mends one known fault of a malformed XML file; line ends stay where they are."""

NEAR = 60
"""How many characters from its place a misplaced mention is looked for."""

ESCAPES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}
ESCAPE = re.compile("|".join(ESCAPES), re.IGNORECASE)
LONE_AMPERSAND = re.compile(
    r"<!\[CDATA\[.*?\]\]>|&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)", re.DOTALL
)


def parse_xml(path: Path, reading: Reading, repairs: Sequence[Repair] = ()) -> Element | None:
    """The root of an XML file, repaired (and noted) only where it is malformed; None if refused."""
    written = mended = read_text(path)
    for repair in repairs:
        mended = repair(mended)
    line, why = 0, ""
    for candidate in dict.fromkeys((written, mended)):
        try:
            root = fromstring(candidate)
        except ParseError as error:
            line, why = error.position[0], str(error)
            continue
        if candidate != written:
            reading.note("malformed XML repaired")
        return root
    reading.refuse(f"{path}:{line}", f"expected well-formed XML ({why})")
    return None


def escape_ampersands(text: str) -> str:
    """XML in which every `&` that starts no escape is written `&amp;`; CDATA stays as it is."""
    return LONE_AMPERSAND.sub(lambda met: "&amp;" if met[0] == "&" else met[0], text)


def unescape(text: str) -> str:
    """`&amp;`, `&lt;`, `&gt;`, `&quot;` and `&apos;`, in any case, as the characters they mean."""
    return ESCAPE.sub(lambda met: ESCAPES[met[0].lower()], text)


def squeeze(text: str) -> str:
    """What two spellings of one mention share: no white space, no escapes, no case."""
    return "".join(unescape(text).lower().split())


def fits(text: str, span: Span, expected: str) -> bool:
    """Whether a mention stands at its span, up to white space, escapes and case."""
    return 0 <= span.start < span.end <= len(text) and (
        squeeze(text[span.start : span.end]) == squeeze(expected) != ""
    )


def place(text: str, span: Span, expected: str, reading: Reading) -> Span | None:
    """Where a mention stands: at its span, from its start on, or near it exactly once; else None.

    White space around it is cut off; where it was moved, that is noted.
    """
    if fits(text, span, expected):
        return trim(text, span)
    words = map(re.escape, unescape(expected).split())
    pattern = re.compile(r"\s+".join(map(spell_escapes, words)), re.IGNORECASE)
    if not pattern.pattern:
        return None
    start = max(0, span.start)
    if here := pattern.match(text, start):
        reading.note("mention whose end was misplaced")
        return Span(*here.span())
    found = list(pattern.finditer(text, max(0, start - NEAR), max(start, span.end) + NEAR))
    if len(found) != 1:
        return None
    reading.note("misplaced mention moved to its text")
    return Span(*found[0].span())


def spell_escapes(pattern: str) -> str:
    """A pattern that finds its special characters escaped as well."""
    for escape, character in ESCAPES.items():
        written = re.escape(character)
        if character != "&":
            pattern = pattern.replace(written, f"(?:{written}|{escape})")
    return pattern.replace(r"\&", "(?:&amp;|&)")


def trim(text: str, span: Span) -> Span:
    """A span without the white space around it; it must hold more than that."""
    found = text[span.start : span.end]
    start = span.start + len(found) - len(found.lstrip())
    return Span(start, start + len(found.strip()))


def find_line(path: Path, needle: str) -> str:
    """FILE:LINE of the first line that holds `needle`, or FILE where none does."""
    before, met, _ = read_text(path).partition(needle)
    return f"{path}:{before.count(chr(10)) + 1}" if met else str(path)
