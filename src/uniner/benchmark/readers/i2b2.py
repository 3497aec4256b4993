"""i2b2 / n2c2 notes in XML: mentions inside the text (2006), or as offsets after it (2012, 2014).

Inside: `<RECORD ID><TEXT>… <PHI TYPE="DATE">…</PHI> …</TEXT></RECORD>`, many records a file.
After: `<TEXT>…</TEXT><TAGS><NAME id start end text TYPE/></TAGS>`, one note a file; offsets count
the characters of TEXT as it stands, its first line end included.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, assert_never
from xml.etree.ElementTree import Element

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.markup import (
    escape_ampersands,
    find_line,
    fits,
    parse_xml,
    place,
    trim,
)
from uniner.benchmark.readers.placing import drop_repeated, list_lines
from uniner.records import Entity, InputError, Span

PHI_TAG = re.compile(r"<PHI\b[^<>]*>|</PHI>|</TEXT>")
SHIFTS = (0, -1, 1)
"""What offsets may be off by in a whole note, since tools disagree on its first line end."""


@dataclass(frozen=True, slots=True)
class I2b2Options:
    """How i2b2 files are read.

    The label of a mention is its TYPE or the name of its tag (the category); `tags` are those that
    count, all if empty; `lines` makes each line a sentence; malformed XML is mended with `repair`.
    """

    label: Literal["type", "tag"] = "type"
    tags: tuple[str, ...] = ()
    lines: bool = True
    repair: bool = True


class Tag(NamedTuple):
    """A mention as its tag gives it: the span before any repair, and the text it should hold."""

    id: str
    label: str
    span: Span
    expected: str


def read(paths: Sequence[Path], options: I2b2Options, reading: Reading) -> Iterator[Document]:
    """One document for each record; a folder means all .xml files directly in it, by name."""
    folders = [path for path in paths if path.is_dir()]
    files: list[tuple[str, Path]] = []
    for path in paths:
        found = sorted(path.glob("*.xml")) if path.is_dir() else [path]
        if not found:
            raise InputError(f"{path}: expected .xml files in this folder")
        prefix = f"{path.name}/" if path in folders and len(paths) > 1 else ""
        files.extend((prefix, file) for file in found if not file.name.startswith("."))
    repairs = (escape_ampersands, end_tags) if options.repair else ()
    for prefix, file in files:
        root = parse_xml(file, reading, repairs)
        if root is None:
            continue
        records = list(root.iter("RECORD"))
        for number, record in enumerate(records):
            stem = f"{prefix}{file.stem}-" if len(files) > 1 else ""
            name = stem + record.get("ID", str(number))
            yield from read_record(name, record, file, options, reading)
        if not records:
            yield from read_record(prefix + file.stem, root, file, options, reading)


def end_tags(text: str) -> str:
    """Text in which a PHI tag that starts within another, which cannot be, ends that other one."""
    inside = False

    def mend(tag: re.Match[str]) -> str:
        nonlocal inside
        starts = not tag[0].startswith("</")
        mended = "</PHI>" if starts and inside else tag[0]
        inside = starts and not inside
        return mended

    return PHI_TAG.sub(mend, text)


def read_record(
    name: str, record: Element, path: Path, options: I2b2Options, reading: Reading
) -> Iterator[Document]:
    """The document of a record, if it has a text."""
    body = record.find("TEXT")
    if body is None:
        reading.refuse(str(path), f"expected a TEXT in <{record.tag}> {name!r}")
        return
    text = "".join(body.itertext())
    if not text.strip():
        reading.note("document without text skipped")
        return
    after = record.find("TAGS")
    if after is None:
        entities = read_inside(body, text, options, reading)
    else:
        tags = list(read_tags(after, path, options, reading))
        entities = place_tags(text, tags, path, reading)
    sentences = list_lines(text) if options.lines else ()
    yield Document(name, text, drop_repeated(entities, reading), {}, sentences)


def read_label(element: Element, options: I2b2Options) -> str:
    """The label of a mention's tag, empty where it has none."""
    match options.label:
        case "type":
            return element.get("TYPE", element.get("type", "")).strip()
        case "tag":
            return element.tag
        case _:
            assert_never(options.label)


def counts(element: Element, options: I2b2Options) -> bool:
    """Whether a tag is one of those that count."""
    return not options.tags or element.tag in options.tags


def read_inside(
    body: Element, text: str, options: I2b2Options, reading: Reading
) -> Iterator[Entity]:
    """The mentions of tags inside a text."""
    reach = 0

    def visit(element: Element) -> Iterator[Entity]:
        nonlocal reach
        start = reach
        reach += len(element.text or "")
        for child in element:
            yield from visit(child)
            reach += len(child.tail or "")
        if element is body or not counts(element, options):
            return
        label = read_label(element, options)
        if not label:
            reading.note("mention without a type dropped")
        elif not text[start:reach].strip():
            reading.note("mention without text dropped")
        else:
            span = trim(text, Span(start, reach))
            yield Entity(*span, text[span.start : span.end], label)

    return visit(body)


def read_tags(after: Element, path: Path, options: I2b2Options, reading: Reading) -> Iterator[Tag]:
    """The tags after a text that are mentions; relations have no offsets."""
    for element in after:
        offsets = [element.get("start"), element.get("end")]
        if not counts(element, options) or offsets == [None, None]:
            continue
        written, label = [offset or "" for offset in offsets], read_label(element, options)
        name, expected = element.get("id", ""), element.get("text")
        if expected is None or not all(map(str.isdecimal, written)):
            wanted = f"expected <{element.tag} start end text TYPE>"
            reading.refuse(find_tag(path, name), f"{wanted}, got {element.attrib!r:.120}")
            continue
        span = Span(*map(int, written))
        if span.start >= span.end or not expected.strip():
            reading.note("mention without text dropped")
            continue
        if not label:  # some tags of 2012 have an empty one
            reading.note("mention without a type dropped")
            continue
        yield Tag(name, label, span, expected)


def find_tag(path: Path, name: str) -> str:
    """FILE:LINE of the tag of an id."""
    return find_line(path, f'id="{name}"')


def place_tags(text: str, tags: Sequence[Tag], path: Path, reading: Reading) -> Iterator[Entity]:
    """The mentions of tags, where the shift puts them that suits most of the note's tags."""

    def shift(span: Span, by: int) -> Span:
        return Span(span.start + by, span.end + by)

    def count_fitting(by: int) -> int:
        return sum(fits(text, shift(tag.span, by), tag.expected) for tag in tags)

    by = max(SHIFTS, key=count_fitting)
    if by:
        reading.note(f"document whose offsets are shifted by {by:+}")
    for tag in tags:
        span = place(text, shift(tag.span, by), tag.expected, reading)
        if span is None:
            found = text[max(0, tag.span.start + by) : tag.span.end + by]
            start, end = tag.span
            expected = f"expected {tag.expected!r:.80} at [{start}, {end})"
            reading.refuse(find_tag(path, tag.id), f"{expected}, got {found!r:.80}")
        else:
            yield Entity(*span, text[span.start : span.end], tag.label)
