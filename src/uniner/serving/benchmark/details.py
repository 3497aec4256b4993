"""The tables behind the scores: significance, four views, weak types, kinds of errors."""

from uniner.benchmark.averages import compare_systems
from uniner.benchmark.comparison import Comparison, Row
from uniner.benchmark.mistakes import KINDS
from uniner.corpus.naming import shorten
from uniner.evaluation.counts import Counts
from uniner.evaluation.score import POLICIES, Policy
from uniner.evaluation.views import VIEWS, ViewCounts
from uniner.serving.benchmark.tables import (
    NONE,
    Part,
    Table,
    show_points,
    show_share,
)

ENOUGH = 10
"""Gold mentions that a type must have for its F1 to say something."""

POOLED = "all mentions together"

WEAKEST = 5
"""Types named of each data set."""


def views(comparison: Comparison) -> Part:
    """The four views of each system, over all data sets that have offsets and each of them."""
    headers = (
        *("Data set", "View", "correct", "incorrect", "partial", "missing", "spurious"),
        *("P", "R", "F1"),
    )
    tables = []
    for system in comparison.systems:
        cells, whole = [], dict.fromkeys(VIEWS, ViewCounts())
        for row in comparison.rows_of(system.name):
            for view, scores in row.marks[system.name].views.items():
                cells.append((row.title, view, *list_figures(scores.micro)))
                whole[view] += scores.micro
        cells += [(POOLED, view, *list_figures(counts)) for view, counts in whole.items()]
        if whole["strict"].possible:
            tables.append(Table(headers, tuple(cells), 2, system.name))
    notes = (
        "Mentions paired one to one, as SemEval-2013 task 9 and MUC have them. "
        "strict: the same span and type is right; exact: the same span, whatever the type; "
        "partial: an overlap is half right, whatever the type; type: an overlap of the same type. "
        "Any other overlap is incorrect.",
        "Data sets without offsets are not here.",
    )
    return Part("Four views", tuple(tables), notes)


def list_figures(counts: ViewCounts) -> list[str]:
    """What became of the mentions, and the shares that follow."""
    fates = (counts.correct, counts.incorrect, counts.partial, counts.missing, counts.spurious)
    shares = (counts.precision, counts.recall, counts.f1)
    return [*(f"{n:,}" for n in fates), *map(show_share, shares)]


def weakest(comparison: Comparison) -> Part:
    """Of each row the types that the first system is worst at, and the others beside it."""
    first, *others = (system.name for system in comparison.systems)
    cells = []
    for row in comparison.rows_of(first):
        policy = judge_by(row)
        types = row.marks[first].scores[policy].by_type
        known = [(name, counts) for name, counts in types.items() if counts.gold >= ENOUGH]
        for name, counts in sorted(known, key=lambda item: (item[1].f1, -item[1].gold))[:WEAKEST]:
            rivals = [find_f1(row, other, policy, name) for other in others]
            figures = (counts.precision, counts.recall, counts.f1)
            cells.append(
                (
                    row.title,
                    shorten(name),
                    policy,
                    f"{counts.gold:,}",
                    *map(show_share, figures),
                    *rivals,
                )
            )
    headers = ("Data set", "Type", "Policy", "gold", "P", "R", f"{first} F1", *others)
    note = f"Up to {WEAKEST} types of a data set, of those with at least {ENOUGH} gold mentions."
    return Part("Weakest types", (Table(headers, tuple(cells), 3),), (note,))


def judge_by(row: Row) -> Policy:
    """The strictest policy that fits."""
    return "strict" if "strict" in row.sample.scores else "uniner2023"


def find_f1(row: Row, system: str, policy: Policy, name: str) -> str:
    """The F1 of one type, where the system has the row."""
    if system not in row.marks:
        return NONE
    return show_share(row.marks[system].scores[policy].by_type.get(name, Counts()).f1)


def errors(comparison: Comparison) -> Part:
    """How many errors of each kind each system made."""
    cells = [
        (
            row.title,
            system.name,
            f"{sum(row.marks[system.name].gold.values()):,}",
            *(f"{row.marks[system.name].mistakes.counts[kind]:,}" for kind in KINDS),
        )
        for system in comparison.systems
        for row in comparison.rows_of(system.name)
    ]
    notes = (
        "boundary: the type of an overlapping gold mention, but another span; type: another type "
        "than an overlapping one; missed and spurious: gold or found alone; malformed: an answer, "
        "or a part of one, of no use. Each mention is in one error only.",
        "Data sets without offsets have no boundary or type errors: there a mention is missed or "
        "spurious.",
    )
    return Part("Errors", (Table(("Data set", "System", "gold", *KINDS), tuple(cells), 2),), notes)


def significance(comparison: Comparison) -> Part | None:
    """The first system against each other one; None where there is no other."""
    first, *others = (system.name for system in comparison.systems)
    if not others:
        return None
    tables = []
    for other in others:
        cells = [
            (
                policy,
                versus.title,
                f"{versus.rows:,}",
                show_points(versus.difference.value),
                "{} to {}".format(*map(show_points, versus.difference.comparison[1:3])),
                f"{versus.difference.comparison.p:.3f}",
            )
            for policy in POLICIES
            for versus in compare_systems(comparison, first, other, policy)
        ]
        headers = ("Policy", "Data set", "data sets", "difference", "95 % interval", "p")
        tables.append(Table(headers, tuple(cells), 2, f"{first} minus {other}"))
    notes = (
        "Points of F1 on the same passages. The interval is a paired bootstrap; p is the share of "
        "random exchanges of the two systems' answers that make a difference as great. "
        "No correction is made for looking at many data sets.",
    )
    return Part("Is the difference chance?", tuple(tables), notes)
