"""What a report says, before it is Markdown or HTML: parts with notes and tables of strings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from uniner.benchmark.averages import Average
from uniner.benchmark.comparison import Comparison, Row
from uniner.benchmark.estimate import Estimate
from uniner.benchmark.paper import MODES, SYSTEMS, Mode
from uniner.evaluation.report import rounded

NONE = "–"


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as they are shown; the first `left` columns are names, the others figures."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left: int = 1
    title: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the report under a heading."""

    title: str
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()


REFERENCE = "UniNER-7B"


class Column(NamedTuple):
    """A system of the paper, in the mode in which it has figures."""

    mode: Mode
    system: str


def list_columns(comparison: Comparison) -> dict[str, Column]:
    """The paper's systems by the headers of their columns, for the modes of these systems.

    The supervised figure of its own student is always among them: what training on the data gives.
    """
    modes = {system.mode for system in comparison.systems}
    columns = {}
    for mode in MODES:
        named = mode == "supervised" or len(modes) > 1
        for system in SYSTEMS[mode]:
            if mode in modes or (mode == "supervised" and system == REFERENCE):
                columns[f"{system}, {mode}" if named else system] = Column(mode, system)
    return columns


def paper_cells(row: Row, columns: dict[str, Column], *, partial: bool = False) -> list[str]:
    """The paper's figures of a row."""
    return [
        show(row.paper(column.mode, partial=partial).get(column.system))
        for column in columns.values()
    ]


def show(figure: float | None) -> str:
    """A figure in percent, rounded as the other files round it first."""
    return NONE if figure is None else f"{rounded(figure):.1f}"


def show_share(share: float) -> str:
    """A share in percent."""
    return show(100 * share)


def show_estimate(estimate: Estimate | None) -> str:
    """A figure with its interval."""
    if estimate is None:
        return NONE
    low, high = estimate.interval
    return f"{show(estimate.value)} ({show(low)} to {show(high)})"


def show_average(average: Average | None) -> str:
    """A mean with its interval."""
    return show_estimate(average.f1 if average else None)


def show_points(points: float) -> str:
    """A difference with its sign."""
    return f"{rounded(points):+.1f}"


def drop_empty(table: Table) -> Table:
    """The table without columns of figures in which no row has any."""
    kept = [
        index
        for index in range(len(table.headers))
        if index < table.left or any(row[index] != NONE for row in table.rows)
    ]
    return Table(
        pick(table.headers, kept),
        tuple(pick(row, kept) for row in table.rows),
        table.left,
        table.title,
    )


def pick(cells: Sequence[str], kept: Sequence[int]) -> tuple[str, ...]:
    """Some of the cells."""
    return tuple(cells[index] for index in kept)
