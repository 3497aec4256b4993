"""i2b2 2010 concepts: NAME.txt, a sentence a line, and NAME.con, a concept a line.

In `c="the pain" 12:3 12:4||t="problem"` a place is LINE:TOKEN, lines from 1 and tokens from 0,
parted by blanks; both places belong to the mention, whose text is in lower case.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.markup import place
from uniner.benchmark.readers.placing import drop_repeated, list_lines, read_text
from uniner.records import Entity, InputError, Span
from uniner.records.store import read_lines

CONCEPT = re.compile(
    r'c="(?P<text>.*)" (?P<first>\d+:\d+) (?P<last>\d+:\d+)'
    r'\|\|t="(?P<label>[^"\s][^"]*)"(?:\|\|.*)?'
)
TOKEN = re.compile(r"[^ \t\n]+")


@dataclass(frozen=True, slots=True)
class ConceptOptions:
    """How concept files are read; `lines` makes each line a sentence."""

    lines: bool = True


def read(paths: Sequence[Path], options: ConceptOptions, reading: Reading) -> Iterator[Document]:
    """One document for each .con file at or below the paths, by name, with its .txt."""
    texts, concepts = (index_files(paths, suffix, reading) for suffix in (".txt", ".con"))
    if not concepts:
        raise InputError(f"{[str(path) for path in paths]}: expected .con and .txt files")
    for _ in set(texts) - set(concepts):
        reading.note("text without a .con file skipped")
    for name, path in sorted(concepts.items()):
        if name not in texts:
            reading.refuse(str(path), f"expected {name}.txt in {[str(path) for path in paths]}")
            continue
        text = read_text(texts[name]).replace("\r\n", "\n")
        if not text.strip():
            reading.note("document without text skipped")
            continue
        entities = read_concepts(path, text, reading)
        sentences = list_lines(text) if options.lines else ()
        yield Document(name, text, drop_repeated(entities, reading), {}, sentences)


def index_files(paths: Sequence[Path], suffix: str, reading: Reading) -> dict[str, Path]:
    """The files of a suffix at or below the paths by name."""
    files: dict[str, Path] = {}
    for path in paths:
        for file in sorted(path.rglob(f"*{suffix}")) if path.is_dir() else [path]:
            name = file.name.removesuffix(suffix)
            if file.suffix != suffix or name.startswith("."):
                continue
            if files.setdefault(name, file) != file:
                reading.refuse(
                    str(file), f"expected one file {file.name}; {files[name]} is another"
                )
    return files


def read_concepts(path: Path, text: str, reading: Reading) -> Iterator[Entity]:
    """The mentions of a .con file."""
    lines = list_tokens(text)
    for number, row in read_lines(path):
        line, where = row.strip(), f"{path}:{number}"
        if not line:
            continue
        found = CONCEPT.fullmatch(line)
        if found is None:
            expected = 'expected \'c="text" LINE:TOKEN LINE:TOKEN||t="label"\''
            reading.refuse(where, f"{expected}, got {line!r:.80}")
            continue
        first, last = (find_token(lines, found[end]) for end in ("first", "last"))
        if first is None or last is None or first.start >= last.end:
            reading.refuse(where, f"expected places of tokens in {path.stem}.txt, got {line!r:.80}")
            continue
        span = place(text, Span(first.start, last.end), found["text"], reading)
        if span is None:
            expected = f"expected {found['text']!r:.80} at {found['first']} {found['last']}"
            reading.refuse(where, f"{expected}, got {text[first.start : last.end]!r:.80}")
            continue
        yield Entity(*span, text[span.start : span.end], found["label"])


def list_tokens(text: str) -> list[list[Span]]:
    """The tokens of each line as spans of the text; a blank that starts a line counts as one."""
    lines: list[list[Span]] = []
    start = 0
    for line in text.split("\n"):
        empty = [Span(start, start)] if line.startswith(" ") else []
        found = TOKEN.finditer(text, start, start + len(line))
        lines.append([*empty, *(Span(*token.span()) for token in found)])
        start += len(line) + 1
    return lines


def find_token(lines: Sequence[Sequence[Span]], written: str) -> Span | None:
    """The token at LINE:TOKEN; None where there is none."""
    line, token = map(int, written.split(":"))
    if 1 <= line <= len(lines) and token < len(lines[line - 1]):
        return lines[line - 1][token]
    return None
