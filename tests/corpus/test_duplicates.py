"""Passages that share nearly all runs of words are told; others are not."""

import sys

import pytest

from uniner.corpus.duplicates import Distinct, choose_rows, list_shingles
from uniner.records import ConfigError


def make_text(start: int, size: int = 200) -> str:
    return " ".join(f"word{number}" for number in range(start, start + size))


@pytest.mark.parametrize(
    ("other", "new"),
    [
        (make_text(0), False),
        (make_text(0).upper().replace(" ", "\n"), False),
        (make_text(0) + " and a little more at the end of it", False),
        (make_text(5), False),
        (make_text(100), True),
        (make_text(60), True),
        (" ".join(reversed(make_text(0).split())), True),
    ],
)
def test_passages_are_nearly_the_same_from_a_similarity_on(other: str, new: bool) -> None:
    assert Distinct(0.8).sift([make_text(0), other]) == [True, new]


def test_only_what_is_new_is_remembered() -> None:
    chain = [make_text(12 * step) for step in range(8)]
    # Each is nearly the one before; what is left out does not pull others with it.
    fresh = Distinct(0.8).sift(chain)
    assert fresh[:2] == [True, False]
    assert sum(fresh) > 2


def test_batches_make_no_difference() -> None:
    texts = [make_text(start) for start in (0, 5, 300, 0, 304, 900)]
    one_by_one = Distinct(0.8)
    assert [one_by_one.sift([text])[0] for text in texts] == Distinct(0.8).sift(texts)
    assert Distinct(0.8).sift([]) == []


def test_a_text_of_few_words_is_one_shingle() -> None:
    assert list_shingles("Ada met Bo") == ["ada met bo"]
    assert list_shingles("A b c d E f") == ["a b c d e", "b c d e f"]
    assert Distinct(0.8).sift(["Ada met Bo", "ada met  bo", "Bo met Ada", ""]) == [
        True,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(("threshold", "rows"), [(1.0, 8), (0.9, 8), (0.8, 4), (0.5, 2), (0.1, 1)])
def test_a_lower_threshold_compares_more_pairs(threshold: float, rows: int) -> None:
    assert choose_rows(threshold) == rows


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rensa", None)
    with pytest.raises(ConfigError, match=r"needs rensa: pip install 'uniner\[corpus\]'"):
        Distinct(0.8)
