"""One model at the service of many requests, and what is under way."""

import asyncio
from collections.abc import Sequence
from typing import Any

from uniner.serving.batching import Batcher, QueueFullError
from uniner.serving.failures import RefusalError
from uniner.serving.limits import Limits, Pace
from uniner.serving.metrics import Metrics
from uniner.serving.plan import Plan
from uniner.students.extractor import Extractor, Scored


class Service:
    """Answers texts; knows how many requests are under way and whether it is to stop."""

    def __init__(
        self,
        extractor: Extractor,
        limits: Limits | None = None,
        pace: Pace | None = None,
        key: str | None = None,
    ) -> None:
        """Serve an extractor; `key` is what clients must know, None where nothing is asked."""
        self.limits = limits or Limits()
        self.key = None if key is None else key.encode("ascii")
        self.metrics = Metrics()
        self.batcher = Batcher(extractor, pace or Pace(), self.metrics)
        self.stopping, self.idle = asyncio.Event(), asyncio.Event()
        self.idle.set()
        self._active = 0
        self.metrics.watch("requests_active", "Requests under way.", lambda: self._active)

    @property
    def name(self) -> str:
        """What the model is called."""
        return self.batcher.extractor.name

    @property
    def threshold(self) -> float | None:
        """The lowest score that the model keeps by itself; None where it scores nothing."""
        extractor = self.batcher.extractor
        return extractor.threshold if isinstance(extractor, Scored) else None

    @property
    def is_full(self) -> bool:
        """Whether so many requests are under way that no further one is taken."""
        return self._active >= self.limits.requests

    def enter(self) -> None:
        """Count a request that begins."""
        self._active += 1
        self.idle.clear()

    def leave(self) -> None:
        """Count a request that is over."""
        self._active -= 1
        if self._active == 0:
            self.idle.set()

    async def answer(
        self, plan: Plan, texts: Sequence[str], *, patient: bool = False
    ) -> list[dict[str, Any]]:
        """One result row a text, in order; RefusalError where the queue is full, unless patient."""
        try:
            found = await self.batcher.ask(plan.calls, texts, patient=patient)
        except QueueFullError as full:
            raise RefusalError(
                429,
                f"too many texts wait already; come again in {full.seconds} s",
                "queue",
                {"Retry-After": str(full.seconds)},
            ) from None
        rows = [plan.join(predictions) for predictions in found]
        for row, predictions in zip(rows, found, strict=True):
            self.metrics.count_answer(len(row["entities"]), predictions)
        return rows
