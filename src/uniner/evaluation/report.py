"""Scores as they are written to files, for people and programs; figures in percent."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from uniner.evaluation.counts import Counts, Scores
from uniner.evaluation.views import View, ViewCounts, ViewScores


def scores_to_json(scores: Scores) -> dict[str, Any]:
    """Scores with their counts; `malformed` only where answers could not be read."""
    row: dict[str, Any] = {
        "micro": counts_to_json(scores.micro),
        "types": {kind: counts_to_json(counts) for kind, counts in scores.by_type.items()},
    }
    return {**row, "malformed": dict(scores.malformed)} if scores.malformed else row


def counts_to_json(counts: Counts) -> dict[str, float]:
    """Counts and what is read off them, in percent."""
    return {
        "gold": counts.gold,
        "predicted": counts.predicted,
        "correct": counts.correct,
        **figures_to_json(counts),
    }


def views_to_json(views: Mapping[View, ViewScores]) -> dict[str, Any]:
    """Each view with its counts, all types together and each type."""
    return {
        view: {
            "micro": view_to_json(scores.micro),
            "types": {kind: view_to_json(counts) for kind, counts in scores.by_type.items()},
        }
        for view, scores in views.items()
    }


def view_to_json(counts: ViewCounts) -> dict[str, float]:
    """Counts of a view and what is read off them, in percent."""
    return {**asdict(counts), **figures_to_json(counts)}


def figures_to_json(counts: Counts | ViewCounts) -> dict[str, float]:
    """What is read off counts, in percent."""
    return {
        "precision": rounded(100 * counts.precision),
        "recall": rounded(100 * counts.recall),
        "f1": rounded(100 * counts.f1),
    }


def rounded(figure: float) -> float:
    """Two digits after the point, as files hold percentages."""
    return round(figure, 2)
