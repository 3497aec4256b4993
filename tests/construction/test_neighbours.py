"""Neighbours of types: the nearest by cosine, without kin, block by block as all at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.construction import neighbours
from uniner.construction.neighbours import find_neighbours, rank_neighbours


def test_neighbours_are_ranked_by_direction_whatever_their_length() -> None:
    names = ["east", "far east", "north", "north-east", "west"]
    vectors = np.array([[1, 0], [9, 1], [0, 1], [1, 1], [-1, 0]], np.float32)
    found = rank_neighbours(names, vectors, {"east": frozenset({"far east", "elsewhere"})}, 2)
    assert found["east"] == ("north-east", "north")
    assert found["far east"] == ("east", "north-east")
    assert found["west"] == ("north", "north-east")


def test_kin_may_leave_fewer_neighbours_or_none() -> None:
    vectors = np.eye(3, dtype=np.float32)
    kin = {"a": frozenset("bc"), "b": frozenset("a")}
    assert rank_neighbours(["a", "b", "c"], vectors, kin) == {"a": (), "b": ("c",), "c": ("a", "b")}
    assert rank_neighbours(["a"], vectors[:1], {}) == {}
    assert rank_neighbours([], vectors[:0], {}) == {}


@given(count=st.integers(2, 30), most=st.integers(1, 9), block=st.integers(1, 31))
def test_blocks_change_nothing(count: int, most: int, block: int) -> None:
    names = [f"{number:02}" for number in range(count)]
    vectors = np.random.default_rng(count).normal(size=(count, 4)).astype(np.float32)
    kin = {name: frozenset(names[:3]) - {name} for name in names[::2]}
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = units @ units.T
    expected = {
        name: tuple(
            sorted(
                (other for other in names if other != name and other not in kin.get(name, ())),
                key=lambda other: -cosines[int(name), int(other)],
            )[:most]
        )
        for name in names
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "BLOCK", block)
        assert rank_neighbours(names, vectors, kin, most) == expected


def test_the_bundled_student_knows_what_is_near_whatever_the_order() -> None:
    names = ["violin", "physicist", "banana", "guitar", "chemist", "apple"]
    found = find_neighbours(names, {})
    assert found == find_neighbours(reversed(names), {})
    assert found["physicist"][0] == "chemist"
    assert found["violin"][0] == "guitar"
    assert find_neighbours(names, {"violin": frozenset({"guitar"})})["violin"][0] != "guitar"
