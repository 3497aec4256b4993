"""Words become sub-words whose places are known, padded together without a trace."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toy_model import make_encoder
from uniner.students.encode import MAX_PIECES, Batch, Encoder, by_length, cut_words, shape_of
from uniner.text.words import split_words

ENCODER = make_encoder()
CLS, SEP = ENCODER.prefix[0], ENCODER.suffix[0]
TEXT = st.text("abXY9 .-\n\u200b\u0301\ud800é北", max_size=60)


@pytest.mark.parametrize(
    ("word", "shape"),
    [
        ("word", 1),
        ("é", 1),
        ("Word", 2),
        ("A", 2),
        ("WORD", 3),
        ("ÉT", 3),
        ("iPhone", 4),
        ("McDonald", 4),
        ("北京", 4),
        ("3", 5),
        ("12.5", 5),
        ("-", 6),
        ("\u200b", 6),
        ("\ud800", 6),
    ],
)
def test_letter_case_has_six_classes(word: str, shape: int) -> None:
    assert shape_of(word) == shape


def test_the_special_tokens_are_found() -> None:
    vocabulary = ENCODER.tokenizer.get_vocab()
    assert ENCODER.prefix == [vocabulary["[CLS]"]]
    assert ENCODER.suffix == [vocabulary["[SEP]"]]
    assert (ENCODER.pad, ENCODER.unknown) == (vocabulary["[PAD]"], vocabulary["[UNK]"])


def test_each_word_of_a_window_stands_where_its_ends_say() -> None:
    window = ENCODER.window(["Mira", "abc", "OSLO", "."])
    assert window.firsts == [1, 2, 5, 6]
    assert window.lasts == [1, 4, 5, 6]
    assert (window.ids[0], window.ids[-1]) == (CLS, SEP)
    assert window.shapes == [0, 2, 1, 1, 1, 3, 6, 0]


@pytest.mark.parametrize(
    ("word", "count"),
    [
        pytest.param("\u200b", 1, id="no piece of its own"),
        pytest.param("\ud800", 1, id="half a character"),
        pytest.param("a" * 50, MAX_PIECES, id="many pieces"),
        pytest.param("a" * 5000, MAX_PIECES, id="longer than any word"),
    ],
)
def test_a_strange_word_keeps_its_place(word: str, count: int) -> None:
    assert len(ENCODER.pieces([word])[0]) == count


@given(TEXT)
def test_a_window_holds_every_word_in_order(text: str) -> None:
    words = split_words(text)
    window = ENCODER.window(cut_words(text, words))
    pieces = [
        window.ids[first : last + 1]
        for first, last in zip(window.firsts, window.lasts, strict=True)
    ]
    assert [CLS, *chain(*pieces), SEP] == window.ids
    assert len(window.shapes) == len(window.ids)
    assert ENCODER.costs(text, words) == [len(part) for part in pieces]


def test_what_was_seen_before_does_not_change_what_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uniner.students.encode.KNOWN_WORDS", 2)
    forgetful = Encoder(ENCODER.tokenizer)
    for words in (["Ada", "Bo"], ["Cy"], ["Di", "Ada"], ["Ada"]):
        assert forgetful.window(words) == ENCODER.window(words)


def test_past_a_windows_end_the_closing_token_stands() -> None:
    long, short = ENCODER.window(["Mira", "saw", "abc"]), ENCODER.window(["Bo"])
    batch = Batch([long, short], ENCODER.pad)
    assert batch.ids.tolist() == [long.ids, short.ids + [ENCODER.pad] * 3]
    assert batch.mask.tolist() == [[1] * 7, [1] * 4 + [0] * 3]
    assert batch.firsts.tolist() == [[1, 2, 3, 6], [1, 3, 3, 3]]
    assert batch.lasts.tolist() == [[1, 2, 5, 6], [2, 3, 3, 3]]
    assert batch.words.tolist() == [3, 1]


def test_a_type_that_is_no_word_still_has_a_vector() -> None:
    assert ENCODER.type_name("\u200b").ids == [CLS, ENCODER.unknown, SEP]


@given(
    st.lists(st.integers(1, 50), max_size=40),
    st.integers(1, 120),
    st.sampled_from([1.0, 1.2, 3.0, float("inf")]),
)
def test_batches_hold_each_index_once_within_the_budget_and_the_spread(
    sizes: list[int], budget: int, spread: float
) -> None:
    batches = by_length(sizes, budget, spread)
    assert sorted(chain(*batches)) == list(range(len(sizes)))
    for batch in batches:
        largest = max(sizes[index] for index in batch)
        assert len(batch) == 1 or len(batch) * largest <= budget
        assert largest <= spread * min(sizes[index] for index in batch)
