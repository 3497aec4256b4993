"""Counts add, and their metrics are what the textbook says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.evaluation.counts import Counts, Scores
from uniner.records import RecordError


@st.composite
def draw_counts(draw: st.DrawFn) -> Counts:
    gold, predicted = draw(st.integers(0, 50)), draw(st.integers(0, 50))
    halves = draw(st.integers(0, 2 * min(gold, predicted)))
    return Counts(gold, predicted, halves / 2)


SCORES = st.builds(
    Scores,
    st.dictionaries(st.sampled_from("abc"), draw_counts()),
    st.dictionaries(st.sampled_from(["is not JSON", "is not a list"]), st.integers(1, 9)),
)


@pytest.mark.parametrize(
    ("counts", "precision", "recall", "f1"),
    [
        (Counts(), 0, 0, 0),
        (Counts(3, 0, 0), 0, 0, 0),
        (Counts(0, 3, 0), 0, 0, 0),
        (Counts(4, 4, 4), 1, 1, 1),
        (Counts(4, 2, 1), 0.5, 0.25, 1 / 3),
        (Counts(2, 2, 0.5), 0.25, 0.25, 0.25),
    ],
)
def test_metrics_are_read_off_the_counts(
    counts: Counts, precision: float, recall: float, f1: float
) -> None:
    assert (counts.precision, counts.recall) == (precision, recall)
    assert counts.f1 == pytest.approx(f1)


@given(draw_counts())
def test_f1_is_the_harmonic_mean(counts: Counts) -> None:
    total = counts.precision + counts.recall
    expected = 2 * counts.precision * counts.recall / total if total else 0.0
    assert counts.f1 == pytest.approx(expected)


@given(draw_counts(), draw_counts(), draw_counts())
def test_counts_add_in_any_order(a: Counts, b: Counts, c: Counts) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + Counts() == a


@given(SCORES, SCORES)
def test_scores_add_type_by_type(a: Scores, b: Scores) -> None:
    assert (a + b).micro == a.micro + b.micro
    assert (a + b).by_type == (b + a).by_type
    assert sum((a + b).malformed.values()) == sum(a.malformed.values()) + sum(b.malformed.values())


def test_more_correct_than_there_is_cannot_be_counted() -> None:
    with pytest.raises(RecordError, match="more correct"):
        Counts(1, 2, 2)
