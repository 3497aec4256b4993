"""CSV tables of texts, each with its mentions as a JSON list of spans of characters."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.tables import read_csv
from uniner.records import ConfigError, Entity, InputError, RecordError, Span
from uniner.records.types import check_type

NEARBY = 20
"""Characters on each side of a span in which a mention that is not there is looked for."""

QUOTES = str.maketrans(dict.fromkeys('"“”„‟″‘’‚‛′`´', "'"))


@dataclass(frozen=True, slots=True)
class CsvSpanOptions:
    """The columns of text and spans, by their heading, and the keys of a span.

    `span`: the keys of start, end (excluded) and label. `mention`: the key of the words that stand
    there, by which spans are checked and mended; without it they are taken as they are.
    """

    text: str = "text"
    spans: str = "entities"
    span: tuple[str, ...] = ("start", "end", "label")
    mention: str | None = None

    def __post_init__(self) -> None:
        if len(self.span) != 3:
            raise ConfigError(f"span must name start, end and label, not {list(self.span)}")


def read(paths: Sequence[Path], options: CsvSpanOptions, reading: Reading) -> Iterator[Document]:
    """One document for each row, named by its number in the file, from 0."""
    for path in paths:
        prefix = f"{path.stem}-" if len(paths) > 1 else ""
        rows = read_csv(path)
        _, heading = next(rows, (0, []))
        if missing := [name for name in (options.text, options.spans) if name not in heading]:
            raise InputError(f"{path}:1: expected columns {missing}, got {heading!r:.200}")
        for number, (line, row) in enumerate((line, row) for line, row in rows if row):
            where = f"{path}:{line}"
            try:
                text, items = read_row(row, heading, options)
            except RecordError as error:
                reading.refuse(where, str(error))
                continue
            if not text.strip():
                reading.note("document without text skipped")
                continue
            entities = place_items(items, text, options, reading, where)
            yield Document(f"{prefix}{number}", text, tuple(entities))


def read_row(
    row: Sequence[str], heading: Sequence[str], options: CsvSpanOptions
) -> tuple[str, list[Any]]:
    """The text of a row and its list of spans; RecordError says what was expected."""
    if len(row) != len(heading):
        raise RecordError(f"expected {len(heading)} columns, got {len(row)}")
    fields = dict(zip(heading, row, strict=True))
    try:
        items = json.loads(fields[options.spans])
    except (ValueError, RecursionError):
        items = None
    if not isinstance(items, list):
        got = fields[options.spans]
        raise RecordError(f"expected a JSON list as {options.spans!r}, got {got!r:.80}")
    return fields[options.text], items


def place_items(
    items: Sequence[object], text: str, options: CsvSpanOptions, reading: Reading, where: str
) -> Iterator[Entity]:
    """The mentions of a text; a malformed one is refused, one that is not there dropped."""
    for item in items:
        try:
            span, label, mention = read_item(item, options)
            if mention is not None:
                place = find_mention(mention, span, text, reading)
            elif span.end <= len(text):
                place = span
            else:
                raise RecordError(f"expected a span within {len(text)} characters, got {span}")
        except RecordError as error:
            reading.refuse(where, str(error))
            continue
        if place is not None:
            yield Entity(*place, text[place.start : place.end], label)


def read_item(item: object, options: CsvSpanOptions) -> tuple[Span, str, str | None]:
    """Where a mention stands, its label, and its words where the options name their key."""
    fields: Mapping[str, object] = item if isinstance(item, dict) else {}
    start, end, label = (fields.get(key) for key in options.span)
    mention = fields.get(options.mention) if options.mention else None
    match start, end, label, mention:
        case int(), int(), str(), None | str() if type(start) is type(end) is int:
            if 0 <= start < end and bool(options.mention) == bool(mention):
                return Span(start, end), check_type(label), mention
    keys = [*options.span, *filter(None, [options.mention])]
    raise RecordError(f"expected a mention with {keys}, got {item!r:.120}")


def find_mention(mention: str, span: Span, text: str, reading: Reading) -> Span | None:
    """Where a mention really stands: at its span, or nearby exactly once; repairs are noted."""
    found = text[span.start : span.end]
    if found == mention:
        return Span(span.start, span.start + len(mention))
    if found.translate(QUOTES) == mention.translate(QUOTES):
        reading.note("mentions spelled with other quotation marks than the text, kept")
        return Span(span.start, span.start + len(mention))
    low, high = max(0, span.start - NEARBY), span.end + NEARBY
    places = [
        Span(start, start + len(mention))
        for start in range(low, min(high, len(text)))
        if text.startswith(mention, start, high)
    ]
    if len(places) == 1:
        reading.note("mentions at wrong offsets, found nearby")
        return places[0]
    reading.note("mentions that their text has not, dropped")
    return None
