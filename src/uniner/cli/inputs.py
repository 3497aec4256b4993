"""What a command reads: entity types, and documents from a text, a file or standard input."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from uniner.records import ConfigError, InputError, Passage, RecordError
from uniner.records.store import open_input, read_lines, read_passages
from uniner.records.types import check_characters, check_type

Input = Literal["text", "jsonl"]

CHUNK_PASSAGES = 256
CHUNK_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class Documents:
    """Passages to read once, and how many characters they have where that is known."""

    passages: Iterable[Passage]
    characters: int | None
    many: bool


def read_types(value: str | None) -> list[str]:
    """`a,b,c`, or `@FILE` with one type a line, as distinct types in order."""
    if value is None:
        raise ConfigError("no entity types; name some, as in --types person,city or --types @FILE")
    if value.startswith("@"):
        parts = [line for _, line in read_lines(value[1:])]
        where = value[1:]
    else:
        parts, where = value.split(","), "--types"
    names = list(dict.fromkeys(filter(None, (" ".join(part.split()) for part in parts))))
    if not names:
        raise ConfigError(f"{where}: no entity types; name some, such as person,city")
    for name in names:
        try:
            check_type(name)
        except RecordError as error:
            raise ConfigError(f"{where}: {error}") from None
    return names


def open_documents(source: str | None, text: str | None, kind: Input | None) -> Documents:
    """The documents of `--text`, of a file or of standard input (`-`, or a pipe without a name)."""
    if text is not None:
        if source is not None:
            raise ConfigError(f"both --text and {source}: give one of them")
        check_characters(text, "--text")
        return Documents([Passage("text", text)], len(text), many=False)
    if source is None and sys.stdin.isatty():
        raise ConfigError("nothing to read: name a file, pipe a text in, or give one with --text")
    path = source or "-"
    if kind is None:
        kind = "jsonl" if Path(path).suffix in (".jsonl", ".ndjson") else "text"
    match kind:
        case "jsonl":
            # A file is read through first: a bad line is found before hours of work, not after.
            whole = path != "-" and Path(path).is_file()
            characters = sum(len(p.text) for p in read_passages(path)) if whole else None
            return Documents(read_passages(path), characters, many=True)
        case "text":
            document = read_document(path)
            return Documents([document], len(document.text), many=False)


def read_document(path: str) -> Passage:
    """A whole text file as one passage; its line ends stay, so that offsets are the file's own."""
    with open_input(path) as stream:
        data = stream.buffer.read()
    if b"\0" in data:
        raise InputError(f"{path}: not a text, it has NUL bytes; give plain text in UTF-8")
    name = "stdin" if path == "-" else Path(path).name
    try:
        return Passage(name, data.decode("utf-8-sig"), source=name)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path}:{line}: not UTF-8 (byte {data[error.start]:#04x}); "
            "convert it, for example with iconv -t UTF-8"
        ) from None


def chunk_passages(passages: Iterable[Passage]) -> Iterator[list[Passage]]:
    """Passages in lists that are small in number and in characters."""
    chunk: list[Passage] = []
    characters = 0
    for passage in passages:
        chunk.append(passage)
        characters += len(passage.text)
        if len(chunk) == CHUNK_PASSAGES or characters >= CHUNK_CHARACTERS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk
