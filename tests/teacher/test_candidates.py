"""Phrases worth a second look: capitalised ones, and mentions known from elsewhere."""

import pytest

from uniner.records import Annotated, ConfigError, Entity, Passage
from uniner.teacher.candidates import find_capitalised, learn_gazetteer


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("The Bank of England and Ada met.", ["The Bank of England and Ada"]),
        ("Yesterday she saw New York, not York.", ["New York", "York"]),
        ("Nobody came. Later Émile Zola left.", ["Later Émile Zola"]),
        ("it was of the kind", []),
        ("He reads Nature of", ["Nature"]),
        ("a man of the Old Town", ["Old Town"]),
        ("", []),
    ],
)
def test_runs_of_capitalised_words_are_found_with_the_small_words_between_them(
    text: str, phrases: list[str]
) -> None:
    assert find_capitalised(text) == phrases


def note(id: str, *mentions: str) -> Annotated:
    text = " ".join(mentions)
    places = [(text.index(m), m) for m in mentions]
    return Annotated(Passage(id, text), tuple(Entity(at, at + len(m), m, "x") for at, m in places))


def test_mentions_of_two_passages_or_more_are_looked_for_the_longest_first() -> None:
    records = [note("1", "Old Town", "beer"), note("2", "old town", "Town"), note("3", "Town")]
    gazetteer = learn_gazetteer(records)
    assert gazetteer("The OLD TOWN, a town; beer in the Old Town.") == [
        "OLD TOWN",
        "town",
        "Old Town",
    ]


def test_a_gazetteer_of_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="2 passages or more"):
        learn_gazetteer([note("1", "beer")])
