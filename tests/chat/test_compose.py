"""Conversations: every type a passage has, negatives that it has not, in the published format."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.chat.answer import Parsed, parse_answer_2023
from uniner.chat.compose import Composer, list_pairs, write_conversations
from uniner.chat.dialogue import (
    Dialogue,
    Exchange,
    dialogue_to_json,
    is_conversations,
    read_dialogues,
)
from uniner.chat.negatives import Negatives, PassageNegatives, TypeSampler
from uniner.chat.queries import Query, ask_type, read_queries, read_type
from uniner.chat.variants import NER, Variant, read_all
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


def answers_of(dialogue: Dialogue) -> dict[str | None, str]:
    return {read_type(question): answer for question, answer in dialogue.exchanges}


def count_negatives(dialogue: Dialogue) -> int:
    return sum(answer == "[]" for _, answer in dialogue.exchanges)


def test_mentions_are_distinct_and_in_order_of_appearance() -> None:
    text = "Bo met Ada, Bo and Cy."
    spans = [(19, 21), (7, 10), (12, 14), (0, 2)]
    entities = tuple(Entity(s, e, text[s:e], "person") for s, e in spans)
    pairs = list_pairs(Annotated(Passage("1", text), entities))
    assert pairs == [("Bo", "person"), ("Ada", "person"), ("Cy", "person")]


def test_every_type_of_the_passage_is_asked_and_as_many_negatives() -> None:
    answers = answers_of(composer().compose(ADA))
    assert {name: answer for name, answer in answers.items() if answer != "[]"} == {
        "a": '["Ada", "Bo"]', "b": '["Oslo"]', "c": '["Oslo"]',
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
    dialogue = composer(negatives).compose(annotate("1", "It rained."))
    assert [answer for _, answer in dialogue.exchanges] == ["[]"] * asked


def test_kin_of_a_type_that_is_there_are_no_negatives() -> None:
    kin = {name: frozenset("a") for name in "defghijklm"}
    asked = answers_of(composer(ratio=99, kin=kin).compose(ADA))
    assert set(asked) == set("abcnopqrst")


def test_what_is_asked_depends_on_the_passage_and_the_seed_alone() -> None:
    other = annotate("2", "Ada met Bo in Oslo.", ("Ada", "a"), ("Bo", "a"), ("Oslo", "b"))

    def orders(passages: Sequence[Annotated], seed: int = 0) -> dict[str, list[str | None]]:
        made = map(composer(seed=seed).compose, passages)
        return {each.id: list(answers_of(each)) for each in made}

    assert orders([ADA, other]) == orders([other, ADA])
    assert orders([ADA]) != orders([ADA], seed=1)
    assert any(list(orders([ADA], seed)["1"])[:3] != ["a", "b", "c"] for seed in range(9))


def vary(
    variant: Variant, negatives: PassageNegatives = "frequency", dataset: str = ""
) -> Composer:
    meanings = {"a": "a person", "b": "a city.", "c": "a city"}
    sampler = TypeSampler(negatives, FREQUENCIES)
    return Composer(sampler, {}, 1.0, 0, variant, meanings.get, dataset)


def test_all_types_can_be_asked_at_once() -> None:
    (exchange,) = vary("all-in-one").compose(ADA).exchanges
    asked = read_all(exchange.question)
    assert asked is not None
    assert set(asked) > set("abc")
    assert len(set(asked)) == len(asked) == 6
    assert json.loads(exchange.answer) == [["Ada", "a"], ["Bo", "a"], ["Oslo", "b"], ["Oslo", "c"]]
    assert set(asked) == set(answers_of(composer().compose(ADA)))


@pytest.mark.parametrize("negatives", ["none", "frequency"])
def test_all_entities_can_be_asked_for_without_a_type(negatives: Negatives) -> None:
    made = vary("ner", negatives)
    pairs = '[["Ada", "a"], ["Bo", "a"], ["Oslo", "b"], ["Oslo", "c"]]'
    assert made.compose(ADA).exchanges == (Exchange(NER, pairs),)
    assert made.compose(annotate("2", "It rained.")).exchanges == (Exchange(NER, "[]"),)


def test_types_that_mean_the_same_are_asked_once_with_all_their_mentions() -> None:
    assert answers_of(vary("definition", "none").compose(ADA)) == {
        "a person": '["Ada", "Bo"]',
        "a city": '["Oslo"]',
    }
    assert set(answers_of(vary("name-definition", "none").compose(ADA))) == {
        "a (a person)", "b (a city)", "c (a city)",
    }  # fmt: skip


def test_a_data_set_is_named_in_the_first_turn() -> None:
    dialogue = vary("per-type", dataset="CoNLL 2003").compose(ADA)
    assert dialogue.context == "Dataset: CoNLL 2003\nText: Ada met Bo in Oslo."


def test_hard_negatives_are_near_what_is_there_and_not_kin_to_it() -> None:
    near = {"a": ("d", "e"), "b": ("a", "f"), "c": ("g", "b")}
    sampler = TypeSampler("hard", FREQUENCIES, near)
    asked = answers_of(Composer(sampler, {"e": frozenset("b")}).compose(ADA))
    assert set(asked) == set("abcdfg")


def test_a_row_has_the_words_and_the_ascii_of_the_published_files() -> None:
    row = dialogue_to_json(composer("none").compose(annotate("x", "José aß.", ("José", "person"))))
    assert row == {
        "id": "x",
        "conversations": [
            {"from": "human", "value": "Text: José aß."},
            {"from": "gpt", "value": "I've read this text."},
            {"from": "human", "value": "What describes person in the text?"},
            {"from": "gpt", "value": '["Jos\\u00e9"]'},
        ],
    }


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)
ANSWERS = st.lists(WORDS, unique=True).map(json.dumps)
DIALOGUES = st.lists(
    st.builds(
        Dialogue,
        st.uuids().map(str),
        WORDS,
        st.dictionaries(WORDS.filter(str.strip).map(ask_type), ANSWERS, min_size=1).map(
            lambda asked: tuple(map(Exchange, asked, asked.values()))
        ),
        st.sampled_from(["", "CoNLL"]),
    ),
    min_size=1,
    max_size=4,
)


@given(made=DIALOGUES)
def test_a_file_is_read_back_as_the_dialogues_that_went_in(
    tmp_path_factory: pytest.TempPathFactory, made: list[Dialogue]
) -> None:
    path = tmp_path_factory.mktemp("built") / "c.json"
    tally = write_conversations(path, made)
    assert [dialogue for _, dialogue in read_dialogues(path)] == made
    queries = [query for _, query in read_queries(path)]
    asked = [(ask_type(query.type), query.answer) for query in queries]
    assert asked == [exchange for dialogue in made for exchange in dialogue.exchanges]
    assert tally.positive + tally.negative == len(asked)
    assert tally.types == {query.type for query in queries}
    assert is_conversations(path)
    assert path.read_bytes().isascii()


def test_answers_can_be_read_by_the_published_scorer(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    mention = 'a "b"\nc\\'
    write_conversations(path, [composer("none").compose(annotate("1", mention, (mention, "kind")))])
    ((_, query),) = read_queries(path)
    assert query == Query("1", mention, "kind", '["a \\"b\\"\\nc\\\\"]')
    assert parse_answer_2023(query.answer) == Parsed((mention,))


def test_what_is_written_is_counted(tmp_path: Path) -> None:
    rain = annotate("2", "It rained.")
    tally = write_conversations(tmp_path / "c.json", map(composer("none").compose, [ADA, rain]))
    assert (tally.conversations, tally.positive, tally.negative, tally.unasked) == (1, 3, 0, 1)
    assert tally.types == set("abc")
    tally = write_conversations(tmp_path / "c.json", map(composer().compose, [ADA, rain]))
    assert (tally.conversations, tally.positive, tally.negative, tally.unasked) == (2, 3, 4, 0)
    tally = write_conversations(tmp_path / "c.json", map(vary("ner").compose, [ADA, rain]))
    assert (tally.conversations, tally.positive, tally.negative, tally.unasked) == (2, 1, 1, 0)
    assert tally.types == set("abc")


def test_nothing_to_ask_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text("before")
    with pytest.raises(InputError, match=r"c\.json: nothing to write, as no passage has an entity"):
        write_conversations(path, [Dialogue("1", "x", ())])
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
