"""Charts of a comparison, drawn with matplotlib as SVG that takes its colours from the page."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.typing import RcStyleType

from uniner.benchmark.comparison import Comparison, Row
from uniner.benchmark.mistakes import KINDS
from uniner.corpus.naming import shorten
from uniner.serving.benchmark.scores import MAIN
from uniner.serving.benchmark.tables import Column, list_columns
from uniner.serving.page import quote

COLOURS = {
    "#010101": "var(--ink)",
    "#020202": "var(--soft)",
    "#030303": "var(--line)",
    "#040404": "var(--ground)",
    **{f"#1{n}1{n}1{n}": f"var(--series-{n})" for n in range(1, 6)},
}
"""What each colour of a figure is in the page; the ones drawn with only tell them apart."""

INK, SOFT, LINE, GROUND, *SERIES = COLOURS
MARKS = ("o", "D", "s", "^", "v", "*", "P", "X", "h", "d")
"""Of the paper's systems, those of both modes at most."""

WIDTH = 7.5
BAR = 0.2
"""Inches: of a chart, and of one bar with its gap."""

STYLE: RcStyleType = {
    "font.size": 9,
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.facecolor": "none",
    "axes.labelcolor": SOFT,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": INK,
    "ytick.major.size": 0,
    "svg.hashsalt": "uniner",
    "svg.fonttype": "none",
}


def chart_scores(comparison: Comparison) -> str:
    """F1 of every row by domain, a bar a system with its interval; the paper's systems as marks."""
    names = [system.name for system in comparison.systems][: len(SERIES)]
    rows = [row for row in comparison.rows if any(name in row.marks for name in names)]
    places, heads = place_rows(rows, len(names))
    height = (places[-1] + len(names) + 1) * BAR
    with draw(height + 1.0, "F1 by data set, with 95 % intervals") as (figure, svg):
        axes = figure.add_subplot()
        for number, name in enumerate(names):
            draw_bars(axes, rows, [place + number for place in places], name, SERIES[number])
        columns = list_columns(comparison)
        drawn = draw_marks(axes, rows, [p + (len(names) - 1) / 2 for p in places], columns)
        middles = [place + (len(names) - 1) / 2 for place in places]
        axes.set_yticks([*middles, *heads.values()], [*map(title_of, rows), *heads])
        for label in axes.get_yticklabels()[len(middles) :]:
            label.set_fontweight("bold")
        axes.set(xlim=(0, 100), ylim=(places[-1] + len(names), -1), xlabel=f"{MAIN} F1")
        axes.grid(axis="x", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        bars = [Patch(color=SERIES[n], label=shorten(name)) for n, name in enumerate(names)]
        figure.legend(handles=[*bars, *drawn], loc="outside upper left", ncols=4)
    return svg[0]


def place_rows(rows: Sequence[Row], size: int) -> tuple[list[int], dict[str, float]]:
    """Where each row's first bar stands, and the heading of each domain above its rows."""
    places: list[int] = []
    heads: dict[str, float] = {}
    here = 0
    for row in rows:
        if row.dataset.domain not in heads:
            heads[row.dataset.domain] = float(here)
            here += 1
        places.append(here)
        here += size + (size > 1)
    return places, heads


def title_of(row: Row) -> str:
    """A row as an axis shows it."""
    return shorten(row.title, 40)


def draw_bars(
    axes: Axes, rows: Sequence[Row], places: Sequence[float], name: str, colour: str
) -> None:
    """One system's bars."""
    known = [(p, row.f1[name][MAIN]) for p, row in zip(places, rows, strict=True) if name in row.f1]
    if not known:
        return
    values = [estimate.value for _, estimate in known]
    # A figure can lie outside of the percentiles of its resamples, where there are few passages.
    low = [max(0.0, e.value - e.interval.low) for _, e in known]
    high = [max(0.0, e.interval.high - e.value) for _, e in known]
    axes.barh([place for place, _ in known], values, height=0.72, color=colour)
    axes.errorbar(
        values,
        [place for place, _ in known],
        xerr=[low, high],
        fmt="none",
        color=INK,
        elinewidth=1.1,
        capsize=2,
    )


def draw_marks(
    axes: Axes, rows: Sequence[Row], places: Sequence[float], columns: dict[str, Column]
) -> list[Line2D]:
    """The paper's figures, a mark a system; returns what the legend shows."""
    shown = []
    for (header, column), mark in zip(columns.items(), MARKS, strict=False):
        known = [
            (figure, place)
            for place, row in zip(places, rows, strict=True)
            if (figure := row.paper(column.mode).get(column.system)) is not None
        ]
        if known:
            [line] = axes.plot(
                [figure for figure, _ in known],
                [place for _, place in known],
                mark,
                color=GROUND,
                markeredgecolor=INK,
                markersize=5,
                label=header,
                linestyle="none",
            )
            shown.append(line)
    return shown


def chart_errors(comparison: Comparison) -> str:
    """The first system's errors of every row, by kind, as parts of a whole."""
    name = comparison.systems[0].name
    rows = [r for r in comparison.rows_of(name) if sum(r.marks[name].mistakes.counts.values())]
    if not rows:
        return ""
    with draw(len(rows) * 1.25 * BAR + 1.0, f"Errors of {name} by kind") as (figure, svg):
        axes = figure.add_subplot()
        starts = [0.0] * len(rows)
        totals = [sum(row.marks[name].mistakes.counts.values()) for row in rows]
        for kind, colour in zip(KINDS, SERIES, strict=True):
            counts = [row.marks[name].mistakes.counts[kind] for row in rows]
            parts = [100 * n / total for n, total in zip(counts, totals, strict=True)]
            axes.barh(range(len(rows)), parts, left=starts, height=0.7, color=colour, label=kind)
            starts = [start + part for start, part in zip(starts, parts, strict=True)]
        for place, total in enumerate(totals):
            axes.text(101, place, f"{total:,}", va="center", color=SOFT)
        axes.set_yticks(range(len(rows)), [*map(title_of, rows)])
        axes.set(xlim=(0, 100), ylim=(len(rows) - 0.4, -0.6), xlabel="% of errors, and how many")
        figure.legend(loc="outside upper left", ncols=len(KINDS))
    return svg[0]


@contextmanager
def draw(height: float, label: str) -> Iterator[tuple[Figure, list[str]]]:
    """A figure, and a list that holds it as SVG when the block ends without an error."""
    drawn: list[str] = []
    with style.context(STYLE):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        yield figure, drawn
        stream = StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None})
    drawn.append(inline(stream.getvalue(), label))


def inline(svg: str, label: str) -> str:
    """A figure's SVG as a part of a page: no prologue, no addresses, the page's own colours."""
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' xmlns(:\w+)?="[^"]*"| (width|height)="[\d.]+pt"', "", svg)
    svg = re.sub(r"font: ([^;\"]*?)'DejaVu Sans'[^;\"]*", r"font: \1system-ui, sans-serif", svg)
    prefix = re.sub(r"\W", "", label)
    svg = re.sub(r'(id="|href="#|url\(#)', rf"\1{prefix}-", svg)
    for drawn, shown in COLOURS.items():
        svg = svg.replace(drawn, shown)
    start = svg.index("<svg ")
    head = f'<svg class="chart" role="img" aria-label="{quote(label)}" '
    return head + svg[start + len("<svg ") :]
