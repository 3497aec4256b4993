"""Tokens are counted word by word, and a file that is no tokenizer is named."""

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from uniner.records import InputError
from uniner.text import tokens
from uniner.text.tokens import LONGEST, TokenCounter, load_counter
from uniner.text.words import WORD, split_words

TEXTS = st.text(st.sampled_from("aZé9 .,\n中字\u0301\ud800") | st.characters(), max_size=80)


@pytest.fixture
def counter() -> TokenCounter:
    vocabulary = {"[UNK]": 0, **{letter: place for place, letter in enumerate("abc", start=1)}}
    model = models.WordPiece(vocabulary, unk_token="[UNK]", continuing_subword_prefix="")
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return TokenCounter(tokenizer)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), (" \n", 0), ("abc", 3), ("abc ab", 5), ("x", 1), ("xyz", 1), ("a-b", 3)],
)
def test_a_text_has_the_tokens_of_its_words(
    counter: TokenCounter, text: str, expected: int
) -> None:
    assert counter.count(text) == expected


def test_the_bundled_counter_knows_sub_words() -> None:
    assert TokenCounter.bundled().costs(["the", "the", "Thornbridge"])[:2] == [1, 1]
    assert TokenCounter.bundled().count("Thornbridge") > 1


def test_a_very_long_word_is_not_one_unknown_token(counter: TokenCounter) -> None:
    assert counter.count("a" * 1000) == 1000
    assert counter.count("x" * (10 * LONGEST)) == 10
    assert not any(len(word) > LONGEST for word in counter.known)


@given(TEXTS)
def test_a_text_cut_between_words_has_the_tokens_of_both_parts(text: str) -> None:
    count = TokenCounter.bundled().count
    for start, _ in split_words(text):
        assert count(text[:start]) + count(text[start:]) == count(text)
    assert count(text) >= len(WORD.findall(text))


def test_words_are_forgotten_before_there_are_too_many(
    counter: TokenCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "KNOWN_WORDS", 2)
    assert [counter.count(text) for text in ("a b ab", "abc", "ab", "a")] == [4, 3, 2, 1]
    assert len(counter.known) <= 3


def test_a_counter_travels_to_another_process(counter: TokenCounter) -> None:
    assert pickle.loads(pickle.dumps(counter)).count("abc ab") == 5


def test_a_tokenizer_file_is_read_once(counter: TokenCounter, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    counter.tokenizer.save(str(path))
    assert load_counter(str(path)).count("abc") == 3
    assert load_counter(str(path)) is load_counter(str(path))


@pytest.mark.parametrize("content", ["{}", "no", "\udcff"])
def test_a_file_that_is_no_tokenizer_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "t.json"
    path.write_text(content, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(InputError, match=r"t\.json: not a tokenizer .*give a tokenizer\.json"):
        load_counter(str(path))
    with pytest.raises(InputError, match="nope: no such file"):
        load_counter("nope")
