"""GLiNER's training data: a JSON list of `{"tokenized_text", "ner": [[first, last, type], ...]}`.

The last word of a mention is counted in.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from uniner.benchmark.document import Reading
from uniner.benchmark.readers.rows import RowOptions
from uniner.conversion.losses import Loss, number
from uniner.conversion.output import write_list
from uniner.conversion.rows import read_rows
from uniner.conversion.words import word
from uniner.records import Annotated

LAYOUT = RowOptions(
    layout="token_spans",
    tokens="tokenized_text",
    spans="ner",
    span=("0", "1", "2"),
    last="inclusive",
)


def read(path: Path, reading: Reading) -> Iterator[Annotated]:
    """A passage for each record, its words with one blank between them."""
    return read_rows(path, lambda _: LAYOUT, reading)


def write(path: Path, records: Iterable[Annotated], notes: Counter[str]) -> None:
    """Keeps the words of a passage and mentions of whole words, nested ones too."""
    write_list(path, make_rows(records, notes))


def make_rows(records: Iterable[Annotated], notes: Counter[str]) -> Iterator[dict[str, Any]]:
    """The records of the list."""
    for record in number(records, notes):
        worded = word(record, notes, flat=False)
        if not worded.words:
            notes[Loss.WORDLESS] += 1
            continue
        mentions = [[first, end - 1, kind] for first, end, kind in worded.mentions]
        yield {"tokenized_text": worded.words, "ner": mentions}
