"""A reservoir holds the same sample however its stream is ordered or divided."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from uniner.corpus.reservoir import Drawn, Reservoir, priority_of
from uniner.records import Passage

STREAMS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 99)).map(
        lambda pair: Drawn(priority_of(f"text {pair[0]}", 0), Passage(str(pair[1]), f"{pair[0]}"))
    )
)
SIZES = st.integers(1, 8)


def fill(stream: list[Drawn], size: int) -> Reservoir:
    reservoir = Reservoir(size)
    for drawn in stream:
        reservoir.offer(drawn)
    return reservoir


def merge(parts: list[Reservoir], size: int) -> Reservoir:
    merged = Reservoir(size)
    for part in parts:
        merged.take_over(part)
    return merged


@given(STREAMS, SIZES)
def test_it_holds_the_smallest_priorities_and_counts_each_text(
    stream: list[Drawn], size: int
) -> None:
    ids: dict[int, list[str]] = {}
    for drawn in stream:
        ids.setdefault(drawn.priority, []).append(drawn.passage.id)
    assert [(drawn.priority, drawn.passage.id, drawn.times) for drawn in fill(stream, size)] == [
        (priority, min(ids[priority]), len(ids[priority])) for priority in sorted(ids)[:size]
    ]


@given(STREAMS, SIZES, st.randoms(use_true_random=False))
def test_order_makes_no_difference(stream: list[Drawn], size: int, random: random.Random) -> None:
    shuffled = random.sample(stream, len(stream))
    assert list(fill(shuffled, size)) == list(fill(stream, size))


@given(STREAMS, STREAMS, STREAMS, SIZES)
def test_merging_is_filling_however_it_is_grouped(
    a: list[Drawn], b: list[Drawn], c: list[Drawn], size: int
) -> None:
    parts = [fill(part, size) for part in (a, b, c)]
    whole = list(fill(a + b + c, size))
    assert list(merge(parts, size)) == whole
    assert list(merge([merge(parts[:2], size), parts[2]], size)) == whole
    assert list(merge([parts[0], merge(parts[1:], size)], size)) == whole
    assert list(merge([parts[2], parts[1], parts[0]], size)) == whole


def test_every_text_is_as_likely_however_often_it_occurs() -> None:
    texts = [f"text {number}" for number in range(40)]
    often = [text for text in texts for _ in range(1 + 9 * text.endswith("7"))]
    drawn: Counter[str] = Counter()
    for seed in range(400):
        stream = [Drawn(priority_of(text, seed), Passage(text, text)) for text in often]
        drawn.update(each.passage.text for each in fill(stream, 10))
    # Each is drawn 100 times of 400 on average, with a standard deviation of 8.7.
    assert drawn.total() == 4000
    assert all(65 <= drawn[text] <= 135 for text in texts)


def test_a_priority_is_that_of_the_words_and_the_seed() -> None:
    assert priority_of("Ada  met\nBo.", 0) == priority_of(" ada MET bo. ", 0) < 2**64
    assert priority_of("Ada met Bo.", 0) != priority_of("Ada met Bo.", 1)
    assert priority_of("Ada met Bo.", -1) != priority_of("Ada met Bo", -1)
    assert priority_of("Ada met Bo.", 0) == 18043391509308541457
