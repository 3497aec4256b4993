"""What of an extractor's answers was of no use, counted by reason."""

from collections import Counter
from collections.abc import Iterable, Mapping

from uniner.records import Prediction

SHOWN = 5
"""Reasons that fit on a line; a server can word its own without end."""


def count_faults(predictions: Iterable[Prediction]) -> dict[str, int]:
    """How many faults have each reason, the most frequent first."""
    reasons = Counter(fault.why for prediction in predictions for fault in prediction.faults)
    return dict(reasons.most_common())


def describe_faults(counts: Mapping[str, int]) -> str:
    """The counts on one line."""
    total = sum(counts.values())
    parts = [f"{why} ({count:,})" for why, count in [*counts.items()][:SHOWN]]
    if len(counts) > SHOWN:
        parts.append(f"{len(counts) - SHOWN} other reasons")
    return f"{total:,} {'fault' if total == 1 else 'faults'} in answers: {', '.join(parts)}"
