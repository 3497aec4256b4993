"""Brat stand-off: FILE.txt beside FILE.ann, whose T lines are mentions by offsets of the text."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, assert_never

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.placing import (
    Discontinuous,
    Mention,
    list_lines,
    place_pieces,
    read_text,
    read_verbatim,
)
from uniner.records import Entity, InputError, Span
from uniner.records.store import read_lines

T_LINE = re.compile(r"T\d+\t(?P<label>\S{1,400}) (?P<places>\d+ \d+(?:;\d+ \d+)*)\t(?P<text>.*)")
SKIPPED = re.compile(r"[#ERAMN]\w*\t|\*\t")
"""Notes, events, relations, attributes (twice), normalisations and equivalences."""

CONTINUED = re.compile(r"(?![T#ERAMN]\d|\*)[^\t]+")
"""What follows a T line whose text was broken by a line end."""


@dataclass(frozen=True, slots=True)
class BratOptions:
    """How brat files are read.

    `lines` makes each line a sentence; `title` says whether the first line is text; `part` names
    the list of documents in the split file (.json) that must then be among the paths.
    """

    discontinuous: Discontinuous = "cover"
    lines: bool = False
    title: Literal["keep", "drop"] = "keep"
    part: str | None = None


def read(paths: Sequence[Path], options: BratOptions, reading: Reading) -> Iterator[Document]:
    """One document for each pair of files; a folder means all pairs directly in it, by name."""
    lists = [path for path in paths if path.suffix == ".json"]
    wanted = read_split(lists, options.part)
    sources = [path for path in paths if path.suffix != ".json"]
    absent = set(wanted or ())
    for source in sources:
        stems = list_stems(source)
        prefix = f"{source.name}/" if source.is_dir() and len(sources) > 1 else ""
        for stem in stems:
            if wanted is not None and stem.name not in wanted:
                continue
            absent.discard(stem.name)
            document = read_document(stem, prefix + stem.name, options, reading)
            if document is not None:
                yield document
    for name in sorted(absent):
        reading.refuse(str(lists[0]), f"expected {name}.txt and {name}.ann in {sources}")


def read_split(lists: Sequence[Path], part: str | None) -> set[str] | None:
    """The documents of one part of a split file; None where there is neither."""
    if part is None and not lists:
        return None
    if part is None or len(lists) != 1:
        raise InputError(
            f"{[str(path) for path in lists]}: expected one split file (.json) and the key `part` "
            f"that names a list in it, got part = {part!r}"
        )
    [path] = lists
    try:
        table = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: malformed JSON ({error})") from None
    names = table.get(part) if isinstance(table, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        known = sorted(table) if isinstance(table, dict) else type(table).__name__
        raise InputError(f"{path}: expected a list of documents as {part!r}; it holds {known}")
    return set(names)


def list_stems(source: Path) -> list[Path]:
    """The documents at a path, each as its path without a suffix."""
    if not source.is_dir():
        return [source.with_suffix("")]
    names = {p.with_suffix("") for p in source.iterdir() if p.suffix in (".txt", ".ann")}
    if not names:
        raise InputError(f"{source}: expected .txt and .ann files in this folder")
    return sorted(names)


def read_document(stem: Path, name: str, options: BratOptions, reading: Reading) -> Document | None:
    """The document of a pair of files; None where one is absent or the text is blank."""
    text_path, ann_path = (stem.parent / f"{stem.name}{suffix}" for suffix in (".txt", ".ann"))
    for path, other in ((text_path, ann_path), (ann_path, text_path)):
        if not path.is_file():
            reading.refuse(str(path), f"expected this file beside {other.name}")
            return None
    mentions = list(read_mentions(ann_path, reading))
    text = choose_line_ends(read_text(text_path), mentions, reading)
    if not text.strip():
        reading.note("document without text skipped")
        return None
    entities = [
        entity
        for mention in mentions
        if (entity := place_pieces(text, mention, options.discontinuous, reading)) is not None
    ]
    match options.title:
        case "keep":
            pass
        case "drop":
            text, entities = cut_title(text, entities, reading)
        case _:
            assert_never(options.title)
    return Document(name, text, tuple(entities), {}, list_lines(text) if options.lines else ())


def read_mentions(path: Path, reading: Reading) -> Iterator[Mention]:
    """The T lines of an annotation file."""
    found: re.Match[str] | None = None
    for number, line in read_lines(path):
        row = line.rstrip("\n")
        if not row.strip() or SKIPPED.match(row):
            found = None
            continue
        if found is not None and CONTINUED.fullmatch(row):
            reading.note("second line of a mention's text left out")
            continue
        found = T_LINE.fullmatch(row)
        pieces = read_pieces(found["places"]) if found else ()
        if found is None or not all(start < end for start, end in pieces):
            reading.refuse(
                f"{path}:{number}",
                "expected 'T1<TAB>Label START END<TAB>text' or a line of another kind, "
                f"got {row!r:.80}",
            )
            continue
        yield Mention(found["label"], pieces, found["text"])


def read_pieces(places: str) -> tuple[Span, ...]:
    """`0 5;10 15` as spans."""
    return tuple(Span(*map(int, piece.split())) for piece in places.split(";"))


def choose_line_ends(text: str, mentions: Sequence[Mention], reading: Reading) -> str:
    """The text with CR LF as it is, or as one character where more mentions then fit."""
    if "\r\n" not in text:
        return text
    joined = text.replace("\r\n", "\n")

    def fitting(candidate: str) -> int:
        return sum(read_verbatim(candidate, mention) == mention.text for mention in mentions)

    if fitting(joined) <= fitting(text):
        return text
    reading.note("document whose offsets count CR LF as one character")
    return joined


def cut_title(text: str, entities: Sequence[Entity], reading: Reading) -> tuple[str, list[Entity]]:
    """The text after its first line, and the entities that stand wholly there."""
    line_end = text.find("\n")
    offset = len(text) if line_end < 0 else line_end + 1
    kept = [
        Entity(e.start - offset, e.end - offset, e.text, e.type)
        for e in entities
        if e.start >= offset
    ]
    for _ in range(len(entities) - len(kept)):
        reading.note("mention in a title dropped")
    return text[offset:], kept
