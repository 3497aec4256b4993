"""Money that is held back is not spent twice, and never more than there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.teacher.budget import Budget


def test_only_what_is_left_may_be_spent() -> None:
    budget = Budget(limit=10.0, spent=3.0)
    with budget.hold(4.0) as first, budget.hold(3.0) as second:
        assert first
        assert second
        assert budget.held == 7.0
    assert budget.held == 0.0
    assert not budget.exhausted
    with budget.hold(7.5) as third:
        assert not third
    assert budget.exhausted


def test_what_is_held_comes_back_where_a_request_fails() -> None:
    budget = Budget(limit=1.0)

    def fail() -> None:
        with budget.hold(1.0) as affordable:
            assert affordable
            raise OSError("gone")

    for _ in range(3):
        with pytest.raises(OSError, match="gone"):
            fail()
    assert (budget.held, budget.spent) == (0.0, 0.0)


def test_a_free_teacher_has_no_limit() -> None:
    budget = Budget()
    for _ in range(100):
        with budget.hold(1e12) as affordable:
            assert affordable
            budget.spent += 1e12


@given(st.lists(st.integers(0, 5)), st.integers(0, 20))
def test_spending_what_was_held_never_goes_beyond_the_limit(costs: list[int], limit: int) -> None:
    budget = Budget(limit=limit)
    for cost in costs:
        with budget.hold(cost) as affordable:
            if affordable:
                budget.spent += cost
    assert budget.spent <= limit
    assert budget.exhausted == (budget.spent < sum(costs))
