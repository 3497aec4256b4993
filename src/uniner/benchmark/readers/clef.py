"""ShARe/CLEF eHealth 2013: notes, and lines `NOTE.txt||Label||CUI||START||END[||START||END…]`.

The layout of later years, `NOTE.txt|START-END,START-END|CUI|…`, gives no label but the one there
is. Which line belongs to which note is said by the line, not by the name of its file.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.placing import (
    Discontinuous,
    Mention,
    drop_repeated,
    list_lines,
    place_pieces,
    read_text,
    read_verbatim,
)
from uniner.records import Entity, InputError, Span
from uniner.records.store import read_lines

LABEL = "Disease_Disorder"
PIPES = re.compile(
    r"(?P<note>[^|]+)\|\|(?P<label>[^|\s][^|]*)\|\|[^|]*(?P<places>(?:\|\|\d+\|\|\d+)+)(?:\|\|)?"
)
DASHES = re.compile(r"(?P<note>[^|]+)\|(?P<places>\d+-\d+(?:,\d+-\d+)*)\|.*")
NUMBERS = re.compile(r"(\d+)(?:\|\||-)(\d+)")


@dataclass(frozen=True, slots=True)
class ClefOptions:
    """How pipe files are read; `lines` makes each line of a note a sentence."""

    discontinuous: Discontinuous = "cover"
    lines: bool = False


class Line(NamedTuple):
    """A line of a pipe file: where it stands, the label and the sorted pieces of its mention."""

    where: str
    label: str
    pieces: tuple[Span, ...]


def read(paths: Sequence[Path], options: ClefOptions, reading: Reading) -> Iterator[Document]:
    """One document for each note at the paths or directly in them, in their order and by name."""
    files = [
        file
        for path in paths
        for file in (sorted(path.iterdir()) if path.is_dir() else [path])
        if file.is_file() and not file.name.startswith(".")
    ]
    pipes = [file for file in files if holds_lines(file)]
    # The reference of the test notes names its files as the notes are named, and may be empty.
    folders = {file.parent for file in pipes}
    notes = [
        file
        for file in files
        if file not in pipes
        and file.suffix in (".txt", ".text")
        and (file.parent not in folders or file.stat().st_size)
    ]
    if not pipes or not notes:
        missing = "notes (.txt)" if pipes else f"lines 'NOTE.txt||{LABEL}||CUI||START||END'"
        raise InputError(f"{[str(path) for path in paths]}: expected {missing} among these files")
    yield from join_notes(notes, read_pipes(pipes, reading), options, reading)


def holds_lines(path: Path) -> bool:
    """Whether a file is one of annotations: by its name, or by its first line that is not blank."""
    if path.name.endswith((".pipe", ".pipe.txt")):
        return True
    if path.suffix not in (".txt", ".text"):
        return False
    first = next((line.strip() for _, line in read_lines(path) if line.strip()), "")
    return bool(PIPES.fullmatch(first) or DASHES.fullmatch(first))


def read_pipes(pipes: Sequence[Path], reading: Reading) -> dict[str, list[Line]]:
    """The lines of all files by the note that they name."""
    lines: dict[str, list[Line]] = defaultdict(list)
    for path in pipes:
        for number, row in read_lines(path):
            line, where = row.strip(), f"{path}:{number}"
            if not line:
                continue
            found = PIPES.fullmatch(line) or DASHES.fullmatch(line)
            if found is None:
                expected = f"'NOTE.txt||{LABEL}||CUI||START||END' or 'NOTE.txt|START-END|CUI'"
                reading.refuse(where, f"expected {expected}, got {line!r:.80}")
                continue
            pieces = sorted(Span(int(a), int(b)) for a, b in NUMBERS.findall(found["places"]))
            label = found.groupdict().get("label") or LABEL
            lines[name_note(found["note"])].append(Line(where, label, tuple(pieces)))
    return lines


def name_note(written: str) -> str:
    """The name of a note without a suffix."""
    return re.sub(r"(?:\.pipe)?\.(?:txt|text|pipe)$", "", written.strip())


def join_notes(
    notes: Sequence[Path],
    lines: Mapping[str, Sequence[Line]],
    options: ClefOptions,
    reading: Reading,
) -> Iterator[Document]:
    """The documents of the notes; lines of a note that is not there are refused."""
    names = [name_note(note.name) for note in notes]
    for name in sorted(set(lines) - set(names)):
        reading.refuse(lines[name][0].where, f"expected a note {name}.txt among the files")
    seen: set[str] = set()
    for name, path in zip(names, notes, strict=True):
        if name in seen:
            reading.refuse(str(path), f"expected one note {name}; there is another of this name")
            continue
        seen.add(name)
        text = read_text(path)
        if not text.strip():
            reading.note("document without text skipped")
            continue
        if name not in lines:
            reading.note("note without mentions")
        entities = [
            entity
            for line in lines.get(name, ())
            if (entity := build_entity(text, line, options, reading)) is not None
        ]
        sentences = list_lines(text) if options.lines else ()
        yield Document(name, text, drop_repeated(entities, reading), {}, sentences)


def build_entity(text: str, line: Line, options: ClefOptions, reading: Reading) -> Entity | None:
    """The mention of a line; None, refused, where its pieces are not in the text."""
    for start, end in line.pieces:
        if not start < end <= len(text) or not text[start:end].strip():
            reading.refuse(
                line.where, f"expected words at [{start}, {end}) of {len(text):,} characters"
            )
            return None
    mention = Mention(line.label, line.pieces, "")
    mention = mention._replace(text=read_verbatim(text, mention))
    return place_pieces(text, mention, options.discontinuous, reading)
