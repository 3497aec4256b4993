"""Whatever goes wrong with a server is tried again, counted, or the end of the run; never more."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from math import inf
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import APIStatusError, RateLimitError
from tenacity import wait_none

from toy_server import (
    Act,
    answers,
    breaks_off,
    completion,
    fails,
    fails_saying,
    free_port,
    hangs_up,
    in_turn,
    sends,
    sends_bytes,
    serve,
    slowly,
    trickles,
    where,
)
from uniner.construction.ordered import map_ordered
from uniner.records import InputError
from uniner.teacher import live
from uniner.teacher.budget import Budget
from uniner.teacher.completion import BrokenReplyError, read_completion
from uniner.teacher.endpoint import Endpoint
from uniner.teacher.faults import explain, read_retry_after
from uniner.teacher.live import ROW, Live
from uniner.teacher.teacher import Answer, Failure, Prompt, Reply

KEY = "sk-0123456789abcdef"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries again at once where the server does not say when."""
    monkeypatch.setattr(live, "BACKOFF", wait_none())
    monkeypatch.setenv("UNINER_API_KEY", KEY)


def make_live(url: str, **config: float) -> Live:
    limits = {"timeout": 5.0, "attempts": 4, **config}
    endpoint = Endpoint(url, "toy", **limits)  # type: ignore[arg-type]
    return Live(endpoint, lambda text: len(text.split()), Budget())


def ask(teacher: Live, count: int = 1, *, workers: int = 1) -> list[Answer]:
    """The answers to prompts, so many under way at once."""
    prompts = [Prompt(f"p{number}", "", f"passage {number}.") for number in range(count)]

    async def run() -> list[Answer]:
        try:
            return [answer async for answer in map_ordered(teacher.answer, prompts, workers)]
        finally:
            await teacher.client.close()

    return asyncio.run(run())


def is_reply(answer: Answer) -> bool:
    return isinstance(answer, Reply) and answer.raw == "[]"


def soon(seconds: float) -> str:
    """An HTTP date, which has whole seconds."""
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


SLOW = {"too slow", "trickling"}
PASSING: dict[str, Act] = {
    "429 without a wait": fails(429, "slow down", "rate_limit_exceeded"),
    "429 with a wait": fails(429, retry_after="0"),
    "429 with a wait of a fraction": fails(429, retry_after="0.05"),
    "429 with a past date": fails(429, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"),
    "429 with a date without a zone": fails(429, retry_after="Wed, 21 Oct 2015 07:28:00 -0000"),
    "429 with a wait in words": fails(429, retry_after="soon"),
    "429 with no end": fails(429, retry_after="inf"),
    "429 with no number": fails(429, retry_after="nan"),
    "429 with less than nothing": fails(429, retry_after="-5"),
    "500": fails(500, "overloaded"),
    "500 in HTML": lambda exchange: exchange.send(b"<html>oh</html>", 500, "text/html"),
    "502 without a word": lambda exchange: exchange.send(b"", 502),
    "503 with a wait": fails(503, retry_after="0"),
    "529": fails(529, "busy"),
    "408": fails(408, "too slow"),
    "409": fails(409, "conflict"),
    "closed amid the body": breaks_off,
    "closed without a word": hangs_up,
    "too slow": slowly(0.6, answers()),
    "trickling": trickles(0.02),
    "malformed JSON": sends_bytes(b'{"choices": [{"mess'),
    "nothing": sends_bytes(b""),
    "not UTF-8": sends_bytes(b'{"choices": "\xff\xfe"}'),
    "nested without end": sends_bytes(b"[" * 100_000),
    "HTML": sends_bytes(b"<html><body>Log in</body></html>", "text/html"),
    "a number": sends(7),
    "null": sends(None),
    "a list": sends([1]),
    "an empty object": sends({}),
    "an error with status 200": sends({"error": {"message": "upstream", "code": 502}}),
    "no choices": sends(completion("[]", choices=[])),
    "choices null": sends(completion("[]", choices=None)),
    "choices of another kind": sends(completion("[]", choices=["x"])),
    "a choice without a message": sends(completion("[]", choices=[{"index": 0}])),
    "a message null": sends(completion("[]", choices=[{"message": None}])),
    "content of another kind": sends(completion("[]", choices=[{"message": {"content": 7}}])),
}


@pytest.mark.parametrize("name", PASSING)
def test_a_passing_fault_is_tried_again_and_answered(name: str) -> None:
    act = PASSING[name]
    with serve(in_turn(act, act, answers())) as toy:
        teacher = make_live(toy.url, timeout=0.25 if name in SLOW else 5.0, attempts=9)
        (answer,) = ask(teacher)
    assert is_reply(answer)
    # Where the machine is busy too, even the good answer may come too late once.
    assert len(toy.seen) == 3 or (name in SLOW and len(toy.seen) > 3)
    assert not teacher.failures


@pytest.mark.parametrize(
    ("fields", "tokens"),
    [
        ({"usage": {}}, (2, 1)),
        ({"usage": "many"}, (2, 1)),
        ({"usage": {"prompt_tokens": None, "completion_tokens": -1}}, (2, 1)),
        ({"usage": {"prompt_tokens": 10**30, "completion_tokens": "5"}}, (2, 1)),
        ({"usage": {"prompt_tokens": 7}}, (7, 1)),
        ({"model": None}, (10, 5)),
        ({"id": 7, "created": None, "object": "?", "more": [1]}, (10, 5)),
    ],
)
def test_carelessly_made_completions_are_read(
    fields: dict[str, Any], tokens: tuple[int, int]
) -> None:
    with serve(in_turn(sends(completion("[]", **fields)))) as toy:
        (answer,) = ask(make_live(toy.url))
    assert isinstance(answer, Reply)
    assert (answer.prompt_tokens, answer.completion_tokens) == tokens
    assert answer.model == ("toy" if "model" in fields else "toy-1")


def test_a_reply_without_content_is_an_empty_one() -> None:
    with serve(in_turn(answers(None))) as toy:
        (answer,) = ask(make_live(toy.url))
    assert isinstance(answer, Reply)
    assert answer.raw == ""


def test_half_characters_are_replaced_and_whole_ones_kept() -> None:
    said = completion("a\ud800b\udc00 \ud83d\ude00 \U0001f600", model="m\udfff")
    with serve(in_turn(sends(said))) as toy:
        (answer,) = ask(make_live(toy.url))
    assert isinstance(answer, Reply)
    assert (answer.raw, answer.model) == ("a\ufffdb\ufffd \U0001f600 \U0001f600", "m\ufffd")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
)


