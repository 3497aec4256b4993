"""Plurals: the likely singulars of a type, and words that only look like plurals."""

import pytest

from uniner.corpus.plurals import singulars_of


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("drugs", "drug"),
        ("cities", "city"),
        ("movies", "movie"),
        ("boxes", "box"),
        ("types", "type"),
        ("buses", "bus"),
        ("diseases", "disease"),
        ("analyses", "analysis"),
        ("valves", "valve"),
        ("wolves", "wolf"),
        ("knives", "knife"),
        ("heroes", "hero"),
        ("people", "person"),
        ("men", "man"),
        ("sportswomen", "sportswoman"),
        ("famous people", "famous person"),
        ("criteria", "criterion"),
        ("chemical compounds", "chemical compound"),
        ("parts of a car", None),
    ],
)
def test_the_last_word_is_made_singular(plural: str, singular: str | None) -> None:
    found = singulars_of(plural)
    assert singular in found if singular else not found


@pytest.mark.parametrize(
    "word",
    [
        *("news", "physics", "series", "species", "politics", "glasses", "damages"),
        *("glass", "class", "analysis", "virus", "person", "gas", "s", "", "women's news"),
    ],
)
def test_what_is_no_plural_has_no_singular_that_exists(word: str) -> None:
    assert not set(singulars_of(word)) & {"new", "physic", "glas", "viru", "person", "glass", ""}
    assert word == "gas" or not singulars_of(word)
