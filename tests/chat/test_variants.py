"""Questions in every variant, and what their answers say of the types."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.chat.answer import EMPTY, Item, Parsed, parse_answer
from uniner.chat.dialogue import Exchange
from uniner.chat.queries import ask_type, read_type
from uniner.chat.variants import (
    NER,
    VARIANTS,
    Question,
    Variant,
    ask,
    ask_all,
    list_types,
    read_all,
    read_answer,
    say,
)

MEANINGS = {"city": "a large settlement.", "town": "a large settlement", "poem": " "}
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)
PAIRS = [("Ada", "person"), ("Bo", "person"), ("Oslo", "city"), ("Ada", "person"), ("Oslo", "x")]


def put(variant: Variant, *types: str) -> list[Question]:
    return ask(variant, types, MEANINGS.get)


@pytest.mark.parametrize(
    ("variant", "words"),
    [
        ("per-type", ["city", "person", "poem"]),
        ("definition", ["a large settlement", "person", "poem"]),
        ("name-definition", ["city (a large settlement)", "person", "poem"]),
    ],
)
def test_a_type_is_asked_by_its_name_its_meaning_or_both(
    variant: Variant, words: list[str]
) -> None:
    questions = put(variant, "city", "person", "poem")
    assert [read_type(question.text) for question in questions] == words
    assert [question.types for question in questions] == [("city",), ("person",), ("poem",)]
    assert not any(question.paired for question in questions)


def test_types_that_mean_the_same_share_a_question() -> None:
    (question, other) = put("definition", "town", "person", "city")
    assert question.types == ("town", "city")
    assert say(question, [("Oslo", "city"), ("Hamar", "town"), ("Oslo", "town")]) == (
        '["Oslo", "Hamar"]'
    )
    assert read_answer(question, Parsed(("Oslo",))).mentions == {
        "town": ("Oslo",),
        "city": ("Oslo",),
    }
    assert other.types == ("person",)


def test_all_types_are_asked_in_one_question() -> None:
    (question,) = put("all-in-one", "city", "person")
    assert question == Question(
        'What describes these types in the text: ["city", "person"]? '
        "Answer with pairs of mention and type.",
        ("city", "person"),
        paired=True,
    )
    assert put("all-in-one") == []


def test_no_type_is_named_where_all_entities_are_asked_for() -> None:
    assert put("ner", "city", "person") == [Question(NER, ("city", "person"), paired=True)]
    assert put("ner") == [Question(NER, (), paired=True)]


@given(types=st.lists(NAMES, unique=True))
def test_the_types_are_read_back_out_of_a_question_for_all(types: list[str]) -> None:
    question = ask_all(types)
    assert read_all(question) == tuple(types)
    assert read_type(question) is None
    assert read_all(ask_type(question)) is None


@pytest.mark.parametrize("question", ["", NER, ask_type("x"), ask_all(["x"])[:-1]])
def test_another_question_names_no_types(question: str) -> None:
    assert read_all(question) is None


@pytest.mark.parametrize("between", ["x", "{}", '["x"', "[1]"])
def test_a_question_for_what_is_no_list_names_no_types(between: str) -> None:
    assert read_all(ask_all(["x"]).replace('["x"]', between)) is None


@pytest.mark.parametrize(
    ("variant", "answers"),
    [
        ("per-type", ['["Oslo"]', '["Ada", "Bo"]', "[]"]),
        ("all-in-one", ['[["Ada", "person"], ["Bo", "person"], ["Oslo", "city"]]']),
        ("ner", ['[["Ada", "person"], ["Bo", "person"], ["Oslo", "city"]]']),
    ],
)
def test_the_right_answer_has_every_mention_once(variant: Variant, answers: list[str]) -> None:
    questions = put(variant, "city", "person", "poem")
    assert [say(question, PAIRS) for question in questions] == answers


@given(
    variant=st.sampled_from(VARIANTS),
    types=st.lists(st.sampled_from(["city", "town", "person", "a, b", "[x]"]), unique=True),
    found=st.lists(st.tuples(NAMES, st.sampled_from(["city", "person", "a, b", "[x]"]))),
)
def test_what_is_said_is_read_again(
    variant: Variant, types: list[str], found: list[tuple[str, str]]
) -> None:
    read: dict[str, tuple[str, ...]] = {}
    for question in put(variant, *types):
        answer = parse_answer(say(question, found))
        assert isinstance(answer, Parsed)
        reading = read_answer(question, answer)
        assert (reading.others, reading.wrong) == ((), ())
        read.update(reading.mentions)
    alike = {"city": "town"} if {"city", "town"} <= set(types) and variant == "definition" else {}
    expected: dict[str, dict[str, None]] = {}
    for mention, kind in found:
        for name in {kind, alike.get(kind, kind)} & set(types):
            expected.setdefault(name, {})[mention] = None
    assert read == {name: tuple(mentions) for name, mentions in expected.items()}


@pytest.mark.parametrize(
    ("items", "mentions", "others", "wrong"),
    [
        ((), {}, (), ()),
        ((("Ada", "PERSON "), ("Ada", "person")), {"Person": ("Ada",)}, (), ()),
        ((("Oslo", "city"), ("Bo", "dog")), {"city": ("Oslo",)}, (("Bo", "dog"),), ()),
        (("Ada", ("Ada",), ("a", "b", "c"), ()), {}, (), ("Ada", ("Ada",), ("a", "b", "c"), ())),
    ],
)
def test_pairs_are_read_by_type_whatever_its_case_and_the_rest_is_kept(
    items: tuple[Item, ...], mentions: object, others: object, wrong: object
) -> None:
    for variant in ("all-in-one", "ner"):
        (question,) = put(variant, "city", "Person")
        assert read_answer(question, Parsed(items)) == (mentions, others, wrong)


def test_a_pair_answers_no_question_for_one_type() -> None:
    (question,) = put("per-type", "city")
    reading = read_answer(question, Parsed(("Oslo", ("Rome", "city"), "Oslo")))
    assert reading == ({"city": ("Oslo",)}, (), (("Rome", "city"),))
    assert read_answer(question, EMPTY).mentions == {}


@pytest.mark.parametrize(
    ("question", "answer", "types"),
    [
        (ask_type("city"), "[]", ("city",)),
        (ask_all(["city", "a, b"]), "[]", ("city", "a, b")),
        (NER, '[["Ada", "person"], ["Bo", "person"], "xy", ["z"]]', ("person",)),
        (NER, "nothing", ()),
        ("Who?", "[]", ()),
    ],
)
def test_the_types_of_an_exchange_are_listed(
    question: str, answer: str, types: tuple[str, ...]
) -> None:
    assert list_types(Exchange(question, answer)) == types
