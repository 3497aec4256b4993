"""A live teacher is asked over real HTTP: in turn, at a pace, for a price, and with its own key."""

import asyncio
import json
import threading
import time
from collections.abc import Sequence

import pytest
from tenacity import wait_none

from toy_server import (
    Act,
    Exchange,
    Script,
    Seen,
    ToyServer,
    answers,
    fails,
    fails_saying,
    in_turn,
    serve,
    where,
)
from uniner.records import ConfigError
from uniner.teacher import live
from uniner.teacher.budget import Budget
from uniner.teacher.endpoint import Endpoint
from uniner.teacher.live import Live
from uniner.teacher.teacher import OVER_BUDGET, Answer, Failure, Prompt, Reply

SCHEMA = json.dumps({"type": "object", "properties": {"entities": {"type": "array"}}})


def make_live(
    toy: ToyServer, lines: list[str] | None = None, budget: Budget | None = None, **config: float
) -> Live:
    """A teacher that counts a token a word, and gives up soon."""
    limits = {"timeout": 5.0, "attempts": 4, **config}
    endpoint = Endpoint(toy.url, "toy", **limits)  # type: ignore[arg-type]
    say = (lambda line: None) if lines is None else lines.append
    return Live(endpoint, lambda text: len(text.split()), budget or Budget(), say)


def ask(teacher: Live, *prompts: Prompt) -> list[Answer]:
    """The answers to prompts that are asked all at once."""

    async def run() -> list[Answer]:
        try:
            return await asyncio.gather(*map(teacher.answer, prompts))
        finally:
            await teacher.client.close()

    return asyncio.run(run())


def prompts(count: int, **fields: object) -> list[Prompt]:
    return [Prompt(f"p{n}", "be good", f"passage {n}.", **fields) for n in range(count)]  # type: ignore[arg-type]


def raws(found: Sequence[Answer]) -> list[str | None]:
    """What was replied, None for a failure."""
    return [answer.raw if isinstance(answer, Reply) else None for answer in found]


def echo(seen: Seen) -> Act:
    return answers(f"of {seen.asked}")


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "UNINER_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries again at once where the server does not say when."""
    monkeypatch.setattr(live, "BACKOFF", wait_none())


def test_a_prompt_is_sent_as_it_is_and_the_reply_comes_with_its_tokens_and_cost() -> None:
    with serve(in_turn(answers('[["Oslo", "city"]]'))) as toy:
        teacher = make_live(toy, price_asked=3.0, price_answered=6.0, temperature=0.5)
        found = ask(teacher, Prompt("p", "be good", "Oslo.", sample=2))
    cost = (10 * 3 + 5 * 6) / 1e6
    assert found == [Reply("p", '[["Oslo", "city"]]', "toy-1", 10, 5, cost)]
    (seen,) = toy.seen
    assert seen.body == {
        "model": "toy",
        "temperature": 0.5,
        "max_tokens": 2048,
        "seed": 2,
        "messages": [
            {"role": "system", "content": "be good"},
            {"role": "user", "content": "Oslo."},
        ],
    }


def test_each_of_many_prompts_gets_its_own_reply() -> None:
    with serve(echo) as toy:
        found = ask(make_live(toy), *prompts(50))
    assert raws(found) == [f"of passage {n}." for n in range(50)]
    assert len(toy.seen) == 50


def test_without_a_count_of_its_own_a_server_is_billed_by_ours() -> None:
    with serve(in_turn(answers("one two three", usage=None))) as toy:
        (reply,) = ask(make_live(toy, price_asked=1e6, price_answered=1e6), *prompts(1))
    assert isinstance(reply, Reply)
    assert (reply.prompt_tokens, reply.completion_tokens, reply.cost) == (4, 3, 7)


def test_a_reply_that_was_cut_off_is_told_from_a_whole_one() -> None:
    with serve(where("0", answers("[[", finish="length"), otherwise=answers("[]"))) as toy:
        cut, whole = ask(make_live(toy), *prompts(2))
    assert isinstance(cut, Reply)
    assert isinstance(whole, Reply)
    assert (cut.raw, cut.whole, whole.whole) == ("[[", False, True)


def test_the_first_sample_has_no_seed_so_that_any_server_takes_it() -> None:
    with serve(echo) as toy:
        ask(make_live(toy, temperature=1.0), *prompts(1, sample=0), *prompts(1, sample=7))
    assert sorted(seen.body.get("seed", 0) for seen in toy.seen) == [0, 7]


def test_a_schema_goes_along_as_structured_output() -> None:
    with serve(echo) as toy:
        ask(make_live(toy), *prompts(1, schema=SCHEMA, kind="candidates"))
    assert toy.seen[0].body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "candidates", "strict": True, "schema": json.loads(SCHEMA)},
    }


def unstructured(status: int, value: object) -> Script:
    """A server that refuses a response_format."""
    return lambda seen: (
        fails_saying(status, value) if "response_format" in seen.body else answers("[]")
    )


