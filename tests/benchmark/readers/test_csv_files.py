"""CSV tables of texts with spans become documents whose mentions are where they say."""

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from real_files import REAL, needs
from uniner.benchmark.document import Document, Reading
from uniner.benchmark.options import build_options
from uniner.benchmark.readers.csv_spans import CsvSpanOptions, read
from uniner.records import ConfigError, InputError

OPTIONS = CsvSpanOptions("recipe", "marks", ("start", "end", "type"), "entity")
UNCHECKED = CsvSpanOptions("recipe", "marks", ("start", "end", "type"))
RECIPE = 'two cups "dry" oats\na cup of milk, a cup of oats\n'


def mark(start: int, end: int, kind: str, entity: str) -> dict[str, object]:
    return {"start": start, "end": end, "type": kind, "entity": entity}


def write_table(path: Path, *rows: tuple[str, str]) -> Path:
    stream = io.StringIO()
    csv.writer(stream).writerows([("recipe", "marks"), *rows])
    path.write_bytes(stream.getvalue().encode())
    return path


def write_marks(path: Path, *marks: object) -> Path:
    return write_table(path, (RECIPE, json.dumps(marks)))


def spell(documents: list[Document]) -> list[list[tuple[int, str, str]]]:
    return [[(e.start, e.text, e.type) for e in d.entities or ()] for d in documents]


@pytest.mark.parametrize("options", [OPTIONS, UNCHECKED])
def test_texts_of_several_lines_keep_their_offsets(tmp_path: Path, options: CsvSpanOptions) -> None:
    marks = [mark(0, 3, "NUMBER", "two"), mark(29, 33, "FOOD", "milk")]
    path = write_table(tmp_path / "some.csv", (RECIPE, json.dumps(marks)), (" ", "[]"), ("a", "[]"))
    documents = list(read([path], options, reading := Reading()))
    assert [(d.id, d.text) for d in documents] == [("0", RECIPE), ("2", "a")]
    assert spell(documents) == [[(0, "two", "NUMBER"), (29, "milk", "FOOD")], []]
    assert reading.notes == {"document without text skipped": 1}


@pytest.mark.parametrize(
    ("given_mark", "found", "note"),
    [
        (mark(9, 19, "F", "'dry' oats"), (9, '"dry" oats', "F"), "other quotation marks"),
        (mark(27, 31, "F", "milk"), (29, "milk", "F"), "found nearby"),
        (mark(29, 34, "F", "milk"), (29, "milk", "F"), "found nearby"),
        (mark(70, 75, "F", "oats\n"), None, "dropped"),
        (mark(45, 99, "F", "oats\n"), (44, "oats\n", "F"), "found nearby"),
        (mark(26, 29, "F", "cup"), None, "dropped"),
        (mark(29, 33, "F", "Milk"), None, "dropped"),
        (mark(0, 4, "F", "milk"), None, "dropped"),
    ],
)
def test_a_mention_that_is_not_at_its_span_is_mended_or_dropped(
    tmp_path: Path, given_mark: object, found: tuple[int, str, str] | None, note: str
) -> None:
    path = write_marks(tmp_path / "some.csv", given_mark)
    documents = list(read([path], OPTIONS, reading := Reading()))
    assert spell(documents) == [[found] if found else []]
    [(phrase, times)] = reading.notes.items()
    assert (note in phrase, times) == (True, 1)


