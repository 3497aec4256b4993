"""Type names are made alike by a table that is proposed, edited and applied as a view."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.corpus.naming import (
    Renaming,
    list_origins,
    propose_renamings,
    read_table,
    rename,
    shorten,
    write_table,
)
from uniner.corpus.taxonomy import Definition
from uniner.records import Annotated, Entity, InputError, Passage

DEFINITIONS = [
    Definition("city", "a large settlement", ("municipality", "urban settlement")),
    Definition("town", "a small settlement", ("municipality",)),
    Definition("film", "a moving picture", ("movie", "motion picture")),
]


def propose(counts: dict[str, int]) -> dict[str, tuple[str, str]]:
    return {row.type: (row.name, row.why) for row in propose_renamings(counts, DEFINITIONS)}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"FAC": 2, "fac": 1, "person": 9}, {"fac": ("FAC", "case")}),
        ({"b  c": 1, "B c": 1}, {"b  c": ("B c", "case")}),
        ({"cities": 9, "city": 1}, {"cities": ("city", "plural")}),
        ({"cities": 9, "news": 2, "new": 1}, {}),
        ({"movie": 5, "film": 3}, {"film": ("movie", "alias")}),
        ({"movie": 3, "film": 3}, {"movie": ("film", "alias")}),
        ({"movie": 3, "motion picture": 2}, {}),
        ({"movies": 4, "movie": 1, "film": 3},
         {"movies": ("movie", "plural"), "film": ("movie", "alias")}),
        ({"movies": 4, "movie": 1, "film": 6},
         {"movies": ("film", "plural"), "movie": ("film", "alias")}),
        ({"Films": 1, "films": 2, "film": 1},
         {"Films": ("film", "case"), "films": ("film", "plural")}),
        ({"films": 2, "FILM": 1}, {"films": ("FILM", "plural")}),
        ({"municipality": 2, "city": 9, "town": 5}, {"municipality": ("city", "alias")}),
        ({"municipality": 7, "city": 9, "town": 5},
         {"municipality": ("city", "alias"), "town": ("city", "alias")}),
    ],
)  # fmt: skip
def test_spellings_plurals_and_aliases_are_proposed_with_final_names(
    counts: dict[str, int], expected: dict[str, tuple[str, str]]
) -> None:
    assert propose(counts) == expected


NAMES = st.sampled_from(
    [
        *("city", "City", "cities", "CITIES", "municipality", "municipalities", "town", "towns"),
        *("urban settlements", "film", "films", "movie", "Movies", "motion picture"),
        *("people", "person"),
    ]
)


@given(st.dictionaries(NAMES, st.integers(1, 5)))
def test_a_proposal_is_a_table_without_circles_or_chains(counts: dict[str, int]) -> None:
    rows = propose_renamings(counts, DEFINITIONS)
    table = {row.type: row.name for row in rows}
    assert len(table) == len(rows)
    assert not set(table) & set(table.values())
    assert set(table) | set(table.values()) <= set(counts)
    assert all(row.count == counts[row.type] for row in rows)


def test_a_table_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "types.jsonl"
    write_table(path, [Renaming("cités", "cité", "plural", 12), Renaming("a", "b", "alias", 1)])
    assert read_table(path) == {"cités": "cité", "a": "b"}
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert json.loads(first) == {"type": "cités", "as": "cité", "why": "plural", "count": 12}
    assert "é" in first


def lines(folder: Path, *rows: object) -> Path:
    path = folder / "types.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_chains_that_people_write_lead_to_one_name(tmp_path: Path) -> None:
    rows = [{"type": a, "as": b} for a, b in ("bc", "ab", "xc")]
    assert read_table(lines(tmp_path, *rows)) == {"a": "c", "b": "c", "x": "c"}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"type": "a"}], ":1: field 'as' must be a string, not None"),
        ([{"type": 1, "as": "b"}], ":1: field 'type' must be a string, not 1"),
        ([{"type": "a", "as": " "}], ":1: an entity type is empty"),
        ([{"type": "a", "to": "b"}], ":1: unknown key 'to'; a renaming has type, as, why, count"),
        ([{"type": "a", "as": "a"}], ":1: 'a' → 'a' is a circle"),
        ([{"type": "a", "as": "b"}, {"type": "a", "as": "c"}],
         ":2: type 'a' is already renamed, to 'b'"),
        ([{"type": "a", "as": "b"}, {"type": "x", "as": "y"}, {"type": "b", "as": "a"}],
         ":3: 'b' → 'a' → 'b' is a circle"),
        ([{"type": a, "as": b} for a, b in ("ab", "ca", "bc")],
         ":3: 'b' → 'c' → 'a' → 'b' is a circle"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_followed_is_refused_by_line(
    tmp_path: Path, rows: list[object], expected: str
) -> None:
    path = lines(tmp_path, *rows)
    with pytest.raises(InputError) as caught:
        read_table(path)
    assert f"{path}{expected}" in str(caught.value)


def annotate(*named: tuple[int, str]) -> Annotated:
    text = "Rome Oslo"
    entities = (Entity(at, at + 4, text[at : at + 4], kind) for at, kind in named)
    return Annotated(Passage("1", text), tuple(entities))


def test_renaming_keeps_ladders_and_merges_what_becomes_equal() -> None:
    given = annotate((0, "capital"), (0, "cities"), (0, "city"), (0, "place"), (5, "cities"))
    renamed = rename(given, {"cities": "city", "town": "city"})
    assert renamed == annotate((0, "capital"), (0, "city"), (0, "place"), (5, "city"))
    assert rename(given, {"town": "city"}) is given
    assert rename(given, {"cities": "place"}) == annotate(
        (0, "capital"), (0, "place"), (0, "city"), (5, "place")
    )


def test_the_table_says_what_each_name_was() -> None:
    table = {"cities": "city", "movie": "film", "town": "city"}
    assert list_origins(table) == {"city": ("cities", "town"), "film": ("movie",)}


def test_definitions_are_shortened_to_be_shown() -> None:
    assert shorten("person") == "person"
    assert shorten("a" * 32) == "a" * 32
    assert (
        shorten("a kind of thing that is described at length") == "a kind of thing that is describ…"
    )
    assert len(shorten("x" * 99, 10)) == 10
