"""A model behind an OpenAI-compatible address, asked in bulk: vLLM, llama.cpp, OpenAI itself."""

import asyncio
import logging
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from math import exp, inf
from typing import Any, TypeVar

from openai import (
    APIConnectionError,
    AuthenticationError,
    BadRequestError,
    OpenAI,
    PermissionDeniedError,
    UnprocessableEntityError,
)

from uniner.records import ConfigError, InputError
from uniner.students.backend import Request, Said, Token
from uniner.teacher.completion import Unanswered, load_body, mend, refuse
from uniner.teacher.endpoint import Endpoint
from uniner.teacher.faults import explain
from uniner.teacher.live import NOBODY, Connection, find_key

GRAMMAR, LOGPROBS = "structured_outputs", "logprobs"
OPTIONAL = (GRAMMAR, LOGPROBS, "temperature")
"""What a request can do without where a server does not know it."""
MAX_TOKENS, MAX_COMPLETION_TOKENS = "max_tokens", "max_completion_tokens"
HOPELESS = (APIConnectionError, AuthenticationError, PermissionDeniedError)
"""What a server that lists no models may not fail with, if it is to answer prompts."""
LISTING_SECONDS = 20.0
LOG = logging.getLogger(__name__)

Result = TypeVar("Result")


@dataclass(slots=True)
class Server:
    """A backend that asks a server, so many requests under way at once as it has workers.

    A request that fails for good is `Unanswered`. InputError where asking on is of no use: the
    key is refused, many fail in a row, or all do and none ever did better.
    """

    config: Endpoint
    refused: set[str] = field(default_factory=set)
    limit_name: str = MAX_TOKENS
    failed_in_a_row: int = 0
    has_answered: bool = False

    def complete(self, requests: Sequence[Request]) -> list[Said | Unanswered]:
        """One answer a request, in order; requests go out in that order too."""
        return run(self._complete(requests))

    async def _complete(self, requests: Sequence[Request]) -> list[Said | Unanswered]:
        connection = Connection(
            self.config, LOG.warning, role="model", advice="", timeout_advice=""
        )
        connection.failed_in_a_row = self.failed_in_a_row
        found: list[Said | Unanswered] = [Unanswered("")] * len(requests)
        todo = iter(enumerate(requests))

        async def work() -> None:
            for index, request in todo:
                found[index] = await connection.ask(partial(self._send, connection, request))

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(int(self.config.workers), len(requests))):
                    group.create_task(work())
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        finally:
            await connection.client.close()
        self.failed_in_a_row = connection.failed_in_a_row
        self._check(found)
        return found

    def _check(self, found: Sequence[Said | Unanswered]) -> None:
        self.has_answered |= any(isinstance(answer, Said) for answer in found)
        match found:
            case [Unanswered(why), *_] if not self.has_answered:
                raise InputError(f"model {self.config.url}: {why}")

    async def _send(self, connection: Connection, request: Request) -> Said:
        await connection.pace.ready(0)
        body = self._body(request)
        api: Any = connection.client.completions
        if not isinstance(request.prompt, str):
            api = connection.client.chat.completions
        try:
            async with asyncio.timeout(self.config.timeout):  # also where bytes trickle in
                response = await api.with_raw_response.create(**body)
        except (BadRequestError, UnprocessableEntityError) as error:
            less = self._adapt(body, request, error.response.text)
            if less is None:
                raise
            return await self._send(connection, less)
        return read_said(response.content)

    def _body(self, request: Request) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.config.model,
            "temperature": self.config.temperature,
        }
        if isinstance(request.prompt, str):
            body |= {"prompt": request.prompt, MAX_TOKENS: request.max_tokens, LOGPROBS: 1}
        else:
            messages = [{"role": turn.role, "content": turn.content} for turn in request.prompt]
            body |= {"messages": messages, self.limit_name: request.max_tokens, LOGPROBS: True}
        if request.stop:
            body["stop"] = [*request.stop]
        body = {name: value for name, value in body.items() if name not in self.refused}
        if request.grammar and GRAMMAR not in self.refused:
            body["extra_body"] = {GRAMMAR: {"grammar": request.grammar}}
        return body if self.config.is_openai else {**body, "extra_headers": NOBODY}

    def _adapt(self, body: dict[str, Any], request: Request, message: str) -> Request | None:
        """The request without what the server does not know; None where it had nothing of it."""
        sent = {*body, *body.get("extra_body", ())}
        for name in OPTIONAL:
            if name in sent and name in message:
                if name not in self.refused:
                    LOG.warning("%s does not know %s; asked without", self.config.url, name)
                self.refused.add(name)
                return request
        if "messages" in sent and MAX_TOKENS in sent and MAX_COMPLETION_TOKENS in message:
            self.limit_name = MAX_COMPLETION_TOKENS
            return request
        if GRAMMAR in sent and "grammar" in message.lower():
            # Only this one is too much for it.
            return Request(request.prompt, request.max_tokens, request.stop)
        return None


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """The result of asynchronous work, wherever one is: in a notebook a loop runs already."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def read_said(body: bytes) -> Said:
    """The first choice of a completion or a chat completion; BrokenReplyError where none is."""
    match load_body(body):
        case {"choices": [{"text": str() as text} as choice, *_]}:
            pass
        case {"choices": [{"message": {"content": str() | None as text}} as choice, *_]}:
            pass
        case value:
            raise refuse(value, "a completion")
    whole = choice.get("finish_reason") != "length"
    return Said(mend(text or ""), whole, tuple(read_tokens(choice.get(LOGPROBS))))


def read_tokens(logprobs: Any) -> Iterator[Token]:
    """The tokens of an answer, in the form of completions or of chats; none where it is neither."""
    pairs: list[tuple[Any, Any]] = []
    match logprobs:
        case {"tokens": [*texts], "token_logprobs": [*values]}:
            pairs = list(zip(texts, values, strict=False))
        case {"content": [*rows]}:
            pairs = [
                (row.get("token"), row.get("logprob")) for row in rows if isinstance(row, dict)
            ]
    for text, value in pairs:
        if isinstance(text, str) and isinstance(value, int | float) and -inf <= value <= 0.01:
            yield Token(mend(text), min(1.0, exp(value)))


def choose_model(config: Endpoint, wanted: str) -> str:
    """The model that is wanted, or else the only one that the server lists.

    InputError where no server answers or the key is refused; ConfigError where it must be named.
    """
    key = find_key(config)
    try:
        with OpenAI(
            base_url=config.url, api_key=key or "none", max_retries=2, timeout=LISTING_SECONDS
        ) as client:
            headers = {} if config.is_openai else NOBODY
            listed = read_models(
                client.models.with_raw_response.list(extra_headers=headers).content
            )
    except Exception as error:
        why = explain(error, config.url, key)  # raises what is not the server's
        if not wanted or isinstance(error, HOPELESS):
            raise InputError(f"model {config.url}: {why}") from None
        return wanted
    if wanted:
        return wanted
    match listed:
        case [only]:
            return only
        case []:
            raise ConfigError(
                f"model {config.url}: it lists no model; name one as {config.url}#MODEL"
            )
        case _:
            names = ", ".join(listed[:12]) + (", …" if len(listed) > 12 else "")
            raise ConfigError(f"model {config.url}: name one of its models after a #: {names}")


def read_models(body: bytes) -> list[str]:
    """The models that a server lists."""
    match load_body(body):
        case {"data": [*rows]}:
            return [row["id"] for row in rows if isinstance(row, dict) and "id" in row]
        case value:
            raise refuse(value, "a list of models")
