"""A live teacher: any server that speaks OpenAI's chat completions, asked with patience."""

import asyncio
import hashlib
import json
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from openai import (
    APITimeoutError,
    AsyncOpenAI,
    BadRequestError,
    Omit,
    RateLimitError,
    UnprocessableEntityError,
)
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

from uniner.records import ConfigError, InputError
from uniner.teacher.budget import Budget
from uniner.teacher.completion import Completion, Unanswered, read_completion
from uniner.teacher.endpoint import Endpoint
from uniner.teacher.faults import (
    explain,
    is_final,
    is_passing,
    read_retry_after,
)
from uniner.teacher.pace import Expectation, Pace, Tokens
from uniner.teacher.teacher import OVER_BUDGET, Answer, Failure, Prompt, Reply

BACKOFF = wait_random_exponential(multiplier=0.5, max=30)
"""Where a server does not say how long to wait: up to 0.5, 1, 2, 4 … 30 seconds, by chance."""
ROW = 10
"""So many prompts must fail in a row (or one a worker, if more) before a run gives up."""
LONG_WAIT = 10.0
"""Seconds of waiting that a person should know of."""
SCHEMA = "json_schema"
NOBODY = {"OpenAI-Organization": Omit(), "OpenAI-Project": Omit()}
"""In place of who one is at OpenAI, which the library would tell any server."""


Result = TypeVar("Result")


@dataclass(slots=True)
class Connection:
    """A server that is asked with patience; the key goes to it and nowhere else.

    `role` and `advice` are the first and the last words of what is raised where asking on is of
    no use, `timeout_advice` follows what was too slow; `say` is told what a person should know.
    """

    config: Endpoint
    say: Callable[[str], None]
    role: str = "teacher"
    advice: str = "; replies so far are kept, run again to go on"
    timeout_advice: str = "; see --timeout"
    failures: Counter[str] = field(default_factory=Counter)
    failed_in_a_row: int = 0
    pace: Pace = field(init=False)
    key: str = field(init=False, repr=False)
    client: AsyncOpenAI = field(init=False)

    def __post_init__(self) -> None:
        config = self.config
        self.pace = Pace(config.requests_per_minute, config.tokens_per_minute)
        self.key = find_key(config)
        # Retries are ours, so that each one waits for its turn, and as long as it is told to.
        self.client = AsyncOpenAI(
            base_url=config.url, api_key=self.key or "none", max_retries=0, timeout=config.timeout
        )

    async def ask(self, send: Callable[[], Awaitable[Result]]) -> Result | Unanswered:
        """What `send` gives, after as many attempts as it takes and the configuration allows.

        Raises InputError where the next requests would fare no better.
        """
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self.config.attempts),
            wait=self._wait,
            retry=retry_if_exception(is_passing),
            reraise=True,
        )
        try:
            result: Result = await retrying(send)
        except Exception as error:  # explain() raises what is not the server's
            return self._give_up(error)
        self.failed_in_a_row = 0
        return result

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        told = read_retry_after(error)
        seconds = BACKOFF(state) if told is None else told
        if isinstance(error, RateLimitError):
            if seconds >= LONG_WAIT:
                self.say(f"{self.config.url} asks to wait {seconds:,.0f} s")
            self.pace.pause(seconds)
        return seconds

    def _give_up(self, error: Exception) -> Unanswered:
        why = explain(error, self.config.url, self.key)
        if isinstance(error, TimeoutError | APITimeoutError):
            why += self.timeout_advice
        self.failures[why] += 1
        self.failed_in_a_row += 1
        if is_final(error) or self.failed_in_a_row >= max(ROW, self.config.workers):
            raise InputError(f"{self.role} {self.config.url}: {why}{self.advice}") from None
        return Unanswered(why)


