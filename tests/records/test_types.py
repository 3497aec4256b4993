"""A record that breaks its own contract cannot be made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.records import Annotated, Entity, Passage, Prediction, RecordError, Span, UninerError
from uniner.records.types import MAX_TYPE_CHARACTERS, check_characters, check_type

PASSAGE = Passage("p", "Mira left Oslo.")


@pytest.mark.parametrize(
    ("start", "end", "text", "type", "score", "message"),
    [
        (0, 0, "", "city", None, "empty or negative span"),
        (-1, 3, "Mira", "city", None, "empty or negative span"),
        (4, 0, "Mira", "city", None, "empty or negative span"),
        (0, 3, "Mira", "city", None, r"span \[0, 3\) cannot hold 'Mira'"),
        (0, 4, "Mira", " ", None, "type is empty"),
        (0, 4, "Mira", "x" * (MAX_TYPE_CHARACTERS + 1), None, "401 characters"),
        (0, 4, "Mira", "\udc00", None, "half a character"),
        (0, 4, "Mira", "city", 1.1, "not within"),
        (0, 4, "Mira", "city", float("nan"), "not within"),
    ],
)
def test_an_entity_that_cannot_be_is_refused(
    start: int, end: int, text: str, type: str, score: float | None, message: str
) -> None:
    with pytest.raises(RecordError, match=message) as error:
        Entity(start, end, text, type, score)
    assert len(str(error.value)) < 300


@pytest.mark.parametrize("kind", [Annotated, Prediction])
def test_an_entity_must_be_verbatim_where_it_says_it_stands(
    kind: type[Annotated] | type[Prediction],
) -> None:
    good = Entity(10, 14, "Oslo", "city", 0.5)
    assert kind(PASSAGE, (good,)).entities[0].span == Span(10, 14)
    for bad in (Entity(9, 13, "Oslo", "city"), Entity(13, 17, "Oslo", "city")):
        with pytest.raises(RecordError, match=r"passage 'p': entity 'Oslo' \(city\) is at"):
            kind(PASSAGE, (good, bad))


@given(st.text())
def test_text_is_refused_exactly_where_it_has_no_utf_8(text: str) -> None:
    whole = not any("\ud800" <= letter <= "\udfff" for letter in text)
    try:
        assert check_characters(text, "it") is text
    except RecordError as error:
        assert not whole
        str(error).encode()
    else:
        assert whole


def test_the_longest_type_is_a_type() -> None:
    name = "x" * MAX_TYPE_CHARACTERS
    assert check_type(name) == name


def test_every_error_of_a_record_is_one_the_user_can_mend() -> None:
    assert issubclass(RecordError, UninerError)
    assert issubclass(RecordError, ValueError)
