"""Records of one text each: JSON lines, a JSON list, Parquet, or a saved Hugging Face data set.

A record holds tokens with a tag for each of them, tokens with spans of tokens, or a text with
spans of characters; which keys hold what is said by the options.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal, NamedTuple, assert_never

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.records import open_rows
from uniner.records import ConfigError, Entity, RecordError, Span
from uniner.records.types import check_characters
from uniner.text.tags import Scheme, decode, opens_unmarked


@dataclass(frozen=True, slots=True)
class RowOptions:
    """Which keys of a record hold what.

    `layout` tags: `tokens` and `tags` (strings, or numbers of `names`; data sets that know their
    names need none). token_spans: `tokens` and `spans`. text_spans: `text` and `spans`. A span is
    an object with the three keys `span` (start, end, label) or a list with these as positions
    ("0"). `where` keeps the records whose keys have these values.
    """

    layout: Literal["tags", "token_spans", "text_spans"] = "tags"
    tokens: str = "tokens"
    tags: str = "ner_tags"
    names: tuple[str, ...] = ()
    scheme: Scheme = "iob"
    text: str = "text"
    spans: str = "entities"
    span: tuple[str, ...] = ("start", "end", "label")
    last: Literal["exclusive", "inclusive"] = "exclusive"
    where: Mapping[str, str] = field(default_factory=dict)
    id: str | None = None

    def __post_init__(self) -> None:
        if len(self.span) != 3:
            raise ConfigError(f"span must name start, end and label, not {list(self.span)}")


class Marked(NamedTuple):
    """A text and its mentions as spans of characters."""

    text: str
    mentions: list[tuple[Span, str]]


def read(paths: Sequence[Path], options: RowOptions, reading: Reading) -> Iterator[Document]:
    """One document for each record, named by its place in the file where no key is given."""
    seen: set[str] = set()
    for path in paths:
        prefix = f"{path.stem}-" if len(paths) > 1 else ""
        for row in open_rows(path, reading):
            try:
                record = check_record(row.value, [*options.where])
                if any(str(record[key]) != value for key, value in options.where.items()):
                    continue
                marked = read_marked(record, row.names, options, reading)
                name = prefix + (read_id(record, options.id) if options.id else str(row.place))
                if options.id and name in seen:
                    raise RecordError(f"expected an id of its own, got {name!r} again")
                check_characters(marked.text, "the text")
            except RecordError as error:
                reading.refuse(row.where, str(error))
                continue
            if not marked.text.strip():
                reading.note("document without text skipped")
                continue
            if options.id:
                seen.add(name)
            yield Document(name, marked.text, place_entities(marked, row.where, reading))


def check_record(value: object, keys: Sequence[str]) -> dict[str, Any]:
    """A record that has all of these keys."""
    if not isinstance(value, dict):
        raise RecordError(f"expected an object, got {value!r:.80}")
    if missing := [key for key in keys if key not in value]:
        raise RecordError(f"expected keys {missing}, got {sorted(value)}")
    return value


def read_id(record: Mapping[str, Any], key: str) -> str:
    """The record's own name."""
    value = record.get(key)
    if not isinstance(value, str | int) or value == "":
        raise RecordError(f"expected a string or a number as {key!r}, got {value!r:.80}")
    return str(value)


def read_marked(
    record: dict[str, Any],
    names: Mapping[str, tuple[str, ...]],
    options: RowOptions,
    reading: Reading,
) -> Marked:
    """The text and mentions of a record; RecordError says what was expected of it."""
    match options.layout:
        case "tags":
            check_record(record, [options.tokens, options.tags])
            tokens = read_tokens(record, options)
            tags = read_tags(record[options.tags], options.names or names.get(options.tags, ()))
            if len(tags) != len(tokens):
                raise RecordError(f"expected {len(tokens)} tags, one a token, got {len(tags)}")
            mentions = decode(tags, options.scheme)
            for mention in mentions:
                if options.scheme == "iob" and opens_unmarked(tags[mention.first]):
                    reading.note("mentions without an opening tag, repaired")
            return join_tokens(tokens, mentions)
        case "token_spans":
            check_record(record, [options.tokens, options.spans])
            return join_tokens(read_tokens(record, options), read_spans(record, options))
        case "text_spans":
            check_record(record, [options.text, options.spans])
            if not isinstance(text := record[options.text], str):
                raise RecordError(f"expected a string as {options.text!r}, got {text!r:.80}")
            spans = read_spans(record, options)
            return Marked(text, [(Span(first, end), label) for first, end, label in spans])
        case _:
            assert_never(options.layout)


def read_tokens(record: Mapping[str, Any], options: RowOptions) -> list[str]:
    """The tokens of a record."""
    tokens = record[options.tokens]
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        raise RecordError(f"expected a list of strings as {options.tokens!r}, got {tokens!r:.80}")
    return tokens


def read_tags(values: object, names: Sequence[str]) -> list[str]:
    """The tags of a record as strings; numbers stand for `names`, counted from 0."""
    if not isinstance(values, list):
        raise RecordError(f"expected a list of tags, got {values!r:.80}")
    tags = []
    for value in values:
        if isinstance(value, str):
            tags.append(value)
        elif type(value) is int and 0 <= value < len(names):
            tags.append(names[value])
        else:
            raise RecordError(
                f"expected a tag or a number of one of {len(names)} names, got {value!r:.80}; "
                "numbers need the key `names` where the data set does not give them"
            )
    return tags


def read_spans(record: Mapping[str, Any], options: RowOptions) -> list[tuple[int, int, str]]:
    """The spans of a record as (first, end, label), their end excluded."""
    items = record[options.spans]
    if not isinstance(items, list):
        raise RecordError(f"expected a list as {options.spans!r}, got {items!r:.80}")
    return [read_span(item, options) for item in items]


def read_span(item: object, options: RowOptions) -> tuple[int, int, str]:
    """One span of a record."""
    keys = options.span
    parts: list[object] = []
    if isinstance(item, dict):
        parts = [item.get(key) for key in keys]
    elif isinstance(item, list):
        parts = [item[int(k)] for k in keys if k.isdecimal() and int(k) < len(item)]
    match parts:
        case [int(first), int(end), str(label)] if type(first) is type(end) is int:
            match options.last:
                case "exclusive":
                    return first, end, label
                case "inclusive":
                    return first, end + 1, label
                case _:
                    assert_never(options.last)
        case _:
            raise RecordError(f"expected a span with start, end, label at {keys}, got {item!r:.80}")


def join_tokens(tokens: Sequence[str], spans: Sequence[tuple[int, int, str]]) -> Marked:
    """Tokens as a text with one blank between them, and spans of tokens as spans of characters."""
    starts = list(accumulate((len(token) + 1 for token in tokens), initial=0))
    mentions = []
    for first, end, label in spans:
        if not 0 <= first < end <= len(tokens):
            raise RecordError(
                f"expected a mention within {len(tokens)} tokens, got [{first}, {end}) {label!r}"
            )
        mentions.append((Span(starts[first], starts[end] - 1), label))
    return Marked(" ".join(tokens), mentions)


def place_entities(marked: Marked, where: str, reading: Reading) -> tuple[Entity, ...]:
    """The entities of a text; a span without text in it, or without a label, is refused."""
    entities = []
    for (start, end), label in marked.mentions:
        try:
            entities.append(Entity(start, end, marked.text[start:end], label))
        except RecordError as error:
            size = len(marked.text)
            reading.refuse(where, f"expected mentions within {size} characters: {error}")
    return tuple(entities)