@given(
    st.binary()
    | json_values.map(lambda value: json.dumps(value).encode())
    | st.builds(
        lambda **fields: json.dumps(fields).encode(),
        choices=json_values | st.lists(st.fixed_dictionaries({"message": json_values})),
        usage=json_values,
        model=json_values,
    )
)
def test_any_body_is_a_completion_or_broken(body: bytes) -> None:
    try:
        read = read_completion(body)
    except BrokenReplyError:
        return
    assert isinstance(read.content, str)


@pytest.mark.parametrize(("status", "dated"), [(429, False), (503, False), (429, True)])
def test_an_asked_for_wait_is_kept_between_attempts(status: int, dated: bool) -> None:
    told = soon(1.35) if dated else "0.3"  # a date's seconds are whole
    with serve(in_turn(fails(status, retry_after=told), answers())) as toy:
        (answer,) = ask(make_live(toy.url))
    assert is_reply(answer)
    first, second = toy.seen
    assert second.at - first.at >= 0.3


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [
        ("2", 2, 2),
        (" 1.5 ", 1.5, 1.5),
        ("-1", 0, 0),
        ("date", 98, 100),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ("inf", None, None),
        ("nan", None, None),
        ("", None, None),
        ("soon", None, None),
        ("Wed, 21 Oct 2015 07:28:00 -0000", None, None),
    ],
)
def test_waits_are_read_from_numbers_and_dates(
    told: str, least: float | None, most: float | None
) -> None:
    told = soon(100) if told == "date" else told
    wait = read_retry_after(make_error(429, {"retry-after": told}))
    if least is None or most is None:
        assert wait is None
    else:
        assert wait is not None
        assert least <= wait <= most


@given(st.text(st.characters(codec="ascii", exclude_characters="\r\n\0")))
def test_any_wait_is_a_number_of_seconds_or_not_told(told: str) -> None:
    wait = read_retry_after(make_error(429, {"retry-after": told.strip()}))
    assert wait is None or 0 <= wait < inf


def make_error(status: int, headers: dict[str, str], message: str = "no") -> APIStatusError:
    response: Any = SimpleNamespace(status_code=status, headers=headers, request=None)
    kind = RateLimitError if status == 429 else APIStatusError
    return kind(message, response=response, body=None)


LASTING: dict[str, tuple[Act, int, str]] = {
    "500": (fails(500, "overloaded"), 3, "status 500, overloaded"),
    "429": (fails(429, "slow down"), 3, "status 429, slow down"),
    "503 without a word": (lambda e: e.send(b"", 503), 3, "status 503, without a word"),
    "closed amid the body": (breaks_off, 3, "no connection ("),
    "closed without a word": (hangs_up, 3, "no connection ("),
    "too slow": (slowly(0.4, answers()), 3, "timed out; see --timeout"),
    "trickling": (trickles(0.02), 3, "timed out; see --timeout"),
    "malformed JSON": (sends_bytes(b"{"), 3, "the reply is not JSON"),
    "HTML": (sends_bytes(b"<html>", "text/html"), 3, "the reply is not JSON"),
    "no completion": (sends({}), 3, "the reply is not a chat completion"),
    "an error": (sends({"error": "x"}), 3, 'the reply is an error, "x"'),
    "400": (fails(400, "too long"), 1, "status 400, too long"),
    "413": (fails(413, "too large"), 1, "status 413, too large"),
    "422": (fails_saying(422, {"detail": ["x"]}), 1, 'status 422, {"detail": ["x"]}'),
}


