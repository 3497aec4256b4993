"""A taxonomy relates types: up, down and sideways."""

import pytest

from uniner.corpus.taxonomy import Taxonomy, definition_from_json, parse_hierarchy
from uniner.records import RecordError

HIERARCHY = """
# people
person, location
singer, painter > artist
Opera  Singer, tenor > singer
artist > person
fictional singer > singer, character
"""
ROWS = [
    {"type": "singer", "definition": "one who sings", "aliases": ["vocalist"]},
    {"type": "song artist", "definition": "one who records songs", "aliases": ["Vocalist"]},
    {"type": "Person", "definition": "a human being", "aliases": []},
]


def taxonomy() -> Taxonomy:
    known = [definition_from_json(row) for row in ROWS]
    return Taxonomy(parse_hierarchy(HIERARCHY.splitlines()), {row.type: row for row in known})


@pytest.mark.parametrize(
    ("name", "ancestors"),
    [
        ("opera singer", ("singer", "artist", "person")),
        ("OPERA singer", ("singer", "artist", "person")),
        ("fictional singer", ("singer", "character", "artist", "person")),
        ("person", ()),
        ("volcano", ()),
    ],
)
def test_ancestors_come_nearest_first(name: str, ancestors: tuple[str, ...]) -> None:
    assert taxonomy().ancestors(name) == ancestors


def test_descendants_are_the_ancestors_read_backwards() -> None:
    known = taxonomy()
    assert known.descendants("artist") == (
        "singer", "painter", "opera singer", "tenor", "fictional singer",
    )  # fmt: skip
    for name in known.parents:
        assert all(name in known.descendants(up) for up in known.ancestors(name))


def test_aliases_hold_in_both_directions() -> None:
    known = taxonomy()
    assert known.aliases("singer") == ("vocalist",)
    assert known.aliases("vocalist") == ("singer", "song artist")
    assert known.aliases("tenor") == ()


def test_what_may_also_be_true_is_related() -> None:
    assert taxonomy().related("Singer") == {
        "vocalist", "artist", "person", "opera singer", "tenor", "fictional singer",
    }  # fmt: skip


def test_closing_a_ladder_keeps_it_and_adds_what_is_missing() -> None:
    known = taxonomy()
    assert known.close(["tenor", "person"]) == ("tenor", "person", "singer", "artist")
    assert known.close(["volcano"]) == ("volcano",)
    assert known.close(known.close(["tenor"])) == known.close(["tenor"])


def test_definitions_are_known_by_any_spelling() -> None:
    assert taxonomy().definition("PERSON") == "a human being"
    assert taxonomy().definition("volcano") is None


@pytest.mark.parametrize("lines", ["a > a", "a > b\nb > c\nc > a"])
def test_a_cycle_is_refused(lines: str) -> None:
    with pytest.raises(RecordError, match="its own ancestor"):
        Taxonomy(parse_hierarchy(lines.splitlines()), {})


@pytest.mark.parametrize("line", ["a > b > c", "> b", "a >"])
def test_a_hierarchy_line_of_another_form_is_refused_by_number(line: str) -> None:
    with pytest.raises(RecordError, match="line 2"):
        parse_hierarchy(["# first", line])


@pytest.mark.parametrize(
    "row",
    [
        {"type": "a"},
        {"type": 1, "definition": "b"},
        {"type": "a", "definition": "b", "aliases": "c"},
    ],
)
def test_a_definition_of_another_form_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(RecordError):
        definition_from_json(row)
