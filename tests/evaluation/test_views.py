"""The four views count as SemEval-2013 task 9 defines them."""

import random as randomness
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.evaluation.score import EntityPair, score_entities
from uniner.evaluation.views import VIEWS, View, ViewCounts, score_views
from uniner.records import Entity

TEXT = "Ada Lovelace met Charles Babbage in London town"


def mark(start: int, end: int, kind: str = "x") -> Entity:
    return Entity(start, end, TEXT[start:end], kind)


ENTITY = st.builds(
    lambda start, length, kind: mark(start, start + length, kind),
    st.integers(0, 11),
    st.integers(1, 5),
    st.sampled_from("xyz"),
)
ENTITIES = st.lists(ENTITY, max_size=8)
PAIRS = st.lists(st.builds(EntityPair, ENTITIES, ENTITIES), max_size=4)
FEW = st.lists(ENTITY, max_size=4)

COUNTS = st.builds(ViewCounts, *[st.integers(0, 9)] * 5)


def judge(*pairs: EntityPair) -> dict[View, ViewCounts]:
    return {view: scores.micro for view, scores in score_views(pairs).items()}


def fill(kind: str) -> dict[View, ViewCounts]:
    return dict.fromkeys(VIEWS, ViewCounts(**{kind: 1}))


CORRECT, INCORRECT, PARTIAL = ViewCounts(correct=1), ViewCounts(incorrect=1), ViewCounts(partial=1)


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        pytest.param([], [], dict.fromkeys(VIEWS, ViewCounts()), id="nothing"),
        pytest.param([mark(0, 3)], [], fill("missing"), id="missing"),
        pytest.param([], [mark(0, 3)], fill("spurious"), id="spurious"),
        pytest.param([mark(0, 3)], [mark(0, 3)], fill("correct"), id="the same"),
        pytest.param(
            [mark(0, 3)],
            [mark(0, 3, "y")],
            {"strict": INCORRECT, "exact": CORRECT, "partial": CORRECT, "type": INCORRECT},
            id="another type",
        ),
        pytest.param(
            [mark(0, 3)],
            [mark(0, 12)],
            {"strict": INCORRECT, "exact": INCORRECT, "partial": PARTIAL, "type": CORRECT},
            id="another span",
        ),
        pytest.param(
            [mark(0, 3)],
            [mark(0, 12, "y")],
            {"strict": INCORRECT, "exact": INCORRECT, "partial": PARTIAL, "type": INCORRECT},
            id="another span and type",
        ),
        pytest.param(
            [mark(0, 3)],
            [mark(3, 5)],
            dict.fromkeys(VIEWS, ViewCounts(missing=1, spurious=1)),
            id="touching is not overlapping",
        ),
        pytest.param(
            [mark(0, 10), mark(0, 3)],
            [mark(0, 10), mark(8, 12)],
            {
                "strict": ViewCounts(correct=1, missing=1, spurious=1),
                "exact": ViewCounts(correct=1, missing=1, spurious=1),
                "partial": ViewCounts(correct=1, missing=1, spurious=1),
                "type": ViewCounts(correct=2),
            },
            id="what was found exactly is not taken apart, unless for more of its type",
        ),
        pytest.param(
            [mark(0, 3), mark(0, 3, "y")],
            [mark(0, 3, "y"), mark(0, 3, "z")],
            {
                "strict": ViewCounts(correct=1, incorrect=1),
                "exact": ViewCounts(correct=2),
                "partial": ViewCounts(correct=2),
                "type": ViewCounts(correct=1, incorrect=1),
            },
            id="one span with two types",
        ),
    ],
)
def test_a_pair_is_judged_as_each_view_says(
    gold: list[Entity], predicted: list[Entity], expected: dict[View, ViewCounts]
) -> None:
    assert judge(EntityPair(gold, predicted)) == expected


def test_the_six_things_that_can_happen_add_up_to_the_figures_of_the_task() -> None:
    drug, brand = "drug", "brand"
    rows = [
        EntityPair([mark(0, 12, brand)], [mark(0, 12, brand)]),
        EntityPair([], [mark(4, 12, brand)]),
        EntityPair([mark(0, 7, drug)], []),
        EntityPair([mark(0, 7, drug)], [mark(0, 7, brand)]),
        EntityPair([mark(0, 12, brand)], [mark(4, 12, brand)]),
        EntityPair([mark(0, 12, drug)], [mark(4, 12, brand)]),
    ]
    counts = judge(*rows)
    assert counts["strict"] == ViewCounts(1, 3, 0, 1, 1)
    assert counts["exact"] == ViewCounts(2, 2, 0, 1, 1)
    assert counts["partial"] == ViewCounts(2, 0, 2, 1, 1)
    assert counts["type"] == ViewCounts(2, 2, 0, 1, 1)
    assert [counts[view].precision for view in VIEWS] == [0.2, 0.4, 0.6, 0.4]
    assert [counts[view].f1 for view in VIEWS] == pytest.approx([0.2, 0.4, 0.6, 0.4])


