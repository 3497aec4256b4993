"""OntoNotes in CoNLL-2012 columns: `*gold_conll` files, names as brackets in one column.

A row is a token, its columns parted by blanks; a blank line ends a sentence; `#begin document`
and `#end document` hold each part of a document.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, assert_never

from uniner.benchmark.document import Document, Reading
from uniner.records import Entity, InputError
from uniner.records.store import read_lines

BEGIN = re.compile(
    r"#begin document (?:\((?P<id>.+)\)|(?P<plain>\S+?))(?:; part (?P<part>\d+))?\s*"
)
NAME = re.compile(r"(?P<opened>(?:\([^()*\s]+)*)\*?(?P<closed>\)*)")
PLACEHOLDER = "[WORD]"
ASSEMBLE = (
    "expected files with words: skeletons (_skel) must first be assembled with the words of "
    "LDC2013T19 (skeleton2conll) into *_gold_conll files"
)
BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}"}
SLASHED = re.compile(r"/(?P<mark>[^\w\s])")


@dataclass(frozen=True, slots=True)
class OntonotesOptions:
    """How CoNLL-2012 files are read.

    Columns count from 0; documents of the genres (the first folder of their names) in
    `without_genres` are left out: `pt` has no names annotated. With `escapes` resolved, -LRB- is
    read as ( and /. as a full stop.
    """

    word_column: int = 3
    name_column: int = 10
    without_genres: tuple[str, ...] = ()
    escapes: Literal["keep", "resolve"] = "keep"


class Row(NamedTuple):
    """A token: where it stands, its word and its cell of the name column."""

    where: str
    word: str
    name: str


@dataclass(slots=True)
class Part:
    """The part of a document that is being read."""

    id: str
    left_out: bool
    sentences: int = 0
    rows: list[Row] = field(default_factory=list)


def read(paths: Sequence[Path], options: OntonotesOptions, reading: Reading) -> Iterator[Document]:
    """One document for each sentence, DOCUMENT/PART/NUMBER, of the files at or below the paths."""
    for path in list_files(paths):
        yield from read_file(path, options, reading)


def list_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files themselves, and all `*gold_conll` files below the folders, by name."""
    for path in paths:
        below = sorted(path.rglob("*")) if path.is_dir() else [path]
        files = [p for p in below if p == path or p.name.endswith("gold_conll")]
        if path.name.endswith("_skel") or not files:
            if any(p.name.endswith("_skel") for p in below):
                raise InputError(f"{path}: {ASSEMBLE}")
            raise InputError(f"{path}: expected *_gold_conll files in this folder or below")
        yield from files


def read_file(path: Path, options: OntonotesOptions, reading: Reading) -> Iterator[Document]:
    """The sentences of one file."""
    part: Part | None = None
    for number, line in read_lines(path):
        where, cells = f"{path}:{number}", line.split()
        if line.startswith("#begin document") or line.startswith("#end document"):
            yield from end_sentence(part, options, reading)
            part = begin_part(line, where, options, reading)
        elif not cells:
            yield from end_sentence(part, options, reading)
        elif part is None:
            reading.refuse(where, f"expected '#begin document' before {line.strip()!r:.60}")
        elif len(cells) <= max(options.word_column, options.name_column):
            expected = f"expected {max(options.word_column, options.name_column) + 1} columns"
            reading.refuse(where, f"{expected} or more, got {len(cells)}: {line.strip()!r:.60}")
            part.rows.append(Row(where, "", ""))
        elif cells[options.word_column] == PLACEHOLDER:
            raise InputError(f"{where}: {ASSEMBLE}")
        else:
            part.rows.append(Row(where, cells[options.word_column], cells[options.name_column]))
    yield from end_sentence(part, options, reading)


def begin_part(line: str, where: str, options: OntonotesOptions, reading: Reading) -> Part | None:
    """The part that a comment line begins; None where it ends one, or is malformed."""
    if line.startswith("#end"):
        return None
    found = BEGIN.fullmatch(line)
    if found is None:
        reading.refuse(where, f"expected '#begin document (ID); part NUMBER', got {line!r:.80}")
        return None
    name = found["id"] or found["plain"]
    return Part(f"{name}/{found['part'] or '000'}", name.split("/")[0] in options.without_genres)


def end_sentence(
    part: Part | None, options: OntonotesOptions, reading: Reading
) -> Iterator[Document]:
    """The sentence whose rows were read, if there is one that counts."""
    if part is None or not part.rows:
        return
    rows, part.rows = part.rows, []
    name = f"{part.id}/{part.sentences}"
    part.sentences += 1
    if part.left_out:
        reading.note("sentence of a genre that is left out")
    elif all(row.word for row in rows):  # a row without a word has been refused
        document = build_sentence(name, rows, options, reading)
        if document is not None:
            yield document


def build_sentence(
    name: str, rows: Sequence[Row], options: OntonotesOptions, reading: Reading
) -> Document | None:
    """The document of a sentence's rows; None, refused, where brackets do not match."""
    words = [spell(row.word, options) for row in rows]
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word) + 1)
    text = " ".join(words)
    opened: list[tuple[str, int]] = []
    entities = []
    for index, row in enumerate(rows):
        cell = NAME.fullmatch(row.name)
        if cell is None or len(cell["closed"]) > len(opened) + cell["opened"].count("("):
            reading.refuse(row.where, f"expected a name like (GPE*, *) or (GPE), got {row.name!r}")
            return None
        opened += [(label, starts[index]) for label in cell["opened"].split("(")[1:]]
        for _ in cell["closed"]:
            label, start = opened.pop()
            end = starts[index + 1] - 1
            entities.append(Entity(start, end, text[start:end], label))
    if opened:
        reading.refuse(rows[-1].where, f"expected the end of ({opened[-1][0]}* in this sentence")
        return None
    return Document(name, text, tuple(sorted(entities, key=lambda e: (e.start, -e.end))))


def spell(word: str, options: OntonotesOptions) -> str:
    """A word as it is written, or as it is read."""
    match options.escapes:
        case "keep":
            return word
        case "resolve":
            slashed = SLASHED.fullmatch(word)
            return slashed["mark"] if slashed else BRACKETS.get(word, word)
        case _:
            assert_never(options.escapes)
