"""How fast a teacher may be asked, and how long its replies are."""

import asyncio
from dataclasses import dataclass
from typing import NamedTuple

from aiolimiter import AsyncLimiter

SECONDS = 60.0


class Bucket:
    """At most `rate` units a minute, with a burst of a second's worth; 0 is no limit."""

    def __init__(self, rate: float) -> None:
        self._limiter: AsyncLimiter | None = None
        if rate:
            period = max(1.0, SECONDS / rate)
            self._limiter = AsyncLimiter(rate * period / SECONDS, period)

    async def take(self, amount: float) -> None:
        """Wait until so many units are free; more than a burst is taken bit by bit."""
        while self._limiter is not None and amount > 0:
            bit = min(amount, self._limiter.max_rate)
            await self._limiter.acquire(bit)
            amount -= bit


class Pace:
    """Requests and tokens a minute, and a pause that a server has asked for, for all alike."""

    def __init__(self, requests_per_minute: float = 0, tokens_per_minute: float = 0) -> None:
        self._requests, self._tokens = Bucket(requests_per_minute), Bucket(tokens_per_minute)
        self._paused_until = 0.0

    async def ready(self, tokens: float) -> None:
        """Wait until a request of so many tokens may be sent."""
        await self._requests.take(1)
        await self._tokens.take(tokens)
        clock = asyncio.get_running_loop().time
        while (rest := self._paused_until - clock()) > 0:
            await asyncio.sleep(rest)

    def pause(self, seconds: float) -> None:
        """Send nothing for so long."""
        until = asyncio.get_running_loop().time() + seconds
        self._paused_until = max(self._paused_until, until)


class Tokens(NamedTuple):
    """Tokens asked and answered, as a server counts them."""

    asked: float
    answered: float


@dataclass(slots=True)
class Expectation:
    """What a prompt of so many tokens, by our own count, will have by the server's.

    Before anything has come, a reply is as long as its prompt.
    """

    counted: int = 0
    asked: int = 0
    answered: int = 0

    def of(self, counted: float) -> Tokens:
        """The tokens of a prompt and of its reply."""
        if not self.counted:
            return Tokens(counted, counted)
        return Tokens(counted * self.asked / self.counted, counted * self.answered / self.counted)

    def learn(self, counted: int, asked: int, answered: int) -> None:
        """Take a prompt and its reply into account."""
        self.counted += counted
        self.asked += asked
        self.answered += answered
