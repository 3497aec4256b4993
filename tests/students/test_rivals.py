"""Rivals are asked in their own forms, read with goodwill, and what they make up is counted."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toy_served import save_llama
from toy_server import Act, Seen, answers, goes_on, serve
from uniner.chat.answer import Malformed, Parsed
from uniner.chat.template import ALPACA, VICUNA
from uniner.records import Fault, Prediction
from uniner.students.ground import CUT_OFF, NOT_A_MENTION, NOT_ASKED
from uniner.students.prompted import PromptedExtractor
from uniner.students.rivals import (
    ALL,
    EACH,
    NO_LIST,
    NOT_A_PAIR,
    RIVALS,
    SILENT,
    UNTYPED,
    Rival,
    read_instructuie,
    read_pairs,
    read_strings,
    write_alpaca,
    write_chat,
    write_instructuie,
    write_vicuna,
)
from uniner.students.server import Server
from uniner.students.styles import Reading
from uniner.teacher.endpoint import Endpoint

TEXT = "Ada met Bo in Oslo."
TYPES = ["person", "city"]


def test_instructuie_is_asked_byte_for_byte_in_its_published_form() -> None:
    assert write_instructuie("A {types} b.", ["person", "work of art"]) == (
        "Please list all entity words in the text that fit the category. Output format is "
        '"type1: word1; type2: word2". \n'
        "Option: person, work of art \n"
        "Text: A {types} b. \n"
        "Answer:"
    )


def test_vicuna_and_alpaca_are_asked_in_their_own_frames() -> None:
    instruction = EACH.replace("{type}", "city")
    assert write_vicuna(TEXT, ["city"]) == (
        f"{VICUNA} USER: {instruction}\n\nText: {TEXT} ASSISTANT:"
    )
    asked = write_alpaca(TEXT, ["city"])
    assert isinstance(asked, str)
    head, _, rest = asked.partition("\n\n### Instruction:\n")
    assert head == (
        "Below is an instruction that describes a task, paired with an input that provides "
        "further context. Write a response that appropriately completes the request."
    )
    assert head.endswith(ALPACA[-20:])
    assert rest == f"{instruction}\n\n### Input:\n{TEXT}\n\n### Response:\n"


def test_a_chat_model_is_asked_for_all_types_in_one_message() -> None:
    turns = write_chat(TEXT, TYPES)
    assert [turn[0] for turn in turns] == ["system", "user"]
    assert turns[1] == ("user", f"{ALL.replace('{types}', 'person, city')}\n\nText: {TEXT}")


def well_answered(rival: Rival) -> str:
    """What a good model of each kind says, in words of its own around it."""
    match rival:
        case "chatgpt":
            pairs = [["Ada", "Person"], ["Bo", "person"], ["Oslo", "city"]]
            return f"Here they are:\n```json\n{json.dumps(pairs)}\n```"
        case "instructuie":
            return "person: Ada; person: Bo; City: Oslo"
        case _:
            return ""


@pytest.mark.parametrize("rival", RIVALS)
def test_every_rivals_good_answers_become_exact_entities(rival: Rival) -> None:
    def script(seen: Seen) -> Act:
        if rival == "chatgpt":
            return answers(well_answered(rival))
        is_city = re.search(r"of the type city\b", seen.asked) is not None
        each = 'Sure: ["Oslo"] is it.' if is_city else '["Ada", "Bo"]'
        return goes_on(well_answered(rival) or each)

    with serve(script) as toy:
        server = Server(Endpoint(toy.url, "toy", timeout=5.0))
        extractor = PromptedExtractor(f"{rival}@toy", server, RIVALS[rival])
        [prediction] = extractor.extract([TEXT], TYPES)
    assert [(e.start, e.end, e.text, e.type) for e in prediction.entities] == [
        (0, 3, "Ada", "person"),
        (8, 10, "Bo", "person"),
        (14, 18, "Oslo", "city"),
    ]
    assert prediction.faults == ()
    assert len(toy.seen) == (2 if RIVALS[rival].grouping == "each" else 1)
    assert all("structured_outputs" not in seen.body for seen in toy.seen)


@pytest.mark.parametrize(
    ("raw", "answers", "faults"),
    [
        ("person: Ada; city: Oslo", {"person": ["Ada"], "city": ["Oslo"]}, []),
        ("PERSON:Ada ;Person : Bo;", {"person": ["Ada", "Bo"]}, []),
        ("None", {}, []),
        (" none.\n", {}, []),
        ("", {}, [Fault("person, city", SILENT, "")]),
        ("dog: Rex; city: Oslo", {"city": ["Oslo"]}, [Fault("dog", NOT_ASKED, "Rex")]),
        ("Oslo is a city", {}, [Fault("", UNTYPED, "Oslo is a city")]),
        ("city: A; B", {"city": ["A; B"]}, []),
        ("city: A; C", {"city": ["A"]}, [Fault("", UNTYPED, "C")]),
        ('city: "Q": x]', {"city": ['"Q": x]']}, []),
        ("city: A; B; person: Ada", {"city": ["A; B"], "person": ["Ada"]}, []),
    ],
)
def test_instructuies_answers_are_read(
    raw: str, answers: dict[str, list[str]], faults: list[Fault]
) -> None:
    text = 'Ada saw A; B and "Q": x] in Oslo.'
    assert read_instructuie(raw, text, TYPES) == Reading(
        {kind: Parsed(tuple(mentions)) for kind, mentions in answers.items()}, tuple(faults)
    )


@pytest.mark.parametrize(
    ("raw", "mentions", "whys"),
    [
        ('["Oslo"]', ["Oslo"], []),
        ("The answer is ['Oslo', 'Rome'].", ["Oslo", "Rome"], []),
        ('["a]b", "say \\"hi\\"", "x; y"]', ["a]b", 'say "hi"', "x; y"], []),
        ('["x"] or rather ["y", "z"]', ["y", "z"], []),
        ("[] it is", [], []),
        ('A [remark], then ["x"]', ["x"], []),
        ('["Oslo", some more]', ["Oslo"], [NOT_A_MENTION]),
        ('["Oslo", ["Rome", "city"]]', ["Oslo"], [NOT_A_MENTION]),
        ('["Oslo", "Ro', ["Oslo"], [CUT_OFF]),
    ],
)
def test_lists_about_one_type_are_read(raw: str, mentions: list[str], whys: list[str]) -> None:
    reading = read_strings(raw, TEXT, ["city"])
    assert reading.answers == {"city": Parsed(tuple(mentions))}
    assert [fault.why for fault in reading.faults] == whys


def test_an_answer_without_a_list_is_malformed() -> None:
    raw = "Oslo is the only city."
    assert read_strings(raw, TEXT, ["city"]).answers == {"city": Malformed(raw, NO_LIST)}


@pytest.mark.parametrize(
    ("raw", "answers", "faults"),
    [
        ('[["Ada", "person"], ["Oslo", "CITY"]]', {"person": ["Ada"], "city": ["Oslo"]}, []),
        ('{"entities": [{"entity": "Bo", "type": "person"}]}', {"person": ["Bo"]}, []),
        ("[]", {}, []),
        ('[["Rex", "dog"], ["Bo", "person"]]', {"person": ["Bo"]}, [("dog", NOT_ASKED)]),
        ("I see none.", {}, [("person, city", NO_LIST)]),
        ('[["Bo", "person"], ["Ada"]]', {"person": ["Bo"]}, [("person, city", NOT_A_PAIR)]),
    ],
)
def test_pairs_of_mentions_and_types_are_read(
    raw: str, answers: dict[str, list[str]], faults: list[tuple[str, str]]
) -> None:
    reading = read_pairs(raw, TEXT, TYPES)
    expected = {kind: Parsed(tuple(mentions)) for kind, mentions in answers.items()}
    assert reading.answers == expected
    assert [(fault.type, fault.why) for fault in reading.faults] == faults


pieces = st.sampled_from(
    ["person", "city", ":", ";", "[", "]", '"', "'", ",", "{", "}", " ", "Ada", "None", "\\", "\n"]
)
raws = st.text() | st.lists(pieces, max_size=20).map("".join)


@given(raws, st.sampled_from([*RIVALS]))
def test_any_answer_gives_entities_of_the_asked_types_and_faults(raw: str, rival: Rival) -> None:
    reading = RIVALS[rival].read(raw, TEXT, TYPES)
    assert set(reading.answers) <= set(TYPES)
    assert all(fault.why for fault in reading.faults)


words = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1).map(str.strip)
mentions = st.lists(words.filter(bool), min_size=1, max_size=4)


@given(mentions)
def test_any_mentions_in_a_json_list_survive(said: list[str]) -> None:
    reading = read_strings(json.dumps(said), TEXT, ["city"])
    assert reading == Reading({"city": Parsed(tuple(said))})


@given(mentions)
def test_mentions_with_semicolons_survive_where_the_text_says_them(said: list[str]) -> None:
    kind = "kind of thing"
    raw = "; ".join(f"{kind}: {mention}" for mention in said)
    if any(kind in mention or mention.startswith(";") for mention in said):
        return
    reading = read_instructuie(raw, "\n".join(said), [kind])
    assert reading == Reading({kind: Parsed(tuple(said))})


def test_an_untrained_local_models_nonsense_is_counted(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from uniner.students.generative.local import open_local

    save_llama(tmp_path)
    model = open_local(tmp_path, threads=1)
    for rival, style in RIVALS.items():
        extractor = PromptedExtractor(rival, model, style, answer=8)
        predictions: list[Prediction] = extractor.extract([TEXT, "Rome, 1960."], TYPES)
        expected = [TYPES if style.grouping == "each" else ["person, city"]] * 2
        assert [p.entities for p in predictions] == [(), ()]
        assert all(p.faults for p in predictions)
        if rival != "instructuie":
            assert [[fault.type for fault in p.faults] for p in predictions] == expected
