"""Windows cover their document, stay bounded, and merge back into one flat document."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.records import ConfigError, Entity
from uniner.text.passages import Window, cut, ends_sentence, merge, shift
from uniner.text.words import split_words

TEXTS = st.text(alphabet="ab X.!\n,。", max_size=120)
BUDGETS = st.integers(1, 12).flatmap(
    lambda limit: st.tuples(st.just(limit), st.integers(0, limit - 1))
)


def windows_of(text: str, limit: int, overlap: int) -> list[str]:
    return [text[w.start : w.end] for w in cut(split_words(text), text, limit, overlap)]


@given(TEXTS, BUDGETS)
def test_every_word_is_covered_and_every_window_bounded(text: str, budget: tuple[int, int]) -> None:
    words = split_words(text)
    windows = cut(words, text, *budget)
    assert {i for w in windows for i in range(w.first, w.last)} == set(range(len(words)))
    assert all(0 < w.last - w.first <= budget[0] for w in windows)
    for before, after in itertools.pairwise(windows):
        assert before.first < after.first <= before.last < after.last
        assert before.last - after.first <= budget[1]


@given(TEXTS, BUDGETS, st.data())
def test_costs_bound_a_window_unless_one_word_alone_exceeds_it(
    text: str, budget: tuple[int, int], data: st.DataObject
) -> None:
    words = split_words(text)
    costs = data.draw(st.lists(st.integers(0, 20), min_size=len(words), max_size=len(words)))
    windows = cut(words, text, *budget, costs)
    assert {i for w in windows for i in range(w.first, w.last)} == set(range(len(words)))
    for w in windows:
        assert sum(costs[w.first : w.last]) <= budget[0] or w.last - w.first == 1
    for before, after in itertools.pairwise(windows):
        assert before.first < after.first <= before.last < after.last


@given(TEXTS, BUDGETS)
def test_offsets_are_those_of_the_words(text: str, budget: tuple[int, int]) -> None:
    words = split_words(text)
    for w in cut(words, text, *budget):
        assert (w.start, w.end) == (words[w.first].start, words[w.last - 1].end)


@given(TEXTS)
def test_a_document_that_fits_is_one_window(text: str) -> None:
    words = split_words(text)
    assert len(cut(words, text, max(2, len(words)), 1)) == (1 if words else 0)


@pytest.mark.parametrize(
    ("text", "limit", "overlap", "expected"),
    [
        ("a b c d e. F g h i j", 8, 0, ["a b c d e.", "F g h i j"]),
        ("a b c d e. F g h i j", 8, 2, ["a b c d e.", "e. F g h i j"]),
        ("a b c d\ne f g h", 6, 0, ["a b c d", "e f g h"]),
        ("a b c d e f g h", 3, 1, ["a b c", "c d e", "e f g", "g h"]),
        ("cost e.g. this much and more", 7, 0, ["cost e.g. this much", "and more"]),
        ("He said “no.” Then she left him", 8, 0, ["He said “no.”", "Then she left him"]),
        ("中 文 字。后 面 的 字", 6, 0, ["中 文 字。", "后 面 的 字"]),
    ],
)
def test_windows_end_at_sentences_or_lines_where_they_can(
    text: str, limit: int, overlap: int, expected: list[str]
) -> None:
    assert windows_of(text, limit, overlap) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("then she met Dr.", "Smith"),
        ("then she met Mrs.", "Smith"),
        ("a novel by J.", "Smith"),
        ("a novel by J. R.", "Smith"),
        ("some lakes, e.g.", "Como"),
        ("she wrote Symphony No.", "5"),
        ("it is shown in Fig.", "3"),
        ("a town near St.", "Ives"),
    ],
)
def test_a_full_stop_that_shortens_a_word_ends_no_sentence(before: str, after: str) -> None:
    text = f"{before} {after} w w w w w w w w"
    words = split_words(text)
    index = next(i for i, word in enumerate(words) if word.start == len(before) + 1) - 1
    assert not ends_sentence(words, text, index)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("She met the doctor.", "Smith"),
        ("He said no.", "Then"),
        ("It was a number.", "5"),
        ("This is w.", "Then"),
        ("He asked “for a Dr.”", "Then"),
        ("So they met J!", "Then"),
        ("We saw them at St.", "\nIves"),
    ],
)
def test_other_full_stops_end_one(before: str, after: str) -> None:
    text = f"{before}\n{after}" if after.startswith("\n") else f"{before} {after}"
    words = split_words(text)
    index = next(i for i, word in enumerate(words) if word.start > len(before)) - 1
    assert ends_sentence(words, text, index)


def test_an_overlap_as_large_as_the_window_is_refused() -> None:
    with pytest.raises(ConfigError, match="cannot overlap by 4"):
        cut([], "", 4, 4)


TEXT = "aa bb cc dd ee ff gg hh"
WINDOWS = [Window(0, 5, 0, 14), Window(3, 8, 9, 23)]


def mention(start: int, end: int, kind: str = "person", score: float | None = 0.5) -> Entity:
    return Entity(start, end, TEXT[start:end], kind, score)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ([mention(0, 2)], [mention(21, 23)], [mention(0, 2), mention(21, 23)]),
        # dd [9, 11) is 3 from the left window's edge and 0 from the right one's: the left decides.
        ([mention(9, 11, score=0.6)], [mention(9, 11, score=0.9)], [mention(9, 11, score=0.6)]),
        ([], [mention(9, 11)], []),
        # ee [12, 14) is 0 from the left window's edge and 3 from the right one's.
        ([mention(12, 14)], [], []),
        ([mention(12, 14, "city")], [mention(12, 14)], [mention(12, 14)]),
        # Each is its own window's, and they overlap: the higher score stays.
        ([mention(6, 11, score=0.4)], [mention(9, 17, score=0.8)], [mention(9, 17, score=0.8)]),
        ([mention(6, 11, score=None)], [mention(9, 17, score=None)], [mention(9, 17, score=None)]),
    ],
)
def test_a_mention_is_taken_from_the_window_that_sees_it_best(
    left: list[Entity], right: list[Entity], expected: list[Entity]
) -> None:
    assert list(merge(WINDOWS, [left, right])) == expected


def test_nested_mentions_of_different_types_both_stay() -> None:
    inner, outer = mention(6, 11, "person"), mention(9, 17, "city")
    assert merge(WINDOWS, [[inner], [outer]], nested=True) == (inner, outer)
    assert len(merge(WINDOWS, [[inner], [mention(9, 17)]], nested=True)) == 1


def test_shifting_moves_a_windows_own_offsets_into_the_document() -> None:
    assert shift([Entity(0, 2, "dd", "person", 0.5)], 9) == [mention(9, 11)]


@given(TEXTS, BUDGETS, st.data())
def test_merging_gives_flat_grounded_mentions_without_duplicates(
    text: str, budget: tuple[int, int], data: st.DataObject
) -> None:
    words = split_words(text)
    windows = cut(words, text, *budget)
    found = []
    for w in windows:
        marks = data.draw(st.lists(st.booleans(), min_size=w.last - w.first, max_size=12))
        spans = [words[i] for i, on in zip(range(w.first, w.last), marks, strict=False) if on]
        found.append([Entity(s.start, s.end, text[s.start : s.end], "t", 0.5) for s in spans])
    merged = merge(windows, found)
    assert all(text[e.start : e.end] == e.text for e in merged)
    assert all(a.end <= b.start for a, b in itertools.pairwise(merged))
    assert set(merged) <= {e for entities in found for e in entities}


@given(TEXTS, BUDGETS)
def test_what_every_window_agrees_on_comes_back_whole(text: str, budget: tuple[int, int]) -> None:
    words = split_words(text)
    entities = [Entity(s.start, s.end, text[s.start : s.end], "t") for s in words]
    windows = cut(words, text, *budget)
    merged = merge(windows, [entities[w.first : w.last] for w in windows])
    assert list(merged) == entities
