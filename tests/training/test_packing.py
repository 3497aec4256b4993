"""Rows hold every exchange once, and what shares a row does not see one another."""

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.chat.tokens import Tokens
from uniner.training.generative.packing import (
    IGNORED,
    Encoded,
    Layout,
    Unit,
    build_row,
    collate,
    count_oversized,
    group_lengths,
    measure,
    plan_epoch,
    split,
)


def exchange(first: int, asked: int, said: int) -> Tokens:
    """Ids from `first` on: so many of a question, then so many of its answer."""
    ids = list(range(first, first + asked + said))
    return Tokens(ids, [False] * asked + [True] * said)


PASSAGES = st.lists(
    st.builds(
        lambda prefix, parts: Encoded(
            list(range(prefix)), tuple(exchange(100 * i, a, b) for i, (a, b) in enumerate(parts))
        ),
        st.integers(1, 12),
        st.lists(st.tuples(st.integers(1, 5), st.integers(1, 6)), max_size=6),
    ),
    max_size=12,
)


@given(PASSAGES, st.booleans(), st.booleans(), st.integers(0, 9))
def test_every_exchange_that_fits_is_in_exactly_one_row(
    encoded: list[Encoded], packed: bool, single: bool, seed: int
) -> None:
    layout = Layout(16, packed, single)
    rows = plan_epoch(encoded, layout, 0, random.Random(seed))
    held = Counter((u.dialogue, e) for row in rows for u in row for e in u.exchanges)
    fitting = {
        (number, index)
        for number, row in enumerate(encoded)
        for index, tokens in enumerate(row.exchanges)
        if len(row.prefix) + len(tokens.ids) <= 16
    }
    assert held == Counter(fitting)
    assert all(measure(row) <= 16 for row in rows)
    assert len(fitting) + count_oversized(encoded, 16) == sum(len(e.exchanges) for e in encoded)
    for unit in (unit for row in rows for unit in row):
        lengths = [len(encoded[unit.dialogue].exchanges[e].ids) for e in unit.exchanges]
        assert unit.length == len(encoded[unit.dialogue].prefix) + sum(lengths)
        assert not single or len(lengths) == 1


def test_a_limit_asks_other_things_in_other_epochs() -> None:
    encoded = [Encoded([1, 2], tuple(exchange(10 * i, 1, 1) for i in range(8)))]
    chosen = {
        tuple(
            sorted(
                e
                for row in plan_epoch(encoded, Layout(64), 3, random.Random(seed))
                for unit in row
                for e in unit.exchanges
            )
        )
        for seed in range(6)
    }
    assert all(len(names) == 3 for names in chosen)
    assert len(chosen) > 1


TWO = [
    Encoded([1, 2, 3], (exchange(10, 2, 2), exchange(20, 1, 1))),
    Encoded([5, 6], (exchange(30, 1, 2),)),
]


def rows_of_two(*, isolated: bool) -> tuple[list[int], list[int], list[int]]:
    units = [*plan_units(0), *plan_units(1)]
    row = build_row(units, TWO, isolated=isolated)
    return row.ids.tolist(), row.labels.tolist(), row.positions.tolist()


def plan_units(number: int) -> list[Unit]:
    return list(split(number, TWO[number], range(len(TWO[number].exchanges)), Layout(64)))


def test_labels_are_the_next_token_of_answers_alone() -> None:
    ids, labels, _ = rows_of_two(isolated=True)
    assert ids == [1, 2, 3, 10, 11, 12, 13, 20, 21, 5, 6, 30, 31, 32]
    none = IGNORED
    assert labels == [
        *(none, none, none, none, 12, 13, none, 21, none),
        *(none, none, 31, 32, none),
    ]


@pytest.mark.parametrize(
    ("isolated", "positions"),
    [
        (True, [0, 1, 2, 3, 4, 5, 6, 3, 4, 0, 1, 2, 3, 4]),
        (False, [0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4]),
    ],
)
def test_an_isolated_exchange_stands_right_behind_its_passage(
    isolated: bool, positions: list[int]
) -> None:
    assert rows_of_two(isolated=isolated)[2] == positions


@pytest.mark.parametrize("isolated", [True, False])
@pytest.mark.parametrize("prefix", [True, False])
def test_who_sees_whom(isolated: bool, prefix: bool) -> None:
    units = [*plan_units(0), *plan_units(1)]
    short = build_row(plan_units(1), TWO, isolated=isolated)
    batch = collate([build_row(units, TWO, isolated=isolated), short], 0, prefix=prefix)
    parts = ["p"] * 3 + ["a"] * 4 + ["b"] * 2 + ["P"] * 2 + ["A"] * 3
    expected = np.zeros((14, 14), bool)
    for i, me in enumerate(parts):
        for j, other in enumerate(parts):
            same = me.islower() == other.islower()
            passage = other in "pP"
            both = passage and me in "pP"
            apart = isolated and not passage and me != other
            expected[i, j] = same and not apart and (j <= i or (prefix and both))
    assert (batch.mask[0, 0] == expected).all()
    assert batch.ids[1].tolist()[5:] == [0] * 9
    assert not batch.mask[1, 0, :5, 5:].any(), "padding is seen by nobody"
    assert (batch.labels[1, 5:] == IGNORED).all()


@given(st.lists(st.integers(1, 50), min_size=1, max_size=90), st.integers(1, 8), st.integers(0, 5))
def test_batches_of_one_length_lose_nothing(lengths: list[int], batch: int, seed: int) -> None:
    encoded = [Encoded(list(range(n)), (exchange(0, 1, 1),)) for n in lengths]
    rows = plan_epoch(encoded, Layout(128, packed=False), 0, random.Random(seed))
    grouped = group_lengths(rows, batch, random.Random(seed))
    assert len(grouped) == -(-len(rows) // batch) * batch
    missing = Counter(row[0].dialogue for row in rows) - Counter(r[0].dialogue for r in grouped)
    assert not missing
