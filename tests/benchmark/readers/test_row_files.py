"""Records of any store become documents by the keys that the options name."""

import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from real_files import REAL, needs
from uniner.benchmark.document import Document, Reading
from uniner.benchmark.options import build_options
from uniner.benchmark.readers.rows import RowOptions, read
from uniner.records import ConfigError, InputError

NAMES = ("O", "B-bird", "I-bird")
WORDS = ["A", "grey", "heron", "stood", "."]
TAGS = ["O", "B-bird", "I-bird", "O", "O"]
NUMBERS = [NAMES.index(tag) for tag in TAGS]
TAGGED = RowOptions(tags="tags")
TEXT = "A grey heron stood ."
SPANNED = RowOptions(layout="text_spans", text="data", spans="label", span=("0", "1", "2"))


def write_rows(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def spell(documents: list[Document]) -> list[list[tuple[int, str, str]]]:
    return [[(e.start, e.text, e.type) for e in d.entities or ()] for d in documents]


@pytest.mark.parametrize(
    ("options", "row"),
    [
        (TAGGED, {"tokens": WORDS, "tags": TAGS}),
        (replace(TAGGED, names=NAMES), {"tokens": WORDS, "tags": NUMBERS}),
        (
            RowOptions(tokens="words", tags="ner", scheme="bare"),
            {"words": WORDS, "ner": ["O", "bird", "bird", "O", "O"]},
        ),
        (
            RowOptions(layout="token_spans", spans="mentions", span=("start", "end", "kind")),
            {"tokens": WORDS, "mentions": [{"start": 1, "end": 3, "kind": "bird", "x": 0}]},
        ),
        (
            RowOptions(layout="token_spans", span=("0", "1", "2"), last="inclusive"),
            {"tokens": WORDS, "entities": [[1, 2, "bird"]]},
        ),
        (SPANNED, {"data": TEXT, "label": [[2, 12, "bird"]]}),
        (
            replace(SPANNED, span=("1", "2", "0")),
            {"data": TEXT, "label": [["bird", 2, 12, "grey heron", 1, 3, ["grey", "heron"]]]},
        ),
        (
            RowOptions(layout="text_spans"),
            {"text": TEXT, "entities": [{"start": 2, "end": 12, "label": "bird"}]},
        ),
    ],
)
def test_every_layout_gives_the_same_document(
    tmp_path: Path, options: RowOptions, row: dict[str, Any]
) -> None:
    path = write_rows(tmp_path / "some.jsonl", row)
    documents = list(read([path], options, Reading()))
    assert [(d.id, d.text) for d in documents] == [("0", TEXT)]
    assert spell(documents) == [[(2, "grey heron", "bird")]]


ROWS = [
    {"tokens": WORDS, "tags": NUMBERS, "lang": "en", "id": 11},
    {"tokens": ["Un", "oiseau"], "tags": [0, 0], "lang": "fr", "id": 12},
    {"tokens": ["Herons"], "tags": [1], "lang": "en", "id": 13},
]


def write_store(kind: str, folder: Path) -> Path:
    tags = datasets.List(datasets.ClassLabel(names=list(NAMES)))
    features = datasets.Features(
        {
            "tokens": datasets.List(datasets.Value("string")),
            "tags": tags,
            "lang": datasets.Value("string"),
            "id": datasets.Value("int64"),
        }
    )
    table = datasets.Dataset.from_list(ROWS, features=features)
    match kind:
        case "saved":
            table.save_to_disk(str(folder / "train"))
            return folder / "train"
        case "parquet":
            table.to_parquet(str(folder / "train.parquet"))
            return folder / "train.parquet"
        case "plain parquet":
            parquet.write_table(table.with_format("arrow")[:], folder / "train.parquet")
            return folder / "train.parquet"
        case "list":
            (folder / "train.json").write_text(json.dumps(ROWS), encoding="utf-8")
            return folder / "train.json"
        case _:
            return write_rows(folder / "train.jsonl", *ROWS)


@pytest.mark.parametrize("kind", ["saved", "parquet", "list", "lines"])
def test_every_store_gives_the_same_documents(tmp_path: Path, kind: str) -> None:
    names = () if kind in ("saved", "parquet") else NAMES
    options = replace(TAGGED, names=names, where={"lang": "en"})
    documents = list(read([write_store(kind, tmp_path)], options, reading := Reading()))
    assert [document.id for document in documents] == ["0", "2"]
    assert spell(documents) == [[(2, "grey heron", "bird")], [(0, "Herons", "bird")]]
    assert reading.notes == {}


def test_names_can_come_from_a_key_and_from_the_file(tmp_path: Path) -> None:
    options = replace(TAGGED, names=NAMES, id="id")
    path = write_rows(tmp_path / "some.jsonl", *ROWS)
    other = write_rows(tmp_path / "other.jsonl", ROWS[0])
    assert [d.id for d in read([path], options, Reading())] == ["11", "12", "13"]
    assert [d.id for d in read([other, path], options, Reading())][:2] == ["other-11", "some-11"]


@pytest.mark.parametrize(
    ("options", "row", "message"),
    [
        (TAGGED, 7, "expected a JSON object"),
        (TAGGED, {"tokens": WORDS}, r"expected keys \['tags'\], got \['tokens'\]"),
        (TAGGED, {"tokens": "A b", "tags": ["O"]}, "expected a list of strings as 'tokens'"),
        (TAGGED, {"tokens": WORDS, "tags": ["O"]}, "expected 5 tags, one a token, got 1"),
        (TAGGED, {"tokens": ["A"], "tags": "O"}, "expected a list of tags, got 'O'"),
        (TAGGED, {"tokens": ["A"], "tags": [0]}, "numbers need the key `names`"),
        (TAGGED, {"tokens": ["A"], "tags": ["bird"]}, "expected a tag such as 'O'"),
        (TAGGED, {"tokens": ["\ud800"], "tags": ["O"]}, "half a character"),
        (replace(TAGGED, names=NAMES), {"tokens": ["A"], "tags": [3]}, "of 3 names, got 3"),
        (replace(TAGGED, names=NAMES), {"tokens": ["A"], "tags": [True]}, "got True"),
        (replace(TAGGED, where={"lang": "en"}), {"tokens": ["A"], "tags": ["O"]}, "'lang'"),
        (replace(TAGGED, id="id"), {"tokens": ["A"], "tags": ["O"]}, "a number as 'id', got None"),
        (
            RowOptions(layout="token_spans"),
            {"tokens": WORDS, "entities": [{"start": 4, "end": 6, "label": "bird"}]},
            "expected a mention within 5 tokens",
        ),
        (RowOptions(layout="token_spans"), {"tokens": WORDS, "entities": 1}, "expected a list as"),
        (SPANNED, {"data": TEXT, "label": [[2, 99, "bird"]]}, "expected mentions within 20 char"),
        (SPANNED, {"data": TEXT, "label": [[2, 4, "bird" * 101]]}, "an entity type has 404"),
        (SPANNED, {"data": 1, "label": []}, "expected a string as 'data'"),
        (SPANNED, {"data": TEXT, "label": [[1, 2]]}, "expected a span with start, end, label"),
        (SPANNED, {"data": TEXT, "label": [{"0": 1}]}, "expected a span with start, end, label"),
        (replace(SPANNED, span=("a", "b", "c")), {"data": TEXT, "label": [[1, 2, "x"]]}, "a span"),
    ],
)
def test_a_malformed_record_is_refused_with_its_line(
    tmp_path: Path, options: RowOptions, row: object, message: str
) -> None:
    path = write_rows(tmp_path / "some.jsonl", row)
    with pytest.raises(InputError, match=rf"some\.jsonl:1: .*{message}"):
        list(read([path], options, Reading()))


def test_lenient_reading_leaves_out_what_is_malformed(tmp_path: Path) -> None:
    rows = [
        {"data": 1, "label": []},
        {"data": TEXT, "label": [[2, 99, "bird"], [2, 12, "bird"], [3, 3, "bird"], [0, 1, " "]]},
        {"data": " ", "label": []},
    ]
    path = write_rows(tmp_path / "some.jsonl", *rows)
    path.write_text("{not JSON\n\n" + path.read_text(), encoding="utf-8")
    documents = list(read([path], SPANNED, reading := Reading(lenient=True)))
    assert [document.id for document in documents] == ["3"]
    assert spell(documents) == [[(2, "grey heron", "bird")]]
    assert reading.notes == {"malformed, skipped": 5, "document without text skipped": 1}


def test_a_mention_without_an_opening_tag_is_noted(tmp_path: Path) -> None:
    rows = [{"tokens": WORDS, "tags": ["O", "I-bird", "I-bird", "B-bird", "O"]}]
    path = write_rows(tmp_path / "some.jsonl", *rows)
    documents = list(read([path], TAGGED, reading := Reading()))
    assert spell(documents) == [[(2, "grey heron", "bird"), (13, "stood", "bird")]]
    assert reading.notes == {"mentions without an opening tag, repaired": 1}


def test_an_id_that_comes_twice_is_refused(tmp_path: Path) -> None:
    row = {"tokens": ["A"], "tags": ["O"], "id": "x"}
    path = write_rows(tmp_path / "some.jsonl", row, row)
    with pytest.raises(InputError, match=r"some\.jsonl:2: expected an id of its own, got 'x'"):
        list(read([path], replace(TAGGED, id="id"), Reading()))


def test_numbers_without_names_are_refused_in_parquet(tmp_path: Path) -> None:
    path = tmp_path / "plain.parquet"
    table = parquet.read_table(write_store("parquet", tmp_path)).replace_schema_metadata({})
    parquet.write_table(table, path)
    with pytest.raises(InputError, match=r"plain\.parquet: row 1: .*need the key `names`"):
        list(read([path], TAGGED, Reading()))


def test_damaged_stores_are_named(tmp_path: Path) -> None:
    (tmp_path / "bad.parquet").write_bytes(b"no parquet")
    with pytest.raises(InputError, match=r"bad\.parquet: damaged, cut off or not Parquet"):
        list(read([tmp_path / "bad.parquet"], TAGGED, Reading()))
    with pytest.raises(InputError, match="expected a folder saved by `datasets`"):
        list(read([tmp_path], TAGGED, Reading()))
    both = datasets.DatasetDict({"train": datasets.Dataset.from_list(ROWS)})
    both.save_to_disk(str(tmp_path / "both"))
    with pytest.raises(InputError, match=r"expected one split; name one of \['.*both/train'\]"):
        list(read([tmp_path / "both"], TAGGED, Reading()))


@pytest.mark.parametrize(("kind", "library"), [("saved", "datasets"), ("parquet", "pyarrow")])
def test_an_absent_library_is_named_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, library: str
) -> None:
    path = write_store(kind, tmp_path)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ConfigError, match=rf"needs {library}: pip install 'uniner\[corpus\]'"):
        list(read([path], TAGGED, Reading()))


