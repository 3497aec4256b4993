"""PubTator: a title line, an abstract line and lines of mentions, documents parted by blank lines.

Offsets count the characters of title + " " + abstract. Relations are left out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.placing import place_mention
from uniner.records import Entity, Span
from uniner.records.store import read_lines

HEAD = re.compile(r"(?P<id>[^|\t]+)\|(?P<part>[ta])\|(?P<text>.*)")
MENTION = re.compile(
    r"(?P<id>[^\t]+)\t(?P<start>\d+)\t(?P<end>\d+)\t(?P<text>[^\t]*)\t(?P<label>[^\t]{1,400})(?:\t.*)?"
)
RELATION = re.compile(r"(?P<id>[^\t]+)\t[^\t\d][^\t]*(?:\t[^\t]*){2,}")


@dataclass(frozen=True, slots=True)
class PubtatorOptions:
    """PubTator files leave nothing to choose."""


class Line(NamedTuple):
    """A line of a document and where it stands."""

    where: str
    text: str


def read(paths: Sequence[Path], options: PubtatorOptions, reading: Reading) -> Iterator[Document]:
    """One document for each title with its abstract, its mentions in the order of their lines."""
    for path in paths:
        prefix = f"{path.stem}-" if len(paths) > 1 else ""
        for block in read_blocks(path):
            document = read_document(block, prefix, reading)
            if document is not None:
                yield document


def read_blocks(path: Path) -> Iterator[list[Line]]:
    """The lines of each document; a new title starts one even without a blank line before it."""
    block: list[Line] = []
    for number, row in read_lines(path):
        line = row.rstrip("\n")
        head = HEAD.fullmatch(line)
        if block and (not line.strip() or (head is not None and head["part"] == "t")):
            yield block
            block = []
        if line.strip():
            block.append(Line(f"{path}:{number}", line))
    if block:
        yield block


def read_document(block: Sequence[Line], prefix: str, reading: Reading) -> Document | None:
    """The document of its lines; None where its title or abstract is malformed, or both blank."""
    texts: list[str] = []
    name = ""
    for part, line in zip("ta", [*block, block[0]][:2], strict=True):
        head = HEAD.fullmatch(line.text)
        if head is None or head["part"] != part or (name and head["id"] != name):
            reading.refuse(
                line.where, f"expected 'ID|{part}|text' of one document, got {line.text!r:.80}"
            )
            return None
        name = head["id"]
        texts.append(head["text"])
    text = " ".join(texts)
    if not text.strip():
        reading.note("document without text skipped")
        return None
    entities = [read_entity(line, name, text, reading) for line in block[2:]]
    return Document(prefix + name, text, tuple(e for e in entities if e is not None))


def read_entity(line: Line, name: str, text: str, reading: Reading) -> Entity | None:
    """The mention of a line; None for a relation, a malformed line or a misplaced mention."""
    found = MENTION.fullmatch(line.text)
    if found is None and (relation := RELATION.fullmatch(line.text)) and relation["id"] == name:
        return None
    place = Span(int(found["start"]), int(found["end"])) if found else Span(0, 0)
    if found is None or found["id"] != name or place.start >= place.end:
        reading.refuse(
            line.where,
            f"expected '{name}<TAB>START<TAB>END<TAB>text<TAB>label' or a relation, "
            f"got {line.text!r:.80}",
        )
        return None
    span = place_mention(text, place, found["text"], reading)
    return Entity(*span, text[span.start : span.end], found["label"]) if span else None
