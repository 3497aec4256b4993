"""Many things at once, in order, in constant memory, and ended cleanly."""

import asyncio
from collections.abc import Iterator

import pytest

from uniner.construction.ordered import AHEAD, MANY, iterate, map_ordered

ITEMS = 400
WORKERS = 5


class Counting:
    """Doubles numbers, the later ones sooner, and notes how many are under way."""

    def __init__(self) -> None:
        self.now = self.most = self.started = self.finished = self.closed = 0

    async def double(self, number: int) -> int:
        self.now, self.started = self.now + 1, self.started + 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(0.0005 * (7 - number % 7))
            if number == 150:
                raise ValueError("150")
            self.finished += 1
            return 2 * number
        finally:
            self.now -= 1

    async def finish(self) -> None:
        self.closed += 1


def test_results_come_in_order_and_no_more_than_the_workers_are_under_way() -> None:
    work = Counting()
    results = iterate(map_ordered(work.double, range(100), WORKERS), work.finish)
    assert list(results) == [2 * number for number in range(100)]
    assert work.most == WORKERS
    assert work.closed == 1


def test_items_are_taken_only_as_they_are_needed() -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        while taken < ITEMS:
            taken += 1
            yield taken

    work = Counting()
    results = iterate(map_ordered(work.double, items(), WORKERS), work.finish)
    assert next(results) == 2
    assert taken <= MANY + AHEAD * WORKERS + 1
    results.close()  # type: ignore[attr-defined]
    assert (work.now, work.closed) == (0, 1)


def test_an_exception_comes_out_and_what_was_under_way_is_cancelled() -> None:
    work = Counting()
    results = iterate(map_ordered(work.double, range(ITEMS), WORKERS), work.finish)
    got: list[int] = []
    with pytest.raises(ValueError, match="150"):
        got.extend(results)
    assert got == [2 * number for number in range(len(got))]
    assert len(got) <= 150
    assert (work.now, work.closed) == (0, 1)
    assert work.finished < ITEMS - 1
