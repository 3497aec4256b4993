"""Brat stand-off: a folder of NAME.txt beside NAME.ann, and the types in annotation.conf."""

import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from uniner.benchmark.document import Reading
from uniner.benchmark.readers import brat
from uniner.conversion.conll import join_words
from uniner.conversion.losses import Loss, Names, note_origin, note_scores
from uniner.conversion.output import STDOUT
from uniner.conversion.rows import ground_document
from uniner.records import Annotated, ConfigError, Entity, InputError

LONGEST = 200
"""Bytes of a file's name without its suffix; file systems allow 255 in all."""

PIECE = re.compile(r"[^\n\r]+")
SECTIONS = "\n[relations]\n\n[events]\n\n[attributes]\n"


def read(path: Path, reading: Reading) -> Iterator[Annotated]:
    """A passage for each pair of files in a folder, in the order of their names."""
    if not path.is_dir():
        raise InputError(f"{path}: expected a folder of .txt and .ann files")
    for document in brat.read([path], brat.BratOptions(), reading):
        yield ground_document(document)


def write(path: Path, records: Iterable[Annotated], notes: Counter[str]) -> None:
    """Keeps texts and mentions to the character; types become one word, ids names of files."""
    names, types = Names(notes), dict[str, None]()
    with open_folder(path) as folder:
        for index, record in enumerate(records):
            passage = record.passage
            name = names.give(passage.id, spell_name(passage.id, index))
            note_origin(passage, notes)
            note_scores(record.entities, notes)
            (folder / f"{name}.txt").write_bytes(passage.text.encode())
            lines: list[str] = []
            for entity in record.entities:
                if pieces := list_pieces(entity, notes):
                    kind = join_words(entity.type, notes)
                    types[kind] = None
                    lines.append(f"T{len(lines) + 1}\t{kind} {say_pieces(entity, pieces)}\n")
            (folder / f"{name}.ann").write_bytes("".join(lines).encode())
        listed = "[entities]\n" + "".join(f"{kind}\n" for kind in sorted(types)) + SECTIONS
        (folder / "annotation.conf").write_bytes(listed.encode())


@contextmanager
def open_folder(path: Path) -> Iterator[Path]:
    """A folder that becomes `path` only when the block ends without an error.

    ConfigError where something is there already.
    """
    if str(path) == STDOUT:
        raise ConfigError("brat is a folder of files; name one, not -")
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ConfigError(f"{path}: is there already; name a new folder for brat's files")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part"))
    try:
        yield part
        umask = os.umask(0)
        os.umask(umask)
        part.chmod(0o777 & ~umask)
        part.replace(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def spell_name(wanted: str, index: int) -> str:
    """An id as the name of a file; its place in the source where it is empty or too long."""
    name = quote(wanted, safe=" ,;=+@()[]!").replace(".", "%2E", wanted.startswith("."))
    return name if 0 < len(name) <= LONGEST else str(index)


def list_pieces(entity: Entity, notes: Counter[str]) -> list[tuple[int, int]]:
    """The pieces of a mention, which line ends part, as offsets in it."""
    text = entity.text.strip()
    if not text:
        notes[Loss.BLANK] += 1
        return []
    if text != entity.text:
        notes[Loss.TRIMMED] += 1
    offset = len(entity.text) - len(entity.text.lstrip())
    return [(offset + m.start(), offset + m.end()) for m in PIECE.finditer(text)]


def say_pieces(entity: Entity, pieces: Iterable[tuple[int, int]]) -> str:
    """`0 5;6 10<TAB>text of both`."""
    places = ";".join(f"{entity.start + start} {entity.start + end}" for start, end in pieces)
    return f"{places}\t{' '.join(entity.text[start:end] for start, end in pieces)}"
