"""Predictions as text a person or a program reads: each format a stream of pieces."""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from uniner.records import Prediction
from uniner.records.store import to_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

Format = Literal["table", "jsonl", "html"]

SHOWN_CHARACTERS = 5000
"""A longer document scrolls away above its own table, so a terminal shows the table alone."""

UNSAFE = dict.fromkeys((*range(32), *range(127, 160)), "\N{REPLACEMENT CHARACTER}")
UNSAFE |= {ord("\n"): "\n", ord("\t"): " ", ord("\r"): " "}
"""Control characters could move a terminal's cursor or recolour it; each becomes one other."""


def to_jsonl(predictions: Iterable[Prediction]) -> Iterator[str]:
    """One prediction record a line."""
    for prediction in predictions:
        yield json.dumps(to_json(prediction), ensure_ascii=False) + "\n"


def to_lines(predictions: Iterable[Prediction], *, many: bool) -> Iterator[str]:
    """One entity a line, its fields between tabs, under a header; with `many`, the id first."""
    yield ("id\t" if many else "") + "mention\ttype\tscore\tstart\tend\n"
    for prediction in predictions:
        first = f"{flatten(prediction.passage.id)}\t" if many else ""
        for entity in prediction.entities:
            score = "" if entity.score is None else f"{entity.score:.3f}"
            fields = (flatten(entity.text), flatten(entity.type), score, entity.start, entity.end)
            yield first + "\t".join(map(str, fields)) + "\n"


def flatten(text: str) -> str:
    """The text on one line, without tabs and control characters."""
    return " ".join(text.translate(UNSAFE).split())


def to_page(predictions: Iterable[Prediction], title: str, *, many: bool) -> Iterator[str]:
    """One self-contained HTML page with every text and its entities marked."""
    from uniner.serving.page import frame, highlight, legend, quote

    head, tail = frame(title)
    yield head
    for prediction in predictions:
        if many:
            yield f"<h2>{quote(prediction.passage.id)}</h2>\n"
        yield legend(prediction.entities) + "\n"
        yield highlight(prediction.passage.text, prediction.entities) + "\n"
    yield tail


def to_screen(
    predictions: Iterable[Prediction], console: "Console", *, many: bool
) -> Iterator[str]:
    """For a terminal: the text with its entities marked, then a table of them."""
    for prediction in predictions:
        with console.capture() as capture:
            if many:
                console.rule(flatten(prediction.passage.id), align="left")
            console.print(mark_text(prediction), end="\n\n")
            if prediction.entities:
                console.print(tabulate(prediction))
            else:
                console.print("No entities.", style="dim")
        yield capture.get()


def mark_text(prediction: Prediction) -> "Text":
    """The text with each entity on its type's colour, the inner one on top where they nest."""
    from rich.text import Text

    text = prediction.passage.text
    if len(text) > SHOWN_CHARACTERS:
        return Text(f"{len(text):,} characters, not shown here; --format html shows them.", "dim")
    marked = Text(text.translate(UNSAFE))
    for entity in sorted(prediction.entities, key=lambda e: e.start - e.end):
        marked.stylize(paint(entity.type), entity.start, entity.end)
    marked.rstrip()
    return marked


def tabulate(prediction: Prediction) -> "Table":
    """The entities as a table."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("mention")
    table.add_column("type")
    for name in ("score", "start", "end"):
        table.add_column(name, justify="right", no_wrap=True)
    for entity in prediction.entities:
        table.add_row(
            Text(flatten(entity.text)),
            Text(flatten(entity.type), paint(entity.type)),
            "" if entity.score is None else f"{entity.score:.3f}",
            str(entity.start),
            str(entity.end),
        )
    return table


def paint(type_name: str) -> str:
    """The style of a type: dark on the light colour that our pages draw it in too."""
    from colorsys import hls_to_rgb

    from uniner.serving.page import hue

    red, green, blue = (round(255 * part) for part in hls_to_rgb(hue(type_name) / 360, 0.8, 0.7))
    return f"bold #1a1a1a on #{red:02x}{green:02x}{blue:02x}"
