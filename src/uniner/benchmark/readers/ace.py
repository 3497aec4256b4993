"""ACE 2004 and 2005: NAME.sgm beside NAME.apf.xml, whose charseqs count characters outside tags.

A `charseq` is START to END inclusive, in the characters of the .sgm file once its tags are gone;
there `&amp;` counts as the five characters that it is written with, and CR LF as one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, assert_never
from xml.etree.ElementTree import Element

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.markup import (
    escape_ampersands,
    find_line,
    parse_xml,
    place,
)
from uniner.benchmark.readers.placing import drop_repeated, read_text
from uniner.benchmark.readers.sgml import Source, read_source
from uniner.records import Entity, InputError, Span
from uniner.records.store import read_lines

STAGES = frozenset({"adj", "fp1", "fp2", "timex2norm"})
"""Folders of ACE 2005 that hold the same documents at several stages of annotation."""
PRONOUNS = frozenset({"PRO", "PRONOUN"})
SUFFIXES = (".apf.xml", ".sgm")


@dataclass(frozen=True, slots=True)
class AceOptions:
    """How ACE files are read.

    `mention` is what counts as one, its whole extent or its head; `parts` are the elements whose
    text is read; `stage` is the folder of ACE 2005 that counts; with `wrapped`, a lone line end
    inside a paragraph is a blank, since the files break lines within sentences.
    """

    mention: Literal["extent", "head"] = "extent"
    pronouns: Literal["keep", "drop"] = "keep"
    parts: tuple[str, ...] = ("TEXT",)
    stage: str = "timex2norm"
    wrapped: bool = True


def read(paths: Sequence[Path], options: AceOptions, reading: Reading) -> Iterator[Document]:
    """One document for each pair of files at or below the paths, by name.

    Any other file is a list of the documents that are read, in its order: one name a line, which
    may have folders before it and a suffix.
    """
    lists = [path for path in paths if path.is_file() and not path.name.endswith(SUFFIXES)]
    sources = [path for path in paths if path not in lists]
    stems = index_stems(sources, options.stage, reading)
    if not stems:
        raise InputError(
            f"{[str(path) for path in sources]}: expected .sgm and .apf.xml files, "
            f"those of ACE 2005 in folders named {options.stage!r} (the key `stage`)"
        )
    wanted = list_wanted(lists) if lists else dict.fromkeys(sorted(stems), "")
    for name, where in wanted.items():
        if name not in stems:
            reading.refuse(where, f"expected {name}.sgm in {[str(path) for path in sources]}")
        elif document := read_document(stems[name], options, reading):
            yield document


def index_stems(sources: Sequence[Path], stage: str, reading: Reading) -> dict[str, Path]:
    """The documents at or below the sources by name, each as its path without a suffix."""
    stems: dict[str, Path] = {}
    for source in sources:
        for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
            if not path.name.endswith(SUFFIXES) or path.name.startswith("."):
                continue
            if source.is_dir() and path.parent.name in STAGES - {stage}:
                continue
            name = name_document(path.name)
            stem = path.parent / name
            if stems.setdefault(name, stem) != stem:
                reading.refuse(str(path), f"expected one document {name}; {stems[name]} is another")
    return stems


def name_document(written: str) -> str:
    """The name of a document, given with or without folders and a suffix."""
    name = written.strip().replace("\\", "/").rpartition("/")[2]
    return name.removesuffix(".sgm").removesuffix(".apf.xml")


def list_wanted(lists: Sequence[Path]) -> dict[str, str]:
    """The names that the list files give, each with its FILE:LINE."""
    wanted: dict[str, str] = {}
    for path in lists:
        for number, line in read_lines(path):
            if name := name_document(line):
                wanted.setdefault(name, f"{path}:{number}")
    return wanted


def read_document(stem: Path, options: AceOptions, reading: Reading) -> Document | None:
    """The document of a pair of files; None where one is absent or malformed, or has no text."""
    apf, sgm = (stem.parent / f"{stem.name}{suffix}" for suffix in SUFFIXES)
    for path, other in ((sgm, apf), (apf, sgm)):
        if not path.is_file():
            reading.refuse(str(path), f"expected this file beside {other.name}")
            return None
    written = read_text(sgm).replace("\r\n", "\n")
    source = read_source(written, options.parts, wrapped=options.wrapped)
    root = parse_xml(apf, reading, [escape_ampersands])
    if root is None:
        return None
    if not source.text.strip():
        reading.note("document without text skipped")
        return None
    entities = []
    for group in root.iter("entity"):
        for mention in group.iter("entity_mention"):
            span = locate(mention, source, apf, options, reading)
            if span and (label := read_label(group, apf, reading)):
                entities.append(Entity(*span, source.text[span.start : span.end], label))
    return Document(stem.name, source.text, drop_repeated(entities, reading))


def read_label(group: Element, path: Path, reading: Reading) -> str | None:
    """The type of an entity; None, refused, where it has none."""
    label = group.get("TYPE", "").strip()
    if not label:
        reading.refuse(where(path, group), "expected an entity with a TYPE")
    return label or None


def locate(
    mention: Element, source: Source, path: Path, options: AceOptions, reading: Reading
) -> Span | None:
    """Where a mention is in the text; None where it does not count, and where it is malformed."""
    match options.pronouns:
        case "keep":
            pass
        case "drop":
            if mention.get("TYPE") in PRONOUNS:
                reading.note("pronoun dropped")
                return None
        case _:
            assert_never(options.pronouns)
    charseq = mention.find(f"{options.mention}/charseq")
    numbers = [] if charseq is None else [charseq.get("START", ""), charseq.get("END", "")]
    if charseq is None or not all(map(str.isdecimal, numbers)):
        expected = f"expected <{options.mention}><charseq START END>"
        reading.refuse(where(path, mention), f"{expected} in mention {mention.get('ID')!r}")
        return None
    start, last = map(int, numbers)
    expected = "".join(charseq.itertext())
    span = place(source.stream, Span(start, last + 1), expected, reading)
    if span is None:
        found = source.stream[start : last + 1]
        reading.refuse(
            where(path, mention),
            f"expected {expected!r:.80} at [{start}, {last}], got {found!r:.80}",
        )
        return None
    if (found_span := source.find(span)) is None:
        reading.note("mention outside the text dropped")
    return found_span


def where(path: Path, element: Element) -> str:
    """FILE:LINE of an element by its ID."""
    return find_line(path, f'ID="{element.get("ID")}"')