@pytest.mark.parametrize(
    ("status", "value"),
    [
        (400, {"error": {"message": "Invalid parameter: 'response_format' of type json_schema"}}),
        (400, {"detail": "json_schema is not supported"}),
        (422, {"detail": [{"loc": ["body", "response_format"], "msg": "not permitted"}]}),
    ],
)
def test_where_structured_output_is_refused_all_go_on_without_it(
    status: int, value: object
) -> None:
    lines: list[str] = []
    with serve(unstructured(status, value)) as toy:
        teacher = make_live(toy, lines, attempts=1)
        assert raws(ask(teacher, *prompts(8, schema=SCHEMA))) == ["[]"] * 8
        teacher = make_live(toy, lines)
        asked = len(toy.seen)

        async def one_after_the_other() -> None:
            for prompt in prompts(4, schema=SCHEMA):
                await teacher.answer(prompt)
            await teacher.client.close()

        asyncio.run(one_after_the_other())
    assert len(lines) == 2  # once for each teacher
    assert "response_format" in toy.seen[asked].body
    assert len(toy.seen) - asked == 5


def test_another_fault_of_a_request_is_not_taken_for_a_refusal_of_structured_output() -> None:
    with serve(in_turn(fails(400, "the context is too long"))) as toy:
        teacher = make_live(toy)
        (failure,) = ask(teacher, *prompts(1, schema=SCHEMA))
    assert isinstance(failure, Failure)
    assert failure.why == "status 400, the context is too long"
    assert teacher.structured
    assert len(toy.seen) == 1


def test_a_limit_of_tokens_goes_by_the_name_that_the_server_wants() -> None:
    wants = fails(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
    with serve(lambda seen: wants if "max_tokens" in seen.body else answers("[]")) as toy:
        found = ask(make_live(toy, max_tokens=77, attempts=1), *prompts(6))
    assert raws(found) == ["[]"] * 6
    limits = [seen.body.get("max_completion_tokens") for seen in toy.seen]
    assert limits.count(77) == 6


def test_requests_keep_to_a_rate_and_retries_count(impatient: None) -> None:
    started = time.monotonic()
    with serve(in_turn(fails(500), fails(500), answers())) as toy:
        found = ask(make_live(toy, requests_per_minute=600), *prompts(18))
    assert raws(found) == ["[]"] * 18
    assert len(toy.seen) == 20
    # A second's worth at once, then one each 0.1 s.
    assert toy.seen[-1].at - started >= (20 - 10) / 10 - 0.05


def test_tokens_keep_to_a_rate_with_the_expected_reply_in_it() -> None:
    started = time.monotonic()
    with serve(in_turn(answers("a b c d", usage=None))) as toy:
        # 4 tokens asked and, as a first guess, 4 in reply: 8 a request, 40 a second.
        found = ask(make_live(toy, tokens_per_minute=2400), *prompts(10))
    assert raws(found) == ["a b c d"] * 10
    assert toy.seen[-1].at - started >= (80 - 40) / 40 - 0.05


def test_a_wait_that_a_server_asks_for_is_kept_by_all(impatient: None) -> None:
    limited = fails(429, "slow down", "rate_limit_exceeded", retry_after="0.5")

    def script(seen: Seen) -> Act:
        return limited if seen.number == 0 else answers()

    with serve(script) as toy:
        teacher = make_live(toy)

        async def run() -> None:
            first = asyncio.create_task(teacher.answer(prompts(1)[0]))
            await asyncio.sleep(0.2)  # the pause has begun
            await asyncio.gather(first, *map(teacher.answer, prompts(4)))
            await teacher.client.close()

        asyncio.run(run())
    refused, *later = toy.seen
    assert len(later) == 5
    assert all(seen.at - refused.at >= 0.5 for seen in later)


def test_nothing_is_asked_that_would_go_beyond_the_budget() -> None:
    def spend(together: bool) -> tuple[Budget, int]:
        budget = Budget(limit=50.0)
        with serve(in_turn(answers("a b c", usage=None))) as toy:
            teacher = make_live(toy, budget=budget, price_asked=1e6, price_answered=1e6)
            batches = [prompts(9)] if together else [[prompt] for prompt in prompts(9)]

            async def run() -> list[Answer]:
                found = [await asyncio.gather(*map(teacher.answer, batch)) for batch in batches]
                await teacher.client.close()
                return [answer for batch in found for answer in batch]

            found = asyncio.run(run())
        refused = [answer.why for answer in found if isinstance(answer, Failure)]
        assert refused == [OVER_BUDGET] * (9 - len(toy.seen))
        assert not teacher.failures
        return budget, len(toy.seen)

    # A reply is expected to be as long as its prompt, 8 words in all, until one of 7 came.
    assert spend(together=True) == (Budget(50.0, spent=42.0, exhausted=True), 6)
    assert spend(together=False) == (Budget(50.0, spent=49.0, exhausted=True), 7)


def test_what_a_failed_request_held_back_may_be_spent_on_others(impatient: None) -> None:
    with serve(where("passage 0", fails(400), otherwise=answers(usage=None))) as toy:
        budget = Budget(limit=9.0)
        teacher = make_live(toy, budget=budget, price_asked=1e6, price_answered=1e6)

        async def run() -> list[Answer]:
            found = [await teacher.answer(prompt) for prompt in prompts(2)]
            await teacher.client.close()
            return found

        failed, replied = asyncio.run(run())
    assert isinstance(failed, Failure)
    assert isinstance(replied, Reply)
    assert (budget.spent, budget.held) == (5.0, 0.0)


def test_openais_key_goes_to_openai_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "sk-openai")
    with serve(echo) as toy:
        ask(make_live(toy), *prompts(1))
    assert toy.seen[0].headers["authorization"] == "Bearer none"
    assert "sk-openai" not in str(toy.seen[0].headers)
    own = Endpoint("https://api.openai.com/v1", "m")
    assert Live(own, len, Budget()).client.api_key == "sk-openai"


