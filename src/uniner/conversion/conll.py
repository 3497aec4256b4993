"""CoNLL columns: a word a line, a TAB and its BIO2 tag, and a blank line after each passage."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from uniner.benchmark.document import Reading
from uniner.benchmark.readers import columns
from uniner.conversion.losses import Loss, number
from uniner.conversion.output import open_output
from uniner.conversion.rows import ground_document
from uniner.conversion.words import Worded, word
from uniner.records import Annotated
from uniner.records.store import read_lines

OUTSIDE = "O"


def read(path: Path, reading: Reading) -> Iterator[Annotated]:
    """A passage for each sentence, named by its place; the first column is words, the last tags."""
    for document in columns.read([path], sniff(path), reading):
        yield ground_document(document)


def sniff(path: Path) -> columns.ColumnOptions:
    """How the columns of a file are parted, and how many there are, by its first line.

    Standard input cannot be read twice: it must have two, with a TAB between them.
    """
    first = [] if str(path) == "-" else islice((s for _, s in read_lines(path) if s.strip()), 1)
    for line in first:
        tabs = "\t" in line
        width = len(line.split("\t") if tabs else line.split())
        between = ("-",) * max(0, width - 2)
        return columns.ColumnOptions(("token", *between, "tag"), "tab" if tabs else "any")
    return columns.ColumnOptions()


def write(path: Path, records: Iterable[Annotated], notes: Counter[str]) -> None:
    """Keeps the words of a passage and mentions of whole words that do not overlap."""
    with open_output(path) as stream:
        for record in number(records, notes):
            worded = word(record, notes, flat=True)
            if not worded.words:
                notes[Loss.WORDLESS] += 1
                continue
            rows = zip(worded.words, tag(worded, notes), strict=True)
            stream.write("".join(f"{text}\t{label}\n" for text, label in rows) + "\n")


def tag(worded: Worded, notes: Counter[str]) -> list[str]:
    """A BIO2 tag for each word; a type is one word, as some readers part columns at blanks."""
    tags = [OUTSIDE] * len(worded.words)
    for first, end, kind in worded.mentions:
        name = join_words(kind, notes)
        tags[first:end] = [f"B-{name}", *[f"I-{name}"] * (end - first - 1)]
    return tags


def join_words(kind: str, notes: Counter[str]) -> str:
    """A type as one word, `_` for what parts its words."""
    name = "_".join(kind.split())
    if name != kind:
        notes[Loss.TYPE] += 1
    return name
