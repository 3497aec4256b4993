"""The grammar that servers are sent takes what quotes the passage, and nothing else."""

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toy_llama import make_bytes
from uniner.students.grammar import NOTHING, build_grammar, split_chunks
from uniner.text.align import on_boundaries

llguidance = pytest.importorskip("llguidance", reason="checks the grammar: the extra dev")

TEXT = 'Mira "M" Curie [b. 1867]\nsaw C:\\new, U.S. café É-1 東京 😀 a\\\n'


@cache
def tokenizer() -> Any:
    return llguidance.LLTokenizer(make_bytes().to_str(), eos_token=0)


def takes(grammar: str, answer: str) -> bool:
    """Whether an answer is a whole one under a grammar."""
    matcher = llguidance.LLMatcher(tokenizer(), grammar)
    assert not matcher.is_error(), matcher.get_error()
    tokens = tokenizer().tokenize_str(answer)
    return bool(matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting())


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize(
    ("mentions", "taken"),
    [
        ([], True),
        (["Mira"], True),
        (["Mira", "Mira", "U.S."], True),
        (['Mira "M" Curie [b. 1867]\nsaw'], True),
        (["C:\\new", "café É", "東京 😀", '"', "]", "\\"], True),
        (["a\\"], True),
        (["ira"], False),
        (["Mir"], False),
        (["Mira "], False),
        ([" Curie"], False),
        (["\nsaw"], False),
        (["a\\\n"], False),
        (["Oslo"], False),
        (["Mira Curie"], False),
        (["MIRA"], False),
        ([""], False),
    ],
)
def test_answers_that_quote_the_passage_are_taken(
    mentions: list[str], ascii: bool, taken: bool
) -> None:
    assert takes(build_grammar(TEXT), json.dumps(mentions, ensure_ascii=ascii)) is taken


@pytest.mark.parametrize("answer", ["", "[", '["Mira"', '["Mira",]', "[] ", '"Mira"', '["Mira" ]'])
def test_what_is_no_whole_list_is_not_taken(answer: str) -> None:
    assert not takes(build_grammar(TEXT), answer)


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_nothing_can_be_quoted_from_white_space(text: str) -> None:
    assert build_grammar(text) == NOTHING
    assert takes(NOTHING, "[]")
    assert not takes(NOTHING, '[" "]')


def test_halves_of_characters_do_not_break_the_grammar() -> None:
    assert takes(build_grammar("a \ud800 b"), '["a \ufffd b"]')


@given(st.text(st.sampled_from("ab1 .\"\\[],'\n\té́東😀\u00a0"), min_size=1, max_size=12), st.data())
def test_every_span_on_word_boundaries_can_be_quoted(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    mention = text[start:end]
    stands = on_boundaries((start, end), text) and mention == mention.strip()

    taken = takes(build_grammar(text), json.dumps([mention], ensure_ascii=False))

    assert taken or not stands


@given(st.text(max_size=30))
def test_chunks_are_the_text(text: str) -> None:
    assert "".join(split_chunks(text)) == text