@pytest.mark.parametrize(
    ("options", "item", "message"),
    [
        (OPTIONS, 7, r"expected a mention with \['start', 'end', 'type', 'entity'\], got 7"),
        (OPTIONS, {"start": 0, "end": 3, "type": "N"}, "expected a mention with"),
        (OPTIONS, mark(0, 3, "N", ""), "expected a mention with"),
        (OPTIONS, mark(3, 3, "N", "two"), "expected a mention with"),
        (OPTIONS, mark(-1, 3, "N", "two"), "expected a mention with"),
        (OPTIONS, mark(False, 3, "N", "two"), "expected a mention with"),
        (OPTIONS, mark(0, 3, " ", "two"), "an entity type is empty"),
        (UNCHECKED, mark(40, 99, "N", "two"), "expected a span within 49 characters"),
    ],
)
def test_a_malformed_mention_is_refused_or_left_out(
    tmp_path: Path, options: CsvSpanOptions, item: object, message: str
) -> None:
    path = write_marks(tmp_path / "some.csv", item, mark(0, 3, "NUMBER", "two"))
    with pytest.raises(InputError, match=rf"some\.csv:2: .*{message}"):
        list(read([path], options, Reading()))
    documents = list(read([path], options, reading := Reading(lenient=True)))
    assert spell(documents) == [[(0, "two", "NUMBER")]]
    assert reading.notes == {"malformed, skipped": 1}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('a,"[]",b', "expected 2 columns, got 3"),
        ("a", "expected 2 columns, got 1"),
        ("a,nothing", "expected a JSON list as 'marks', got 'nothing'"),
        ("a,{}", "expected a JSON list as 'marks'"),
    ],
)
def test_a_malformed_row_is_refused_or_left_out(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "some.csv"
    path.write_text(f'recipe,marks\n"x\ny",[]\n{row}\n\nz,[]\n', encoding="utf-8")
    with pytest.raises(InputError, match=rf"some\.csv:4: {message}"):
        list(read([path], OPTIONS, Reading()))
    documents = list(read([path], OPTIONS, reading := Reading(lenient=True)))
    assert [(d.id, d.text) for d in documents] == [("0", "x\ny"), ("2", "z")]
    assert reading.notes == {"malformed, skipped": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"some\.csv:1: expected columns \['recipe', 'marks'\], got \[\]"),
        ("recipe,tags\n", r"some\.csv:1: expected columns \['marks'\], got"),
        ('recipe,marks\na,[]\n"b,[]\n', r"some\.csv:3: expected a row of CSV"),
    ],
)
def test_a_table_that_is_none_is_refused_even_where_lenient(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "some.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        list(read([tmp_path / "some.csv"], OPTIONS, Reading(lenient=True)))


def test_names_of_several_tables_differ(tmp_path: Path) -> None:
    paths = [write_table(tmp_path / f"{name}.csv", ("x", "[]")) for name in "ab"]
    assert [document.id for document in read(paths, OPTIONS, Reading())] == ["a-0", "b-0"]


def test_options_come_from_a_table() -> None:
    table = {"text": "t", "span": ["a", "b", "c"], "mention": "m"}
    assert build_options(CsvSpanOptions, table, "here").span == ("a", "b", "c")
    with pytest.raises(ConfigError, match="span must name start, end and label"):
        build_options(CsvSpanOptions, {"span": ["start"]}, "here")


@given(st.text("ab\"',\n é", min_size=1).filter(str.strip), st.data())
def test_written_spans_of_a_text_come_back(
    tmp_path_factory: pytest.TempPathFactory, text: str, data: st.DataObject
) -> None:
    place = st.integers(0, len(text) - 1).flatmap(
        lambda start: st.tuples(st.just(start), st.integers(start + 1, len(text)))
    )
    marks = [mark(*p, "x", text[p[0] : p[1]]) for p in data.draw(st.lists(place, max_size=4))]
    path = tmp_path_factory.mktemp("csv") / "some.csv"
    [document] = read([write_table(path, (text, json.dumps(marks)))], OPTIONS, Reading())
    assert document.text == text
    assert [(e.start, e.text) for e in document.entities or ()] == [
        (m["start"], m["entity"]) for m in marks
    ]


@needs("tasteset")
def test_the_recipes_of_tasteset_are_read_whole() -> None:
    options = CsvSpanOptions(
        "ingredients", "ingredients_entities", ("start", "end", "type"), "entity"
    )
    documents = list(read([REAL / "tasteset" / "all.csv"], options, reading := Reading()))
    labels = Counter(e.type for document in documents for e in document.entities or ())
    known = json.loads((REAL / "tasteset" / "source.json").read_text())["labels"]
    assert (len(documents), labels, reading.notes.total()) == (700, known, 5)
