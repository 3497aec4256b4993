"""Tables on standard output: as wide as the terminal, or as wide as they need elsewhere."""

import shutil
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

WIDE = 400


def print_table(table: "Table", *notes: str) -> None:
    """Print a table and a line for each note under it."""
    from rich.console import Console

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDE
    console = Console(file=sys.stdout, width=width, highlight=False)
    console.print(table)
    for note in notes:
        console.print(note, markup=False, soft_wrap=True)


def new_table(title: str, *columns: str, left: int = 1) -> "Table":
    """A table whose first `left` columns hold names and whose other columns hold figures."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    heading = Text(title) if title else None
    table = Table(title=heading, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for index, column in enumerate(columns):
        if index < left:
            table.add_column(column, overflow="fold")
        else:
            table.add_column(column, justify="right", no_wrap=True)
    return table


def percent(figure: float | None) -> str:
    """A figure in percent with one digit after the point, or a dash."""
    return "–" if figure is None else f"{figure:.1f}"
