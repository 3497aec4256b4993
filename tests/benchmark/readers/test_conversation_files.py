"""Published conversations become documents with gold strings and no offsets."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from real_files import REAL, needs
from toy_bench import query, write, write_conversations
from uniner.benchmark.document import Reading
from uniner.benchmark.readers.conversations import ConversationOptions, read
from uniner.records import InputError

PLAIN = ConversationOptions()


def test_queries_about_one_passage_become_one_document(tmp_path: Path) -> None:
    documents = list(read([write_conversations(tmp_path)], PLAIN, Reading()))
    assert [(document.id, document.entities) for document in documents] == [
        ("q0", None),
        ("q2", None),
        ("q4", None),
    ]
    assert [document.mentions for document in documents] == [
        {"person": ("Ada", "Bo"), "place": ()},
        {"person": (), "place": ()},
        {"person": ("Cy",), "place": ("York",)},
    ]


def test_a_passage_that_comes_twice_is_two_documents(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [query(f"q{n}", "Ada.", "person", ["Ada"]) for n in range(2)])
    assert [document.id for document in read([path], PLAIN, Reading())] == ["q0", "q1"]
    other = write(tmp_path / "b.json", [query("q0", "Bo.", "person", ["Bo"])])
    ids = [document.id for document in read([path, other], PLAIN, Reading())]
    assert ids == ["a-q0", "a-q1", "b-q0"]


def answer(value: str) -> dict[str, Any]:
    row = query("x", "Bo ran.", "person", [])
    row["conversations"][-1]["value"] = value
    return row


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (7, "expected an object, got 7"),
        (answer("Ada"), r"the answer does not start with \[: 'Ada'"),
        (answer('["Bo", 7]'), "the answer lists something that is not a string"),
        (answer('["Bo]"]'), "the answer is not JSON"),
        (query("x", "\ud800", "person", []), "half a character"),
        (query("q0", "Bo ran.", "person", []), "expected an id of its own, got 'q0' again"),
        (query("x", "Bo ran.", " ", []), "expected the question"),
    ],
)
def test_a_malformed_record_is_refused_or_left_out(
    tmp_path: Path, row: object, message: str
) -> None:
    path = write(tmp_path / "a.json", [query("q0", "Ada.", "person", ["Ada"]), row])
    with pytest.raises(InputError, match=rf"a\.json: record 2: .*{message}"):
        list(read([path], PLAIN, Reading()))
    documents = list(read([path], PLAIN, reading := Reading(lenient=True)))
    assert [document.mentions for document in documents] == [{"person": ("Ada",)}]
    assert reading.notes == {"malformed, skipped": 1}


def test_an_empty_passage_is_noted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [query("q0", " ", "person", [])])
    assert list(read([path], PLAIN, reading := Reading())) == []
    assert reading.notes == {"query about an empty text skipped": 1}


ANSWERS = st.lists(st.text("abé'\"\\ ", max_size=6), max_size=3)


@given(st.lists(st.tuples(st.sampled_from(["Ada.", "Bo."]), ANSWERS, ANSWERS), min_size=1))
def test_what_was_asked_comes_back(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[str, list[str], list[str]]]
) -> None:
    rows = [
        query(f"q{index}-{kind}", text, kind, found)
        for index, (text, people, places) in enumerate(asked)
        for kind, found in (("person", people), ("place", places))
    ]
    path = write(tmp_path_factory.mktemp("conversations") / "a.json", rows)
    documents = read([path], PLAIN, Reading())
    assert [(d.text, d.mentions["person"], d.mentions["place"]) for d in documents] == [
        (text, tuple(people), tuple(places)) for text, people, places in asked
    ]


REPEATED = {"CrossNER_AI": 1, "CrossNER_music": 8, "CrossNER_science": 11}
"""Passages that occur twice, which the source's sizes count once."""


@needs("official_conversations")
def test_the_published_test_files_have_their_queries() -> None:
    folder = REAL / "official_conversations"
    splits = json.loads((folder / "source.json").read_text())["splits"]
    for name, known in splits.items():
        labels: Counter[str] = Counter()
        passages = queries = 0
        for document in read([folder / f"{name}.json"], PLAIN, Reading()):
            passages += 1
            queries += len(document.mentions)
            labels.update({kind: len(found) for kind, found in document.mentions.items()})
        assert (queries, labels) == (known["queries"], known["types"]), name
        assert passages == known["sentences"] + REPEATED.get(name, 0), name
