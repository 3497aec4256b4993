"""A comparison as JSON, for programs; no text of a data set is in it."""

from collections.abc import Iterator, Sequence
from typing import Any

from uniner.benchmark.averages import (
    average_paper,
    average_rows,
    compare_systems,
    find_whole,
    set_beside,
)
from uniner.benchmark.comparison import AVERAGE, Comparison, Row
from uniner.benchmark.familiarity import Familiarity
from uniner.benchmark.gather import System
from uniner.benchmark.paper import SYSTEMS
from uniner.benchmark.zero_shot import ZeroShot
from uniner.evaluation.intervals import Comparison as Compared
from uniner.evaluation.report import rounded, scores_to_json
from uniner.evaluation.score import POLICIES
from uniner.serving.benchmark.lines import describe_row, list_policies, list_views
from uniner.serving.benchmark.scores import list_groups


def comparison_to_json(comparison: Comparison, near: ZeroShot) -> dict[str, Any]:
    """Everything that the report says in figures; no text of a data set is in it."""
    first, *others = (system.name for system in comparison.systems)
    return {
        "seed": comparison.settings.seed,
        "resamples": comparison.settings.resamples,
        "systems": {s.name: system_to_json(comparison, s) for s in comparison.systems},
        "averages": list(averages_to_json(comparison)),
        "differences": {
            f"{first} minus {other}": differences_to_json(comparison, first, other)
            for other in others
        },
        "zero_shot": {
            "about": near.about,
            "overall": near.overall and familiarity_to_json(near.overall),
            "datasets": {title: familiarity_to_json(value) for title, value in near.rows.items()},
        },
    }


def system_to_json(comparison: Comparison, system: System) -> dict[str, Any]:
    """One system: its runs, and each row with types, errors and faults."""
    rows = {}
    for row in comparison.rows_of(system.name):
        marked = row.marks[system.name]
        rows[row.title] = {
            **describe_row(row, system),
            "counts": [*list_policies(row, system), *list_views(row, system)],
            "types": {p: scores_to_json(scores)["types"] for p, scores in marked.scores.items()},
            "errors": dict(marked.mistakes.counts),
            "faults": dict(marked.faults),
            "notes": dict(marked.files.notes),
        }
    return {
        "settings": dict(system.settings),
        "runs": [
            {"folder": str(run.folder), "absent": list(run.absent), "manifest": dict(run.versions)}
            for run in system.runs
        ],
        "rows": rows,
    }


def averages_to_json(comparison: Comparison) -> Iterator[dict[str, Any]]:
    """Means by domain and over all, of the rows that are shared and of each system's own."""
    for systems, rows in list_groups(comparison):
        for domain in [*comparison.list_domains(), AVERAGE]:
            inside = [row for row in rows if domain in (row.dataset.domain, AVERAGE)]
            for system in systems if inside else []:
                yield {
                    "domain": domain,
                    "system": system.name,
                    "rows": [row.title for row in inside],
                    **means_to_json(inside, system.name),
                    **paper_to_json(comparison, domain, inside, system),
                }


def means_to_json(rows: Sequence[Row], system: str) -> dict[str, Any]:
    """The mean of each policy, over as many rows as it fits."""
    means: dict[str, Any] = {}
    for policy in POLICIES:
        if mean := average_rows(rows, system, policy):
            low, high = map(rounded, mean.f1.interval)
            means[policy] = {
                "rows": mean.rows, "f1": rounded(mean.f1.value), "low": low, "high": high
            }  # fmt: skip
    return means


def paper_to_json(
    comparison: Comparison, domain: str, rows: Sequence[Row], system: System
) -> dict[str, Any]:
    """The paper's means of the same rows, of the rows that each system has with ours of them, and
    what it says itself of the whole domain.
    """
    names = SYSTEMS[system.mode]
    means = {name: average_paper(rows, name, system.mode) for name in names}
    return {
        "paper": {name: rounded(mean) for name, mean in means.items() if mean is not None},
        "figure 5a": dict(find_whole(comparison, domain, rows, system.mode)),
        "beside": {
            name: {"rows": count, "ours": rounded(ours.value), "paper": rounded(paper)}
            for name, count, ours, paper in set_beside(rows, system, "uniner2023", names)
        },
    }


def differences_to_json(comparison: Comparison, one: str, other: str) -> dict[str, Any]:
    """The differences of two systems under each policy."""
    return {
        policy: [
            {"title": title, "rows": rows, **difference_to_json(difference.comparison)}
            for title, rows, difference in compare_systems(comparison, one, other, policy)
        ]
        for policy in POLICIES
    }


def difference_to_json(comparison: Compared) -> dict[str, float]:
    """A difference in points with its bounds and p."""
    return {
        "difference": rounded(comparison.difference),
        "low": rounded(comparison.low),
        "high": rounded(comparison.high),
        "p": round(comparison.p, 4),
    }


def familiarity_to_json(value: Familiarity) -> dict[str, Any]:
    """Shares and similarities in [0, 1], and each type with the training types nearest to it."""
    return {
        "seen_types": round(value.seen_types, 4),
        "seen_mentions": round(value.seen_mentions, 4),
        "nearest": round(value.similarity, 4),
        "familiarity": round(value.value, 4),
        "typical": round(value.typical, 4),
        "types": {
            kind.type: {
                "gold": kind.gold,
                "seen": kind.seen,
                "familiarity": round(kind.familiarity, 4),
                "nearest": {near.type: round(near.similarity, 4) for near in kind.nearest},
            }
            for kind in value.types
        },
    }