@pytest.mark.parametrize("value", ["sk-ours", " sk-ours\r\n"])
def test_the_key_for_other_servers_is_ours(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai")
    monkeypatch.setenv("UNINER_API_KEY", value)
    with serve(echo) as toy:
        assert raws(ask(make_live(toy), *prompts(1))) == ["of passage 0."]
    assert toy.seen[0].headers["authorization"] == "Bearer sk-ours"


def test_a_key_can_be_in_a_variable_of_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNINER_API_KEY", "sk-ours")
    monkeypatch.setenv("SOME_KEY", "sk-some")
    with serve(echo) as toy:
        endpoint = Endpoint(toy.url, "toy", key_variable="SOME_KEY")
        ask(Live(endpoint, len, Budget()), *prompts(1))
    assert toy.seen[0].headers["authorization"] == "Bearer sk-some"


@pytest.mark.parametrize(
    ("value", "message"), [("", "SOME_KEY holds no key"), ("sk-…x", "SOME_KEY holds characters")]
)
def test_a_variable_without_a_usable_key_is_named_and_not_shown(
    value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", value)
    endpoint = Endpoint("http://127.0.0.1:1/v1", "toy", key_variable="SOME_KEY")
    with pytest.raises(ConfigError, match=message) as caught:
        Live(endpoint, len, Budget())
    assert "sk" not in str(caught.value)


def test_a_key_stands_for_all_that_a_reply_depends_on() -> None:
    def key(system: str = "s", user: str = "u", **fields: object) -> str:
        config = {"url": "http://a/v1", "model": "m"}
        for name in ("url", "model", "temperature", "max_tokens", "workers"):
            if name in fields:
                config[name] = fields.pop(name)  # type: ignore[assignment]
        endpoint = Endpoint(**config)  # type: ignore[arg-type]
        return Live(endpoint, len, Budget()).key_of(Prompt("p", system, user, **fields))  # type: ignore[arg-type]

    same = [key(), key(workers=2), key(kind="candidates")]
    other = [
        key(system="t"),
        key(user="v"),
        key(schema="{}"),
        key(sample=1),
        key(model="n"),
        key(temperature=0.1),
        key(max_tokens=9),
        key(system="su", user=""),
    ]
    assert len(set(same)) == 1
    assert len({*same, *other}) == 1 + len(other)


def test_a_servers_long_wait_is_told(impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LONG_WAIT", 0.1)
    lines: list[str] = []
    with serve(in_turn(fails(429, retry_after="0.2"), answers())) as toy:
        ask(make_live(toy, lines), *prompts(1))
    assert lines == [f"{toy.url} asks to wait 0 s"]


def test_connections_are_used_again() -> None:
    with serve(echo) as toy:
        teacher = make_live(toy)

        async def run() -> None:
            for prompt in prompts(6):
                await teacher.answer(prompt)
            await teacher.client.close()

        asyncio.run(run())
    assert len({seen.connection for seen in toy.seen}) == 1


def test_pauses_between_attempts_grow_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        waits.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", note)
    with serve(in_turn(fails(500))) as toy:
        ask(make_live(toy, attempts=10), *prompts(1))
    assert len(toy.seen) == 10
    assert len(set(waits)) == 9
    assert all(wait <= min(30, 0.5 * 2**n) for n, wait in enumerate(waits))


def test_prompts_are_under_way_at_the_same_time() -> None:
    together = threading.Barrier(8)

    def act(exchange: Exchange) -> None:
        together.wait(20)  # for all the others to have come
        answers()(exchange)

    with serve(lambda seen: act) as toy:
        found = ask(make_live(toy, timeout=30, attempts=1), *prompts(8))
    assert raws(found) == ["[]"] * 8
