"""Score predictions against gold under a named policy; order never matters, repeats count once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, TypeAlias, assert_never, get_args

from uniner.chat.answer import Item, Malformed, parse_answer_2023
from uniner.evaluation.counts import Counts, Scores
from uniner.evaluation.mentions import normalize_items
from uniner.evaluation.overlap import count_overlapping
from uniner.records import Entity, Span

Policy: TypeAlias = Literal["uniner2023", "strict", "partial"]
"""`uniner2023`: normalised strings of each (passage, type), as the paper's published scorer counts.
`strict`: same span, same type. `partial`: the same, and an overlap of the same type counts half."""

POLICIES: tuple[Policy, ...] = get_args(Policy)


class AnswerPair(NamedTuple):
    """The raw gold answer and the raw predicted answer to one question about one passage."""

    type: str
    gold: str
    predicted: str


class MentionPair(NamedTuple):
    """The gold and the predicted mentions of one type in one passage."""

    type: str
    gold: Iterable[Item]
    predicted: Iterable[Item]


class EntityPair(NamedTuple):
    """The gold and the predicted entities of one passage."""

    gold: Sequence[Entity]
    predicted: Sequence[Entity]


class Tally:
    """Running totals of each type, in the order in which types were first named."""

    def __init__(self, types: Iterable[str] = ()) -> None:
        self.totals: dict[str, tuple[int, int, float]] = dict.fromkeys(types, (0, 0, 0))

    def add(self, kind: str, gold: int, predicted: int, correct: float) -> None:
        """Count one passage's share of a type."""
        golds, predictions, both = self.totals.get(kind, (0, 0, 0))
        self.totals[kind] = (golds + gold, predictions + predicted, both + correct)

    def freeze(self) -> dict[str, Counts]:
        """The totals as counts."""
        return {kind: Counts(*totals) for kind, totals in self.totals.items()}


def score_answers(pairs: Iterable[AnswerPair]) -> Scores:
    """`uniner2023` over raw answers, exactly as published: what cannot be read counts as empty.

    Unreadable predictions are also counted by reason, unreadable gold answers are not.
    """
    tally, reasons = Tally(), Counter[str]()
    nothing: frozenset[Item] = frozenset()
    for kind, gold, predicted in pairs:
        answer, truth = parse_answer_2023(predicted), parse_answer_2023(gold)
        if isinstance(answer, Malformed):
            reasons[answer.why] += 1
        found = nothing if isinstance(answer, Malformed) else normalize_items(answer.items)
        golds = nothing if isinstance(truth, Malformed) else normalize_items(truth.items)
        tally.add(kind, len(golds), len(found), len(golds & found))
    return Scores(tally.freeze(), dict(reasons))


def score_mentions(pairs: Iterable[MentionPair], types: Iterable[str] = ()) -> Scores:
    """`uniner2023` over mentions; `types` are listed first, and listed even if they never occur."""
    tally = Tally(types)
    for kind, gold, predicted in pairs:
        golds, found = normalize_items(gold), normalize_items(predicted)
        tally.add(kind, len(golds), len(found), len(golds & found))
    return Scores(tally.freeze())


def score_entities(
    policy: Policy, pairs: Iterable[EntityPair], types: Iterable[str] = ()
) -> Scores:
    """Score grounded entities passage by passage under any policy; `types` as in score_mentions."""
    match policy:
        case "uniner2023":
            return score_mentions((p for pair in pairs for p in split_mentions(pair)), types)
        case "strict" | "partial":
            return score_spans(pairs, types, partial=policy == "partial")
    assert_never(policy)


def score_spans(pairs: Iterable[EntityPair], types: Iterable[str], *, partial: bool) -> Scores:
    """The two policies that compare positions."""
    tally = Tally(types)
    for gold, predicted in pairs:
        golds, found = group_spans(gold), group_spans(predicted)
        for kind in dict.fromkeys((*golds, *found)):
            left, right = golds.get(kind, set()), found.get(kind, set())
            correct = count_overlapping(left, right) if partial else len(left & right)
            tally.add(kind, len(left), len(right), correct)
    return Scores(tally.freeze())


def group_spans(entities: Iterable[Entity]) -> dict[str, set[Span]]:
    """The distinct spans of each type."""
    groups: dict[str, set[Span]] = {}
    for entity in entities:
        groups.setdefault(entity.type, set()).add(entity.span)
    return groups


def group_mentions(entities: Iterable[Entity]) -> dict[str, list[str]]:
    """The mention strings of each type."""
    groups: dict[str, list[str]] = {}
    for entity in entities:
        groups.setdefault(entity.type, []).append(entity.text)
    return groups


def split_mentions(pair: EntityPair) -> Iterable[MentionPair]:
    """One pair of mention lists for each type that either side names."""
    golds, found = group_mentions(pair.gold), group_mentions(pair.predicted)
    for kind in dict.fromkeys((*golds, *found)):
        yield MentionPair(kind, golds.get(kind, ()), found.get(kind, ()))