@pytest.mark.parametrize("name", LASTING)
def test_what_keeps_failing_is_a_failure_and_the_others_go_on(name: str) -> None:
    act, attempts, why = LASTING[name]
    with serve(where("passage 1.", act, otherwise=answers())) as toy:
        teacher = make_live(toy.url, attempts=3, timeout=0.2 if name in SLOW else 5.0)
        first, failed, *others = ask(teacher, 4)
    assert all(map(is_reply, (first, *others)))
    assert isinstance(failed, Failure)
    assert failed.id == "p1"
    assert failed.why.startswith(why)
    assert dict(teacher.failures) == {failed.why: 1}
    assert toy.asked.count("passage 1.") == attempts


def test_where_nothing_listens_the_run_stops_after_a_row_of_failures() -> None:
    teacher = make_live(f"http://127.0.0.1:{free_port()}/v1", attempts=2)
    with pytest.raises(InputError, match=r"no connection \(.+\); replies so far are kept"):
        ask(teacher, 100)
    assert teacher.failures.total() == ROW


def test_too_many_failures_in_a_row_stop_the_run_and_fewer_do_not() -> None:
    with serve(where("passage 9.", answers(), otherwise=fails(500, "down"))) as toy:
        teacher = make_live(toy.url, attempts=1)
        with pytest.raises(InputError, match="status 500, down"):
            ask(teacher, 100)
    assert teacher.failures.total() == 9 + ROW
    assert len(toy.seen) <= 9 + 1 + ROW + 1  # another one may be under way


def test_a_row_is_one_failure_a_worker_where_there_are_many() -> None:
    with serve(in_turn(fails(500, "down"))) as toy:
        teacher = make_live(toy.url, attempts=1, workers=25)
        with pytest.raises(InputError):
            ask(teacher, 100)
    assert teacher.failures.total() == 25


FINAL: dict[str, tuple[Act, str]] = {
    "401": (fails(401, f"Incorrect API key provided: {KEY}"), "Incorrect API key provided: …"),
    "401 in words of its own": (fails_saying(401, {"detail": KEY}), '{"detail": "…"}'),
    "403": (fails(403, f"{KEY} may not"), "… may not"),
    "404": (fails(404, "no such model"), "no such model"),
    "quota": (fails(429, "no money left", "insufficient_quota", "30"), "no money left"),
}


@pytest.mark.parametrize(("act", "message"), FINAL.values(), ids=FINAL)
def test_what_no_prompt_can_get_past_stops_the_run_at_once(act: Act, message: str) -> None:
    script = where("passage 1.", act, otherwise=slowly(0.2, answers()))
    with serve(script) as toy, pytest.raises(InputError) as caught:
        ask(make_live(toy.url), 50, workers=4)
    said = str(caught.value)
    assert message in said
    assert "\n" not in said
    assert KEY not in said
    # The others were still waiting for a reply, and one may have come after it.
    assert len(toy.seen) <= 5
    assert toy.answered == []


def test_a_forgotten_end_of_the_address_is_hinted_at() -> None:
    with serve(in_turn(fails(404))) as toy, pytest.raises(InputError, match="ends in /v1"):
        ask(make_live(toy.url.removesuffix("/v1")))


@given(st.integers(0, 400), st.text(max_size=400))
def test_no_part_of_the_key_is_ever_in_an_explanation(at: int, text: str) -> None:
    secret = "\u16a0\u16a1\u16a2\u16a3\u16a4\u16a5\u16a6\u16a7"
    message = (text + "x" * 400)[:at] + secret + text
    if set(text) & set(secret):
        return
    why = explain(make_error(401, {}, message), "http://a/v1", secret)
    assert not set(why) & set(secret)
    assert len(why) <= 300
    assert len(why.splitlines()) <= 1


def test_an_error_of_our_own_is_not_taken_for_a_servers() -> None:
    with serve(in_turn(answers())) as toy:
        teacher = make_live(toy.url)
        prompt = Prompt("p", "", "", schema="not JSON")
        with pytest.raises(json.JSONDecodeError):
            asyncio.run(teacher.answer(prompt))
    assert toy.seen == []


def test_a_server_that_comes_back_amid_the_run_loses_nothing() -> None:
    down = fails(503, "restarting", retry_after="0.02")
    back = time.monotonic() + 0.4
    with serve(lambda seen: down if time.monotonic() < back else answers()) as toy:
        found = ask(make_live(toy.url, attempts=100), 20, workers=4)
    assert all(map(is_reply, found))
    assert len(toy.seen) > 20
