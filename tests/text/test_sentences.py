"""Sentences by rule, and joined where an entity reaches over their ends."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.records import Entity
from uniner.text.sentences import cut_sentences, find_sentences, join_crossed


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        ("  One. ", ["One."]),
        ("One. Two! Three", ["One.", "Two!", "Three"]),
        ("Dr. Bo came.\nHe left", ["Dr. Bo came.", "He left"]),
        ("a line\n\nanother", ["a line", "another"]),
        ("It cost 3.5 euros. So?", ["It cost 3.5 euros.", "So?"]),
    ],
)
def test_sentences_end_at_their_marks_and_at_lines(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in find_sentences(text)] == sentences


def test_an_entity_over_two_ends_joins_three_sentences() -> None:
    text = "One. Two. Three. Four."
    entity = Entity(2, 13, text[2:13], "ORG")
    joined = join_crossed(list(find_sentences(text)), [entity])
    assert [text[start:end] for start, end in joined] == ["One. Two. Three.", "Four."]


@given(st.text("ab .!?\n“”", max_size=80))
def test_sentences_by_rule_hold_every_visible_character_once(text: str) -> None:
    spans = list(find_sentences(text))
    assert "".join("".join(text[s:e].split()) for s, e in spans) == "".join(text.split())
    assert all(left.end <= right.start for left, right in pairwise(spans))


SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12)), max_size=5)


@given(st.text("ab .!?\n", min_size=31, max_size=60), SPANS)
def test_every_entity_comes_out_once_verbatim_and_in_order(
    text: str, spans: list[tuple[int, int]]
) -> None:
    entities = [
        Entity(start, start + length, text[start : start + length], str(number))
        for number, (start, length) in enumerate(spans)
        if start + length <= len(text)
    ]
    parts = list(cut_sentences(text, entities))
    for part, inside in parts:
        assert all(part[entity.start : entity.end] == entity.text for entity in inside)
    found = [entity.type for _, inside in parts for entity in inside]
    assert found == [entity.type for entity in sorted(entities, key=lambda entity: entity.span)]
