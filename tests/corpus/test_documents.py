"""Every kind of source gives the same documents, and what is malformed is said with its place."""

import gzip
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import zstandard
from pyarrow import parquet

from uniner.corpus.documents import Document, Unreadable, read_sources
from uniner.corpus.rows import Layout
from uniner.corpus.streams import SECTION
from uniner.records import ConfigError, InputError

ROWS: list[dict[str, Any]] = [
    {"text": "Ada met Bo.", "meta": {"pile_set_name": "ArXiv"}, "domain": None},
    {"text": "", "meta": {"pile_set_name": "Books3"}, "domain": ""},
    {"text": "Cy left.", "meta": {"pile_set_name": "ArXiv"}, "domain": "news"},
]
DOMAINS = ["ArXiv", "Books3", "news"]


@pytest.fixture(autouse=True)
def in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, rows: Sequence[Any]) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    match path.suffix:
        case ".parquet":
            parquet.write_table(pa.Table.from_pylist(rows), path, row_group_size=2)
        case ".gz":
            path.write_bytes(gzip.compress(data))
        case ".zst":
            path.write_bytes(zstandard.compress(data))
        case _:
            path.write_bytes(data)


def read(source: str, layout: Layout | None = None) -> list[Document]:
    read = list(read_sources([source], layout or Layout()))
    documents = [each for each in read if isinstance(each, Document)]
    assert len(documents) == len(read)
    return documents


def complaints(source: str, layout: Layout | None = None) -> list[str]:
    try:
        read = list(read_sources([source], layout or Layout()))
    except InputError as error:
        return [str(error)]
    return [each.why for each in read if isinstance(each, Unreadable)]


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.jsonl.gz", "a.jsonl.zst", "a.parquet"])
def test_rows_of_any_format_are_the_same_documents(name: str) -> None:
    write(name, ROWS)
    assert read(name) == [
        Document(row["text"], name, line, domain)
        for line, (row, domain) in enumerate(zip(ROWS, DOMAINS, strict=True), start=1)
    ]


def test_a_data_set_of_the_hub_is_the_same_documents() -> None:
    pytest.importorskip("datasets")
    write("set/train.jsonl", ROWS)
    documents = read("hf:./set")
    assert [(d.text, d.name, d.line, d.domain) for d in documents] == [
        (row["text"], "hf:set", line, domain)
        for line, (row, domain) in enumerate(zip(ROWS, DOMAINS, strict=True), start=1)
    ]
    (why,) = complaints("hf:./set", Layout(split="dev"))
    assert why.startswith("hf:./set: cannot be read after row 0 (Bad split: dev")


def test_fields_may_lie_within_others() -> None:
    write("a.jsonl", [{"doc": {"body": "Ada."}, "x.y": 7}, {"doc": {"body": "Bo."}, "x": {"y": 8}}])
    layout = Layout("doc.body", "x.y")
    assert [(d.text, d.domain) for d in read("a.jsonl", layout)] == [("Ada.", "7"), ("Bo.", "8")]
    write("b.parquet", [{"doc": {"body": "Ada."}, "x": {"y": "z"}}])
    assert [(d.text, d.domain) for d in read("b.parquet", layout)] == [("Ada.", "z")]


def test_rows_without_a_domain_have_their_files_name() -> None:
    write("c/news/shard-1.jsonl.gz", [{"text": "Ada."}, {"text": "Bo.", "domain": ""}])
    assert {d.domain for d in read("c")} == {"shard-1"}


