"""Texts of many requests, gathered into few calls of one extractor in one worker thread."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from math import ceil, inf
from typing import NamedTuple, TypeAlias

from uniner.records import Prediction, UninerError
from uniner.serving.limits import Pace
from uniner.serving.metrics import Metrics
from uniner.students.extractor import Extractor

Outcome: TypeAlias = Prediction | Exception
"""An error is a value here: one text's must not be another's."""


class Key(NamedTuple):
    """What texts must have in common to go into one call."""

    types: tuple[str, ...]
    threshold: float | None
    nested: bool


class QueueFullError(Exception):
    """There is no room for more texts; in so many seconds there may be."""

    def __init__(self, seconds: int) -> None:
        """Say when to come again."""
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(slots=True, eq=False)
class Waiting:
    """A text that waits for its turn since a moment of the monotonic clock."""

    text: str
    answer: asyncio.Future[Outcome]
    since: float


class Batcher:
    """Answers texts in the order of their coming within a key, and keys in turn.

    While the extractor works, texts gather; while it rests, one waits a moment for others.
    """

    def __init__(self, extractor: Extractor, pace: Pace, metrics: Metrics) -> None:
        """Wrap an extractor; nothing is answered before `running`."""
        self.extractor = extractor
        self.pace = pace
        self.metrics = metrics
        self._queues: dict[Key, deque[Waiting]] = {}
        self._texts = self._characters = 0
        self._text_seconds = 0.02
        self._arrived, self._freed = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        metrics.watch("queue_texts", "Texts that wait for a call.", lambda: self._texts)

    @property
    def is_alive(self) -> bool:
        """Whether texts are being answered."""
        return self._task is not None and not self._task.done()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer texts as long as the block lasts."""
        with ThreadPoolExecutor(1, thread_name_prefix="extract") as thread:
            self._task = asyncio.create_task(self._run(thread))
            try:
                yield
            finally:
                self._task.cancel()
                with suppress(asyncio.CancelledError):
                    await self._task

    async def ask(
        self, keys: Sequence[Key], texts: Sequence[str], *, patient: bool = False
    ) -> list[list[Prediction]]:
        """What each call finds in each text: a list a text, with a prediction a key.

        QueueFullError where there is no room, unless it is `patient` and waits for some. When it is
        cancelled, or one text fails, what is still queued is taken back.
        """
        need = len(keys) * len(texts), len(keys) * sum(map(len, texts))
        while not self._has_room(*need):
            if not patient:
                raise QueueFullError(min(max(ceil(self._texts * self._text_seconds), 1), 60))
            self._freed.clear()
            await self._freed.wait()
        loop, now = asyncio.get_running_loop(), time.monotonic()
        rows = [[Waiting(t, loop.create_future(), now) for _ in keys] for t in texts]
        for column, key in enumerate(keys):
            self._queues.setdefault(key, deque()).extend(row[column] for row in rows)
        self._texts += need[0]
        self._characters += need[1]
        self._arrived.set()
        try:
            return [[unwrap(await waiting.answer) for waiting in row] for row in rows]
        finally:
            for column, key in enumerate(keys):
                self._withdraw(key, [row[column] for row in rows])

    def _has_room(self, texts: int, characters: int) -> bool:
        """Whether so much fits; into an empty queue everything does."""
        return not self._texts or (
            self._texts + texts <= self.pace.queue_texts
            and self._characters + characters <= self.pace.queue_characters
        )

    def _withdraw(self, key: Key, rows: Sequence[Waiting]) -> None:
        """Take back those that are still queued; the answers of others are not waited for."""
        for waiting in rows:
            waiting.answer.cancel()
        left = {id(waiting) for waiting in rows if waiting.answer.cancelled()}
        queue = self._queues.get(key)
        if not left or queue is None:
            return
        kept = deque(waiting for waiting in queue if id(waiting) not in left)
        gone = [waiting for waiting in queue if id(waiting) in left]
        if kept:
            self._queues[key] = kept
        else:
            del self._queues[key]
        self._forget(gone)
        self.metrics.count_withdrawn(len(gone))

    def _forget(self, gone: Sequence[Waiting]) -> None:
        """Reckon with these as queued no more."""
        self._texts -= len(gone)
        self._characters -= sum(len(waiting.text) for waiting in gone)
        self._freed.set()

    async def _run(self, thread: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        while True:
            key = await self._choose()
            batch = self._take(key)
            started = time.monotonic()
            texts = [waiting.text for waiting in batch]
            outcomes = await loop.run_in_executor(thread, self._extract, key, texts)
            seconds = time.monotonic() - started
            self._text_seconds += 0.1 * (seconds / len(batch) - self._text_seconds)
            self.metrics.count_batch(len(batch), seconds)
            for waiting, outcome in zip(batch, outcomes, strict=True):
                if not waiting.answer.done():
                    waiting.answer.set_result(outcome)

    async def _choose(self) -> Key:
        """The key whose turn it is, once any has enough texts or has waited long enough."""
        while True:
            now, soonest = time.monotonic(), inf
            for queue in self._queues.values():
                due = queue[0].since + self.pace.wait
                if due <= now or len(queue) >= self.pace.batch_texts:
                    return next(iter(self._queues))
                soonest = min(soonest, due)
            self._arrived.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(soonest - now if soonest < inf else None):
                    await self._arrived.wait()

    def _take(self, key: Key) -> list[Waiting]:
        """The key's next texts, at least one; its others wait until all keys had their turn."""
        queue = self._queues.pop(key)
        batch = [queue.popleft()]
        room = self.pace.batch_characters - len(batch[0].text)
        while queue and len(batch) < self.pace.batch_texts and len(queue[0].text) <= room:
            room -= len(queue[0].text)
            batch.append(queue.popleft())
        if queue:
            self._queues[key] = queue
        self._forget(batch)
        return batch

    def _extract(self, key: Key, texts: Sequence[str]) -> Sequence[Outcome]:
        """One outcome a text; where a call breaks, each text has one of its own."""
        try:
            return self.extractor.extract(texts, key.types, key.threshold, nested=key.nested)
        except UninerError as error:  # of the types or of the model: no text is to blame
            return [error] * len(texts)
        except Exception as error:
            if len(texts) == 1:
                return [error]
            return [outcome for text in texts for outcome in self._extract(key, [text])]


def unwrap(outcome: Outcome) -> Prediction:
    """The prediction, or the error raised."""
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
