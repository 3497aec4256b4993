"""A pace is kept to the second, and a pause holds for all."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from uniner.teacher.endpoint import Prices
from uniner.teacher.pace import Bucket, Expectation, Pace


def clock(*jobs: Callable[[], Awaitable[None]]) -> list[float]:
    """When each of several jobs that start at once is done, in seconds from the start."""

    async def run() -> list[float]:
        start = time.monotonic()

        async def timed(job: Callable[[], Awaitable[None]]) -> float:
            await job()
            return time.monotonic() - start

        return await asyncio.gather(*map(timed, jobs))

    return asyncio.run(run())


def test_a_second_of_the_rate_goes_at_once_and_the_rest_evenly() -> None:
    bucket = Bucket(1200)  # 20 a second
    times = sorted(clock(*[lambda: bucket.take(1)] * 30))
    assert times[19] < 0.4
    assert times[29] >= 0.45


def test_slow_rates_let_one_through_at_a_time() -> None:
    bucket = Bucket(59)
    first, second = sorted(clock(lambda: bucket.take(1), lambda: bucket.take(1)))
    assert first < 0.5
    assert second >= 60 / 59 - 0.02


def test_more_than_a_burst_is_taken_bit_by_bit_and_delays_those_after() -> None:
    bucket = Bucket(6000)  # 100 a second
    (large,) = clock(lambda: bucket.take(140))
    assert large >= 0.35


@pytest.mark.parametrize("amount", [0.0, 1.0, 1e9])
def test_without_a_rate_nothing_waits(amount: float) -> None:
    assert max(clock(lambda: Bucket(0).take(amount))) < 1.0


def test_requests_and_tokens_are_both_limits() -> None:
    by_requests, by_tokens = Pace(1200, 1e9), Pace(1e9, 1200)
    assert max(clock(*[lambda: by_requests.ready(1)] * 26)) >= 0.25
    assert max(clock(*[lambda: by_tokens.ready(13)] * 2)) >= 0.25


def test_a_pause_holds_for_all_and_is_never_cut_short() -> None:
    pace = Pace()

    async def pause() -> None:
        pace.pause(0.4)
        pace.pause(0.1)

    async def late() -> None:
        await asyncio.sleep(0.1)
        pace.pause(0.5)  # while the others wait
        await pace.ready(1)

    paused, *times = clock(pause, *[lambda: pace.ready(1)] * 3, late)
    assert paused < 0.4
    assert all(0.6 <= moment < 2.0 for moment in times)


def test_prompts_and_replies_are_expected_to_be_as_long_as_they_were() -> None:
    expectation = Expectation()
    assert expectation.of(50) == (50, 50)
    expectation.learn(100, 120, 30)
    expectation.learn(100, 120, 50)
    assert expectation.of(50) == (60, 20)
    nothing = Expectation()
    nothing.learn(0, 0, 0)
    assert nothing.of(50) == (50, 50)


def test_prices_are_those_of_a_million() -> None:
    assert Prices(2.0, 8.0).of(1_000_000, 500_000) == 6.0
    assert Prices().of(10, 10) == 0.0
