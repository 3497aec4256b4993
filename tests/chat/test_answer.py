"""Raw answers become a list or a reason, never an exception."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.chat.answer import Answer, Malformed, Parsed, parse_answer, parse_answer_2023

MENTIONS = st.lists(st.text() | st.lists(st.text()))
NOISE = st.text(alphabet='[]",\\ \n\tathe1{}:nul', max_size=24) | st.text()


def parsed(*items: str | tuple[str, ...]) -> Parsed:
    return Parsed(items)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("[]", parsed()),
        ('["Ada", "Ada"]', parsed("Ada", "Ada")),
        (' ["Ada"]\n', parsed("Ada")),
        ('["a]b"]', parsed("a]b")),
        ('["line\\nbreak"]', parsed("line\nbreak")),
        ('[\n"Ada"\n]', parsed("Ada")),
        ('[["Ada", "person"]]', parsed(("Ada", "person"))),
        ("", "is not JSON"),
        ("none", "is not JSON"),
        ('["Ada"] and more', "is not JSON"),
        ('{"Ada": 1}', "is not a list"),
        ('"Ada"', "is not a list"),
        ("[1]", "lists something that is not a string"),
        ("[null]", "lists something that is not a string"),
        ('[["Ada", 1]]', "lists something that is not a string"),
        ("[" * 100_000 + "]" * 100_000, "is not JSON"),
        ("[" + "9" * 5000 + "]", "is not JSON"),
    ],
)
def test_the_whole_answer_is_read(raw: str, expected: Answer | str) -> None:
    wanted = Malformed(raw, expected) if isinstance(expected, str) else expected
    assert parse_answer(raw) == wanted


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("[]", parsed()),
        ('["Ada", "Bob"]', parsed("Ada", "Bob")),
        ('["Ada"] and ["Bob"]', parsed("Ada")),
        ('["Ada"]]]', parsed("Ada")),
        ('[ "Ada" ,\t"Bob" ]', parsed("Ada", "Bob")),
        ('["line\\nbreak"]', parsed("line\nbreak")),
        ("", "does not start with ["),
        (' ["Ada"]', "does not start with ["),
        ("The answer is []", "does not start with ["),
        ('["Ada"', "has no closing ]"),
        ('[\n"Ada"]', "has a line break before its first ]"),
        ('["a]b"]', "is not JSON"),
        ('[["Ada", "person"]]', "is not JSON"),
        ("['Ada']", "is not JSON"),
        ('["Ada",]', "is not JSON"),
        ("[1]", "lists something that is not a string"),
        ("[NaN]", "lists something that is not a string"),
        ('[{"Ada": 1}]', "lists something that is not a string"),
    ],
)
def test_the_published_reading_stops_at_the_first_bracket(raw: str, expected: Answer | str) -> None:
    wanted = Malformed(raw, expected) if isinstance(expected, str) else expected
    assert parse_answer_2023(raw) == wanted


@given(NOISE)
def test_no_answer_raises(raw: str) -> None:
    for answer in (parse_answer(raw), parse_answer_2023(raw)):
        if isinstance(answer, Malformed):
            assert answer.raw == raw
            assert answer.why


@given(MENTIONS)
def test_a_written_list_is_read_back(items: list[str | list[str]]) -> None:
    expected = tuple(tuple(item) if isinstance(item, list) else item for item in items)
    assert parse_answer(json.dumps(items)) == Parsed(expected)


@given(st.lists(st.text()))
def test_both_readings_agree_where_no_mention_holds_a_bracket(mentions: list[str]) -> None:
    raw = json.dumps([mention.replace("]", "") for mention in mentions])
    assert parse_answer_2023(raw) == parse_answer(raw)
