"""Which spans stay where several overlap."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.students.decode import Found, choose, find

FOUND = st.lists(
    st.builds(
        lambda row, first, width, kind, logit: Found(row, first, first + width, kind, logit),
        st.integers(0, 1),
        st.integers(0, 8),
        st.integers(0, 3),
        st.integers(0, 2),
        st.floats(-5, 5),
    ),
    unique_by=lambda span: span[:4],
).map(lambda found: sorted(found, key=lambda span: -span.logit))


def share_a_word(a: Found, b: Found) -> bool:
    return a.row == b.row and a.first <= b.last and b.first <= a.last


def cross(a: Found, b: Found) -> bool:
    """Whether two spans of a type overlap only in part."""
    inside = a.first <= b.first <= b.last <= a.last or b.first <= a.first <= a.last <= b.last
    return a.type == b.type and share_a_word(a, b) and not inside


def test_spans_are_found_best_first_and_only_within_their_window() -> None:
    logits = np.full((2, 3, 2, 2), -9, np.float32)
    logits[0, 0, 1, 1] = 1
    logits[0, 2, 0, 0] = 3
    logits[0, 2, 1, 0] = 8  # goes past the last word
    logits[1, 0, 0, 1] = 2
    logits[1, 1, 0, 1] = 8  # a padded word
    assert find(logits, np.array([3, 1]), 0.5) == [
        Found(0, 2, 2, 0, 3),
        Found(1, 0, 0, 1, 2),
        Found(0, 0, 1, 1, 1),
    ]
    assert find(logits, np.array([3, 1]), 2) == [Found(0, 2, 2, 0, 3), Found(1, 0, 0, 1, 2)]


A, B = 0, 1


@pytest.mark.parametrize(
    ("second", "flat", "nested"),
    [
        pytest.param((0, 2, 3, A), True, True, id="neighbours"),
        pytest.param((1, 0, 1, A), True, True, id="another window"),
        pytest.param((0, 0, 1, B), False, True, id="another type of the same span"),
        pytest.param((0, 1, 1, A), False, True, id="inside, one type"),
        pytest.param((0, 0, 3, A), False, True, id="around, one type"),
        pytest.param((0, 1, 2, A), False, False, id="crossing, one type"),
        pytest.param((0, 1, 2, B), False, True, id="crossing, two types"),
    ],
)
def test_a_worse_span_stays_only_if_it_may(
    second: tuple[int, int, int, int], flat: bool, nested: bool
) -> None:
    found = [Found(0, 0, 1, A, 2.0), Found(*second, 1.0)]
    assert choose(found, nested=False) == found[: 1 + flat]
    assert choose(found, nested=True) == found[: 1 + nested]


@given(FOUND)
def test_flat_answers_never_overlap_and_every_loser_had_a_better_rival(found: list[Found]) -> None:
    kept = choose(found, nested=False)
    for place, span in enumerate(kept):
        assert not any(share_a_word(span, other) for other in kept[:place])
    for span in set(found) - set(kept):
        assert any(share_a_word(span, better) and better.logit >= span.logit for better in kept)
    assert all(better.logit >= worse.logit for better, worse in pairwise(kept))


@given(FOUND)
def test_nested_answers_of_a_type_never_cross(found: list[Found]) -> None:
    kept = choose(found, nested=True)
    for place, span in enumerate(kept):
        assert not any(cross(span, other) for other in kept[:place])
    for span in set(found) - set(kept):
        assert any(cross(span, better) and better.logit >= span.logit for better in kept)
