"""Each format is read in the layouts that its tools write, and written as they read it."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from uniner.benchmark.document import Reading
from uniner.conversion.convert import Side, convert
from uniner.conversion.formats import FORMATS
from uniner.conversion.label_studio import DIFFERS, UNITS
from uniner.conversion.losses import Loss
from uniner.records import Annotated, Entity, InputError, Passage
from uniner.records.store import write_records

TEXT = "Ada left New York."
ADA = (0, 3, "person")
YORK = (9, 17, "city")
RECORD = Annotated(
    Passage("a", TEXT, "news"),
    (Entity(0, 3, "Ada", "person", 0.5), Entity(9, 17, "New York", "big city")),
)


def value(*mention: object, text: str | None = None) -> dict[str, object]:
    start, end, kind = mention
    said = {} if text is None else {"text": text}
    return {"start": start, "end": end, **said, "labels": [kind]}


def region(*mention: object, text: str | None = None, **more: object) -> dict[str, object]:
    return {"type": "labels", "value": value(*mention, text=text), **more}


def task(*results: object, text: str = TEXT, key: str = "annotations") -> dict[str, object]:
    return {"id": 7, "data": {"text": text}, key: [{"result": [*results]}]}


def read(form: str, path: Path, *, lenient: bool = False) -> tuple[list[Annotated], dict[str, int]]:
    reading = Reading(lenient)
    return list(FORMATS[form].read(path, reading)), dict(reading.notes)


def spell(records: list[Annotated]) -> list[tuple[str, str, list[tuple[int, int, str]]]]:
    return [
        (r.passage.id, r.passage.text, [(e.start, e.end, e.type) for e in r.entities])
        for r in records
    ]


def write(folder: Path, form: str, *records: Annotated) -> Mapping[str, int]:
    write_records(folder / "in.jsonl", records)
    sides = (Side(folder / "in.jsonl", FORMATS["annotated"]), Side(folder / "out", FORMATS[form]))
    return convert(*sides).notes


@pytest.mark.parametrize(
    ("form", "content", "name", "notes"),
    [
        ("conll", "Ada\tB-person\nleft\tO\nNew\tB-city\nYork\tI-city\n.\tO\n", "0", {}),
        (
            "conll",
            "-DOCSTART- -X- -X- O\n\nAda NNP I-NP B-person\nleft VBD I-VP O\n"
            "New NNP I-NP B-city\nYork NNP I-NP I-city\n. . O O\n",
            "0",
            {},
        ),
        ("doccano", json.dumps({"text": TEXT, "label": [ADA, YORK]}), "0", {}),
        ("doccano", json.dumps({"id": 3, "text": TEXT, "labels": [ADA, YORK]}), "3", {}),
        (
            "doccano",
            json.dumps(
                {
                    "id": 3,
                    "text": TEXT,
                    "relations": [],
                    "entities": [
                        {"id": 1, "start_offset": s, "end_offset": e, "label": k}
                        for s, e, k in (ADA, YORK)
                    ],
                }
            ),
            "3",
            {},
        ),
        ("label-studio", json.dumps([task(region(*ADA), region(*YORK))]), "7", {}),
        (
            "label-studio",
            json.dumps([task(region(*ADA), region(*YORK, score=0.5), key="predictions")]),
            "7",
            {},
        ),
        (
            "label-studio",
            json.dumps([{"id": 7, "text": TEXT, "label": [value(*ADA), value(*YORK)], "x": 1}]),
            "7",
            {},
        ),
        (
            "label-studio",
            json.dumps([{"id": 7, "data": {"body": TEXT}, **task(region(*ADA), region(*YORK))}])
            .replace('"body"', '"text"'),
            "7",
            {},
        ),
    ],
)  # fmt: skip
def test_a_layout_is_read(
    tmp_path: Path, form: str, content: str, name: str, notes: dict[str, int]
) -> None:
    path = tmp_path / "file"
    path.write_text(content, encoding="utf-8")
    records, met = read(form, path)
    text = "Ada left New York ." if form == "conll" else TEXT
    assert spell(records) == [(name, text, [ADA, YORK])]
    assert met == notes


@pytest.mark.parametrize(
    ("tasks", "found", "notes"),
    [
        ([task(region(3, 4, "x", text="b"), text="😀 b")], [(2, 3, "x")], {UNITS: 1}),
        ([task(region(0, 2, "x", text="😀"), text="😀 b")], [(0, 1, "x")], {UNITS: 1}),
        ([task(region(2, 3, "x", text="b"), text="😀 b")], [(2, 3, "x")], {}),
        ([task(region(2, 3, "x", text="c"), text="a b")], [(2, 3, "x")], {DIFFERS: 1}),
        ([task({"type": "choices", "value": {"choices": ["x"]}})], [], {Loss.REGION: 1}),
        ([task({"type": "labels", "value": {"start": 0, "end": 3}})], [], {Loss.REGION: 1}),
    ],
)
def test_regions_are_read_as_they_were_meant(
    tmp_path: Path, tasks: object, found: list[object], notes: dict[str, int]
) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    records, met = read("label-studio", path)
    assert [m for record in spell(records) for m in record[2]] == found
    assert met == notes


def test_of_several_annotations_the_truth_is_taken_and_a_cancelled_one_never(
    tmp_path: Path,
) -> None:
    path = tmp_path / "t.json"
    given = [
        {"result": [region(*ADA)], "was_cancelled": True},
        {"result": [region(*ADA)]},
        {"result": [region(*YORK)], "ground_truth": True},
    ]
    path.write_text(json.dumps([{"data": {"text": TEXT}, "annotations": given}]), encoding="utf-8")
    records, notes = read("label-studio", path)
    assert spell(records) == [("0", TEXT, [YORK])]
    assert notes == {Loss.FURTHER: 1}


def turns(*asked: tuple[str, object], text: str = TEXT) -> list[dict[str, str]]:
    values = [f"Text: {text}", "I've read this text."]
    for kind, answer in asked:
        values += [f"What describes {kind} in the text?", json.dumps(answer)]
    return [{"from": ("human", "gpt")[i % 2], "value": v} for i, v in enumerate(values)]


def test_questions_about_one_text_become_one_passage(tmp_path: Path) -> None:
    rows = [
        {"id": "q0", "conversations": turns(("person", ["Ada"]))},
        {"id": "q1", "conversations": turns(("city", ["New York", "Rome"]))},
        {"id": "q2", "conversations": turns(("river", []))},
        {"id": "q3", "conversations": turns(("city", ["New York"]))},
        {"id": "q4", "conversations": turns(("person", ["Bo"]), ("x", []), text="Bo sat.")},
    ]
    path = tmp_path / "c.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    records, notes = read("conversations", path)
    assert spell(records) == [
        ("q0", TEXT, [ADA, YORK]),
        ("q3", TEXT, [YORK]),
        ("q4", "Bo sat.", [(0, 2, "person")]),
    ]
    assert notes == {Loss.JOINED: 2, Loss.NEGATIVE: 2, Loss.ABSENT: 1}


def test_columns_are_written(tmp_path: Path) -> None:
    notes = write(tmp_path, "conll", RECORD, Annotated(Passage("1", " "), ()))
    assert (tmp_path / "out").read_text() == (
        "Ada\tB-person\nleft\tO\nNew\tB-big_city\nYork\tI-big_city\n.\tO\n\n"
    )
    assert notes == {
        Loss.ID: 1, Loss.ORIGIN: 1, Loss.SCORE: 1, Loss.TYPE: 1, Loss.SPACING: 1, Loss.WORDLESS: 1,
    }  # fmt: skip


def test_mentions_within_words_and_within_each_other_are_counted(tmp_path: Path) -> None:
    nested = Annotated(
        Passage("0", "New York City"),
        (
            Entity(0, 13, "New York City", "city"),
            Entity(4, 8, "York", "city"),
            Entity(0, 3, "New", "word"),
            Entity(4, 7, "Yor", "part"),
            Entity(3, 4, " ", "blank"),
            Entity(8, 13, " City", "word"),
        ),
    )
    assert write(tmp_path, "conll", nested) == {
        Loss.OVERLAP: 4, Loss.STRETCHED: 1, Loss.BLANK: 1, Loss.TRIMMED: 1,
    }  # fmt: skip
    (tmp_path / "out").unlink()
    notes = write(tmp_path, "gliner", nested)
    assert notes == {Loss.STRETCHED: 1, Loss.BLANK: 1, Loss.TRIMMED: 1}
    assert json.loads((tmp_path / "out").read_text()) == [
        {
            "tokenized_text": ["New", "York", "City"],
            "ner": [[0, 2, "city"], [0, 0, "word"], [1, 1, "city"], [1, 1, "part"], [2, 2, "word"]],
        }
    ]


def test_a_folder_for_brat_is_written(tmp_path: Path) -> None:
    broken = Annotated(Passage("b/c", "New\nYork"), (Entity(0, 8, "New\nYork", "city"),))
    write(tmp_path, "brat", RECORD, broken, broken)
    files = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert files == {
        "a.txt": TEXT,
        "a.ann": "T1\tperson 0 3\tAda\nT2\tbig_city 9 17\tNew York\n",
        "b%2Fc.txt": "New\nYork",
        "b%2Fc.ann": "T1\tcity 0 3;4 8\tNew York\n",
        "b%2Fc~2.txt": "New\nYork",
        "b%2Fc~2.ann": "T1\tcity 0 3;4 8\tNew York\n",
        "annotation.conf": "[entities]\nbig_city\ncity\nperson\n"
        "\n[relations]\n\n[events]\n\n[attributes]\n",
    }


def test_what_is_scored_is_a_prediction_for_label_studio(tmp_path: Path) -> None:
    plain = Annotated(Passage("b", "Bo"), (Entity(0, 2, "Bo", "person"),))
    assert not write(tmp_path, "label-studio", RECORD, plain)
    scored, other = json.loads((tmp_path / "out").read_text())
    assert scored["data"] == {"id": "a", "text": TEXT, "domain": "news"}
    assert scored["predictions"][0]["score"] == 0.5
    assert scored["predictions"][0]["result"][0] == {
        "id": "r0", "from_name": "label", "to_name": "text", "type": "labels", "score": 0.5,
        "value": {"start": 0, "end": 3, "text": "Ada", "labels": ["person"]},
    }  # fmt: skip
    assert [r["value"]["labels"] for r in other["annotations"][0]["result"]] == [["person"]]


def test_a_conversation_says_which_places_it_does_not_tell(tmp_path: Path) -> None:
    text = "Ada met Ada."
    record = Annotated(Passage("a", text), (Entity(0, 3, "Ada", "person"), Entity(1, 3, "da", "x")))
    assert write(tmp_path, "conversations", record, Annotated(Passage("b", "Hm."), ())) == {
        Loss.ELSEWHERE: 1, Loss.PLACE: 1, Loss.UNASKED: 1,
    }  # fmt: skip
    assert json.loads((tmp_path / "out").read_text()) == [
        {"id": "a", "conversations": turns(("person", ["Ada"]), ("x", ["da"]), text=text)}
    ]


@pytest.mark.parametrize(
    ("form", "content", "message"),
    [
        ("annotated", '{"id": "1", "text": "a"}\n', r":1: field 'entities' must be a list"),
        ("annotated", "[1]\n", r":1: expected a JSON object"),
        ("conll", "Ada\tB-x\nBo\n", r":2: expected 2 columns"),
        ("conll", "Ada\tperson\n", r":1: expected a tag such as"),
        ("doccano", '{"text": "a", "label": [[0, 5, "x"]]}\n', r":1: expected .*mention"),
        ("doccano", '{"text": "a"}\n', r":1: expected keys \['label'\]"),
        (
            "gliner",
            '[{"tokenized_text": ["a"], "ner": [[0, 1, "x"]]}]',
            r"1: expected .*mention",
        ),
        ("label-studio", '[{"data": {"a": "x", "b": "y"}}]', r"record 1: expected a string as 'te"),
        ("label-studio", json.dumps([task(region(3, 99, "x"))]), r"record 1: expected a region wi"),
        (
            "label-studio",
            json.dumps([task(region(0, 1, ""))]),
            r"record 1: an entity type is",
        ),
        ("label-studio", "[1]", r"record 1: expected a task, got 1"),
        ("label-studio", json.dumps([task(region(0, 1, "x", score="x"))]), r"number as 'score'"),
        ("conversations", '[{"id": "a"}]', r"record 1: expected 'conversations'"),
        (
            "conversations",
            json.dumps([{"id": "a", "conversations": turns(("x", [1]))}]),
            r"record 1: expected a JSON list of mentions",
        ),
        ("brat", "", r"expected a folder"),
    ],
)
def test_malformed_input_is_named(tmp_path: Path, form: str, content: str, message: str) -> None:
    path = tmp_path / "file"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        read(form, path)
    assert str(caught.value).startswith(str(path))
    if form != "brat":
        _, notes = read(form, path, lenient=True)
        assert notes["malformed, skipped"] >= 1
