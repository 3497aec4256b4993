"""A column of entities in real data frames and data sets; rows, index and nulls stay."""

import pickle
from pathlib import Path
from typing import Any

import datasets
import pandas
import polars
import pytest

from uniner.integrations import frames
from uniner.integrations.frames import add_entities, list_features, map_batch
from uniner.records import Annotated, ConfigError, Entity, Passage, RecordError
from uniner.students.lexicon import Lexicon, learn_lexicon

TYPES = ["person", "city"]
TEXTS = ["Nobody.", "Ada left Rome.", None, "", " ", "Rome"]


def row(start: int, text: str, kind: str) -> dict[str, object]:
    return {"start": start, "end": start + len(text), "text": text, "type": kind, "score": 1.0}


CELLS: list[Any] = [
    [], [row(0, "Ada", "person"), row(9, "Rome", "city")], None, [], [], [row(0, "Rome", "city")],
]  # fmt: skip


@pytest.fixture
def lexicon() -> Lexicon:
    record = Annotated(
        Passage("0", "Ada saw Rome"), (Entity(0, 3, "Ada", "person"), Entity(8, 12, "Rome", "city"))
    )
    return learn_lexicon([record])


@pytest.fixture(autouse=True)
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path)
    monkeypatch.setattr(frames, "CHUNK", 2)


def test_pandas_keeps_its_index_and_its_rows(lexicon: Lexicon) -> None:
    index = [("b", 1), ("a", 2), ("a", 2), (None, 3), ("c", 4), ("d", 5)]
    frame = pandas.DataFrame({"text": TEXTS, 7: range(6)}, pandas.MultiIndex.from_tuples(index))
    added = add_entities(frame, lexicon, TYPES)
    assert list(added["entities"]) == CELLS
    assert added.index.equals(frame.index)
    assert list(frame.columns) == ["text", 7]
    assert list(added.columns) == ["text", 7, "entities"]


@pytest.mark.parametrize("missing", [None, float("nan"), pandas.NA, pandas.NaT])
def test_whatever_pandas_takes_for_missing_is_null(lexicon: Lexicon, missing: object) -> None:
    frame = pandas.DataFrame({"note": ["Ada", missing]}, dtype=object)
    added = add_entities(frame, lexicon, TYPES, text="note", column="found")
    assert list(added["found"]) == [[row(0, "Ada", "person")], None]


def test_polars_has_typed_lists_even_where_nothing_is_found(lexicon: Lexicon) -> None:
    frame = polars.DataFrame({"text": TEXTS})
    added = add_entities(frame, lexicon, TYPES)
    assert added["entities"].to_list() == CELLS
    assert add_entities(frame[:1], lexicon, TYPES).schema == added.schema
    assert add_entities(frame[:0], lexicon, TYPES).schema == added.schema
    rows = added.select("entities").explode("entities").unnest("entities")
    assert rows.filter(polars.col("type") == "person")["start"].to_list() == [0]


def test_a_dataset_has_typed_lists_even_where_nothing_is_found_at_first(lexicon: Lexicon) -> None:
    data = datasets.Dataset.from_dict({"text": TEXTS})
    added = add_entities(data, lexicon, TYPES)
    assert list(added["entities"]) == CELLS
    assert added.features == list_features(data.features)


def test_map_takes_it_as_a_function_of_a_batch(lexicon: Lexicon) -> None:
    data = datasets.Dataset.from_dict({"text": ["Nobody."] * 2000 + ["Ada."]})
    features = list_features(data.features, "found")
    added = data.map(map_batch(lexicon, TYPES, column="found"), batched=True, features=features)
    assert [len(cell) for cell in added["found"]] == [0] * 2000 + [1]
    assert map_batch(lexicon, TYPES)({"text": TEXTS}) == {"entities": CELLS}


def test_a_model_by_name_is_loaded_by_each_process() -> None:
    data = datasets.Dataset.from_dict({"text": ["She lives in Paris."] * 4})
    how = pickle.loads(pickle.dumps(map_batch(None, ["city"])))
    assert [cell[0]["text"] for cell in how(data[:])["entities"]] == ["Paris"] * 4
    added = data.map(how, batched=True, num_proc=2, features=list_features(data.features))
    assert [cell[0]["text"] for cell in added["entities"]] == ["Paris"] * 4


def test_nested_and_threshold_are_passed_on() -> None:
    half = Lexicon({("ada",): {"person": 0.5, "city": 0.6}}, {"person": 1, "city": 1})
    frame = polars.DataFrame({"text": ["Ada"]})
    [both] = add_entities(frame, half, TYPES, nested=True)["entities"].to_list()
    [none] = add_entities(frame, half, TYPES, threshold=0.7)["entities"].to_list()
    assert ({entity["type"] for entity in both}, none) == ({"person", "city"}, [])


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (pandas.DataFrame({"a": []}), {}, "no column 'text' to read; there are .'a'."),
        (polars.DataFrame({"a": []}), {}, "no column 'text' to read; there are .'a'."),
        (datasets.Dataset.from_dict({"a": [1]}), {}, "no column 'text' to read"),
        (pandas.DataFrame({"text": []}), {"column": "text"}, "column 'text' is there already"),
        (["Ada"], {}, r"expected one of pandas\.DataFrame, .*, got list"),
        (polars.LazyFrame({"text": ["a"]}), {}, r"polars\.DataFrame, .*, got LazyFrame"),
    ],
)
def test_data_of_another_kind_is_refused(
    lexicon: Lexicon, data: object, options: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        add_entities(data, lexicon, TYPES, **options)  # type: ignore[arg-type]


def test_a_cell_that_is_no_text_is_named(lexicon: Lexicon) -> None:
    frame = pandas.DataFrame({"text": ["a", "b", 5]}, dtype=object)
    with pytest.raises(RecordError, match="row 2: expected a text or null, got 5"):
        add_entities(frame, lexicon, TYPES)
    with pytest.raises(RecordError, match="no entity types were asked for"):
        map_batch(lexicon, [])
