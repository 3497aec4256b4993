"""A comparison line by line: one line for each system, split and way of counting; CSV of them."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from uniner.benchmark.comparison import Comparison, Row
from uniner.benchmark.gather import System
from uniner.benchmark.paper import SYSTEMS
from uniner.evaluation.report import rounded
from uniner.evaluation.score import POLICIES

PAPER = tuple(dict.fromkeys(system for systems in SYSTEMS.values() for system in systems))
COLUMNS = (
    *("system", "folder", "model", "mode", "dataset", "split", "row", "title", "domain"),
    *("passages", "available", "queries", "examples", "preparation", "limit", "seed"),
    *("threshold", "nested", "policy", "gold", "predicted", "correct", "incorrect", "partial"),
    *("missing", "spurious", "precision", "recall", "f1", "low", "high"),
    *(f"paper {system}" for system in PAPER),
)


def write_csv(comparison: Comparison) -> str:
    """One row a system, split and way of counting; figures in percent, empty where there is none.

    Policies are called as they are, views `view strict` and so on. The paper's figures stand beside
    the policy that counts as it does.
    """
    stream = StringIO()
    writer = csv.DictWriter(stream, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for system in comparison.systems:
        for row in comparison.rows_of(system.name):
            about = describe_row(row, system)
            writer.writerows({**about, **figures} for figures in list_policies(row, system))
            writer.writerows({**about, **figures} for figures in list_views(row, system))
    return stream.getvalue()


def describe_row(row: Row, system: System) -> dict[str, Any]:
    """What was asked, and how."""
    marked = row.marks[system.name]
    names = ("model", "preparation", "limit", "seed", "threshold", "nested")
    return {
        "system": system.name,
        "folder": str(marked.files.folder),
        "mode": system.mode,
        "dataset": row.dataset.name,
        "split": row.split,
        "row": row.dataset.row,
        "title": row.title,
        "domain": row.dataset.domain,
        "passages": marked.passages,
        "available": marked.files.available,
        "queries": marked.queries,
        "examples": marked.digest[:12],
        **{name: system.settings.get(name) for name in names},
    }


def list_policies(row: Row, system: System) -> Iterator[dict[str, Any]]:
    """The counts and figures of each policy that fits."""
    for policy in POLICIES:
        counts = row.marks[system.name].micro(policy)
        if counts is None:
            continue
        low, high = row.f1[system.name][policy].interval
        paper = row.paper(system.mode, partial=policy == "partial") if policy != "strict" else {}
        yield {
            "policy": policy,
            "gold": counts.gold,
            "predicted": counts.predicted,
            "correct": counts.correct,
            **percents(counts.precision, counts.recall, counts.f1),
            "low": rounded(low),
            "high": rounded(high),
            **{f"paper {name}": figure for name, figure in paper.items()},
        }


def list_views(row: Row, system: System) -> Iterator[dict[str, Any]]:
    """The counts and figures of each view, where there are offsets."""
    for view, scores in row.marks[system.name].views.items():
        counts = scores.micro
        yield {
            "policy": f"view {view}",
            "gold": counts.possible,
            "predicted": counts.actual,
            "correct": counts.correct,
            "incorrect": counts.incorrect,
            "partial": counts.partial,
            "missing": counts.missing,
            "spurious": counts.spurious,
            **percents(counts.precision, counts.recall, counts.f1),
        }


def percents(precision: float, recall: float, f1: float) -> dict[str, float]:
    """Shares as files hold them."""
    shares = {"precision": precision, "recall": recall, "f1": f1}
    return {name: rounded(100 * share) for name, share in shares.items()}