def test_options_come_from_a_table() -> None:
    table = {"layout": "text_spans", "span": ["1", "2", "0"], "where": {"lang": "en"}}
    assert build_options(RowOptions, table, "here").span == ("1", "2", "0")
    with pytest.raises(ConfigError, match="span must name start, end and label"):
        build_options(RowOptions, {"span": ["start"]}, "here")


TOKEN = st.text("abÄ é.", min_size=1, max_size=5).map(str.strip).filter(bool)


@given(st.lists(TOKEN, min_size=1, max_size=12), st.data())
def test_spans_of_tokens_come_back(
    tmp_path_factory: pytest.TempPathFactory, tokens: list[str], data: st.DataObject
) -> None:
    place = st.integers(0, len(tokens) - 1).flatmap(
        lambda first: st.tuples(st.just(first), st.integers(first + 1, len(tokens)))
    )
    spans = data.draw(st.lists(place, max_size=5))
    row = {"tokens": tokens, "entities": [[first, end, "X"] for first, end in spans]}
    path = write_rows(tmp_path_factory.mktemp("rows") / "some.jsonl", row)
    options = RowOptions(layout="token_spans", span=("0", "1", "2"))
    [document] = read([path], options, Reading())
    found = [entity.text for entity in document.entities or ()]
    assert found == [" ".join(tokens[first:end]) for first, end in spans]


def count(documents: list[Document]) -> Counter[str]:
    return Counter(e.type for document in documents for e in document.entities or ())


@needs("deal")
def test_the_sample_of_deal_is_read_whole() -> None:
    documents = list(read([REAL / "deal" / "sample.jsonl"], RowOptions(id="unique_id"), Reading()))
    known = json.loads((REAL / "deal" / "source.json").read_text())
    assert (len(documents), count(documents)) == (20, known["labels"])


@needs("genia")
@pytest.mark.parametrize("part", ["dev", "test"])
def test_the_nested_records_of_genia_are_read_whole(part: str) -> None:
    options = RowOptions(
        layout="token_spans",
        spans="entity_mentions",
        span=("start", "end", "entity_type"),
        id="sent_id",
    )
    documents = list(read([REAL / "genia" / f"{part}.jsonlines"], options, Reading()))
    known = json.loads((REAL / "genia" / "source.json").read_text())["splits"][f"{part}_jsonlines"]
    assert (len(documents), count(documents)) == (known["sentences"], known["types"])
