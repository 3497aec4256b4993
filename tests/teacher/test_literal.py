"""Values are read in one pass, whatever they look like, and say how whole they are."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.teacher.literal import Group, Value, read_group, read_values

SCALARS = st.none() | st.booleans() | st.text(max_size=8)
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner, min_size=1, max_size=3), max_leaves=8)


@given(st.lists(TREES, min_size=2, max_size=4), st.sampled_from([json.dumps, repr, ascii]))
def test_json_and_python_are_read_alike(values: list[Value], write: object) -> None:
    assert callable(write)
    raw = write(values)
    assert read_group(raw, 0) == (values, len(raw))


@given(st.text(alphabet="[](){}\"'“”‘’,: \\xu0a1\n", max_size=60))
def test_no_text_makes_it_raise(raw: str) -> None:
    for value in read_values(raw):
        assert isinstance(value, list | tuple | Group)


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        ("[1, -2.5, 1e9, 1,200, 1994]", ["1", "-2.5", "1e9", "1,200", "1994"]),
        ("[None, null, True, false]", [None, None, True, False]),
        (r"['\x41\u00e9\U0001f600', '\\', '\q\/']", ["Aé😀", "\\", "\\q/"]),
        (r"['\ud83d\ude00', '\U00110000']", ["😀", r"\U00110000"]),
        ('[\'it\'s\', "so "called" one", “a “b” c”]', ["it's", 'so "called" one', "a “b” c"]),
        ("[('a',), []]", [("a",), []]),
    ],
)
def test_scalars_and_strings_are_read_as_meant(raw: str, values: list[Value]) -> None:
    assert read_group(raw, 0) == (values, len(raw))


@pytest.mark.parametrize(
    ("raw", "values", "junk", "whole"),
    [
        ("[oops, 'a']", [], 1, True),
        ("['a', ... ]", ["a"], 1, True),
        ("['a', 'b'", ["a", "b"], 0, False),
        ("['a', 'b", ["a"], 0, False),
        ("['a', oops", ["a"], 0, False),
        ("['a')]", ["a"], 1, True),
        ("['a': 'b']", ["a", "b"], 1, True),
    ],
)
def test_what_is_broken_or_cut_says_so(
    raw: str, values: list[Value], junk: int, whole: bool
) -> None:
    group, _ = read_group(raw, 0)
    assert isinstance(group, Group)
    assert (group.values, group.junk, group.whole) == (values, junk, whole)


@pytest.mark.parametrize(
    "raw", ['{"a": 1, "b": [2], "a": null}', "{'a': 1, 'b': ['2'], 'a': None,}"]
)
def test_an_object_keeps_every_key_in_order(raw: str) -> None:
    (group,) = read_values(raw)
    assert isinstance(group, Group)
    assert group.pairs == [("a", "1"), ("b", ["2"]), ("a", None)]


def test_a_key_without_a_value_takes_no_other_ones() -> None:
    group, _ = read_group('{"a": , "b": "c", "d": }', 0)
    assert isinstance(group, Group)
    assert [pair for pair in group.pairs if pair[0] == "b"] == [("b", "c")]


@pytest.mark.parametrize(
    "raw", ["none", "(see above)", "[1] and [2]", "f(x)", '("Ada" says)', "['Ada']", "{x: 'y'}"]
)
def test_chatter_opens_nothing(raw: str) -> None:
    assert read_values(raw) == []
