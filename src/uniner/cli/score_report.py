"""What `uniner score` prints: tables, or one JSON object."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from uniner.cli.tables import new_table, percent, print_table
from uniner.evaluation.counts import Counts, Scores
from uniner.evaluation.report import rounded, scores_to_json, views_to_json
from uniner.evaluation.score import Policy
from uniner.evaluation.views import View, ViewScores

if TYPE_CHECKING:
    from uniner.evaluation.intervals import Comparison, Interval

ROWS = 20
"""Types that the table shows unless all are asked for."""


class Rival(NamedTuple):
    """Another prediction file, its scores, and how they compare with those that are reported."""

    path: str
    scores: Scores
    comparison: "Comparison"


class Report(NamedTuple):
    """The scores of one prediction file, and what else was asked."""

    policy: Policy
    asked: Literal["passages", "queries"]
    size: int
    scores: Scores
    views: Mapping[View, ViewScores] | None = None
    interval: "Interval | None" = None
    rival: Rival | None = None


def report_to_json(report: Report) -> dict[str, Any]:
    """The object that --json prints; figures in percent, `p` a probability."""
    row: dict[str, Any] = {
        "policy": report.policy,
        report.asked: report.size,
        "malformed": {},
        **scores_to_json(report.scores),
    }
    if report.interval:
        row["interval"] = {
            "low": rounded(report.interval.low),
            "high": rounded(report.interval.high),
        }
    if report.rival:
        path, scores, (difference, low, high, p) = report.rival
        row["against"] = {
            "file": path,
            "f1": rounded(100 * scores.micro.f1),
            "difference": rounded(difference),
            "low": rounded(low),
            "high": rounded(high),
            "p": round(p, 4),
        }
    return {**row, "views": views_to_json(report.views)} if report.views else row


def show(report: Report, *, every: bool) -> None:
    """Print types with the most gold first, then all together; then the views."""
    heading = f"{report.policy}, {report.size:,} {report.asked}"
    table = new_table(heading, "Type", "Gold", "Found", "Correct", "P", "R", "F1")
    by_type = report.scores.by_type
    ranked = sorted(by_type.items(), key=lambda row: (-row[1].gold, -row[1].predicted))
    shown = ranked if every else ranked[:ROWS]
    for kind, counts in shown:
        table.add_row(*list_cells(kind, counts))
    table.add_section()
    table.add_row(*list_cells("all types", report.scores.micro))
    notes = []
    if len(shown) < len(ranked):
        notes.append(f"{len(ranked) - len(shown):,} more types count too; --all lists them.")
    for why, times in sorted(report.scores.malformed.items(), key=lambda row: -row[1]):
        notes.append(f"{times:,} answers count as empty: each {why}.")
    print_table(table, *notes, *describe_chance(report))
    if report.views:
        show_views(report.views)


def list_cells(kind: str, counts: Counts) -> list[str]:
    """One row of the table."""
    from rich.markup import escape

    whole = [f"{counts.gold:,}", f"{counts.predicted:,}", f"{counts.correct:,g}"]
    figures = (counts.precision, counts.recall, counts.f1)
    return [escape(kind), *whole, *(percent(100 * figure) for figure in figures)]


def describe_chance(report: Report) -> list[str]:
    """A line for the interval and one for the comparison, where they were asked for."""
    f1, lines = 100 * report.scores.micro.f1, []
    if report.interval:
        low, high = report.interval
        lines.append(f"F1 of all types {f1:.1f}, 95 % interval {low:.1f} to {high:.1f}.")
    if report.rival:
        path, scores, (difference, low, high, p) = report.rival
        lines.append(
            f"{path} has {100 * scores.micro.f1:.1f}; the difference is {difference:+.1f}, "
            f"95 % interval {low:+.1f} to {high:+.1f}, p = {p:.3f}."
        )
    return lines


def show_views(views: Mapping[View, ViewScores]) -> None:
    """Print one row for each view, all types together."""
    columns = ("Correct", "Incorrect", "Partial", "Missing", "Spurious", "P", "R", "F1")
    table = new_table("views of SemEval-2013, all types", "View", *columns)
    for view, scores in views.items():
        c = scores.micro
        whole = (c.correct, c.incorrect, c.partial, c.missing, c.spurious)
        figures = (c.precision, c.recall, c.f1)
        table.add_row(view, *map("{:,}".format, whole), *(percent(100 * f) for f in figures))
    print_table(table)
