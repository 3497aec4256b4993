"""`uniner extract`: find the entities of your types in a text."""

import io
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO, assert_never

import click

from uniner.cli.formats import Format, to_jsonl, to_lines, to_page, to_screen
from uniner.cli.inputs import Documents, Input, chunk_passages, open_documents, read_types
from uniner.cli.progress import can_redraw, show_progress
from uniner.evaluation.faults import count_faults, describe_faults
from uniner.records import ConfigError, InputError, Passage, Prediction
from uniner.records.store import write_whole
from uniner.students.extractor import Extractor

LONG_CHARACTERS = 50_000
"""Work on fewer characters is over before a progress bar is read."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says, before it is checked."""

    source: str | None
    types: str | None
    text: str | None
    model: str | None
    form: Format | None
    threshold: float | None
    nested: bool
    kind: Input | None
    out: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every document."""

    types: list[str]
    threshold: float | None
    nested: bool


@click.command()
@click.argument("source", required=False, metavar="[FILE|-]", type=click.Path())
@click.option("--types", help="Entity types: a,b,c or @FILE with one a line.")
@click.option("--text", help="A text to read in place of a file.")
@click.option("--model", help="A model's name, folder or address; the bundled one if not given.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "jsonl", "html"]),
    help="What to write; table, unless --out ends in .jsonl or .html.",
)
@click.option("--threshold", type=float, help="The lowest score kept, 0 to 1; the model's own.")
@click.option("--nested", is_flag=True, help="Let entities of different types overlap.")
@click.option(
    "--input",
    "kind",
    type=click.Choice(["text", "jsonl"]),
    help="One plain text, or passage records; by the file's name if not given.",
)
@click.option(
    "--out",
    type=click.Path(),
    help="A file to write, whole or not at all, in place of standard output.",
)
def command(**given: Any) -> None:
    """Find the entities of your types in FILE, in standard input or in --text.

    A .jsonl file holds passages, {"id", "text"} a line; any other file is one document.
    """
    run(Options(**given))


def run(options: Options) -> None:
    """Check everything that can be checked at once, then load the model and write results."""
    question = Question(
        read_types(options.types), check_threshold(options.threshold), options.nested
    )
    documents = open_documents(options.source, options.text, options.kind)
    if options.out is not None and Path(options.out).is_dir():
        raise ConfigError(f"--out {options.out}: is a folder; name a file in it")

    from uniner.students.load import load_extractor

    extractor = load_extractor(options.model)
    form = options.form or choose_format(options.out)
    name = Path(options.source or "-").name
    faults: Counter[str] = Counter()
    title = "Entities" if name == "-" else f"Entities in {name}"
    with open_output(options.out) as stream:
        predictions = extract(extractor, documents, question, on_screen=stream.isatty())
        predictions = note_faults(predictions, faults)
        # Input that is refused at once leaves no lone header behind.
        predictions = chain([*islice(predictions, 1)], predictions)
        for piece in render(predictions, form, stream, title=title, many=documents.many):
            stream.write(piece)
    if faults:
        click.echo(f"uniner: {describe_faults(dict(faults.most_common()))}", err=True)


def note_faults(predictions: Iterator[Prediction], faults: Counter[str]) -> Iterator[Prediction]:
    """The same predictions; their faults are counted by reason as they pass."""
    for prediction in predictions:
        faults.update(count_faults([prediction]))
        yield prediction


def check_threshold(threshold: float | None) -> float | None:
    """The threshold, if it is a probability."""
    if threshold is not None and not 0.0 <= threshold <= 1.0:
        raise ConfigError(f"--threshold {threshold} is not within [0, 1]; try 0.5")
    return threshold


def choose_format(out: str | None) -> Format:
    """The format that a file's name asks for."""
    match Path(out or "").suffix:
        case ".jsonl":
            return "jsonl"
        case ".html" | ".htm":
            return "html"
        case _:
            return "table"


def extract(
    extractor: Extractor, documents: Documents, question: Question, *, on_screen: bool
) -> Iterator[Prediction]:
    """Predictions in order, a bounded number held at a time.

    Many documents `on_screen` need no progress bar: their results are one.
    """

    def find(passages: list[Passage]) -> list[Prediction]:
        return extractor.extract(
            passages, question.types, question.threshold, nested=question.nested
        )

    size = documents.characters
    shown = (size is None or size > LONG_CHARACTERS) and can_redraw()
    if not documents.many:
        with show_progress("Extracting", None, shown=shown):
            found = find([*documents.passages])
        yield from found
        return
    with show_progress("Extracting", size, shown=shown and not on_screen) as advance:
        for chunk in chunk_passages(documents.passages):
            yield from find(chunk)
            advance(sum(len(passage.text) for passage in chunk))


def render(
    predictions: Iterator[Prediction], form: Format, stream: TextIO, *, title: str, many: bool
) -> Iterator[str]:
    """The predictions in pieces of text; a table is drawn on a terminal and plain elsewhere."""
    match form:
        case "jsonl":
            return to_jsonl(predictions)
        case "html":
            return to_page(predictions, title, many=many)
        case "table" if stream.isatty():
            from rich.console import Console

            width = shutil.get_terminal_size().columns
            return to_screen(predictions, Console(file=stream, width=width), many=many)
        case "table":
            return to_lines(predictions, many=many)
        case _:
            assert_never(form)


@contextmanager
def open_output(out: str | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears when it is whole."""
    if out is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        yield sys.stdout
        sys.stdout.flush()
        return
    try:
        with write_whole(out) as stream:
            yield stream
    except OSError as error:
        raise InputError(f"--out {out}: cannot be written ({error.strerror})") from None
