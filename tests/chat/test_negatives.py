"""Negative types: drawn as told, reproducibly, and never what may be true."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.chat.negatives import Negatives, TypeSampler, add_heads, find_kin
from uniner.corpus.taxonomy import Definition, Taxonomy, parse_hierarchy

FREQUENCIES = {"person": 80, "city": 15, "drug": 4, "poem": 1}


def draw(
    negatives: Negatives,
    count: int,
    *excluded: str,
    seed: int = 0,
    frequencies: dict[str, int] = FREQUENCIES,
) -> list[str]:
    sampler = TypeSampler(negatives, frequencies)
    return sampler.draw(count, set(excluded).__contains__, random.Random(seed))


@pytest.mark.parametrize(
    ("negatives", "shares"),
    [
        ("uniform", {"person": 0.25, "city": 0.25, "drug": 0.25, "poem": 0.25}),
        ("frequency", {"person": 0.8, "city": 0.15, "drug": 0.04, "poem": 0.01}),
    ],
)
def test_types_are_drawn_as_likely_as_told(negatives: Negatives, shares: dict[str, float]) -> None:
    sampler, rng = TypeSampler(negatives, FREQUENCIES), random.Random(0)
    drawn = Counter(sampler.draw(1, set().__contains__, rng)[0] for _ in range(5000))
    for name, share in shares.items():
        assert drawn[name] / 5000 == pytest.approx(share, abs=0.03)


def test_what_is_excluded_leaves_its_share_to_the_others() -> None:
    sampler, rng = TypeSampler("frequency", FREQUENCIES), random.Random(0)
    drawn = Counter(sampler.draw(1, {"person"}.__contains__, rng)[0] for _ in range(2000))
    assert drawn["person"] == 0
    assert drawn["city"] / 2000 == pytest.approx(0.75, abs=0.03)


def test_none_draws_nothing() -> None:
    assert draw("none", 3) == []
    assert draw("frequency", 3, frequencies={}) == []


@given(
    st.sampled_from(["uniform", "frequency"]),
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 10**9)),
    st.sets(st.sampled_from("abcdefgh")),
    st.integers(0, 9),
    st.integers(),
)
def test_as_many_distinct_types_are_drawn_as_there_are(
    negatives: Negatives, frequencies: dict[str, int], excluded: set[str], count: int, seed: int
) -> None:
    drawn = draw(negatives, count, *excluded, seed=seed, frequencies=frequencies)
    allowed = set(frequencies) - excluded
    assert len(drawn) == len(set(drawn)) == min(count, len(allowed))
    assert set(drawn) <= allowed


def test_a_rare_type_is_found_where_no_other_may_be_had() -> None:
    frequencies = {"person": 10**9, "poem": 1, "ode": 1}
    assert sorted(draw("frequency", 2, "person", frequencies=frequencies)) == ["ode", "poem"]


def test_the_order_of_the_types_changes_nothing() -> None:
    turned = dict(reversed(FREQUENCIES.items()))
    for seed in range(20):
        assert draw("frequency", 2, seed=seed) == draw(
            "frequency", 2, seed=seed, frequencies=turned
        )


NEAR_RARE = {"person": ("rare",)}
NEAR = {"person": ("drug", "poem", "city"), "city": ("poem",), "poem": ()}


def draw_hard(count: int, present: list[str], share: float = 1.0, seed: int = 0) -> list[str]:
    sampler = TypeSampler("hard", {**FREQUENCIES, "ode": 1}, NEAR, share)
    return sampler.draw(count, set(present).__contains__, random.Random(seed), present)


def test_a_hard_negative_is_the_likelier_the_nearer() -> None:
    drawn = Counter(draw_hard(1, ["person"], seed=seed)[0] for seed in range(3000))
    weights = {"drug": 1, "poem": 1 / 2, "city": 1 / 3}
    for name, weight in weights.items():
        assert drawn[name] / 3000 == pytest.approx(weight / sum(weights.values()), abs=0.03)
    assert set(drawn) == set(weights)


def test_what_is_near_two_types_that_are_there_is_likelier() -> None:
    drawn = Counter(draw_hard(1, ["person", "city"], seed=seed)[0] for seed in range(3000))
    assert drawn["poem"] / 3000 == pytest.approx(1.5 / 2.5, abs=0.03)
    assert set(drawn) == {"poem", "drug"}


def test_where_no_hard_negative_is_left_others_are_drawn_by_frequency() -> None:
    assert sorted(draw_hard(4, ["person"])) == ["city", "drug", "ode", "poem"]
    drawn = Counter(draw_hard(1, ["poem"], seed=seed)[0] for seed in range(2000))
    assert drawn["person"] / 2000 == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_a_share_of_the_negatives_is_hard(share: float) -> None:
    sampler = TypeSampler("hard", {"person": 1, "rare": 1, "common": 10**9}, NEAR_RARE, share)
    rng = random.Random(0)
    drawn = Counter(
        sampler.draw(1, {"person"}.__contains__, rng, ["person"])[0] for _ in range(2000)
    )
    assert drawn["rare"] / 2000 == pytest.approx(share, abs=0.03)


def test_hard_negatives_do_not_depend_on_the_order_of_what_is_there() -> None:
    for seed in range(20):
        assert draw_hard(3, ["person", "city"], 0.5, seed) == draw_hard(
            3, ["city", "person"], 0.5, seed
        )


TAXONOMY = Taxonomy(
    parse_hierarchy(["capital > city", "city > place", "river > place"]),
    {"city": Definition("city", "a large settlement", ("municipality",))},
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("city", {"capital", "place", "municipality", "Municipality", "cities"}),
        ("cities", {"capital", "place", "municipality", "Municipality", "city"}),
        ("river", {"place"}),
        ("place", {"capital", "city", "cities", "river"}),
        ("Municipality", {"municipality", "city", "cities"}),
        ("person", set()),
    ],
)
def test_kin_may_be_true_of_the_same_mention(name: str, expected: set[str]) -> None:
    names = ["capital", "city", "cities", "place", "river", "person", "municipality"]
    kin = find_kin(dict.fromkeys([*names, "Municipality"], 1), TAXONOMY)
    assert kin.get(name, frozenset()) == expected
    assert all(one in kin[other] for one, others in kin.items() for other in others)


def test_without_a_taxonomy_spellings_and_plurals_are_kin_still() -> None:
    kin = find_kin({"city": 2, "cities": 1, "City": 1, "place": 4}, None)
    assert kin["City"] == {"city", "cities"}
    assert "place" not in kin


def test_a_kind_of_something_by_its_words_is_kin_on_request() -> None:
    names = ["rock band", "Band", "band of people", "indie rock band", "husband", "city"]
    kin = add_heads({"city": frozenset({"husband"})}, names)
    assert kin == {
        "rock band": {"Band", "indie rock band"},
        "indie rock band": {"Band", "rock band"},
        "Band": {"rock band", "indie rock band"},
        "city": {"husband"},
    }
