"""Figures of a distilled data set, drawn with matplotlib."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from matplotlib.typing import RcStyleType

from uniner.corpus.naming import shorten
from uniner.corpus.statistics import BANDS, LENGTHS, Statistics

FORMATS = (".png", ".svg", ".pdf")

INK, MUTED = "#222222", "#5f6670"
BLUE = "#0072b2"
SHADES = ("#cfe3f1", "#fbe3c4", "#e6e6e6")
"""Blue, orange and grey differ in lightness too, so that they hold without colour."""

DOMAINS = 20
STYLE: RcStyleType = {
    "font.size": 9,
    "figure.constrained_layout.h_pad": 0.1,
    "figure.constrained_layout.w_pad": 0.1,
    "text.parse_math": False,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "svg.hashsalt": "uniner",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
}


def plot_statistics(statistics: Statistics, path: Path) -> None:
    """Draw how frequent types are, the lengths and the domains into a file of `FORMATS`."""
    with draw(path, (10.5, 6.2)) as figure:
        grid = figure.add_gridspec(2, 2, height_ratios=(2, 1), width_ratios=(1.25, 1))
        draw_types(figure.add_subplot(grid[0, 0]), statistics)
        draw_lengths(figure.add_subplot(grid[1, 0]), statistics)
        draw_domains(figure.add_subplot(grid[:, 1]), statistics)


@contextmanager
def draw(path: Path, size: tuple[float, float]) -> Iterator[Figure]:
    """A figure that is written to `path` when the block ends without an error."""
    with style.context(STYLE):
        figure = Figure(figsize=size, layout="constrained")
        yield figure
        drawn = BytesIO()
        kind = path.suffix.lower().removeprefix(".")
        # Without a date the same data give the same file.
        metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
        figure.savefig(drawn, format=kind, dpi=200, metadata=metadata)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(drawn.getvalue())


def draw_types(axes: Axes, statistics: Statistics) -> None:
    """Frequency by rank, both logarithmic, over the bands of table 1."""
    counts = [count for _, count in statistics.rank_types()]
    axes.set_title(f"{len(counts):,} types by frequency")
    axes.set(xlabel="rank of the type", ylabel="entities")
    if not counts:
        return
    first, last = 0.9, len(counts) * 1.1
    axes.set(xscale="log", yscale="log", xlim=(first, last), ylim=(0.7, counts[0] * 10))
    axes.plot(range(1, len(counts) + 1), counts, color=BLUE, linewidth=2, solid_capstyle="round")
    seen = 0
    for name, shade, band in zip(BANDS, SHADES, statistics.bands(), strict=True):
        if not band.types:
            continue
        start = seen + 0.5 if seen else first
        seen += len(band.types)
        end = last if seen == len(counts) else seen + 0.5
        axes.axvspan(start, end, color=shade, linewidth=0, zorder=0)
        axes.annotate(
            f"{name}\nof types:\n{band.share:.0%}\nof entities",
            ((start * end) ** 0.5, 0.98),
            xycoords=("data", "axes fraction"),
            ha="center",
            va="top",
        )
    name_thousands(axes)


def name_thousands(axes: Axes) -> None:
    """Whole numbers on both axes instead of powers."""
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axis.set_tick_params(which="minor", length=0)


def draw_lengths(axes: Axes, statistics: Statistics) -> None:
    """Passages by their number of words."""
    bars = axes.bar(
        LENGTHS, [group.passages for group in statistics.lengths], color=BLUE, width=0.7
    )
    axes.bar_label(bars, fmt="{:,.0f}", padding=2, color=MUTED)
    axes.set_title("Passages by length")
    axes.set_xlabel("words")
    axes.margins(y=0.15)
    leave_bars(axes, "y")


def draw_domains(axes: Axes, statistics: Statistics) -> None:
    """The domains with the most passages."""
    ranked = statistics.rank_domains()
    shown = ranked[:DOMAINS]
    names = [shorten(name) or "(none)" for name, _ in shown]
    bars = axes.barh(range(len(shown)), [group.passages for _, group in shown], color=BLUE)
    axes.bar_label(bars, fmt="{:,.0f}", padding=3, color=MUTED)
    axes.set_yticks(range(len(shown)), names)
    # A few bars stay bars, and do not grow to blocks.
    axes.set_ylim(max(len(shown), 10) - 0.4, -0.6)
    axes.margins(x=0.12)
    axes.set_title("Passages by domain")
    rest = ranked[DOMAINS:]
    if rest:
        passages = sum(group.passages for _, group in rest)
        axes.set_xlabel(f"and {len(rest):,} more domains with {passages:,} passages")
    leave_bars(axes, "x")


def leave_bars(axes: Axes, along: str) -> None:
    """Take away the axis along the bars, whose figures stand on them."""
    axes.set(**{f"{along}ticks": []})
    axes.spines["left" if along == "y" else "bottom"].set_visible(False)
    axes.tick_params(axis="x" if along == "y" else "y", length=0)
