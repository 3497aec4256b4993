"""Statistics of an annotated corpus: counted once, as the paper counts."""

import random

import pytest

from uniner.corpus.statistics import BANDS, LENGTHS, Statistics, count_annotated, count_types
from uniner.records import Annotated, Entity, Passage


def annotate(name: str, text: str, *named: tuple[int, int, str], domain: str = "") -> Annotated:
    entities = (Entity(start, end, text[start:end], kind) for start, end, kind in named)
    return Annotated(Passage(name, text, domain), tuple(entities))


TWICE = annotate(
    "1",
    "Ada met Ada and Bo.",
    *((0, 3, "scientist"), (0, 3, "person"), (8, 11, "person"), (16, 18, "person")),
    domain="news",
)
NONE = annotate("2", "It rained.", domain="news")
OSLO = annotate("3", "Oslo", (0, 4, "city"), domain="web")


def test_a_mention_counts_once_in_a_passage_with_each_of_its_types() -> None:
    statistics = count_annotated([TWICE, NONE, OSLO])
    assert (statistics.passages, statistics.pairs) == (3, 2)
    assert (statistics.mentions, statistics.typed, statistics.entities) == (4, 5, 4)
    assert statistics.entities_per_pair == 2
    assert statistics.rank_types() == [("person", 2), ("city", 1), ("scientist", 1)]
    assert count_types([TWICE, NONE, OSLO]) == statistics.types


def test_domains_and_lengths_have_their_own_counts() -> None:
    statistics = count_annotated([OSLO, TWICE, NONE])
    (first, news), (second, web) = statistics.rank_domains()
    assert (first, news.passages, news.entities, news.types) == (
        "news", 2, 3, {"person", "scientist"},
    )  # fmt: skip
    assert (second, web.passages, web.entities, web.types) == ("web", 1, 1, {"city"})


@pytest.mark.parametrize(
    ("words", "length"),
    [(0, "1-16"), (16, "1-16"), (17, "17-32"), (256, "129-256"), (257, "over 256")],
)
def test_a_passage_has_the_length_of_its_words(words: int, length: str) -> None:
    statistics = count_annotated([annotate("1", "Oslo " * words)])
    assert {name: group.passages for name, group in zip(LENGTHS, statistics.lengths, strict=True)}[
        length
    ] == 1
    assert sum(group.passages for group in statistics.lengths) == 1


def test_bands_share_out_all_types_the_most_frequent_first() -> None:
    statistics = Statistics(pairs=1)
    statistics.types.update({f"kind {rank:03}": 1000 // rank for rank in range(1, 301)})
    top, middle, rest = statistics.bands()
    assert [len(band.types) for band in (top, middle, rest)] == [3, 27, 270]
    assert top.types == ("kind 001", "kind 002", "kind 003")
    assert top.entities == 1000 + 500 + 333
    assert sum(band.entities for band in (top, middle, rest)) == statistics.entities
    assert sum(band.share for band in (top, middle, rest)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("types", "sizes"), [(0, (0, 0, 0)), (1, (1, 0, 0)), (4, (1, 0, 3)), (15, (1, 1, 13))]
)
def test_bands_of_a_few_types_start_with_one(types: int, sizes: tuple[int, ...]) -> None:
    statistics = Statistics()
    statistics.types.update(map(str, range(types)))
    assert tuple(len(band.types) for band in statistics.bands()) == sizes
    assert len(BANDS) == len(sizes)


def test_the_order_of_passages_changes_nothing() -> None:
    records = [
        annotate(str(n), "Oslo", (0, 4, f"kind {n % 7}"), domain=str(n % 3)) for n in range(30)
    ]
    shuffled = random.Random(0).sample(records, len(records))
    one, other = count_annotated(records), count_annotated(shuffled)
    assert one.bands() == other.bands()
    assert one.rank_domains() == other.rank_domains()
