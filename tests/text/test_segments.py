"""Segments tile a text and say what covers each piece."""

from hypothesis import given
from hypothesis import strategies as st

from uniner.records import Entity
from uniner.text.segments import segments

LENGTH = 12
ENTITIES = st.lists(
    st.tuples(st.integers(0, LENGTH - 1), st.integers(1, LENGTH), st.sampled_from("ab"))
    .filter(lambda drawn: drawn[0] < drawn[1])
    .map(lambda drawn: Entity(drawn[0], drawn[1], "x" * (drawn[1] - drawn[0]), drawn[2])),
    max_size=6,
)


@given(ENTITIES)
def test_segments_tile_the_text_and_cover_is_exact(entities: list[Entity]) -> None:
    found = list(segments(LENGTH, entities))
    assert [s.start for s in found] == [0, *(s.end for s in found[:-1])]
    assert found[-1].end == LENGTH
    for start, end, cover in found:
        assert sorted(cover, key=repr) == sorted(
            (e for e in entities if e.start <= start and end <= e.end), key=repr
        )


def test_crossing_entities_share_a_segment() -> None:
    left, right = Entity(0, 5, "xxxxx", "a"), Entity(3, 8, "xxxxx", "b")
    covers = [[e.type for e in cover] for _, _, cover in segments(9, [right, left])]
    assert covers == [["a"], ["a", "b"], ["b"], []]


def test_an_empty_text_has_no_segments() -> None:
    assert list(segments(0, [])) == []
