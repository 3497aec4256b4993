"""Files of records: read as a stream, refused by line, written whole or not at all."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.records import Annotated, Entity, InputError, Passage, Prediction, RecordError
from uniner.records.store import (
    annotated_from_json,
    passage_from_json,
    prediction_from_json,
    read_annotated,
    read_jsonl,
    read_passages,
    read_predictions,
    to_json,
    write_records,
    write_whole,
)

WORD = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
PASSAGES = st.builds(Passage, WORD, WORD, WORD, WORD)


@st.composite
def predictions(draw: st.DrawFn) -> Prediction:
    """A passage with an entity of one decimal's score over all of it, if it is not empty."""
    passage = draw(PASSAGES)
    score = draw(st.integers(0, 10)) / 10
    whole = Entity(0, len(passage.text), passage.text, "type", score) if passage.text else None
    return Prediction(passage, (whole,) if whole else ())


@given(PASSAGES, predictions())
def test_a_record_comes_back_from_its_row(passage: Passage, prediction: Prediction) -> None:
    for record, parse in ((passage, passage_from_json), (prediction, prediction_from_json)):
        assert parse(json.loads(json.dumps(to_json(record)))) == record
    bare = tuple(Entity(e.start, e.end, e.text, e.type) for e in prediction.entities)
    annotated = Annotated(prediction.passage, bare)
    assert annotated_from_json(to_json(annotated)) == annotated


def test_files_come_back_as_they_were_written(tmp_path: Path) -> None:
    passage = Passage("1", "Ada\u2028saw\r\nOslo \U0001f600\x85", "d", "s")
    entity = Entity(0, 3, "Ada", "person", 0.25)
    records = [Prediction(passage, (entity,)), Prediction(Passage("2", ""), ())]
    path = tmp_path / "new" / "p.jsonl"
    assert write_records(path, records) == 2
    assert list(read_predictions(path)) == records
    assert list(read_passages(path)) == [record.passage for record in records]
    assert path.read_bytes().count(b"\n") == 2


GOOD = '{"id": "1", "text": "Ada"}\n'


def test_a_malformed_line_is_named_after_the_lines_before_it(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(GOOD * 3 + "\n" + GOOD * 2 + '{"id": "7", "text\n' + GOOD, encoding="utf-8")
    rows = read_passages(path)
    for _ in range(5):
        assert next(rows).text == "Ada"
    with pytest.raises(InputError, match=r"p\.jsonl:7: malformed JSON"):
        next(rows)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[1]", "expected a JSON object"),
        ("[" * 100_000, "malformed JSON"),
        ('{"text": "a"}', "field 'id' must be a string, not None"),
        ('{"id": 1, "text": "a"}', "field 'id' must be a string, not 1"),
        ('{"id": "1", "text": "a\\ud800"}', "field 'text' has half a character .* at offset 1"),
        ('{"id": "\\udfff", "text": "a"}', "field 'id' has half a character"),
        ('{"id": "1", "text": "a", "source": "\\ud83d"}', "field 'source' has half a character"),
        ('{"id": "1", "text": "a"}', "'entities' must be a list, not None"),
        ('{"id": "1", "text": "a", "entities": [3]}', "an entity must be an object"),
    ],
)
def test_a_record_that_cannot_be_is_named_in_one_line(
    tmp_path: Path, line: str, message: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"a\.jsonl:1: .*{message}") as error:
        list(read_annotated(path))
    text = str(error.value)
    text.encode()
    assert "\n" not in text
    assert len(text) < 300


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start": "0"}, "'start' must be int"),
        ({"start": True}, "'start' must be int"),
        ({"type": None}, "'type' must be str"),
        ({"type": "\ud800"}, "half a character"),
        ({"score": "high"}, "'score' must be a number"),
        ({"score": 2}, "not within"),
        ({"end": 2}, "cannot hold"),
        ({"start": 1, "end": 4}, "where the text reads"),
    ],
)
def test_an_entity_of_a_row_is_checked(changes: dict[str, object], message: str) -> None:
    entity = {"start": 0, "end": 3, "text": "Ada", "type": "person"} | changes
    with pytest.raises(RecordError, match=message):
        annotated_from_json({"id": "1", "text": "Ada!", "entities": [entity]})


def test_a_pair_of_escaped_halves_is_a_whole_character() -> None:
    row = json.loads('{"id": "1", "text": "\\ud83d\\ude00"}')
    assert passage_from_json(row).text == "\U0001f600"


def test_a_line_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(GOOD.encode() * 2 + b'{"id": "3", "text": "\xe9"}\n')
    with pytest.raises(InputError, match=r"p\.jsonl: not UTF-8 .*0xe9.*iconv"):
        list(read_jsonl(path))


@pytest.mark.parametrize(
    ("name", "message"), [("gone.jsonl", "no such file"), (".", "is a folder")]
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        list(read_passages(tmp_path / name))


def test_an_error_while_writing_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    write_records(path, [Passage("old", "text")])
    before = path.read_bytes()

    def broken() -> Iterator[Passage]:
        yield Passage("new", "text")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_records(path, broken())
    with pytest.raises(UnicodeEncodeError):
        write_records(path, [Passage("bad", "\ud800")])
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["p.jsonl"]


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    with write_whole(path) as stream:
        stream.write("half")
        stream.flush()
        assert not path.exists()
    assert path.read_text(encoding="utf-8") == "half"
    assert path.stat().st_mode & 0o400
