"""Stand-off tables of whole articles: one for sentences, one for tokens with tags (SOFC-Exp).

A folder holds `texts/NAME.txt`, `annotations/sentences/NAME.csv` (number, flag, start, end in the
text) and `annotations/entity_types_and_slots/NAME.csv` (sentence, token, start, end in the
sentence, tag of the type, tag of the slot), parted by TAB, without a heading; a table in the folder
says which split each article is in.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple, assert_never

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.placing import read_text
from uniner.records import ConfigError, Entity, InputError, RecordError, Span
from uniner.records.store import open_input, read_lines
from uniner.text.tags import decode, split_tag


@dataclass(frozen=True, slots=True)
class StandoffOptions:
    """Which articles, sentences and tags are read.

    `part` is the value of the column `set` in the table `metadata`, whose column `name` names the
    articles; without it all are read. `kept` flagged leaves out sentences whose flag is 0.
    """

    part: str | None = None
    metadata: str = "metadata.csv"
    tags: Literal["types", "slots"] = "types"
    kept: Literal["flagged", "all"] = "flagged"


class Token(NamedTuple):
    """A token of a sentence, where its line is, its characters in the sentence, and its tag."""

    where: str
    sentence: int
    span: Span
    tag: str


def read(paths: Sequence[Path], options: StandoffOptions, reading: Reading) -> Iterator[Document]:
    """One document for each sentence that is kept, named by its article and number."""
    for folder in paths:
        prefix = f"{folder.name}/" if len(paths) > 1 else ""
        for name in list_articles(folder, options):
            yield from read_article(folder, name, prefix, options, reading)


def list_articles(folder: Path, options: StandoffOptions) -> list[str]:
    """The articles of a folder, or those of one split in the order of its table."""
    texts = sorted(path.stem for path in (folder / "texts").glob("*.txt"))
    if not texts:
        raise InputError(f"{folder}: expected articles as texts/*.txt in this folder")
    if options.part is None:
        return texts
    path = folder / options.metadata
    with open_input(path) as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    if not rows or not {"name", "set"} <= set(rows[0]):
        raise InputError(f"{path}: expected a table with the columns 'name' and 'set', by TAB")
    names = [row["name"] for row in rows if row["set"] == options.part]
    if not names:
        known = sorted({str(row["set"]) for row in rows})
        raise ConfigError(f"{path}: no article is in part {options.part!r}; there are {known}")
    return names


def read_article(
    folder: Path, name: str, prefix: str, options: StandoffOptions, reading: Reading
) -> Iterator[Document]:
    """The sentences of an article."""
    text = read_text(folder / "texts" / f"{name}.txt")
    tables = folder / "annotations"
    tokens = list(read_tokens(tables / "entity_types_and_slots" / f"{name}.csv", options, reading))
    of_sentence = {
        number: list(group) for number, group in groupby(tokens, key=lambda token: token.sentence)
    }
    path = tables / "sentences" / f"{name}.csv"
    for line, columns in read_table(path):
        match columns:
            case [number, flag, start, end] if (
                all(column.isdecimal() for column in columns)
                and int(start) < int(end) <= len(text)
                and flag in ("0", "1")
            ):
                pass
            case _:
                reading.refuse(
                    f"{path}:{line}",
                    f"expected NUMBER, 0 or 1, START and END within {len(text)} characters by TAB, "
                    f"got {columns}",
                )
                continue
        match options.kept:
            case "flagged" if flag == "0":
                continue
            case "flagged" | "all":
                pass
            case _:
                assert_never(options.kept)
        sentence = text[int(start) : int(end)]
        entities = place_tags(sentence, of_sentence.get(int(number), []), reading)
        yield Document(f"{prefix}{name}-{number}", sentence, entities)


def read_table(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The numbered rows of a table without a heading."""
    for number, line in read_lines(path):
        if line.strip():
            yield number, line.rstrip("\n").split("\t")


def read_tokens(path: Path, options: StandoffOptions, reading: Reading) -> Iterator[Token]:
    """The tokens of an article with the tags of the column that is asked for."""
    for number, columns in read_table(path):
        match columns:
            case [sentence, token, start, end, kind, slot] if all(
                column.isdecimal() for column in (sentence, token, start, end)
            ) and int(start) < int(end):
                match options.tags:
                    case "types":
                        tag = kind
                    case "slots":
                        tag = slot
                    case _:
                        assert_never(options.tags)
                where = f"{path}:{number}"
                try:
                    split_tag(tag)
                except RecordError as error:
                    reading.refuse(where, str(error))
                else:
                    yield Token(where, int(sentence), Span(int(start), int(end)), tag)
            case _:
                reading.refuse(
                    f"{path}:{number}",
                    f"expected SENTENCE, TOKEN, START, END, type and slot by TAB, got {columns}",
                )


def place_tags(sentence: str, tokens: Sequence[Token], reading: Reading) -> tuple[Entity, ...]:
    """The entities that the tags of a sentence's tokens make."""
    entities = []
    for token in tokens:
        if token.span.end > len(sentence):
            reading.refuse(
                token.where, f"expected a token within the sentence's {len(sentence)} characters"
            )
            return ()
    for first, end, label in decode([token.tag for token in tokens]):
        span = Span(tokens[first].span.start, tokens[end - 1].span.end)
        entities.append(Entity(*span, sentence[span.start : span.end], label))
    return tuple(entities)