@dataclass(slots=True)
class Live:
    """A model behind an address; raises InputError where asking on is of no use.

    `count` tells about how many tokens a text has, `say` is told what a person should know.
    """

    config: Endpoint
    count: Callable[[str], int]
    budget: Budget
    say: Callable[[str], None] = lambda line: None
    expectation: Expectation = field(default_factory=Expectation)
    structured: bool = True
    limit_name: str = "max_tokens"
    connection: Connection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = Connection(self.config, self.say)

    @property
    def client(self) -> AsyncOpenAI:
        """What speaks to the server."""
        return self.connection.client

    @property
    def failures(self) -> Counter[str]:
        """Why prompts were not answered, and how many."""
        return self.connection.failures

    def key_of(self, prompt: Prompt) -> str:
        """A hash of the prompt, the model and its parameters; the passage's id is not in it."""
        config = self.config
        asked = [prompt.system, prompt.user, prompt.schema, prompt.sample]
        told = [config.model, config.temperature, config.max_tokens]
        return hashlib.sha256(json.dumps([told, asked]).encode()).hexdigest()[:32]

    async def answer(self, prompt: Prompt) -> Answer:
        """The model's reply, after as many attempts as it takes and the configuration allows."""
        counted = self.count(prompt.system) + self.count(prompt.user)
        expected = self.expectation.of(counted)
        with self.budget.hold(self.config.prices.of(*expected)) as affordable:
            if not affordable:
                return Failure(prompt.id, OVER_BUDGET)
            reply = await self.connection.ask(partial(self._ask, prompt, expected))
            if isinstance(reply, Unanswered):
                return Failure(prompt.id, reply.why)
            self.budget.spent += reply.cost
        self.expectation.learn(counted, reply.prompt_tokens, reply.completion_tokens)
        return reply

    async def _ask(self, prompt: Prompt, expected: Tokens) -> Reply:
        await self.connection.pace.ready(sum(expected))
        request = self._request(prompt)
        try:
            async with asyncio.timeout(self.config.timeout):  # also where bytes trickle in
                response = await self.client.chat.completions.with_raw_response.create(**request)
        except (BadRequestError, UnprocessableEntityError) as error:
            if self._adapt(request, error.response.text):
                return await self._ask(prompt, expected)
            raise
        return self._read(prompt, read_completion(response.content), expected)

    def _request(self, prompt: Prompt) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self.config.model,
            "temperature": self.config.temperature,
            self.limit_name: self.config.max_tokens,
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.user},
            ],
            "extra_headers": {} if self.config.is_openai else NOBODY,
        }
        if prompt.sample:
            request["seed"] = prompt.sample
        if prompt.schema and self.structured:
            schema = {"name": prompt.kind, "strict": True, "schema": json.loads(prompt.schema)}
            request["response_format"] = {"type": SCHEMA, SCHEMA: schema}
        return request

    def _adapt(self, request: dict[str, Any], message: str) -> bool:
        """Do without what this server does not know; whether the request had anything of it."""
        if "response_format" in request and ("response_format" in message or SCHEMA in message):
            if self.structured:
                self.say(f"{self.config.url}: no structured output; the prompt alone asks for it")
            self.structured = False
            return True
        if "max_tokens" in request and "max_completion_tokens" in message:
            self.limit_name = "max_completion_tokens"
            return True
        return False

    def _read(self, prompt: Prompt, said: Completion, expected: Tokens) -> Reply:
        prompt_tokens = said.prompt_tokens
        if prompt_tokens is None:
            prompt_tokens = round(expected.asked)
        completion_tokens = said.completion_tokens
        if completion_tokens is None:
            completion_tokens = self.count(said.content)
        return Reply(
            prompt.id,
            said.content,
            said.model or self.config.model,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            cost=self.config.prices.of(prompt_tokens, completion_tokens),
            whole=said.whole,
        )


def find_key(config: Endpoint) -> str:
    """The key from the environment, or nothing; ConfigError, which does not show it, if it is none.

    Space around it is from a file or a shell; sent on, it would be in a message of the library.
    """
    key = os.environ.get(config.variable, "").strip()
    if config.key_variable and not key:
        raise ConfigError(f"the environment variable {config.key_variable} holds no key")
    if not (key.isascii() and key.isprintable()):
        raise ConfigError(
            f"the environment variable {config.variable} holds characters that no key has"
        )
    return key
