"""Documents: the texts of every kind of source, one after another, in constant memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from uniner.corpus.files import File, list_files
from uniner.corpus.rows import Layout, Row, read_hub, read_jsonl, read_parquet
from uniner.corpus.streams import Advance, cut_sections, decode, read_chunks
from uniner.records import InputError, RecordError
from uniner.records.types import check_characters


@dataclass(frozen=True, slots=True)
class Document:
    """A text, or a section of a long one, and where it is from.

    `name` is its file's, `line` the line or row (from 1) it begins in, `offset` the characters of
    the text before it. `lines`: its line ends are the file's, so that `line` counts on in it.
    """

    text: str
    name: str
    line: int
    domain: str
    offset: int = 0
    lines: bool = False


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row, or the rest of a file, that cannot be read: where, what and what to do."""

    why: str


Read: TypeAlias = Document | Unreadable


def ignore(amount: int) -> None:
    """Tell nobody how much has been read."""


def read_sources(
    sources: Sequence[str], layout: Layout, advance: Advance = ignore
) -> Iterator[Read]:
    """What is in all the files of each source; InputError where one has no document at all."""
    for source in sources:
        found = Found()
        for file in list_files(source):
            yield from found.watch(read_documents(file, layout, advance))
        found.check(source)


@dataclass(slots=True)
class Found:
    """Whether there was a document, and what was wrong first."""

    documents: bool = False
    wrong: str = ""

    def watch(self, documents: Iterable[Read]) -> Iterator[Read]:
        """Pass on what is read."""
        for document in documents:
            if isinstance(document, Document):
                self.documents = True
            else:
                self.wrong = self.wrong or document.why
            yield document

    def add(self, other: "Found") -> None:
        """Go on with what was found in further files."""
        self.documents = self.documents or other.documents
        self.wrong = self.wrong or other.wrong

    def check(self, source: str) -> None:
        """InputError where a source has no document at all."""
        if not self.documents:
            raise InputError(self.wrong or f"{source}: empty; it needs at least one document")


def read_documents(file: File, layout: Layout, advance: Advance = ignore) -> Iterator[Read]:
    """What is in one file; what is wrong with it comes as a value too."""
    try:
        match file.kind:
            case "text":
                yield from read_text(file, advance)
            case "jsonl":
                yield from take_texts(read_jsonl(file, advance), file, layout)
            case "parquet":
                yield from take_texts(read_parquet(file, layout, advance), file, layout)
            case "hub":
                yield from take_texts(read_hub(file, layout), file, layout)
            case _:
                assert_never(file.kind)
    except InputError as error:
        yield Unreadable(str(error))


def read_text(file: File, advance: Advance) -> Iterator[Document]:
    """A plain text as one document, in sections."""
    line, offset = 1, 0
    for text in cut_sections(decode(file.path, read_chunks(file.path, advance))):
        yield Document(text, file.name, line, file.domain, offset, lines=True)
        line += text.count("\n")
        offset += len(text)


def take_texts(rows: Iterable[Row], file: File, layout: Layout) -> Iterator[Read]:
    """The text of each row as one document, in sections where it is long."""
    for line, row in rows:
        try:
            if isinstance(row, InputError):
                raise row
            text, domain = take_text(row, layout), take_domain(row, layout, file.domain)
        except (RecordError, InputError) as error:
            yield Unreadable(f"{file.path}:{line}: {error}")
            continue
        offset = 0
        for section in cut_sections([text]) if text else [""]:
            yield Document(section, file.name, line, domain, offset)
            offset += len(section)


def take_text(row: object, layout: Layout) -> str:
    """The text of a row; RecordError where it has none that can be used."""
    text = look_up(row, layout.text_field)
    if not isinstance(text, str):
        what = "nothing" if text is None else repr(text)[:40]
        there = f"there are {', '.join(map(repr, row))[:200]}" if isinstance(row, dict) else ""
        raise RecordError(
            f"field {layout.text_field!r} has {what} where the text should be"
            f"{f' ({there})' if there else ''}; name the text's field with --text-field"
        )
    if "\0" in text:
        raise RecordError(f"field {layout.text_field!r} has NUL characters; remove them")
    return check_characters(text, f"field {layout.text_field!r}")


def take_domain(row: object, layout: Layout, otherwise: str) -> str:
    """The domain of a row: its field's, else `domain`, else `meta.pile_set_name`, else another."""
    if layout.domain_field:
        domain = look_up(row, layout.domain_field)
        if domain is None or isinstance(domain, dict | list):
            raise RecordError(f"no domain in field {layout.domain_field!r}; see --domain-field")
        return check_characters(str(domain), f"field {layout.domain_field!r}")
    for name in ("domain", "meta.pile_set_name"):
        domain = look_up(row, name)
        if isinstance(domain, str) and domain:
            return check_characters(domain, f"field {name!r}")
    return otherwise


def look_up(row: object, field: str) -> object:
    """A field of a row, or with dots one of a field's own; None where it is not there."""
    if isinstance(row, dict) and field in row:
        value: object = row[field]
        return value
    first, dot, rest = field.partition(".")
    return look_up(row[first], rest) if dot and isinstance(row, dict) and first in row else None
