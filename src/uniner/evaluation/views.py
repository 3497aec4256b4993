"""Four views of the same predictions, as SemEval-2013 task 9 and MUC have them.

`strict`: right is the same span and type. `exact`: the same span, whatever the type. `partial`: the
same span is right and an overlap half right, whatever the type. `type`: an overlap of the same
type. Any other overlapping pair is incorrect; what has no partner is missing or spurious.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from typing import Literal, TypeAlias, get_args

from uniner.evaluation.overlap import (
    Group,
    Likeness,
    Mark,
    find_likeness,
    mark,
    pair_best,
    split_groups,
)
from uniner.evaluation.score import EntityPair

View: TypeAlias = Literal["strict", "exact", "partial", "type"]
VIEWS: tuple[View, ...] = get_args(View)

Fate: TypeAlias = Literal[Likeness, "missing", "spurious"]
"""What became of a gold mention or of a predicted one that has no partner."""

Verdict: TypeAlias = Literal["correct", "incorrect", "partial"]

VERDICTS: Mapping[View, Mapping[Likeness, Verdict]] = {
    "strict": {
        "same": "correct", "span": "incorrect", "type": "incorrect", "overlap": "incorrect",
    },
    "exact": {"same": "correct", "span": "correct", "type": "incorrect", "overlap": "incorrect"},
    "partial": {"same": "correct", "span": "correct", "type": "partial", "overlap": "partial"},
    "type": {"same": "correct", "span": "incorrect", "type": "correct", "overlap": "incorrect"},
}  # fmt: skip
"""What a view says of a pair."""

# A correct pair outweighs two partial ones, which are worth as much in precision and recall: what
# was found exactly is never taken apart for them.
CREDIT: Mapping[Verdict, int] = {"correct": 3, "partial": 1, "incorrect": 0}
CREDITS: Mapping[View, Mapping[Likeness, int]] = {
    view: {likeness: CREDIT[verdict] for likeness, verdict in verdicts.items()}
    for view, verdicts in VERDICTS.items()
}

Tally: TypeAlias = Counter[tuple[str, Fate]]
"""How many mentions of a type met each fate; the type is the gold's where there is one."""


@dataclass(frozen=True, slots=True)
class ViewCounts:
    """How many gold mentions were found right, wrong, in part or not, and how many were made up."""

    correct: int = 0
    incorrect: int = 0
    partial: int = 0
    missing: int = 0
    spurious: int = 0

    def __add__(self, other: "ViewCounts") -> "ViewCounts":
        return ViewCounts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def possible(self) -> int:
        """How many gold mentions there are."""
        return self.correct + self.incorrect + self.partial + self.missing

    @property
    def actual(self) -> int:
        """How many mentions were predicted."""
        return self.correct + self.incorrect + self.partial + self.spurious

    @property
    def credit(self) -> float:
        """What is right, a partial match by half."""
        return self.correct + 0.5 * self.partial

    @property
    def precision(self) -> float:
        """The share of what was predicted that is right; 0 where nothing was."""
        return self.credit / self.actual if self.actual else 0.0

    @property
    def recall(self) -> float:
        """The share of the gold mentions that was found; 0 where there are none."""
        return self.credit / self.possible if self.possible else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0 where nothing is right."""
        return 2 * self.credit / (self.actual + self.possible) if self.credit else 0.0


@dataclass(frozen=True, slots=True)
class ViewScores:
    """The counts of each type in one view."""

    by_type: Mapping[str, ViewCounts]

    @property
    def micro(self) -> ViewCounts:
        """All types together."""
        return sum(self.by_type.values(), ViewCounts())


def score_views(pairs: Iterable[EntityPair], types: Iterable[str] = ()) -> dict[View, ViewScores]:
    """The four views of grounded entities, paired one to one within each passage.

    A pair counts for its gold type. Repeats count once. `types` are listed first, and listed even
    if they never occur.
    """
    shared: Tally = Counter()
    tallies: dict[View, Tally] = {view: Counter() for view in VIEWS}
    for pair in pairs:
        for group in split_groups(mark(pair.gold), mark(pair.predicted)):
            if min(map(len, group)) == 0 or max(map(len, group)) == 1:
                count_fates(group, pair_best(group, {}), shared)
            else:
                for view, tally in tallies.items():
                    count_fates(group, pair_best(group, CREDITS[view]), tally)
    asked = tuple(types)
    return {view: freeze(view, shared + tally, asked) for view, tally in tallies.items()}


def count_fates(group: Group, pairs: Iterable[tuple[Mark, Mark]], tally: Tally) -> None:
    """Add to `tally` what became of a group whose best pairs are given."""
    golds, found = map(set, group)
    for gold, predicted in pairs:
        tally[gold.type, find_likeness(gold, predicted)] += 1
        golds.remove(gold)
        found.remove(predicted)
    for gold in golds:
        tally[gold.type, "missing"] += 1
    for predicted in found:
        tally[predicted.type, "spurious"] += 1


def freeze(view: View, tally: Tally, types: Iterable[str]) -> ViewScores:
    """The tally as a view sees it."""
    rows: dict[str, Counter[str]] = {kind: Counter() for kind in types}
    verdicts = dict[str, str](VERDICTS[view].items())
    for (kind, fate), times in tally.items():
        rows.setdefault(kind, Counter())[verdicts.get(fate, fate)] += times
    return ViewScores({kind: ViewCounts(**row) for kind, row in rows.items()})
