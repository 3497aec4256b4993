"""A student behind a server: what is sent, what comes back in what order, and what is counted."""

import asyncio
import json
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import log
from pathlib import Path
from typing import Any

import pytest
from tenacity import wait_none

from toy_served import MISSING, REASON, save_llama
from toy_served import serve as serve_model
from toy_server import (
    Act,
    Seen,
    answers,
    breaks_off,
    fails,
    fails_saying,
    free_port,
    goes_on,
    in_turn,
    sends,
    sends_bytes,
    serve,
    slowly,
)
from uniner.chat.template import Template, find_template
from uniner.records import InputError, Passage, Prediction, RecordError
from uniner.students.backend import Request
from uniner.students.grammar import build_grammar
from uniner.students.ground import CUT_OFF, NOT_IN_TEXT
from uniner.students.prompted import PromptedExtractor
from uniner.students.server import Server
from uniner.students.styles import (
    lead_grammar,
    student_style,
)
from uniner.teacher import live
from uniner.teacher.completion import Unanswered
from uniner.teacher.endpoint import Endpoint

UNINER = student_style(find_template("uniner", "", "</s>"))
CHAT = student_style(Template("base", "", "", "{answer}"))
TEXT = "Ada met Bo in Oslo."
GOLD = {"person": '["Ada", "Bo"]', "city": '["Oslo"]'}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries again at once where the server does not say when."""
    monkeypatch.setattr(live, "BACKOFF", wait_none())
    monkeypatch.delenv("UNINER_API_KEY", raising=False)


def make_server(url: str, **config: float) -> Server:
    limits = {"timeout": 5.0, "attempts": 3, "workers": 8, **config}
    return Server(Endpoint(url, "toy", **limits))  # type: ignore[arg-type]


def make_student(url: str, **fields: Any) -> PromptedExtractor:
    return PromptedExtractor("toy", make_server(url), UNINER, **fields)


def asked_type(seen: Seen) -> str:
    found = re.findall(r"What describes (.*?) in the text\?", seen.asked)
    return str(found[-1])


def knows(seen: Seen) -> Act:
    """Answers as a good student would."""
    return goes_on(" " + GOLD.get(asked_type(seen), "[]"))


def found(prediction: Prediction) -> list[tuple[str, str]]:
    return [(entity.text, entity.type) for entity in prediction.entities]


def test_a_prompt_of_the_published_template_is_sent_byte_for_byte() -> None:
    with serve(knows) as toy:
        [prediction] = make_student(toy.url).extract([TEXT], ["person"])
    assert found(prediction) == [("Ada", "person"), ("Bo", "person")]
    assert prediction.faults == ()
    [seen] = toy.seen
    assert seen.path == "/v1/completions"
    assert seen.body == {
        "model": "toy",
        "temperature": 0.0,
        "max_tokens": 512,
        "prompt": "A virtual assistant answers questions from a user based on the provided text. "
        f"USER: Text: {TEXT} ASSISTANT: I've read this text.</s>"
        "USER: What describes person in the text? ASSISTANT:",
        "logprobs": 1,
        "stop": ["</s>"],
        "structured_outputs": {"grammar": lead_grammar(build_grammar(TEXT), " ")},
    }


def test_a_chat_is_sent_as_turns_for_the_server_to_render() -> None:
    with serve(in_turn(answers('["Oslo"]'))) as toy:
        student = PromptedExtractor("toy", make_server(toy.url), CHAT)
        [prediction] = student.extract([Passage("p", TEXT)], ["city"])
    assert found(prediction) == [("Oslo", "city")]
    [seen] = toy.seen
    assert seen.path == "/v1/chat/completions"
    assert seen.body["messages"] == [
        {"role": "user", "content": f"Text: {TEXT}"},
        {"role": "assistant", "content": "I've read this text."},
        {"role": "user", "content": "What describes city in the text?"},
    ]
    assert seen.body["structured_outputs"] == {"grammar": build_grammar(TEXT)}


@pytest.mark.parametrize("name", ["vicuna", "alpaca"])
def test_other_templates_are_rendered_with_their_own_words(name: str) -> None:
    template = find_template(name, "", "<end>")  # type: ignore[arg-type]
    with serve(knows) as toy:
        student = PromptedExtractor("toy", make_server(toy.url), student_style(template))
        assert found(student.extract([TEXT], ["city"])[0]) == [("Oslo", "city")]
    body = toy.seen[0].body
    assert body["stop"] == ["<end>"]
    assert body["prompt"].startswith(template.prefix.partition("{context}")[0])


def test_the_types_of_a_text_are_asked_in_a_row_so_that_its_prefix_is_read_once() -> None:
    texts = [f"Text number {n}." for n in range(6)]
    with serve(knows) as toy:
        student = PromptedExtractor("toy", make_server(toy.url, workers=1), UNINER)
        student.extract(texts, ["a", "b", "c"])
    numbers = [int(re.findall(r"number (\d)", asked)[0]) for asked in toy.asked]
    assert numbers == [n for n in range(6) for _ in range(3)]
    assert [asked_type(seen) for seen in toy.seen] == ["a", "b", "c"] * 6


def test_answers_that_come_in_another_order_stay_with_their_questions() -> None:
    texts = [f"Ada {n} met Bo." for n in range(12)]

    def script(seen: Seen) -> Act:
        number = int(re.findall(r"Ada (\d+)", seen.asked)[0])
        return slowly((12 - number) * 0.01, goes_on(f'["Ada {number}"]'))

    with serve(script) as toy:
        predictions = make_student(toy.url).extract(texts, ["person"])
    assert [found(p) for p in predictions] == [[(f"Ada {n}", "person")] for n in range(12)]


PASSING: dict[str, tuple[Act, ...]] = {
    "429": (fails(429, retry_after="0"),),
    "500": (fails(500), fails(502)),
    "broken JSON": (sends_bytes(b'{"choices": ['),),
    "no completion": (sends({"choices": [{"index": 0}]}),),
    "an error with status 200": (sends({"error": {"message": "upstream"}}),),
    "closed amid the body": (breaks_off,),
    "too slow": (slowly(0.6, goes_on("[]")),),
}


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_tried_again(name: str) -> None:
    with serve(in_turn(*PASSING[name], goes_on('["Oslo"]'))) as toy:
        server = make_server(toy.url, timeout=0.3 if name == "too slow" else 5.0)
        [prediction] = PromptedExtractor("toy", server, UNINER).extract([TEXT], ["city"])
    assert found(prediction) == [("Oslo", "city")]
    assert prediction.faults == ()


LASTING: dict[str, tuple[Act, str]] = {
    "400": (fails(400, "the context is too long"), "status 400, the context is too long"),
    "500": (fails(500, "overloaded"), "status 500, overloaded"),
    "broken JSON": (sends_bytes(b"{"), "the reply is not JSON"),
    "no completion": (sends({}), "the reply is not a completion"),
    "too slow": (slowly(0.4, goes_on("[]")), "timed out"),
}


@pytest.mark.parametrize("name", LASTING)
def test_a_request_that_keeps_failing_is_a_fault_and_the_others_are_answered(name: str) -> None:
    act, why = LASTING[name]
    with serve(lambda seen: act if asked_type(seen) == "city" else knows(seen)) as toy:
        server = make_server(toy.url, timeout=0.25 if name == "too slow" else 5.0)
        student = PromptedExtractor("toy", server, UNINER)
        [prediction] = student.extract([TEXT], ["city", "person"])
    assert found(prediction) == [("Ada", "person"), ("Bo", "person")]
    assert [(f.type, f.why, f.raw) for f in prediction.faults] == [("city", why, "")]


def test_a_server_that_is_down_is_one_clear_error() -> None:
    url = f"http://127.0.0.1:{free_port()}/v1"
    with pytest.raises(InputError, match=rf"^model {url}: no connection \(.+\)$"):
        make_student(url).extract([TEXT], ["city"])


def test_a_key_that_is_refused_ends_it_at_once() -> None:
    script = in_turn(fails(401, "bad key"))
    with serve(script) as toy, pytest.raises(InputError, match=r"/v1: status 401, bad key$"):
        make_student(toy.url).extract([TEXT] * 40, ["city"])
    assert len(toy.seen) <= 8


def test_many_failures_in_a_row_end_it_even_over_several_calls() -> None:
    with serve(lambda seen: knows(seen) if seen.number == 0 else fails(500, "down")) as toy:
        student = PromptedExtractor("toy", make_server(toy.url, attempts=1), UNINER)
        student.extract([TEXT], ["city"])
        for _ in range(live.ROW - 1):
            assert student.extract([TEXT], ["city"])[0].faults[0].why == "status 500, down"
        with pytest.raises(InputError, match="down"):
            student.extract([TEXT], ["city"])


def refuses(
    *fields: str, status: int, value: Callable[[list[str]], object]
) -> Callable[[Seen], Act]:
    def script(seen: Seen) -> Act:
        named = [field for field in fields if field in seen.body]
        return fails_saying(status, value(named)) if named else knows(seen)

    return script


@pytest.mark.parametrize(
    ("status", "value"),
    [
        (400, lambda names: {"error": {"message": f"unknown field {names[0]!r}"}}),
        (422, lambda names: {"detail": f"Unexpected fields in the request: {set(names)}"}),
        (422, lambda names: {"detail": [{"loc": ["body", name]} for name in names]}),
    ],
)
def test_a_server_that_refuses_grammar_and_probabilities_is_asked_without(
    status: int, value: Callable[[list[str]], object], caplog: pytest.LogCaptureFixture
) -> None:
    script = refuses("structured_outputs", "logprobs", "temperature", status=status, value=value)
    with serve(script) as toy, caplog.at_level(logging.WARNING):
        student = make_student(toy.url)
        predictions = student.extract([TEXT] * 10, ["city", "person"])
        assert [len(p.entities) for p in predictions] == [3] * 10
        before = len(toy.seen)
        student.extract([TEXT], ["city"])
    assert len(toy.seen) == before + 1
    assert sorted(record.getMessage() for record in caplog.records) == sorted(
        f"{toy.url} does not know {name}; asked without"
        for name in ("structured_outputs", "logprobs", "temperature")
    )


def test_a_single_grammar_that_is_too_much_is_left_out_for_its_own_request() -> None:
    def script(seen: Seen) -> Act:
        if "structured_outputs" in seen.body and asked_type(seen) == "city":
            return fails(400, "Invalid grammar specification")
        return knows(seen)

    with serve(script) as toy:
        student = PromptedExtractor("toy", make_server(toy.url, workers=1), UNINER)
        [prediction] = student.extract([TEXT], ["city", "person"])
    assert len(prediction.entities) == 3
    assert ["structured_outputs" in seen.body for seen in toy.seen] == [True, False, True]


def test_a_limit_goes_by_the_name_that_the_server_wants() -> None:
    wants = fails(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
    good = answers('["Oslo"]')
    with serve(lambda seen: wants if "max_tokens" in seen.body else good) as toy:
        student = PromptedExtractor("toy", make_server(toy.url), CHAT, answer=99)
        [prediction] = student.extract([TEXT], ["city"])
    assert found(prediction) == [("Oslo", "city")]
    assert toy.seen[-1].body["max_completion_tokens"] == 99


def test_half_of_the_answers_malformed_is_counted_and_the_rest_kept() -> None:
    def script(seen: Seen) -> Act:
        return goes_on("I see Oslo.") if asked_type(seen) == "city" else knows(seen)

    with serve(script) as toy:
        predictions = make_student(toy.url).extract([TEXT] * 10, ["city", "person"])
    for prediction in predictions:
        assert found(prediction) == [("Ada", "person"), ("Bo", "person")]
        assert [(f.type, f.raw) for f in prediction.faults] == [("city", "I see Oslo.")]


def test_what_the_text_does_not_say_is_a_fault() -> None:
    with serve(in_turn(goes_on('["Oslo", "Rome"]'))) as toy:
        [prediction] = make_student(toy.url).extract([TEXT], ["city"])
    assert found(prediction) == [("Oslo", "city")]
    assert [(f.why, f.raw) for f in prediction.faults] == [(NOT_IN_TEXT, "Rome")]


def test_an_answer_that_was_cut_off_is_said_to_be() -> None:
    with serve(in_turn(goes_on('["Oslo", "Os', finish="length"))) as toy:
        [prediction] = make_student(toy.url).extract([TEXT], ["city"])
    assert [(f.type, f.why) for f in prediction.faults] == [("city", CUT_OFF)]
    assert prediction.entities == ()


def test_scores_are_the_probabilities_of_a_mentions_tokens_and_thresholds_go_by_them() -> None:
    tokens = [("[", 0.0), ('"', 0.0), ("Ad", log(0.5)), ("a", 0.0), ('", "', 0.0), ("Bo", log(0.2))]
    with serve(in_turn(goes_on('["Ada", "Bo"]', tokens=[*tokens, ('"]', 0.0)]))) as toy:
        student = make_student(toy.url)
        [every] = student.extract([TEXT], ["person"])
        [sure] = student.extract([TEXT], ["person"], 0.5)
    assert found(every) == [("Ada", "person"), ("Bo", "person")]
    assert [e.score for e in every.entities] == pytest.approx([0.75, 0.2])
    assert found(sure) == [("Ada", "person")]


def test_flat_keeps_the_surest_of_mentions_that_overlap_and_nested_keeps_all() -> None:
    said = {"org": ('["Bank of Oslo"]', log(0.4)), "city": ('["Oslo"]', log(0.9))}

    def script(seen: Seen) -> Act:
        text, chance = said[asked_type(seen)]
        return goes_on(text, tokens=[(text, chance)])

    with serve(script) as toy:
        student = make_student(toy.url)
        flat = student.extract(["The Bank of Oslo"], ["org", "city"])
        nested = student.extract(["The Bank of Oslo"], ["org", "city"], nested=True)
    assert found(flat[0]) == [("Oslo", "city")]
    assert found(nested[0]) == [("Bank of Oslo", "org"), ("Oslo", "city")]


def test_long_texts_go_through_windows_and_come_back_whole() -> None:
    names = [f"Name{n}" for n in range(60)]
    text = " ".join(f"Then {name} came in." for name in names)

    def script(seen: Seen) -> Act:
        passage = seen.asked.partition("Text: ")[2].partition(" ASSISTANT:")[0]
        return goes_on(json.dumps(re.findall(r"Name\d+", passage)))

    with serve(script) as toy:
        [prediction] = make_student(toy.url, window=64, overlap=16).extract([text], ["person"])
    assert [entity.text for entity in prediction.entities] == names
    assert len(toy.seen) > 5
    assert prediction.faults == ()


def test_texts_without_words_are_not_asked_about() -> None:
    with serve(knows) as toy:
        predictions = make_student(toy.url).extract(["", " \n", TEXT], ["city"])
    assert [len(p.entities) for p in predictions] == [0, 0, 1]
    assert len(toy.seen) == 1


def test_half_a_character_in_a_text_is_asked_about_as_another_and_kept() -> None:
    with serve(in_turn(goes_on('["A\\ufffdda", "Oslo"]'))) as toy:
        [prediction] = make_student(toy.url).extract(["A\ud800da in Oslo"], ["name"])
    assert found(prediction) == [("A\ud800da", "name"), ("Oslo", "name")]
    assert "Text: A\ufffdda in Oslo" in toy.asked[0]


@pytest.mark.parametrize(
    ("texts", "types", "threshold"),
    [([TEXT], [], None), ([TEXT], [" "], None), (TEXT, ["a"], None), ([TEXT], ["a"], 1.5)],
)
def test_what_cannot_be_asked_is_refused(
    texts: Sequence[str], types: list[str], threshold: float | None
) -> None:
    with pytest.raises(RecordError):
        make_student("http://127.0.0.1:1/v1").extract(texts, types, threshold)


def test_a_server_can_be_asked_where_a_loop_runs_already() -> None:
    async def notebook(url: str) -> list[Prediction]:
        return make_student(url).extract([TEXT], ["city"])

    with serve(knows) as toy:
        [prediction] = asyncio.run(notebook(toy.url))
    assert found(prediction) == [("Oslo", "city")]


@pytest.mark.skipif(bool(MISSING), reason=REASON)
def test_a_real_server_of_an_untrained_model_answers_nonsense_that_is_counted(
    tmp_path: Path,
) -> None:
    model = tmp_path / "llama"
    save_llama(model)
    requests = [Request(f"Text {n}:", 8) for n in range(3)]
    with serve_model(model, tmp_path / "log") as url:
        server = Server(Endpoint(url, str(model), workers=2, timeout=60.0))
        rendered = PromptedExtractor("llama", server, UNINER, answer=12)
        chatting = replace(rendered, style=CHAT)
        types = ["person", "city"]
        for student in (rendered, chatting):
            predictions = student.extract([TEXT, "Éa saw 東京."], types)
            assert [p.entities for p in predictions] == [(), ()]
            assert [[f.type for f in p.faults] for p in predictions] == [types, types]
        assert server.refused == {"structured_outputs"}
        said = server.complete(requests)
    assert len(said) == 3
    assert not any(isinstance(answer, Unanswered) for answer in said)
