"""Counts add up; precision, recall and F1 are read off them and never stored."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from uniner.records import RecordError


@dataclass(frozen=True, slots=True)
class Counts:
    """How many were right to find, were found, and were both; a partial match counts half."""

    gold: int = 0
    predicted: int = 0
    correct: float = 0

    def __post_init__(self) -> None:
        if not 0 <= self.correct <= min(self.gold, self.predicted):
            raise RecordError(f"more correct than gold or predicted: {self!r}")

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.gold + other.gold, self.predicted + other.predicted, self.correct + other.correct
        )

    @property
    def precision(self) -> float:
        """The share of what was found that is right; 0 where nothing was found."""
        return self.correct / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """The share of what was to find that was found; 0 where there was nothing."""
        return self.correct / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0 where nothing is correct."""
        return 2 * self.correct / (self.gold + self.predicted) if self.correct else 0.0


@dataclass(frozen=True, slots=True)
class Scores:
    """Counts for each type, and for each reason how many answers could not be read."""

    by_type: Mapping[str, Counts]
    malformed: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "Scores") -> "Scores":
        kinds = dict.fromkeys([*self.by_type, *other.by_type])
        reasons = dict.fromkeys([*self.malformed, *other.malformed])
        return Scores(
            {k: self.by_type.get(k, Counts()) + other.by_type.get(k, Counts()) for k in kinds},
            {r: self.malformed.get(r, 0) + other.malformed.get(r, 0) for r in reasons},
        )

    @property
    def micro(self) -> Counts:
        """All types together."""
        return sum(self.by_type.values(), Counts())


def add_scores(parts: Iterable[Scores], types: Iterable[str] = ()) -> Scores:
    """The sum of the scores of passages or data sets; `types` are listed first, and always."""
    totals: dict[str, tuple[int, int, float]] = dict.fromkeys(types, (0, 0, 0))
    reasons = Counter[str]()
    for part in parts:
        for kind, counts in part.by_type.items():
            gold, predicted, correct = totals.get(kind, (0, 0, 0))
            totals[kind] = (
                gold + counts.gold, predicted + counts.predicted, correct + counts.correct
            )  # fmt: skip
        reasons.update(part.malformed)
    return Scores({kind: Counts(*total) for kind, total in totals.items()}, dict(reasons))
