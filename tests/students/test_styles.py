"""What a server or a student may say: any of it is read, or is told to be of no use."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.chat.answer import Malformed, Parsed
from uniner.students.backend import Said, Token
from uniner.students.server import read_said, read_tokens
from uniner.students.styles import (
    read_student,
    score_mentions,
)
from uniner.teacher.completion import BrokenReplyError


@pytest.mark.parametrize(
    ("raw", "items"),
    [
        (' ["Oslo"]\n', ("Oslo",)),
        ('["a]b", "c"]</s>USER: What', ("a]b", "c")),
        ("[] I found none.", ()),
    ],
)
def test_what_follows_a_whole_list_is_not_seen(raw: str, items: tuple[str, ...]) -> None:
    assert read_student(raw, "", ["t"]).answers == {"t": Parsed(items)}


@pytest.mark.parametrize("raw", ["", "Oslo", '["Oslo', "{}", '{"a": 1} ["x"]', "[1]", "[" * 9999])
def test_what_is_no_list_is_malformed(raw: str) -> None:
    answer = read_student(raw, "", ["t"]).answers["t"]
    assert isinstance(answer, Malformed)
    assert answer.raw == raw


@given(st.text(), st.lists(st.tuples(st.text(max_size=4), st.floats(0, 1))))
def test_any_tokens_give_probabilities(raw: str, tokens: list[tuple[str, float]]) -> None:
    said = Said(raw, tokens=tuple(Token(*token) for token in tokens))
    scores = score_mentions(said, Parsed(("a", "", 'é"', ("b", "c"))))
    assert all(0 <= score <= 1 + 1e-9 for score in scores.values())
    assert set(scores) == ({"a", "", 'é"'} if tokens else set())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=3), values),
    max_leaves=8,
)
logprobs = st.fixed_dictionaries(
    {},
    optional={
        "tokens": json_values | st.lists(json_values),
        "token_logprobs": json_values | st.lists(json_values),
        "content": st.lists(
            json_values | st.fixed_dictionaries({"token": json_values, "logprob": json_values})
        ),
    },
)


@given(json_values | logprobs)
def test_any_probabilities_are_read(value: object) -> None:
    assert all(0 <= token.probability <= 1 for token in read_tokens(value))


choices = st.lists(st.fixed_dictionaries({"text": json_values, "logprobs": json_values | logprobs}))


@given(
    st.binary() | st.builds(lambda c: json.dumps({"choices": c}).encode(), json_values | choices)
)
def test_any_body_is_an_answer_or_broken(body: bytes) -> None:
    try:
        said = read_said(body)
    except BrokenReplyError:
        return
    assert isinstance(said.text, str)
