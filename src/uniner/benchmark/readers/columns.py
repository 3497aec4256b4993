"""Files of one token a line with its tags in columns: CoNLL and its many relatives, CSV too."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby
from pathlib import Path
from typing import Literal, NamedTuple, assert_never

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.tables import Separator, read_rows
from uniner.benchmark.readers.tagged import Sentence, build_sentence, join_sentences
from uniner.records import ConfigError, RecordError
from uniner.text.tags import OUTSIDE, Scheme, split_tag

HEADER = "-DOCSTART-"
KINDS = ("token", "tag", "group", "-")


@dataclass(frozen=True, slots=True)
class ColumnOptions:
    """What the columns are, where sentences and documents end, and how tags are read.

    `columns`: for each one "token", "tag" (several are layers of nested mentions), "group" or "-"
    for what is not read. A sentence ends at a blank line, and also where `boundary` says: at a row
    whose token is empty, or where the group columns change, which then name the sentence. A line
    with -DOCSTART- starts a document; `keep_headers` makes a sentence of that line too. `heading`:
    the first line names the columns. `tags` leads from tags of the file to those that are meant;
    `skip` are regular expressions: a sentence in whose text one of them is found is left out.
    """

    columns: tuple[str, ...] = ("token", "tag")
    separator: Separator = "tab"
    heading: bool = False
    boundary: Literal["blank line", "empty token", "group"] = "blank line"
    unit: Literal["sentence", "document"] = "sentence"
    keep_headers: bool = False
    scheme: Scheme = "iob"
    tags: Mapping[str, str] = field(default_factory=dict)
    skip: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.columns) - set(KINDS)):
            raise ConfigError(f"columns must be among {list(KINDS)}, not {unknown}")
        if self.columns.count("token") != 1 or "tag" not in self.columns:
            raise ConfigError(f"columns need one token and a tag, not {list(self.columns)}")
        if (self.boundary == "group") != ("group" in self.columns):
            raise ConfigError('boundary = "group" and a column "group" need each other')
        for pattern in self.skip:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ConfigError(f"skip: {pattern!r} is no regular expression: {error}") from None

    def pick(self, row: Sequence[str], kind: str) -> list[str]:
        """The values of all columns of a kind."""
        return [value for value, name in zip(row, self.columns, strict=True) if name == kind]


class Block(NamedTuple):
    """Numbered rows that make a sentence, and the numbers of it and its document in the file.

    `name` is the group; it is empty where sentences are named by their numbers.
    """

    number: int
    document: int
    name: str
    rows: list[tuple[int, list[str]]]


def read(paths: Sequence[Path], options: ColumnOptions, reading: Reading) -> Iterator[Document]:
    """One document for each sentence, named by its group or number, or for each document."""
    for path in paths:
        prefix = f"{path.stem}-" if len(paths) > 1 else ""
        kept = read_sentences(path, options, reading)
        match options.unit:
            case "sentence":
                for block, sentence in kept:
                    name = block.name or str(block.number)
                    yield Document(prefix + name, sentence.text, sentence.entities)
            case "document":
                for number, group in groupby(kept, key=lambda pair: pair[0].document):
                    yield join_sentences(f"{prefix}{number}", [sentence for _, sentence in group])
            case _:
                assert_never(options.unit)


def read_sentences(
    path: Path, options: ColumnOptions, reading: Reading
) -> Iterator[tuple[Block, Sentence]]:
    """The sentences of a file that are well formed and not skipped."""
    skip = [re.compile(pattern) for pattern in options.skip]
    marked = unmarked = 0
    for block in split_blocks(path, options):
        sentence = parse_block(block, path, options, reading)
        if sentence is None:
            continue
        if any(pattern.search(sentence.text) for pattern in skip):
            reading.note("sentences left out, as the options say")
            continue
        marked += sentence.marked
        unmarked += sentence.unmarked
        yield block, sentence
    if 0 < unmarked <= marked:  # where more are unmarked, that is how the file has it: IOB1
        reading.notes["mentions without an opening tag, repaired"] += unmarked


def split_blocks(path: Path, options: ColumnOptions) -> Iterator[Block]:
    """The rows of a file cut into sentences; a header that is kept is a block of its own."""
    number = document = 0
    name = ""
    rows: list[tuple[int, list[str]]] = []
    lines = read_rows(path, options.separator)
    if options.heading:
        next(lines, None)
    for line, row in chain(lines, [(0, [])]):
        whole = len(row) == len(options.columns)
        group = "-".join(options.pick(row, "group")) if whole else name
        outside = HEADER in row or is_boundary(row, options)
        if rows and (outside or group != name):
            yield Block(number, document, name, rows)
            number, rows = number + 1, []
        name = group
        if not outside:
            rows.append((line, row))
        elif HEADER in row:
            document += 1
            if options.keep_headers:
                yield Block(number, document, "", [(line, [HEADER])])
                number += 1


def is_boundary(row: Sequence[str], options: ColumnOptions) -> bool:
    """Whether a row ends a sentence and is in none."""
    if not row:
        return True
    match options.boundary:
        case "blank line" | "group":
            return False
        case "empty token":
            return len(row) == len(options.columns) and options.pick(row, "token") == [""]
        case _:
            assert_never(options.boundary)


def parse_block(
    block: Block, path: Path, options: ColumnOptions, reading: Reading
) -> Sentence | None:
    """A sentence of rows; None where a row is malformed, which is refused by its line."""
    tokens: list[str] = []
    layers: list[list[str]] = [[] for name in options.columns if name == "tag"]
    for line, row in block.rows:
        if row == [HEADER]:
            return Sentence(HEADER)
        try:
            token, tags = parse_row(row, options)
        except RecordError as error:
            reading.refuse(f"{path}:{line}", str(error))
            return None
        if not token:
            reading.note("blank tokens left out")
            continue
        tokens.append(token)
        for layer, tag in zip(layers, tags, strict=True):
            layer.append(tag)
    if not tokens:
        reading.note("document without text skipped")
        return None
    return build_sentence(tokens, layers, options.scheme)


def parse_row(row: Sequence[str], options: ColumnOptions) -> tuple[str, list[str]]:
    """A token, blanks around it removed, and its tags; RecordError says what was expected.

    The token may be empty, but only outside of mentions.
    """
    if len(row) != len(options.columns):
        raise RecordError(
            f"expected {len(options.columns)} columns ({', '.join(options.columns)}; separator "
            f"{options.separator!r}), got {len(row)}: {row!r:.80}"
        )
    tags = [options.tags.get(tag.strip(), tag.strip()) for tag in options.pick(row, "tag")]
    for tag in tags:
        split_tag(tag, options.scheme)
    [token] = options.pick(row, "token")
    if "\n" in token or not (token.strip() or set(tags) == {OUTSIDE}):
        raise RecordError(f"expected a token on one line, got {token!r:.80} with {tags}")
    return token.strip(), tags
