"""The general pairing: best by trying everything, and blind to order."""

from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from uniner.evaluation.overlap import Likeness, Mark, find_likeness, pair_best, split_groups

MARK = st.builds(
    lambda start, length, kind: Mark(start, start + length, kind),
    st.integers(0, 7),
    st.integers(1, 4),
    st.sampled_from("xy"),
)
CREDIT = st.dictionaries(st.sampled_from(["same", "span", "type", "overlap"]), st.integers(0, 3))
Worth = tuple[int, int]


def overlap(gold: Mark, predicted: Mark) -> bool:
    return max(gold.start, predicted.start) < min(gold.end, predicted.end)


def pair_all(
    golds: set[Mark], found: set[Mark], credit: dict[Likeness, int]
) -> list[tuple[Mark, Mark]]:
    groups = split_groups(golds, found)
    return [pair for group in groups for pair in pair_best(group, credit)]


def rate(pairs: list[tuple[Mark, Mark]], credit: dict[Likeness, int]) -> Worth:
    return sum(credit.get(find_likeness(g, p), 0) for g, p in pairs), len(pairs)


@given(st.sets(MARK, max_size=4), st.sets(MARK, max_size=4), CREDIT)
def test_no_other_pairing_has_more_credit_or_as_much_with_more_pairs(
    golds: set[Mark], found: set[Mark], credit: dict[Likeness, int]
) -> None:
    pairs = pair_all(golds, found, credit)
    rivals = [*found, *[None] * len(golds)]
    best = max(
        rate([(g, p) for g, p in zip(golds, row, strict=True) if p and overlap(g, p)], credit)
        for row in set(permutations(rivals, len(golds)))
    )
    assert rate(pairs, credit) == best


@given(st.sets(MARK, max_size=7), st.sets(MARK, max_size=7), CREDIT)
def test_pairs_are_one_to_one_and_overlap(
    golds: set[Mark], found: set[Mark], credit: dict[Likeness, int]
) -> None:
    pairs = pair_all(golds, found, credit)
    assert all(overlap(gold, predicted) for gold, predicted in pairs)
    assert {gold for gold, _ in pairs} <= golds
    assert {predicted for _, predicted in pairs} <= found
    assert len({gold for gold, _ in pairs}) == len({p for _, p in pairs}) == len(pairs)


@given(st.lists(MARK, max_size=7, unique=True), st.lists(MARK, max_size=7), st.randoms())
def test_the_pairs_themselves_do_not_depend_on_order(
    golds: list[Mark], found: list[Mark], random: Any
) -> None:
    found = list(dict.fromkeys(found))
    shuffled = [random.sample(side, len(side)) for side in (golds, found)]
    once = [pair_best(group, {"type": 1}) for group in split_groups(golds, found)]
    assert [pair_best(group, {"type": 1}) for group in split_groups(*shuffled)] == once


@given(st.sets(MARK, max_size=7), st.sets(MARK, max_size=7))
def test_groups_hold_everything_once_and_nothing_reaches_across(
    golds: set[Mark], found: set[Mark]
) -> None:
    groups = list(split_groups(golds, found))
    assert sorted(m for group in groups for m in group[0]) == sorted(golds)
    assert sorted(m for group in groups for m in group[1]) == sorted(found)
    reach = 0
    for group in groups:
        both = group[0] + group[1]
        assert min(m.start for m in both) >= reach
        reach = max(m.end for m in both)


def test_of_equal_pairs_the_more_alike_is_taken() -> None:
    golds = {Mark(0, 3, "x"), Mark(0, 3, "y")}
    assert pair_all(golds, {Mark(1, 3, "y")}, {}) == [(Mark(0, 3, "y"), Mark(1, 3, "y"))]


def test_a_crowd_in_one_place_is_paired_in_good_time() -> None:
    golds = {Mark(n, 100, "x") for n in range(60)}
    found = {Mark(n, 101, "xy"[n % 2]) for n in range(60)}
    pairs = pair_all(golds, found, {"type": 1})
    assert rate(pairs, {"type": 1}) == (30, 60)
