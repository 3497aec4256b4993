"""Every entity that is not right is in exactly one error."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.evaluation.errors import Error, Mention, find_errors, find_mention_errors
from uniner.records import Entity, Fault, Passage, Prediction

TEXT = "Ada Lovelace met Charles Babbage in London town"
PASSAGE = Passage("p1", TEXT)


def mark(start: int, end: int, kind: str = "x", score: float | None = None) -> Entity:
    return Entity(start, end, TEXT[start:end], kind, score)


def predict(*entities: Entity, faults: tuple[Fault, ...] = ()) -> Prediction:
    return Prediction(PASSAGE, entities, faults)


ENTITY = st.builds(
    lambda start, length, kind: mark(start, start + length, kind),
    st.integers(0, 11),
    st.integers(1, 5),
    st.sampled_from("xy"),
)
ENTITIES = st.lists(ENTITY, max_size=7)
ADA, BOTH, CHARLES = mark(0, 3), mark(0, 12), mark(17, 24)
CITY = mark(0, 3, "city")


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        pytest.param([ADA], [ADA], [], id="right"),
        pytest.param([ADA], [BOTH], [Error("boundary", ADA, BOTH)], id="boundary"),
        pytest.param([ADA], [CITY], [Error("type", ADA, CITY)], id="type"),
        pytest.param(
            [ADA], [mark(0, 12, "city")], [Error("type", ADA, mark(0, 12, "city"))], id="both"
        ),
        pytest.param([ADA], [], [Error("missed", ADA, None)], id="missed"),
        pytest.param([], [ADA], [Error("spurious", None, ADA)], id="spurious"),
        pytest.param(
            [ADA], [ADA, BOTH], [Error("spurious", None, BOTH)], id="a right one has its partner"
        ),
        pytest.param(
            [ADA],
            [CITY, BOTH],
            [Error("spurious", None, CITY), Error("boundary", ADA, BOTH)],
            id="boundary goes before type",
        ),
        pytest.param(
            [CHARLES, ADA],
            [],
            [Error("missed", ADA, None), Error("missed", CHARLES, None)],
            id="reading order",
        ),
    ],
)
def test_an_error_is_of_its_kind(
    gold: list[Entity], predicted: list[Entity], expected: list[Error]
) -> None:
    assert sorted(find_errors(gold, predict(*predicted)), key=str) == sorted(expected, key=str)


def test_errors_come_in_reading_order_and_faults_last() -> None:
    faults = (Fault("y", "is not JSON", "oops"),)
    errors = find_errors([CHARLES, ADA], predict(mark(36, 42), faults=faults))
    assert [error.kind for error in errors] == ["missed", "missed", "spurious", "malformed"]
    assert [error.gold for error in errors] == [ADA, CHARLES, None, None]
    assert errors[-1].why == "is not JSON"


def test_of_a_repeat_the_surer_is_shown() -> None:
    twice = predict(mark(0, 3, score=0.2), mark(0, 3, score=0.9), mark(0, 3, score=0.4))
    assert find_errors([], twice) == [Error("spurious", None, mark(0, 3, score=0.9))]


@given(ENTITIES, ENTITIES)
def test_every_entity_that_is_not_right_is_in_one_error(
    gold: list[Entity], predicted: list[Entity]
) -> None:
    errors = find_errors(gold, predict(*predicted))
    missed = [error.gold for error in errors if error.gold]
    made_up = [error.predicted for error in errors if error.predicted]
    assert len(missed) == len(set(missed))
    assert len(made_up) == len(set(made_up))
    assert set(missed) == set(gold) - set(predicted)
    assert set(made_up) == set(predicted) - set(gold)


@given(ENTITIES, ENTITIES)
def test_pairs_overlap_and_what_is_alone_could_not_be_paired(
    gold: list[Entity], predicted: list[Entity]
) -> None:
    errors = find_errors(gold, predict(*predicted))
    for kind, right, found, _ in errors:
        if isinstance(right, Entity) and found:
            assert right.start < found.end
            assert found.start < right.end
            assert (right.type == found.type) == (kind == "boundary")
    for gone in (e.gold for e in errors if e.kind == "missed"):
        assert isinstance(gone, Entity)
        for extra in (e.predicted for e in errors if e.kind == "spurious"):
            assert extra is not None
            assert extra.end <= gone.start or gone.end <= extra.start


@given(ENTITIES, ENTITIES, st.randoms())
def test_no_order_matters(gold: list[Entity], predicted: list[Entity], random: Any) -> None:
    shuffled = predict(*random.sample(predicted, len(predicted)))
    assert find_errors(random.sample(gold, len(gold)), shuffled) == find_errors(
        gold, predict(*predicted)
    )


def test_without_offsets_strings_are_compared_as_the_published_scorer_does() -> None:
    types, mentions = ("x", "y"), (("the ADA", "Ada", "Bo"), ("Ada",))
    found = predict(ADA, mark(4, 12), mark(4, 12, "z"), faults=(Fault("y", "is not JSON", "?"),))
    assert find_mention_errors(types, mentions, found) == [
        Error("missed", Mention("Bo", "x"), None),
        Error("missed", Mention("Ada", "y"), None),
        Error("spurious", None, mark(4, 12)),
        Error("spurious", None, mark(4, 12, "z")),
        Error("malformed", None, None, "is not JSON"),
    ]
    assert find_mention_errors(("x",), (("a Lovelace!",),), predict(mark(4, 12))) == []
