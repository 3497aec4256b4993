"""The split of an id is fixed for ever."""

from collections import Counter

import pytest

from uniner.corpus.split import Split, split_of


@pytest.mark.parametrize(
    ("id", "split"),
    [("a-0001", "test"), ("a-0002", "train"), ("m-0485", "train"), ("é", "dev"), ("", "test")],
)
def test_known_ids_stay_where_they_are(id: str, split: Split) -> None:
    assert split_of(id) == split


def test_eight_in_ten_are_for_training() -> None:
    shares = Counter(split_of(f"passage {n}") for n in range(5000))
    assert {name: round(count / 500) for name, count in shares.items()} == {
        "train": 8,
        "dev": 1,
        "test": 1,
    }
