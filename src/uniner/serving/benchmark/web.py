"""A report as one HTML page: tables, charts, and errors in context."""

from collections.abc import Iterable, Mapping, Sequence

from uniner.benchmark.comparison import Comparison
from uniner.benchmark.mistakes import KINDS, Case, choose_cases
from uniner.serving.benchmark.tables import Part, Table
from uniner.serving.page import cell, highlight, page, quote, read_asset

ERRORS, CASES = "Errors", "Errors in context"

LONG = 30
"""Rows from which on a table scrolls by itself."""


def write_page(
    title: str, parts: Sequence[Part], charts: Mapping[str, str], comparison: Comparison
) -> str:
    """The parts in order, under each heading its chart (HTML) if it has one; errors in context.

    Without examples in the comparison no text of a data set is in the page.
    """
    if comparison.settings.examples:
        place = next(n for n, part in enumerate(parts, 1) if part.title == ERRORS)
        parts = [*parts[:place], Part(CASES), *parts[place:]]
    drawn = {**charts, CASES: write_cases(comparison)}
    links = "".join(f'<a href="#part-{n}">{quote(p.title)}</a>' for n, p in enumerate(parts))
    body = [f"<style>\n{read_asset('benchmark/report.css')}</style>", f"<nav>{links}</nav>"]
    for number, part in enumerate(parts):
        body += write_part(number, part, drawn.get(part.title, ""))
    return page(title, "\n".join(body))


def write_part(number: int, part: Part, drawn: str) -> list[str]:
    """A heading and what is under it; `drawn` is HTML."""
    notes = [f'<p class="note">{quote(note)}</p>' for note in part.notes]
    heading = f'<h2 id="part-{number}">{quote(part.title)}</h2>'
    return [heading, *notes, drawn, *map(write_table, part.tables)]


def write_table(table: Table) -> str:
    """A table; names to the left, figures to the right."""
    title = f"<h3>{quote(table.title)}</h3>" if table.title else ""
    rows = "\n".join(write_row("td", row, table.left) for row in table.rows)
    head = write_row("th", table.headers, table.left) if any(table.headers) else ""
    kind = "wide tall" if len(table.rows) > LONG else "wide"
    return (
        f'{title}<div class="{kind}"><table><thead>{head}</thead>\n'
        f"<tbody>\n{rows}\n</tbody></table></div>"
    )


def write_row(tag: str, cells: Iterable[str], left: int) -> str:
    """One row of a table."""
    drawn = "".join(cell(tag, text, index >= left) for index, text in enumerate(cells))
    return f"<tr>{drawn}</tr>"


def write_cases(comparison: Comparison) -> str:
    """A few errors of each kind of each system, drawn by the seed; empty where none are kept."""
    settings = comparison.settings
    pieces = []
    for system in comparison.systems:
        groups = [row.marks[system.name].mistakes.cases for row in comparison.rows_of(system.name)]
        cases = choose_cases(groups, settings.examples, settings.seed)
        for kind in KINDS:
            chosen = [case for case in cases if case.kind == kind]
            if chosen:
                pieces.append(f"<h3>{quote(system.name)}: {kind}</h3>")
                pieces += map(write_case, chosen)
    return "\n".join(pieces)


def write_case(case: Case) -> str:
    """One error: what it is, and the text as it should be and as it was marked."""
    sides = "\n".join(
        f'<div><p class="note">{name}</p>{highlight(case.text, entities)}</div>'
        for name, entities in (("gold", case.gold), ("predicted", case.predicted))
    )
    about = f'<p class="note">{quote(case.dataset)}: {quote(case.what)}</p>'
    return f'<div class="case">{about}\n<div class="pair">{sides}</div></div>'