def test_a_text_file_is_one_document_in_sections_that_count_lines() -> None:
    text = "".join(f"Line {number}.\r\n" * 3 + "\r\n" for number in range(SECTION // 10))
    Path("c/news").mkdir(parents=True)
    Path("c/news/a.txt").write_bytes(b"\xef\xbb\xbf" + text.encode())
    documents = read("c")
    assert len(documents) > 2
    assert "".join(d.text for d in documents) == text
    for document in documents:
        assert text[document.offset :].startswith(document.text)
        assert document.line == text.count("\n", 0, document.offset) + 1
    assert {(d.name, d.domain, d.lines) for d in documents} == {("c/news/a.txt", "news", True)}


def test_a_long_row_comes_in_sections_with_their_offsets() -> None:
    text = "Ada met Bo. " * (SECTION // 5)
    write("a.jsonl", [{"text": "x"}, {"text": text}])
    _, *sections = read("a.jsonl")
    assert [text[d.offset : d.offset + len(d.text)] for d in sections] == [d.text for d in sections]
    assert "".join(d.text for d in sections) == text
    assert {d.line for d in sections} == {2}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"text": "a"', r"a\.jsonl:2: malformed JSON"),
        (b"[" * 100_000, r"a\.jsonl:2: malformed JSON"),
        (b'{"text": ' + b"9" * 5000 + b"}", r"a\.jsonl:2: malformed JSON"),
        (b"[1]", r"a\.jsonl:2: expected a JSON object, got '\[1\]'"),
        (b'{"text": "\xff"}', r"a\.jsonl:2: not UTF-8 \(byte 0xff\)"),
        (b'{"body": "a", "n": 1}', r"'text' has nothing .*there are 'body', 'n'.*--text-field"),
        (b'{"text": 7}', "'text' has 7 where the text should be"),
        (b'{"text": null}', "'text' has nothing where the text should be"),
        (b'{"text": "a\\u0000"}', "field 'text' has NUL characters"),
        (b'{"text": "\\ud800"}', "field 'text' has half a character"),
        (b'{"text": "a", "domain": "\\ud800"}', "field 'domain' has half a character"),
    ],
)
def test_a_malformed_line_is_said_and_the_next_is_read(line: bytes, message: str) -> None:
    Path("a.jsonl").write_bytes(b'{"text": "a"}\n' + line + b'\n\n{"text": "b"}')
    first, wrong, last = read_sources(["a.jsonl"], Layout())
    assert (first, last) == (Document("a", "a.jsonl", 1, "a"), Document("b", "a.jsonl", 4, "a"))
    assert isinstance(wrong, Unreadable)
    assert re.search(message, wrong.why)


def test_a_domain_field_that_a_row_lacks_is_said() -> None:
    write("a.jsonl", [{"text": "a", "kind": "x"}, {"text": "b"}])
    assert complaints("a.jsonl", Layout(domain_field="kind")) == [
        "a.jsonl:2: no domain in field 'kind'; see --domain-field"
    ]


def test_a_damaged_file_ends_where_it_is_damaged() -> None:
    write("c/a.jsonl.gz", [{"text": str(number)} for number in range(50_000)])
    path = Path("c/a.jsonl.gz")
    path.write_bytes(path.read_bytes()[:-9])
    write("c/b.jsonl", [{"text": "b"}])
    *documents, wrong, last = read_sources(["c"], Layout())
    assert len(documents) > 40_000
    assert isinstance(wrong, Unreadable)
    assert "cut off" in wrong.why
    assert last == Document("b", "c/b.jsonl", 1, "b")


def test_parquet_that_cannot_be_read_is_said() -> None:
    write("a.parquet", [{"body": "a"}])
    assert complaints("a.parquet") == [
        "a.parquet: no column 'text' (there are 'body'); name the text's with --text-field"
    ]
    data = Path("a.parquet").read_bytes()
    for damaged in (data[:-20], b"no Parquet", b""):
        Path("a.parquet").write_bytes(damaged)
        (why,) = complaints("a.parquet", Layout("body"))
        assert why.startswith("a.parquet: damaged, cut off or not Parquet, after row 0")


@pytest.mark.parametrize(("name", "data"), [("a.txt", b""), ("a.jsonl", b" \n"), ("a.txt.gz", b"")])
def test_an_empty_source_is_refused(name: str, data: bytes) -> None:
    Path("c").mkdir()
    Path("c", name).write_bytes(data)
    assert complaints("c") == ["c: empty; it needs at least one document"]


def test_progress_is_told_in_bytes_of_the_files() -> None:
    for name in ("c/a.jsonl", "c/b.jsonl.gz", "c/c.jsonl.zst", "c/d.parquet"):
        write(name, ROWS * 400)
    told: list[int] = []
    list(read_sources(["c"], Layout(), told.append))
    assert sum(told) == sum(path.stat().st_size for path in Path("c").iterdir())


@pytest.mark.parametrize(
    ("name", "library"),
    [("a.parquet", "pyarrow"), ("a.jsonl.zst", "zstandard"), ("hf:a/b", "datasets")],
)
def test_a_library_that_is_missing_is_named(
    name: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not name.startswith("hf:"):
        write(name, ROWS)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ConfigError, match=rf"{library}: pip install 'uniner\[corpus\]'"):
        list(read_sources([name], Layout()))
