"""A source is a file, a folder of files or a data set, with names that no machine changes."""

from pathlib import Path

import pytest

from uniner.corpus.files import File, check_sources, kind_of, list_files
from uniner.records import InputError


@pytest.fixture(autouse=True)
def in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"x")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.txt", "text"),
        ("README.MD", "text"),
        ("a.txt.gz", "text"),
        ("a.jsonl", "jsonl"),
        ("a.NDJSON.ZST", "jsonl"),
        ("a.b.parquet", "parquet"),
        ("a.parquet.gz", None),
        ("a.json", None),
        ("a.gz", None),
        ("txt", None),
    ],
)
def test_a_name_says_how_a_file_is_read(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


def test_a_folder_is_walked_in_order_at_any_depth() -> None:
    touch("c/b.txt", "c/z/deep/a.md", "c/a.jsonl.gz", "c/z/b.parquet", "c/.git/x.txt", "c/n.pdf")
    assert [(file.name, file.domain, file.kind, file.size) for file in list_files("c")] == [
        ("c/a.jsonl.gz", "a", "jsonl", 1),
        ("c/b.txt", "c", "text", 1),
        ("c/z/b.parquet", "b", "parquet", 1),
        ("c/z/deep/a.md", "z", "text", 1),
    ]


def test_names_do_not_depend_on_where_a_source_lies(tmp_path: Path) -> None:
    touch("one/c/s/a.txt", "two/c/s/a.txt")
    first, second, third = (
        [(file.name, file.domain) for file in list_files(source)]
        for source in ("one/c", str(tmp_path / "two/c"), "two/../one/c/")
    )
    assert first == second == third == [("c/s/a.txt", "s")]
    assert next(list_files("one/c/s/a.txt")).name == "a.txt"


def test_a_data_set_of_the_hub_is_one_file() -> None:
    touch("d/set/x.jsonl")
    assert list(list_files("hf:a/b")) == [File("a/b", "hf:a/b", "a/b", "hub")]
    assert list(list_files("hf:./d/set")) == [File("./d/set", "hf:set", "set", "hub")]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nope", "nope: no such file or folder"),
        ("empty", "empty: no file to read in this folder; it takes .txt, .md"),
        ("a.pdf", "a.pdf: unknown kind of file; give .txt, .md"),
    ],
)
def test_what_is_no_source_is_named(source: str, message: str) -> None:
    touch("a.pdf", "empty/a.pdf")
    with pytest.raises(InputError, match=message):
        list(list_files(source))


def test_a_file_name_that_is_no_text_is_refused() -> None:
    touch("c/a\udcff.txt")
    with pytest.raises(InputError, match="the file's name has half a character"):
        list(list_files("c"))


def test_two_sources_of_one_name_are_refused() -> None:
    check_sources(["one/a.txt", "two/b.txt", "hf:a.txt"])
    with pytest.raises(InputError, match=r"one/a.txt and two/a.txt: both are called 'a.txt'"):
        check_sources(["one/a.txt", "two/a.txt"])
    with pytest.raises(InputError, match=r"both are called 'a.txt'"):
        check_sources(["a.txt", "a.txt"])
