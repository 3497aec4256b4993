"""The tables of scores: averages, domains and data sets."""

from collections.abc import Iterator, Sequence

from uniner.benchmark.averages import (
    average_paper,
    average_rows,
    find_whole,
    list_repeats,
    set_beside,
)
from uniner.benchmark.comparison import AVERAGE, Comparison, Row
from uniner.benchmark.gather import System
from uniner.benchmark.paper import SYSTEMS
from uniner.evaluation.score import POLICIES, Policy
from uniner.serving.benchmark.tables import (
    NONE,
    Column,
    Part,
    Table,
    drop_empty,
    list_columns,
    paper_cells,
    show,
    show_average,
    show_estimate,
    show_points,
    show_share,
)

MAIN: Policy = "uniner2023"

COUNTED = (
    "uniner2023 counts as the paper's published scorer does, normalised strings without position; "
    "strict wants the same span and type; partial counts an overlap of the same type half. "
    "Figures are micro F1 in percent; averages are means over data sets, as in the paper. "
    "In brackets: 95 % intervals by resampling passages."
)
FIGURE5 = "†"
PAPERS = "The paper's figures are of every passage of the test split, by its own scorer."


def list_groups(comparison: Comparison) -> list[tuple[list[System], list[Row]]]:
    """Systems with the rows to average: all systems over what they share, then who has more."""
    shared = comparison.shared
    groups = [(list(comparison.systems), shared)] if shared else []
    for system in comparison.systems:
        own = comparison.rows_of(system.name)
        if len(own) > len(shared):
            groups.append(([system], own))
    return groups


def name_rows(rows: Sequence[Row]) -> str:
    """How many rows, and how many of them are less than a whole test split."""
    words = f"{len(rows):,} data set{'' if len(rows) == 1 else 's'}"
    parts = sum(bool(row.about) or row.split != "test" for row in rows)
    return (
        f"{words}, {parts:,} of them sampled, of another split or prepared otherwise"
        if parts
        else words
    )


def averages(comparison: Comparison) -> Part:
    """Means over data sets, and each of the paper's systems over the rows that it has."""
    tables, notes = [], [COUNTED]
    for systems, rows in list_groups(comparison):
        cells = [
            (system.name, *(show_average(average_rows(rows, system.name, p)) for p in POLICIES))
            for system in systems
        ]
        title = f"Average over {name_rows(rows)}"
        tables.append(Table(("System", *POLICIES), tuple(cells), title=title))
        notes += note_rows(systems, rows)
    if not comparison.shared:
        notes.append("The systems share no examples, so no average is over the same rows.")
    beside = tuple(row for system in comparison.systems for row in beside_cells(comparison, system))
    if beside:
        headers = ("System", "The paper's", "data sets", "ours", "the paper's", "difference")
        tables.append(Table(headers, beside, 2, f"Beside the paper, {MAIN}, on the same data sets"))
        notes.append(PAPERS)
    return Part("Averages", tuple(tables), tuple(dict.fromkeys(notes)))


def note_rows(systems: Sequence[System], rows: Sequence[Row]) -> Iterator[str]:
    """What to know of an average: rows without offsets, and data sets that it counts twice."""
    grounded = sum("strict" in row.sample.tables for row in rows)
    if grounded < len(rows):
        yield f"strict and partial: over the {grounded:,} of {len(rows):,} data sets with offsets."
    for system in systems:
        if repeats := list_repeats(rows, system.name):
            most = max(repeats.values(), key=len)
            yield (
                f"{system.name}: {len(repeats):,} data sets have several rows, and the average "
                f"counts each row ({', '.join(most)})."
            )


def beside_cells(comparison: Comparison, system: System) -> Iterator[tuple[str, ...]]:
    """Rows of the table that has the paper's systems beside one of ours."""
    rows = comparison.rows_of(system.name)
    for name, count, ours, paper in set_beside(rows, system, MAIN, SYSTEMS[system.mode]):
        yield (
            system.name,
            f"{name}, {system.mode}",
            f"{count:,}",
            show_estimate(ours),
            show(paper),
            show_points(ours.value - paper),
        )


def domains(comparison: Comparison) -> Part:
    """Means by domain."""
    columns = list_columns(comparison)
    tables = []
    for systems, rows in list_groups(comparison):
        cells = []
        for domain in [*comparison.list_domains(), AVERAGE]:
            inside = [row for row in rows if domain in (row.dataset.domain, AVERAGE)]
            if inside:
                ours = [show_average(average_rows(inside, s.name, MAIN)) for s in systems]
                paper = [show_domain(comparison, domain, inside, c) for c in columns.values()]
                cells.append((domain, f"{len(inside):,}", *ours, *paper))
        headers = ("Domain", "data sets", *(s.name for s in systems), *columns)
        tables.append(drop_empty(Table(headers, tuple(cells), title=f"Over {name_rows(rows)}")))
    notes = [f"{MAIN}. The paper's means are over the same data sets."]
    if any(FIGURE5 in cell for table in tables for row in table.rows for cell in row):
        notes.append(
            f"{FIGURE5}: of these the paper gives the mean of the whole domain alone (figure 5a). "
            "Where it gives both, that mean lies one point above the mean of its data sets."
        )
    return Part("By domain", tuple(tables), tuple(notes))


def show_domain(comparison: Comparison, domain: str, rows: Sequence[Row], column: Column) -> str:
    """The paper's mean over these rows, marked where it is the paper's own of a whole domain."""
    mean = average_paper(rows, column.system, column.mode)
    whole = find_whole(comparison, domain, rows, column.mode).get(column.system)
    return f"{show(whole)}{FIGURE5}" if mean is None and whole is not None else show(mean)


def datasets(comparison: Comparison) -> Part:
    """Every row, first under the paper's policy, then under each."""
    columns = list_columns(comparison)
    names = [system.name for system in comparison.systems]
    main = tuple(
        (
            row.title,
            row.dataset.domain,
            count_passages(row),
            *(show_estimate(row.f1.get(name, {}).get(MAIN)) for name in names),
            *paper_cells(row, columns),
        )
        for row in comparison.rows
    )
    headers = ("Data set", "Domain", "passages", *names, *columns)
    tables = [drop_empty(Table(headers, main, 2, f"{MAIN} F1"))]
    tables += [policies(comparison, name) for name in names]
    return Part("By data set", tuple(tables), (PAPERS,))


def count_passages(row: Row) -> str:
    """How many passages were asked, and of how many."""
    asked, available = row.sample.passages, row.sample.files.available
    return f"{asked:,}" + (f" of {available:,}" if asked < available else "")


def policies(comparison: Comparison, name: str) -> Table:
    """One system's precision, recall and F1 under each policy."""
    columns = {
        header: column
        for header, column in list_columns(comparison).items()
        if any(s.name == name and s.mode == column.mode for s in comparison.systems)
    }
    cells = []
    for row in comparison.rows_of(name):
        figures: list[str] = []
        for policy in POLICIES:
            counts = row.marks[name].micro(policy)
            figures += (
                [show_share(counts.precision), show_share(counts.recall), show_share(counts.f1)]
                if counts
                else [NONE] * 3
            )
        cells.append((row.title, *figures, *paper_cells(row, columns, partial=True)))
    headers = [f"{policy} {figure}" for policy in POLICIES for figure in ("P", "R", "F1")]
    paper = [f"{header}, partial" for header in columns]
    return drop_empty(Table(("Data set", *headers, *paper), tuple(cells), title=name))
