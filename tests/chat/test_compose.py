"""Conversations: every type a passage has, negatives that it has not, in the published format."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.chat.answer import Parsed, parse_answer, parse_answer_2023
from uniner.chat.compose import (
    Composer,
    Conversation,
    conversation_to_json,
    list_mentions,
    write_conversations,
)
from uniner.chat.negatives import Negatives, TypeSampler
from uniner.chat.queries import Query, is_conversations, read_queries
from uniner.records import Annotated, Entity, InputError, Passage

FREQUENCIES = {name: count for count, name in enumerate("abcdefghijklmnopqrst", start=1)}


def annotate(name: str, text: str, *named: tuple[str, str]) -> Annotated:
    entities = (
        Entity(text.index(mention), text.index(mention) + len(mention), mention, kind)
        for mention, kind in named
    )
    return Annotated(Passage(name, text), tuple(entities))


def composer(
    negatives: Negatives = "frequency",
    ratio: float = 1.0,
    seed: int = 0,
    kin: dict[str, frozenset[str]] | None = None,
) -> Composer:
    return Composer(TypeSampler(negatives, FREQUENCIES), kin or {}, ratio, seed)


ADA = annotate("1", "Ada met Bo in Oslo.", ("Ada", "a"), ("Bo", "a"), ("Oslo", "b"), ("Oslo", "c"))


def count_negatives(conversation: Conversation) -> int:
    return sum(not mentions for mentions in conversation.answers.values())


def test_mentions_are_distinct_and_in_order_of_appearance() -> None:
    text = "Bo met Ada, Bo and Cy."
    spans = [(19, 21), (7, 10), (12, 14), (0, 2)]
    entities = tuple(Entity(s, e, text[s:e], "person") for s, e in spans)
    assert list_mentions(Annotated(Passage("1", text), entities)) == {"person": ("Bo", "Ada", "Cy")}


def test_every_type_of_the_passage_is_asked_and_as_many_negatives() -> None:
    answers = composer().compose(ADA).answers
    assert {name: kept for name, kept in answers.items() if kept} == {
        "a": ("Ada", "Bo"), "b": ("Oslo",), "c": ("Oslo",),
    }  # fmt: skip
    assert len(answers) == 6


@pytest.mark.parametrize(
    ("ratio", "expected"), [(0.1, 1), (0.4, 2), (1 / 3, 1), (1.0, 3), (1.1, 4), (99.0, 17)]
)
def test_the_number_of_negatives_is_rounded_up(ratio: float, expected: int) -> None:
    assert count_negatives(composer(ratio=ratio).compose(ADA)) == expected


def test_a_product_just_over_a_whole_number_is_that_number() -> None:
    kinds = [("Ada", name) for name in "abcdefghijklmnopqrst"[:10]]
    # 0.7 * 10 is 7, but 0.1 * 3 is 0.30000000000000004.
    sampler = TypeSampler("uniform", FREQUENCIES)
    made = Composer(sampler, {}, 0.1 * 3, 0).compose(annotate("1", "Ada", *kinds))
    assert count_negatives(made) == 3


@pytest.mark.parametrize(("negatives", "asked"), [("none", 0), ("uniform", 1), ("frequency", 1)])
def test_a_passage_without_types_is_asked_for_one_it_has_not(
    negatives: Negatives, asked: int
) -> None:
    answers = composer(negatives).compose(annotate("1", "It rained.")).answers
    assert list(answers.values()) == [()] * asked


def test_kin_of_a_type_that_is_there_are_no_negatives() -> None:
    kin = {name: frozenset("a") for name in "defghijklm"}
    asked = composer(ratio=99, kin=kin).compose(ADA).answers
    assert set(asked) == set("abcnopqrst")


def test_what_is_asked_depends_on_the_passage_and_the_seed_alone() -> None:
    other = annotate("2", "Ada met Bo in Oslo.", ("Ada", "a"), ("Bo", "a"), ("Oslo", "b"))

    def orders(passages: Sequence[Annotated], seed: int = 0) -> dict[str, list[str]]:
        made = map(composer(seed=seed).compose, passages)
        return {each.id: list(each.answers) for each in made}

    assert orders([ADA, other]) == orders([other, ADA])
    assert orders([ADA]) != orders([ADA], seed=1)
    assert any(list(orders([ADA], seed)["1"])[:3] != ["a", "b", "c"] for seed in range(9))


def test_a_row_has_the_words_and_the_ascii_of_the_published_files() -> None:
    row = conversation_to_json(Conversation("x", "José aß.", {"person": ("José",), "city": ()}))
    assert row == {
        "id": "x",
        "conversations": [
            {"from": "human", "value": "Text: José aß."},
            {"from": "gpt", "value": "I've read this text."},
            {"from": "human", "value": "What describes person in the text?"},
            {"from": "gpt", "value": '["Jos\\u00e9"]'},
            {"from": "human", "value": "What describes city in the text?"},
            {"from": "gpt", "value": "[]"},
        ],
    }


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)
CONVERSATIONS = st.lists(
    st.builds(
        Conversation,
        st.uuids().map(str),
        WORDS,
        st.dictionaries(
            WORDS.filter(str.strip), st.lists(WORDS, unique=True).map(tuple), min_size=1
        ),
    ),
    min_size=1,
    max_size=4,
)


@given(made=CONVERSATIONS)
def test_a_file_is_read_back_as_the_queries_that_went_in(
    tmp_path_factory: pytest.TempPathFactory, made: list[Conversation]
) -> None:
    path = tmp_path_factory.mktemp("built") / "c.json"
    tally = write_conversations(path, made)
    queries = [query for _, query in read_queries(path)]
    asked = [(each.text, *pair) for each in made for pair in each.answers.items()]
    assert [(q.text, q.type, parse_answer(q.answer)) for q in queries] == [
        (text, kind, Parsed(mentions)) for text, kind, mentions in asked
    ]
    assert tally.positive + tally.negative == len(asked)
    assert is_conversations(path)
    assert path.read_bytes().isascii()


def test_answers_can_be_read_by_the_published_scorer(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    write_conversations(path, [Conversation("1", "x", {"kind": ('a "b"\nc\\',)})])
    ((_, query),) = read_queries(path)
    assert query == Query("1", "x", "kind", '["a \\"b\\"\\nc\\\\"]')
    assert parse_answer_2023(query.answer) == Parsed(('a "b"\nc\\',))


def test_what_is_written_is_counted(tmp_path: Path) -> None:
    rain = annotate("2", "It rained.")
    tally = write_conversations(tmp_path / "c.json", map(composer("none").compose, [ADA, rain]))
    assert (tally.conversations, tally.positive, tally.negative, tally.unasked) == (1, 3, 0, 1)
    assert tally.types == set("abc")
    tally = write_conversations(tmp_path / "c.json", map(composer().compose, [ADA, rain]))
    assert (tally.conversations, tally.positive, tally.negative, tally.unasked) == (2, 3, 4, 0)


def test_nothing_to_ask_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text("before")
    with pytest.raises(InputError, match=r"c\.json: nothing to write, as no passage has an entity"):
        write_conversations(path, [Conversation("1", "x", {})])
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_is_a_data_set_that_hugging_face_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets: Any = pytest.importorskip("datasets")
    path = tmp_path / "c.json"
    write_conversations(path, [composer().compose(ADA)])
    loaded = datasets.load_dataset(
        "json", data_files=str(path), cache_dir=str(tmp_path / "cache"), split="train"
    )
    assert list(loaded) == json.loads(path.read_text(encoding="utf-8"))
