"""Texts share calls, keys take turns, and what nobody waits for any more is not extracted."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest

from toy_api import ToyExtractor
from uniner.records import RecordError
from uniner.serving.batching import Batcher, Key, QueueFullError
from uniner.serving.limits import Pace
from uniner.serving.metrics import Metrics

PERSON = Key(("person",), None, False)
CITY = Key(("city",), None, False)


def run(
    scenario: Callable[[Batcher], Awaitable[None]],
    extractor: ToyExtractor,
    pace: Pace | None = None,
) -> Metrics:
    """Play a scenario with a batcher that runs, and return what was counted."""
    metrics = Metrics()

    async def play() -> None:
        batcher = Batcher(extractor, pace or Pace(), metrics)
        async with asyncio.timeout(20), batcher.running():
            try:
                await scenario(batcher)
            finally:
                extractor.open.set()

    asyncio.run(play())
    return metrics


@contextmanager
def held(extractor: ToyExtractor) -> Iterator[None]:
    """The extractor stops at its next call until the block ends."""
    extractor.open.clear()
    yield
    extractor.open.set()


async def begin(extractor: ToyExtractor) -> None:
    """Wait until a call has begun."""
    await asyncio.to_thread(extractor.begun.acquire)


async def settle() -> None:
    """Let everything that can go on go on."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_requests_that_come_together_share_one_call_and_get_their_own_answers() -> None:
    extractor = ToyExtractor()

    async def scenario(batcher: Batcher) -> None:
        asks = [batcher.ask([PERSON], [f"{n} person", "x"]) for n in range(5)]
        answers = await asyncio.gather(*asks)
        for number, rows in enumerate(answers):
            assert [row[0].passage.text for row in rows] == [f"{number} person", "x"]
            assert [len(row[0].entities) for row in rows] == [1, 0]

    metrics = run(scenario, extractor, Pace(wait=0.05))
    assert extractor.sizes == [10]
    assert metrics.registry.get_sample_value("uniner_batch_texts_sum") == 10


def test_a_full_batch_does_not_wait() -> None:
    extractor = ToyExtractor()

    async def scenario(batcher: Batcher) -> None:
        await batcher.ask([PERSON], ["a", "b", "c", "d"])

    run(scenario, extractor, Pace(batch_texts=2, wait=10))
    assert extractor.sizes == [2, 2]


def test_texts_of_other_types_are_not_mixed_in() -> None:
    extractor = ToyExtractor()

    async def scenario(batcher: Batcher) -> None:
        await asyncio.gather(batcher.ask([PERSON], ["a"]), batcher.ask([CITY], ["b"]))

    run(scenario, extractor)
    assert sorted(extractor.calls) == [(("a",), ("person",)), (("b",), ("city",))]


def test_a_key_with_many_texts_does_not_keep_another_waiting() -> None:
    extractor = ToyExtractor()

    async def scenario(batcher: Batcher) -> None:
        with held(extractor):
            first = asyncio.create_task(batcher.ask([PERSON], ["first"]))
            await begin(extractor)
            many = asyncio.create_task(batcher.ask([PERSON], [f"p{n}" for n in range(20)]))
            await settle()
            few = asyncio.create_task(batcher.ask([CITY], ["c"]))
            await settle()
        await asyncio.gather(first, many, few)

    run(scenario, extractor, Pace(batch_texts=4))
    assert [types[0] for _, types in extractor.calls].index("city") == 2
    assert extractor.sizes == [1, 4, 1, 4, 4, 4, 4]


def test_a_batch_is_bounded_in_characters_but_takes_one_text_of_any_length() -> None:
    extractor = ToyExtractor()

    async def scenario(batcher: Batcher) -> None:
        await batcher.ask([PERSON], ["x" * 30, "y" * 5, "z" * 5, "w"])

    run(scenario, extractor, Pace(batch_characters=10))
    assert [texts[0][0] for texts, _ in extractor.calls] == ["x", "y", "w"]
    assert extractor.sizes == [1, 2, 1]


def test_several_calls_for_a_text_come_back_together() -> None:
    async def scenario(batcher: Batcher) -> None:
        rows = await batcher.ask([PERSON, CITY], ["a person", "a city"])
        found = [[[e.type for e in prediction.entities] for prediction in row] for row in rows]
        assert found == [[["person"], []], [[], ["city"]]]

    run(scenario, ToyExtractor())


