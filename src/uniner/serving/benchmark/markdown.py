"""A report as Markdown, for a repository or a terminal; no text of a data set is in it."""

import re
from collections.abc import Iterable, Sequence

from uniner.serving.benchmark.tables import Part, Table

SPECIAL = re.compile(r"([\\`*_\[\]<>|&~])")


def write_markdown(title: str, parts: Iterable[Part]) -> str:
    """The report's parts in order, each under a heading."""
    blocks = [f"# {escape(title)}"]
    for part in parts:
        blocks.append(f"## {escape(part.title)}")
        blocks += [escape(note) for note in part.notes]
        for table in part.tables:
            blocks += [f"**{escape(table.title)}**"] if table.title else []
            blocks.append(write_table(table))
    return "\n\n".join(blocks) + "\n"


def write_table(table: Table) -> str:
    """A pipe table; names to the left, figures to the right."""
    rule = [":--" if index < table.left else "--:" for index in range(len(table.headers))]
    rows = [map(escape, table.headers), rule, *(map(escape, row) for row in table.rows)]
    return "\n".join(write_row([*row]) for row in rows)


def write_row(cells: Sequence[str]) -> str:
    """One line of a pipe table."""
    return f"| {' | '.join(cells)} |"


def escape(text: str) -> str:
    """Any text on one line, none of it read as Markdown or HTML."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))