def test_a_pair_counts_for_its_gold_type_and_a_spurious_one_for_its_own() -> None:
    pair = EntityPair([mark(0, 3, "x")], [mark(0, 3, "y"), mark(4, 5, "z")])
    strict = score_views([pair], types=["w"])["strict"].by_type
    assert strict == {
        "w": ViewCounts(),
        "x": ViewCounts(incorrect=1),
        "z": ViewCounts(spurious=1),
    }
    assert list(strict) == ["w", "x", "z"]


def best(view: View, gold: set[Entity], predicted: set[Entity]) -> tuple[float, int]:
    """The most credit, and the most pairs with it, of every one-to-one assignment."""

    def rate(row: tuple[Entity | None, ...]) -> tuple[float, int]:
        met = [(g, p) for g, p in zip(gold, row, strict=True) if p and overlap(g, p)]
        spans, kinds = [g.span == p.span for g, p in met], [g.type == p.type for g, p in met]
        credits: dict[View, float] = {
            "strict": sum(s and k for s, k in zip(spans, kinds, strict=True)),
            "exact": sum(spans),
            "partial": sum(spans) + 0.5 * (len(met) - sum(spans)),
            "type": sum(kinds),
        }
        return credits[view], (sum(spans) if view == "partial" else len(met))

    rows = permutations([*predicted, *[None] * len(gold)], len(gold))
    return max(map(rate, rows))


def overlap(gold: Entity, predicted: Entity) -> bool:
    return max(gold.start, predicted.start) < min(gold.end, predicted.end)


@pytest.mark.parametrize("view", VIEWS)
@given(gold=st.lists(ENTITY, max_size=3), predicted=FEW)
def test_every_view_finds_the_best_there_is(
    view: View, gold: list[Entity], predicted: list[Entity]
) -> None:
    counts = judge(EntityPair(gold, predicted))[view]
    pairs = counts.correct + counts.incorrect + counts.partial
    second = counts.correct if view == "partial" else pairs
    assert (counts.credit, second) == best(view, set(gold), set(predicted))


@given(PAIRS)
def test_nothing_is_lost_or_counted_twice(pairs: list[EntityPair]) -> None:
    for counts in judge(*pairs).values():
        assert counts.possible == sum(len(set(pair.gold)) for pair in pairs)
        assert counts.actual == sum(len(set(pair.predicted)) for pair in pairs)


@given(PAIRS, st.randoms())
def test_no_order_and_no_repeat_matters(pairs: list[EntityPair], random: Any) -> None:
    shuffled = [
        EntityPair(
            random.sample(pair.gold, len(pair.gold)),
            random.sample([*pair.predicted] * 2, 2 * len(pair.predicted)),
        )
        for pair in random.sample(pairs, len(pairs))
    ]
    assert score_views(shuffled) == score_views(pairs)


@given(PAIRS, PAIRS)
def test_passages_add_up(a: list[EntityPair], b: list[EntityPair]) -> None:
    whole, left, right = score_views(a + b), score_views(a), score_views(b)
    for view in VIEWS:
        assert whole[view].micro == left[view].micro + right[view].micro
        for kind, counts in whole[view].by_type.items():
            parts = [scores[view].by_type.get(kind, ViewCounts()) for scores in (left, right)]
            assert counts == parts[0] + parts[1]


@given(PAIRS)
def test_views_stand_in_their_known_order(pairs: list[EntityPair]) -> None:
    counts = judge(*pairs)
    assert counts["strict"].correct == score_entities("strict", pairs).micro.correct
    assert counts["strict"].correct <= counts["exact"].correct == counts["partial"].correct
    assert counts["strict"].correct <= counts["type"].correct
    assert counts["exact"].f1 <= counts["partial"].f1


@given(COUNTS, COUNTS, COUNTS)
def test_counts_add_in_any_order(a: ViewCounts, b: ViewCounts, c: ViewCounts) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + ViewCounts() == a


@given(COUNTS)
def test_f1_is_the_harmonic_mean(counts: ViewCounts) -> None:
    total = counts.precision + counts.recall
    expected = 2 * counts.precision * counts.recall / total if total else 0.0
    assert counts.f1 == pytest.approx(expected)


def test_a_crowded_passage_is_scored_in_good_time() -> None:
    rng = randomness.Random(0)
    sides = [
        [mark(a, rng.randint(24, 46), rng.choice("xyz")) for a in rng.choices(range(23), k=40)]
        for _ in range(2)
    ]
    counts = judge(EntityPair(*sides))
    assert counts["type"].possible == len(set(sides[0]))
    assert counts["type"].correct + counts["type"].incorrect == min(map(len, map(set, sides)))
