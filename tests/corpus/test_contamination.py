"""A passage that shares a run of words with a test set is told, and nothing else is."""

import pickle
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.corpus import contamination
from uniner.corpus.contamination import hold_out
from uniner.records import ConfigError

TESTS = {
    "news": ["The council voted on Tuesday night to close the baths .", "Ada met Bo."],
    "film": ["show me the films that Ada Doe made before 1990 in York"],
    "both": ["He said: voted on Tuesday night to close the baths, or not"],
}
TEXTS = st.lists(st.lists(st.sampled_from("abc"), max_size=6).map(" ".join), max_size=6)


@pytest.mark.parametrize(
    ("text", "sets"),
    [
        ("THE COUNCIL VOTED ON TUESDAY NIGHT TO CLOSE", ["news"]),
        ("Then (the council) voted\non Tuesday-night to close 'the' baths!", ["news", "both"]),
        ("Who knows the films that Ada Doe made before 1990?", ["film"]),
        ("the council voted on Tuesday night to", []),
        ("the council has voted on Tuesday night to close", []),
        ("close to night Tuesday on voted council the", []),
        ("Ada met Bo.", []),
        ("", []),
    ],
)
def test_eight_words_in_a_row_are_shared(text: str, sets: list[str]) -> None:
    assert hold_out(TESTS).find(text) == sets


def test_test_passages_that_are_too_short_are_counted() -> None:
    held_out = hold_out(TESTS)
    assert (held_out.names, held_out.passages, held_out.short) == (
        ("news", "film", "both"),
        (2, 1, 1),
        (1, 0, 0),
    )
    assert hold_out(TESTS, run=3).find("So Ada met Bo.") == ["news"]


@given(TEXTS, TEXTS, st.lists(st.sampled_from("abc"), max_size=9).map(" ".join))
def test_it_finds_what_a_search_finds(first: list[str], second: list[str], text: str) -> None:
    def shares(tests: list[str]) -> bool:
        words = text.split()
        runs = [" ".join(words[start : start + 3]) for start in range(len(words) - 2)]
        return any(re.search(rf"\b{run}\b", test) for run in runs for test in tests)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contamination, "BLOCK", 2)
        held_out = hold_out({"first": first, "second": second}, run=3)
    expected = [name for name, tests in (("first", first), ("second", second)) if shares(tests)]
    assert held_out.find(text) == expected
    assert pickle.loads(pickle.dumps(held_out)).find(text) == expected


def test_a_test_passage_takes_eight_bytes_a_run() -> None:
    texts = [" ".join(str(10 * number + word) for word in range(10)) for number in range(5000)]
    held_out = hold_out({"a": texts, "b": texts})
    assert held_out.runs.dtype == np.uint64
    # Neighbouring texts share no word, so each has three runs of eight in each set.
    assert len(held_out.runs) == 2 * 3 * 5000


def test_words_are_forgotten_before_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contamination, "KNOWN_WORDS", 2)
    held_out = hold_out(TESTS)
    assert held_out.find(TESTS["film"][0]) == ["film"]
    assert len(contamination.load_words()) < 20


def test_impossible_options_are_refused() -> None:
    with pytest.raises(ConfigError, match="cannot share runs of 0 words"):
        hold_out(TESTS, run=0)
    with pytest.raises(ConfigError, match="2,000 test sets are too many; give at most 1,023"):
        hold_out({str(number): [] for number in range(2000)})
