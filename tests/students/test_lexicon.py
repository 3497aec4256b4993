"""The lexicon rival remembers mentions, and nothing else."""

import pytest

from uniner.records import Annotated, Entity, Passage, RecordError
from uniner.students.extractor import Extractor
from uniner.students.lexicon import Lexicon, learn_lexicon


def annotate(text: str, *named: tuple[str, str]) -> Annotated:
    entities = [
        Entity(text.index(mention), text.index(mention) + len(mention), mention, kind)
        for mention, kind in named
    ]
    return Annotated(Passage(text, text), tuple(entities))


RECORDS = [
    annotate("Ada saw York.", ("Ada", "person"), ("Ada", "poet"), ("York", "city")),
    annotate("New York, York", ("New York", "city"), ("York", "duke")),
    annotate("Bo and York", ("Bo", "person"), ("York", "city")),
]


@pytest.fixture
def lexicon() -> Extractor:
    return learn_lexicon(RECORDS)


def find(lexicon: Extractor, text: str, *types: str, **options: object) -> list[tuple[str, str]]:
    [prediction] = lexicon.extract([text], types, **options)  # type: ignore[arg-type]
    return [(entity.text, entity.type) for entity in prediction.entities]


@pytest.mark.parametrize(
    ("text", "types", "expected"),
    [
        pytest.param("ada in YORK", ["person"], [("ada", "person")], id="only what is asked"),
        pytest.param("Ada", ["Person"], [("Ada", "Person")], id="the type as it was asked"),
        pytest.param("in New York", ["city"], [("New York", "city")], id="the longest mention"),
        pytest.param("New  York", ["city"], [("New  York", "city")], id="any white space"),
        pytest.param("Yorkshire Adam", ["city", "person"], [], id="whole words"),
        pytest.param("Ada", ["person", "poet"], [("Ada", "poet")], id="the rarer type in a tie"),
        pytest.param("Ada", ["poet", "person"], [("Ada", "poet")], id="whatever the order"),
        pytest.param("York", ["duke"], [], id="below the threshold"),
        pytest.param("York", ["duke", "city"], [("York", "city")], id="the surest type"),
        pytest.param("", ["city"], [], id="no text"),
    ],
)
def test_mentions_are_looked_up(
    lexicon: Extractor, text: str, types: list[str], expected: list[tuple[str, str]]
) -> None:
    assert find(lexicon, text, *types) == expected


def test_a_lower_threshold_finds_more(lexicon: Extractor) -> None:
    assert find(lexicon, "York", "duke", threshold=0.2) == [("York", "duke")]


def test_nested_lets_each_type_decide(lexicon: Extractor) -> None:
    found = find(lexicon, "Ada", "person", "poet", nested=True)
    assert sorted(found) == [("Ada", "person"), ("Ada", "poet")]


def test_one_prediction_for_each_text_in_order(lexicon: Extractor) -> None:
    passage = Passage("mine", "Ada")
    first, second = lexicon.extract(["Bo", passage], ["person"])
    assert [e.text for e in first.entities] == ["Bo"]
    assert second.passage == passage


def test_no_types_are_an_error(lexicon: Extractor) -> None:
    with pytest.raises(RecordError, match="no entity types"):
        lexicon.extract(["Ada"], [])


def test_an_empty_lexicon_finds_nothing() -> None:
    empty = learn_lexicon([])
    assert isinstance(empty, Lexicon)
    assert find(empty, "Ada", "person") == []
