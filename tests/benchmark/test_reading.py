"""A split is read by its format, prepared, and cut where its owners made no splits."""

from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from toy_bench import instruct, make_row, write
from uniner.benchmark.catalog import Split
from uniner.benchmark.reading import list_present, read_examples
from uniner.records import InputError

TOY = make_row(
    types=1,
    splits={"train": Split(("train.json",)), "test": Split(("test.json",))},
    labels={"band": "band"},
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write(tmp_path / "test.json", [instruct(f"The Owls {n}", ("Owls", "band")) for n in range(10)])
    return tmp_path


def test_the_splits_that_are_there_are_listed(data: Path) -> None:
    assert list_present(TOY, data) == ["test"]
    assert list_present(TOY, data / "elsewhere") == []


def test_a_split_is_read_whole(data: Path) -> None:
    examples = read_examples(TOY, "test", data).rows
    assert [e.passage.text for e in examples] == [f"The Owls {n}" for n in range(10)]
    assert {(e.passage.domain, e.passage.source) for e in examples} == {("general", "toy")}
    assert {e.mentions for e in examples} == {(("Owls",),)}


def test_shares_are_disjoint_and_make_the_whole(data: Path) -> None:
    whole = [e.passage.id for e in read_examples(TOY, "test", data).rows]
    parts = []
    for share in ((0.0, 0.8), (0.8, 0.9), (0.9, 1.0)):
        row = replace(TOY, splits={"test": Split(("test.json",), share=share)})
        parts.append([e.passage.id for e in read_examples(row, "test", data).rows])
    assert [len(part) for part in parts] == [8, 1, 1]
    assert sorted(chain.from_iterable(parts)) == sorted(whole)
    assert parts[0] != whole[:8]


def test_what_is_missing_is_named(data: Path) -> None:
    with pytest.raises(InputError, match=r"train.json: no such file; `uniner bench fetch toy`"):
        read_examples(TOY, "train", data)
    with pytest.raises(InputError, match=r"toy has no split 'dev'; it has train, test"):
        read_examples(TOY, "dev", data)
    write(data / "test.json", [instruct(" ")])
    with pytest.raises(InputError, match=r"toy, test: no passages in test.json"):
        read_examples(TOY, "test", data)
    write(data / "test.json", [])
    with pytest.raises(InputError, match=r"test.json: an empty list"):
        read_examples(TOY, "test", data)


def test_malformed_records_stop_the_reading_or_are_counted(data: Path) -> None:
    write(data / "test.json", [instruct("The Owls", ("Owls", "band")), {"sentence": 7}])
    with pytest.raises(InputError, match=r"test.json: record 2: .*--lenient"):
        read_examples(TOY, "test", data)
    read = read_examples(TOY, "test", data, lenient=True)
    assert (len(read.rows), read.notes) == (1, {"malformed, skipped": 1})
