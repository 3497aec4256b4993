"""Brat stand-off: FILE.txt beside FILE.ann, whose T lines are mentions by offsets of the text."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple, assert_never

from uniner.benchmark.document import Document, Reading
from uniner.records import Entity, InputError, Span
from uniner.records.store import read_lines

NEAR = 40
"""How many characters from its place a misplaced mention is looked for."""

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

    discontinuous: Literal["cover", "first", "drop"] = "cover"
    lines: bool = False
    title: Literal["keep", "drop"] = "keep"
    part: str | None = None


class Mention(NamedTuple):
    """A T line: its label, the pieces it is made of and the text that it gives for them."""

    label: str
    pieces: tuple[Span, ...]
    text: str


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
        if (entity := place_pieces(text, mention, options, reading)) is not None
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


def read_verbatim(text: str, mention: Mention) -> str:
    """What stands at the pieces of a mention, joined as its line joins them."""
    return " ".join(text[start:end] for start, end in mention.pieces)


def place_pieces(
    text: str, mention: Mention, options: BratOptions, reading: Reading
) -> Entity | None:
    """The entity of a mention; pieces that only white space parts (a line end) are one."""
    pieces, expected = mention.pieces, mention.text
    parted = any(text[a.end : b.start].strip() or b.start < a.end for a, b in pairwise(pieces))
    span: Span | None = Span(min(p.start for p in pieces), max(p.end for p in pieces))
    if len(pieces) == 1:
        span = place_mention(text, pieces[0], expected, reading)
    elif read_verbatim(text, mention).split() != expected.split():
        reading.note("discontinuous mention whose text is elsewhere dropped")
        return None
    elif parted:
        match options.discontinuous:
            case "cover":
                reading.note("discontinuous mention covered")
            case "first":
                reading.note("discontinuous mention cut to its first piece")
                span = pieces[0]
            case "drop":
                reading.note("discontinuous mention dropped")
                return None
            case _:
                assert_never(options.discontinuous)
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


def list_lines(text: str) -> tuple[Span, ...]:
    """The lines of a text that are not blank, without white space around them."""
    return tuple(Span(*match.span()) for match in re.finditer(r"\S(?:[^\n]*\S)?", text))
