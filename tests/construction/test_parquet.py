"""Passages from JSONL and Parquet alike, results as folders of Parquet, whole or not at all."""

from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

from pyarrow import Table
from pyarrow.parquet import ParquetFile, read_table, write_table

from uniner.construction import parquet
from uniner.construction.annotating import annotate_file
from uniner.construction.desk import Plan
from uniner.construction.narrator import Silent
from uniner.construction.parquet import list_inputs, read_input, write_rows
from uniner.records import ConfigError, InputError, Passage
from uniner.records.store import write_records
from uniner.teacher.recorded import recorded


def test_a_folders_files_come_in_the_order_of_their_names_and_others_are_left_out(
    tmp_path: Path,
) -> None:
    for name in ("b.parquet", "a.jsonl", "in/c.jsonl", "notes.txt", ".hidden.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    names = [str(path.relative_to(tmp_path)) for path in list_inputs(tmp_path)]
    assert names == ["a.jsonl", "b.parquet", "in/c.jsonl"]
    assert list_inputs(tmp_path / "any name") == [tmp_path / "any name"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty: no \.jsonl or \.parquet file"):
        list_inputs(tmp_path / "empty")


def test_passages_are_the_same_from_both_kinds_and_other_columns_do_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "READ", 2)
    passages = [Passage(str(n), f"Éa {n}", "news" if n % 2 else "") for n in range(5)]
    write_records(tmp_path / "a.jsonl", passages)
    rows = [{"id": p.id, "text": p.text, "domain": p.domain or None, "n": 1} for p in passages]
    write_table(Table.from_pylist(rows), tmp_path / "a.parquet")
    assert list(read_input(tmp_path / "a.parquet")) == passages
    assert list(read_input(tmp_path / "a.jsonl")) == passages


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"id": "1", "text": "x"}, {"id": "2", "text": None}], "row 2: field 'text' must be"),
        ([{"id": 1, "text": "x"}], "row 1: field 'id' must be a string, not 1"),
        ([{"name": "1"}], "row 1: field 'id' must be a string, not None"),
        (None, r"not readable as Parquet after row 0 \("),
    ],
)
def test_a_row_that_is_no_passage_is_named(
    tmp_path: Path, rows: list[dict[str, object]] | None, message: str
) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1?")
    if rows is not None:
        write_table(Table.from_pylist(rows), path)
    with pytest.raises(InputError, match=f"^{path}: {message}"):
        list(read_input(path))
    with pytest.raises(InputError, match="not readable"):
        list(read_input(tmp_path / "nope.parquet"))


def test_rows_fill_files_of_whole_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "GROUP", 2)
    monkeypatch.setattr(parquet, "GROUPS", 3)
    folder = tmp_path / "new" / "a.parquet"
    for count in (0, 1, 12, 13):  # each replaces the one before
        with write_rows(folder, "replies") as put:
            for number in range(count):
                put({"id": str(number), "reply": "[]", "model": "m", "sample": number})
        assert read_table(folder)["sample"].to_pylist() == list(range(count))
        assert set(read_table(folder)["kind"].to_pylist()) == ({"entities"} if count else set())
    groups = [ParquetFile(path).num_row_groups for path in sorted(folder.iterdir())]
    assert (groups, [path.name for path in folder.parent.iterdir()]) == ([3, 3, 1], ["a.parquet"])


def test_an_error_leaves_what_was_there_and_a_strangers_folder_is_not_touched(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "a.parquet"
    with write_rows(folder, "replies") as put:
        put({"id": "1", "reply": "[]", "model": "m"})
    with pytest.raises(ZeroDivisionError), write_rows(folder, "replies") as put:
        put({"id": "2", "reply": "[]", "model": "m", "sample": 1 // 0})
    assert read_table(folder)["id"].to_pylist() == ["1"]
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]
    (folder / "thesis.txt").touch()
    with (
        pytest.raises(InputError, match="no folder of Parquet files"),
        write_rows(folder, "replies"),
    ):
        raise AssertionError
    assert (folder / "thesis.txt").exists()


@pytest.mark.parametrize(("source", "out"), [("p.parquet", "a.jsonl"), ("p.jsonl", "a.parquet")])
def test_one_process_takes_jsonl_alone(tmp_path: Path, source: str, out: str) -> None:
    with pytest.raises(ConfigError, match=r"\.parquet: folders and Parquet are for --engine ray"):
        annotate_file(tmp_path / source, tmp_path / out, Plan((recorded([]),)), Silent())
    assert list(tmp_path.iterdir()) == []
