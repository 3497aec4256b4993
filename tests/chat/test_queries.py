"""Conversation files are read as queries, or refused with the record that is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from uniner.chat.dialogue import Dialogue, Exchange
from uniner.chat.queries import Query, ask_type, list_queries, read_queries, read_type
from uniner.records import InputError


def turns(*values: str) -> list[dict[str, str]]:
    return [
        {"from": ("human", "gpt")[index % 2], "value": value} for index, value in enumerate(values)
    ]


def record(name: str, text: str, *asked: tuple[str, str]) -> dict[str, Any]:
    values = [f"Text: {text}", "I've read this text."]
    for kind, answer in asked:
        values += [f"What describes {kind} in the text?", answer]
    return {"id": name, "conversations": turns(*values)}


def write(folder: Path, rows: object) -> Path:
    path = folder / "conversations.json"
    path.write_text(rows if isinstance(rows, str) else json.dumps(rows), encoding="utf-8")
    return path


GOOD = record("x", "Ada slept.", ("person", '["Ada"]'))


def test_a_record_of_one_question_keeps_its_id(tmp_path: Path) -> None:
    path = write(tmp_path, [GOOD, record("y", "Rain.", ("person", "[]"))])
    assert list(read_queries(path)) == [
        (1, Query("x", "Ada slept.", "person", '["Ada"]')),
        (2, Query("y", "Rain.", "person", "[]")),
    ]


def test_a_record_of_many_questions_numbers_them(tmp_path: Path) -> None:
    row = record("x", "Ada slept.", ("person", '["Ada"]'), ("a place, real or not", "[]"))
    assert list(read_queries(write(tmp_path, [row]))) == [
        (1, Query("x#1", "Ada slept.", "person", '["Ada"]')),
        (1, Query("x#2", "Ada slept.", "a place, real or not", "[]")),
    ]


def test_a_type_may_repeat_the_words_of_the_question(tmp_path: Path) -> None:
    kind = "What describes x in the text?"
    path = write(tmp_path, [record("x", "Text: in the text?", (kind, "[]"))])
    assert [(q.text, q.type) for _, q in read_queries(path)] == [("Text: in the text?", kind)]


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (7, "record 2: expected an object, got 7"),
        ({"conversations": []}, "record 2: expected a string as 'id', got None"),
        ({"id": "y"}, "record 2: expected 'conversations' of text"),
        ({"id": "y", "conversations": turns("Text: a", "b", "c")}, "got [{'from': 'human'"),
        ({"id": "y", "conversations": turns("Text: a", "b", "c", "[]")}, "expected the question"),
        (
            {"id": "y", "conversations": turns("a", "b", "What describes c in the text?", "[]")},
            "expected 'Text: ' before the passage, got 'a'",
        ),
        (
            {"id": "y", "conversations": turns("Text: a", "b", "What describes  in the text?", "")},
            "expected the question 'What describes TYPE in the text?'",
        ),
        (
            {"id": "y", "conversations": turns("Text: a", "b", "What describes in the text?", "")},
            "expected the question 'What describes TYPE in the text?'",
        ),
        (
            {"id": "y", "conversations": [{"from": "gpt", "value": "Text: a"}] * 4},
            "expected a turn from 'human' with a string 'value'",
        ),
        (GOOD, "record 2: id 'x' was already used"),
    ],
)
def test_a_wrong_record_is_named_with_what_was_expected(
    tmp_path: Path, bad: object, expected: str
) -> None:
    path = write(tmp_path, [GOOD, bad])
    with pytest.raises(InputError) as caught:
        list(read_queries(path))
    assert str(path) in str(caught.value)
    assert "record 2" in str(caught.value)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ":1: malformed JSON"),
        ("[\n{]", ":2: malformed JSON"),
        ("{}", "expected a JSON list of records, got dict"),
        ("[]", "an empty list"),
        ("[" * 100_000, "malformed JSON"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        list(read_queries(write(tmp_path, text)))


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin.json"
    path.write_bytes(b'["caf\xe9"]')
    with pytest.raises(InputError, match="not UTF-8"):
        list(read_queries(path))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What describes city in the text?", "city"),
        (ask_type("a large settlement"), "a large settlement"),
        ("what describes city in the text?", None),
        ("What describes city in the text", None),
        ("What describes in the text?", None),
        ("What describes   in the text?", None),
        ("", None),
    ],
)
def test_the_type_is_read_out_of_a_published_question_alone(
    question: str, expected: str | None
) -> None:
    assert read_type(question) == expected


def test_the_data_set_of_a_dialogue_is_no_part_of_its_text() -> None:
    dialogue = Dialogue("x", "Ada.", (Exchange(ask_type("person"), "[]"),), "CoNLL")
    assert list_queries(dialogue) == [Query("x", "Ada.", "person", "[]")]
