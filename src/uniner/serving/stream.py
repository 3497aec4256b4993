"""Answers that are sent line by line while texts still come: in order, few held at a time."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from uniner.serving.body import LINES
from uniner.serving.failures import RefusalError, explain, render_failure

WINDOW_TEXTS = 64
WINDOW_CHARACTERS = 400_000
"""Of texts that were read and whose answers were not sent; a longer one is alone."""
STOPPED = RefusalError(503, "the server is stopping; send what has no answer to another", "server")


@dataclass(slots=True)
class Pending:
    """A text of so many characters, whose answer is on its way."""

    size: int
    answer: asyncio.Task[bytes]


Item: TypeAlias = Pending | Exception | None
"""What is to be sent next; an error, or nothing more, is the last."""


@dataclass(slots=True)
class Stream:
    """Texts on their way to answers.

    `texts` raises RefusalError at a bad one. `until` ends the reading, where there is no knowing
    how many are still to come.
    """

    texts: AsyncIterator[str]
    ask: Callable[[str], Awaitable[dict[str, Any]]]
    until: asyncio.Event | None = None
    queue: asyncio.Queue[Item] = field(default_factory=lambda: asyncio.Queue(WINDOW_TEXTS))
    held: int = 0
    sent: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, receive: Receive, send: Callable[[bytes], Awaitable[None]]) -> None:
        """Send a line a text until all is said or the client has left."""
        feeding = asyncio.create_task(self._feed())
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(self._leave(feeding, receive))
        stopping = asyncio.create_task(self._stop(feeding))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            tasks = [feeding, sending, leaving, stopping]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            while not self.queue.empty():
                match self.queue.get_nowait():
                    case Pending() as pending:
                        pending.answer.cancel()

    async def _feed(self) -> None:
        try:
            async for text in self.texts:
                while self.held and self.held + len(text) > WINDOW_CHARACTERS:
                    self.sent.clear()
                    await self.sent.wait()
                self.held += len(text)
                answer = asyncio.create_task(self._answer(text))
                await self.queue.put(Pending(len(text), answer))
            await self.queue.put(None)
        except ClientDisconnect:
            return
        except Exception as error:  # it is told behind the answers to the texts before it
            await self.queue.put(error)

    async def _answer(self, text: str) -> bytes:
        return render_line(await self.ask(text))

    async def _send(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        try:
            while (item := await self.queue.get()) is not None:
                if isinstance(item, Exception):
                    raise item
                await send(await item.answer)
                self.held -= item.size
                self.sent.set()
        except Exception as error:
            refusal = explain(error)
            await send(render_failure(refusal.message, refusal.where) + b"\n")

    async def _leave(self, feeding: asyncio.Task[None], receive: Receive) -> None:
        await asyncio.wait({feeding})
        await wait_gone(receive)

    async def _stop(self, feeding: asyncio.Task[None]) -> None:
        if self.until is not None:
            await self.until.wait()
            feeding.cancel()
            await self.queue.put(STOPPED)


class StreamedAnswers(Response):
    """A response of JSON lines, whose status is sent before the first answer is known."""

    media_type = LINES

    def __init__(self, stream: Stream) -> None:
        """Respond with what a stream sends."""
        self.stream = stream
        self.status_code = 200
        self.background = None
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send everything."""

        async def send_chunk(data: bytes, *, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": data, "more_body": more})

        head = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **head})
        await self.stream.run(receive, send_chunk)
        await send_chunk(b"", more=False)


async def wait_gone(receive: Receive) -> None:
    """Return when the client has left; what it still sends is not read."""
    while (await receive())["type"] != "http.disconnect":
        pass


def render_line(row: object) -> bytes:
    """A row as a line of JSON."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