def test_a_queue_without_room_says_when_to_come_again_and_takes_more_later() -> None:
    extractor = ToyExtractor()

    async def scenario(batcher: Batcher) -> None:
        with held(extractor):
            first = asyncio.create_task(batcher.ask([PERSON], ["first"]))
            await begin(extractor)
            waiting = asyncio.create_task(batcher.ask([PERSON], ["a", "b", "c"]))
            await settle()
            with pytest.raises(QueueFullError) as full:
                await batcher.ask([CITY], ["d", "e"])
            assert 1 <= full.value.seconds <= 60
            patient = asyncio.create_task(batcher.ask([CITY], ["d", "e"], patient=True))
            await settle()
            assert not patient.done()
        await asyncio.gather(first, waiting, patient)
        assert await batcher.ask([CITY], ["f"])

    run(scenario, extractor, Pace(queue_texts=4))
    assert sum(extractor.sizes) == 7


def test_characters_are_bounded_in_the_queue_too() -> None:
    extractor = ToyExtractor()

    async def scenario(batcher: Batcher) -> None:
        with held(extractor):
            first = asyncio.create_task(batcher.ask([PERSON], ["first"]))
            await begin(extractor)
            second = asyncio.create_task(batcher.ask([PERSON], ["x" * 100]))
            await settle()
            with pytest.raises(QueueFullError):
                await batcher.ask([PERSON], ["y"])
        await asyncio.gather(first, second)

    run(scenario, extractor, Pace(queue_characters=50))
    assert sum(extractor.sizes) == 2


def test_what_is_cancelled_leaves_the_queue() -> None:
    extractor = ToyExtractor()

    async def scenario(batcher: Batcher) -> None:
        with held(extractor):
            first = asyncio.create_task(batcher.ask([PERSON], ["first"]))
            await begin(extractor)
            gone = asyncio.create_task(batcher.ask([PERSON, CITY], ["gone", "too"]))
            stays = asyncio.create_task(batcher.ask([PERSON], ["stays"]))
            await settle()
            assert batcher.metrics.registry.get_sample_value("uniner_queue_texts") == 5
            gone.cancel()
            await settle()
            assert batcher.metrics.registry.get_sample_value("uniner_queue_texts") == 1
        await asyncio.gather(first, stays)

    metrics = run(scenario, extractor)
    assert [texts for texts, _ in extractor.calls] == [("first",), ("stays",)]
    assert metrics.registry.get_sample_value("uniner_withdrawn_texts_total") == 4


def test_a_text_that_breaks_the_extractor_fails_alone() -> None:
    async def scenario(batcher: Batcher) -> None:
        good, bad, also_good = await asyncio.gather(
            batcher.ask([PERSON], ["a person"]),
            batcher.ask([PERSON], ["x", "BROKEN", "y"]),
            batcher.ask([PERSON], ["b"]),
            return_exceptions=True,
        )
        assert isinstance(bad, ZeroDivisionError)
        assert isinstance(good, list)
        assert len(good[0][0].entities) == 1
        assert isinstance(also_good, list)

    run(scenario, ToyExtractor(), Pace(wait=0.05))


def test_types_that_the_extractor_refuses_are_an_error_of_those_who_ask_for_them() -> None:
    extractor = ToyExtractor()

    async def scenario(batcher: Batcher) -> None:
        with pytest.raises(RecordError):
            await batcher.ask([Key((" ",), None, False)], ["a", "b"])
        assert await batcher.ask([PERSON], ["a"])

    run(scenario, extractor)
    assert extractor.sizes == [1]


def test_the_loop_goes_on_while_the_extractor_works() -> None:
    extractor = ToyExtractor()

    async def scenario(batcher: Batcher) -> None:
        with held(extractor):
            asked = asyncio.create_task(batcher.ask([PERSON], ["a"]))
            await begin(extractor)
            assert not asked.done()
            assert batcher.is_alive
        assert len(await asked) == 1

    run(scenario, extractor)
    assert not [t for t in threading.enumerate() if t.name.startswith("extract")]
