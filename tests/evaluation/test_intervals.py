"""Intervals and comparisons: seeded, sound, and as wide as chance makes them."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uniner.evaluation.counts import Counts, Scores, add_scores
from uniner.evaluation.intervals import (
    Table,
    bootstrap,
    bootstrap_mean,
    compare,
    measure_f1,
    tabulate,
)
from uniner.evaluation.score import POLICIES, EntityPair, Policy, score_entities
from uniner.records import Entity, RecordError

TEXT = "Ada Lovelace met Charles Babbage"


def make_table(
    rng: np.random.Generator, size: int, recall: float, gold: Table | None = None
) -> Table:
    """Counts of passages of which `recall` of the gold is found and a fifth of it made up."""
    wanted = rng.poisson(2, size) if gold is None else gold.astype(np.int64)
    correct = rng.binomial(wanted, recall)
    return np.stack([wanted, correct + rng.binomial(wanted, 0.2), correct], axis=1).astype(float)


def figure(table: Table) -> float:
    return float(measure_f1(table.sum(axis=0)))


ENTITY = st.builds(
    lambda start, length, kind: Entity(start, start + length, TEXT[start : start + length], kind),
    st.integers(0, 11),
    st.integers(1, 5),
    st.sampled_from("xy"),
)
ENTITIES = st.lists(ENTITY, max_size=5)
PAIRS = st.lists(st.builds(EntityPair, ENTITIES, ENTITIES), min_size=1, max_size=5)


@given(PAIRS, st.sampled_from(POLICIES))
def test_scores_are_the_sum_of_those_of_each_passage(
    pairs: list[EntityPair], policy: Policy
) -> None:
    parts = [score_entities(policy, [pair]) for pair in pairs]
    whole = score_entities(policy, pairs, types=["z"])
    assert add_scores(parts, types=["z"]) == whole
    micro = whole.micro
    table = tabulate(parts)
    assert table.shape == (len(pairs), 3)
    assert table.sum(axis=0).tolist() == [micro.gold, micro.predicted, micro.correct]
    assert figure(table) == pytest.approx(100 * micro.f1)


def test_reasons_of_malformed_answers_add_up_too() -> None:
    parts = [Scores({"x": Counts(1)}, {"is not JSON": 1}), Scores({}, {"is not JSON": 2})]
    assert add_scores(parts) == Scores({"x": Counts(1)}, {"is not JSON": 3})
    assert tabulate([]).shape == (0, 3)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("size", [2, 20, 300])
def test_an_interval_holds_the_figure_and_is_the_same_again(seed: int, size: int) -> None:
    table = make_table(np.random.default_rng(seed), size, 0.6)
    low, high = bootstrap(table, seed=seed)
    assert 0 <= low <= figure(table) <= high <= 100
    assert bootstrap(table, seed=seed) == (low, high)


@pytest.mark.parametrize("row", [(0, 0, 0), (3, 0, 0), (2, 2, 2), (2, 4, 1.5)])
def test_passages_that_are_all_alike_leave_nothing_to_chance(row: tuple[float, ...]) -> None:
    table = np.array([row] * 7, dtype=float)
    assert bootstrap(table) == pytest.approx([figure(table)] * 2)


def test_an_interval_narrows_with_the_root_of_the_number_of_passages() -> None:
    rng = np.random.default_rng(0)
    few, many = (bootstrap(make_table(rng, size, 0.6)) for size in (200, 3_200))
    assert 3 < (few.high - few.low) / (many.high - many.low) < 5.3


def test_nineteen_of_twenty_intervals_hold_the_known_f1() -> None:
    rng = np.random.default_rng(1)
    known = 100 * 2 * 0.6 / (1 + 0.6 + 0.2)
    intervals = [bootstrap(make_table(rng, 150, 0.6), seed=n, resamples=300) for n in range(300)]
    held = sum(low <= known <= high for low, high in intervals)
    assert 0.91 < held / 300 < 0.98


def test_the_interval_of_a_mean_is_as_wide_as_independent_data_sets_make_it() -> None:
    rng = np.random.default_rng(2)
    tables = [make_table(rng, 150, recall) for recall in (0.3, 0.5, 0.7, 0.9)]
    low, high = bootstrap_mean(tables)
    assert low < np.mean([figure(table) for table in tables]) < high
    widths = [each.high - each.low for each in map(bootstrap, tables)]
    assert high - low == pytest.approx(np.linalg.norm(widths) / 4, rel=0.15)
    assert bootstrap_mean(tables[:1]) == bootstrap(tables[0])


def test_equal_runs_do_not_differ() -> None:
    table = make_table(np.random.default_rng(3), 50, 0.6)
    assert compare(table, table) == (0, 0, 0, 1)


def test_a_clear_difference_is_found_and_turns_with_the_runs() -> None:
    rng = np.random.default_rng(4)
    better = make_table(rng, 400, 0.8)
    worse = make_table(rng, 400, 0.6, better[:, 0])
    found, turned = compare(better, worse), compare(worse, better)
    assert found.difference == pytest.approx(figure(better) - figure(worse))
    assert 0 < found.low < found.difference < found.high
    assert found.p == pytest.approx(1 / 1001)
    assert turned.difference == -found.difference
    assert turned.low == pytest.approx(-found.high)
    assert compare(better, worse) == found


def test_runs_that_are_as_good_as_each_other_have_a_p_of_any_size() -> None:
    rng = np.random.default_rng(5)
    chances = []
    for seed in range(200):
        first = make_table(rng, 60, 0.6)
        second = make_table(rng, 60, 0.6, first[:, 0])
        chances.append(compare(first, second, seed=seed, resamples=200).p)
    assert np.mean(np.array(chances) < 0.05) < 0.1
    assert 0.4 < np.mean(chances) < 0.6


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_a_comparison_stays_within_its_bounds(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    first = make_table(rng, size, 0.7)
    second = make_table(rng, size, 0.7, first[:, 0])
    result = compare(first, second, resamples=99)
    assert 0.01 <= result.p <= 1
    assert -100 <= result.low <= result.high <= 100


def test_what_cannot_be_resampled_or_compared_is_refused() -> None:
    with pytest.raises(RecordError, match="no passages to resample"):
        bootstrap(tabulate([]))
    with pytest.raises(RecordError, match="3 and 4 passages cannot be compared"):
        compare(np.zeros((3, 3)), np.zeros((4, 3)))


def test_fifty_thousand_passages_take_less_than_a_second() -> None:
    table = make_table(np.random.default_rng(6), 50_000, 0.6)
    started = time.process_time()
    low, high = bootstrap(table)
    assert time.process_time() - started < 1
    assert 0.2 < high - low < 1
