"""The policies that compare positions."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.evaluation.counts import Counts
from uniner.evaluation.overlap import count_overlapping
from uniner.evaluation.score import POLICIES, EntityPair, Policy, score_entities
from uniner.records import Entity, Span

TEXT = "Ada Lovelace met Charles Babbage in London town"


def mark(start: int, end: int, kind: str = "person") -> Entity:
    return Entity(start, end, TEXT[start:end], kind)


def score(policy: Policy, gold: list[Entity], predicted: list[Entity]) -> Counts:
    return score_entities(policy, [EntityPair(gold, predicted)]).micro


SPAN = st.tuples(st.integers(0, 11), st.integers(1, 5)).map(lambda p: Span(p[0], p[0] + p[1]))
SPANS = st.lists(SPAN, max_size=5)
ENTITY = st.builds(
    lambda span, kind: mark(span.start, span.end, kind), SPAN, st.sampled_from(["x", "y"])
)
ENTITIES = st.lists(ENTITY, max_size=8)
PAIRS = st.lists(st.builds(EntityPair, ENTITIES, ENTITIES), max_size=4)

ADA, LOVELACE, BOTH = (0, 3), (4, 12), (0, 12)


@pytest.mark.parametrize(
    ("gold", "predicted", "strict", "partial"),
    [
        pytest.param([], [], 0, 0, id="nothing"),
        pytest.param([mark(*ADA)], [mark(*ADA)], 1, 1, id="the same"),
        pytest.param([mark(*ADA)], [mark(*ADA, "city")], 0, 0, id="another type"),
        pytest.param([mark(*BOTH)], [mark(*ADA)], 0, 0.5, id="an overlap"),
        pytest.param(
            [mark(*BOTH)], [mark(*ADA), mark(*LOVELACE)], 0, 0.5, id="one gold, two found"
        ),
        pytest.param(
            [mark(*ADA), mark(*LOVELACE)], [mark(*BOTH)], 0, 0.5, id="two gold, one found"
        ),
        pytest.param([mark(*ADA)], [mark(*LOVELACE)], 0, 0, id="neighbours do not overlap"),
        pytest.param([mark(*ADA)], [mark(3, 5)], 0, 0, id="touching is not overlapping"),
        pytest.param(
            [mark(*ADA), mark(*BOTH)], [mark(*ADA), mark(2, 6)], 1, 1.5, id="exact and overlap"
        ),
        pytest.param(
            [mark(0, 5), mark(4, 9)], [mark(4, 6), mark(8, 12)], 0, 1, id="greedy would lose one"
        ),
    ],
)
def test_a_match_is_counted_as_its_policy_says(
    gold: list[Entity], predicted: list[Entity], strict: float, partial: float
) -> None:
    assert score("strict", gold, predicted) == Counts(len(gold), len(predicted), strict)
    assert score("partial", gold, predicted) == Counts(len(gold), len(predicted), partial)


def test_a_repeated_entity_counts_once() -> None:
    twice = [mark(*ADA), mark(*ADA)]
    for policy in POLICIES:
        assert score(policy, twice, twice) == Counts(1, 1, 1)


def test_uniner2023_takes_the_same_words_elsewhere_for_the_same_mention() -> None:
    text = "Ada and Ada"
    gold = [Entity(0, 3, "Ada", "person"), Entity(8, 11, "Ada", "person")]
    found = [Entity(8, 11, text[8:11], "person")]
    assert score("uniner2023", gold, found) == Counts(1, 1, 1)
    assert score("strict", gold, found) == Counts(2, 1, 1)


def best_total(gold: set[Span], predicted: set[Span]) -> float:
    """The best of every one-to-one assignment, by trying them all."""

    def worth(g: Span, p: Span | None) -> float:
        if p is None:
            return 0
        return 1 if g == p else 0.5 * (max(g.start, p.start) < min(g.end, p.end))

    rivals = [*predicted, *[None] * len(gold)]
    rows = permutations(rivals, len(gold))
    return max(sum(worth(g, p) for g, p in zip(gold, row, strict=True)) for row in set(rows))


@given(st.lists(SPAN, max_size=3), st.lists(SPAN, max_size=4))
def test_the_pairing_is_the_best_there_is(gold: list[Span], predicted: list[Span]) -> None:
    assert count_overlapping(gold, predicted) == best_total(set(gold), set(predicted))


def test_a_long_chain_of_overlaps_is_paired_end_to_end() -> None:
    gold = [Span(2 * n, 2 * n + 2) for n in range(300)]
    found = [Span(2 * n + 1, 2 * n + 3) for n in range(300)]
    assert count_overlapping(gold, found) == 150
    assert count_overlapping(found[::-1], gold[::-1]) == 150


@given(SPANS, SPANS)
def test_partial_pairing_is_symmetric(gold: list[Span], predicted: list[Span]) -> None:
    assert count_overlapping(gold, predicted) == count_overlapping(predicted, gold)


@given(PAIRS, st.sampled_from(POLICIES), st.randoms())
def test_no_order_matters(pairs: list[EntityPair], policy: Policy, random: Any) -> None:
    shuffled = [
        EntityPair(
            random.sample(pair.gold, len(pair.gold)),
            random.sample(pair.predicted, len(pair.predicted)),
        )
        for pair in random.sample(pairs, len(pairs))
    ]
    assert score_entities(policy, shuffled).by_type == score_entities(policy, pairs).by_type


@given(PAIRS)
def test_partial_is_never_below_strict(pairs: list[EntityPair]) -> None:
    strict, partial = score_entities("strict", pairs), score_entities("partial", pairs)
    assert strict.by_type.keys() == partial.by_type.keys()
    for kind, counts in strict.by_type.items():
        assert partial.by_type[kind].correct >= counts.correct
        assert partial.by_type[kind].f1 >= counts.f1


@given(PAIRS, PAIRS, st.sampled_from(POLICIES))
def test_passages_add_up(a: list[EntityPair], b: list[EntityPair], policy: Policy) -> None:
    whole, parts = score_entities(policy, a + b), score_entities(policy, a)
    assert whole.by_type == (parts + score_entities(policy, b)).by_type


@given(st.lists(ENTITY, min_size=1, max_size=8), st.sampled_from(POLICIES))
def test_a_perfect_prediction_scores_one(gold: list[Entity], policy: Policy) -> None:
    assert score(policy, gold, gold).f1 == 1
