"""Many things awaited at a time, their results in the order of what was asked."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 8
"""How many times `workers` results may wait for an earlier one."""

MANY, SECONDS = 64, 0.2
"""So many results are handed on at a time, or those of so long."""


async def map_ordered(
    function: Callable[[Item], Awaitable[Result]], items: Iterable[Item], workers: int
) -> AsyncGenerator[Result, None]:
    """The results for `items` in their order, at most `workers` under way at once.

    Items are taken as they are needed, so any number of them goes through in constant memory.
    Where one raises, so does this at once, and those under way are cancelled.
    """
    gate = asyncio.Semaphore(workers)
    waiting: deque[asyncio.Task[Result]] = deque()
    failed: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    async def work(item: Item) -> Result:
        async with gate:
            try:
                return await function(item)
            except Exception as error:
                if not failed.done():
                    failed.set_result(error)
                raise

    async def take() -> Result:
        await asyncio.wait((waiting[0], failed), return_when=asyncio.FIRST_COMPLETED)
        if failed.done():
            raise failed.result()
        return waiting.popleft().result()

    try:
        for item in items:
            waiting.append(asyncio.ensure_future(work(item)))
            while waiting and (len(waiting) >= AHEAD * workers or waiting[0].done()):
                yield await take()
        while waiting:
            yield await take()
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


def iterate(
    results: AsyncGenerator[Result, None], finish: Callable[[], Coroutine[None, None, None]]
) -> Iterator[Result]:
    """Asynchronous results in order, for code that is not asynchronous; `finish` at the end."""
    with asyncio.Runner() as runner:
        try:
            # Entering and leaving the event loop is slow, so several results come at a time.
            while batch := runner.run(take_some(results)):
                yield from batch
        finally:
            runner.run(close(results))
            runner.run(finish())


async def take_some(results: AsyncGenerator[Result, None]) -> list[Result]:
    """The next results, as many as come within SECONDS; none where there are no more."""
    clock = asyncio.get_running_loop().time
    end = clock() + SECONDS
    batch: list[Result] = []
    async for result in results:
        batch.append(result)
        if len(batch) >= MANY or clock() >= end:
            break
    return batch


async def close(results: AsyncGenerator[Result, None]) -> None:
    """End a generator, as a coroutine."""
    await results.aclose()
