"""`uniner convert` says what it wrote and what was lost, and writes nothing where it may not."""

import io
import json
import sys
from pathlib import Path

import pytest

from toy_cli import call
from uniner.records import Annotated, Entity, Passage
from uniner.records.store import read_annotated, write_records

NESTED = Annotated(
    Passage("0", "New York City"),
    (Entity(0, 13, "New York City", "city"), Entity(4, 8, "York", "city")),
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    write_records(path, [NESTED])
    return path


def test_a_loss_is_said_on_standard_error(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = source.with_name("out.conll")
    code, printed, said = call(["convert", str(source), str(out)], monkeypatch, capsys)
    assert (code, printed) == (0, "")
    assert said.splitlines() == [
        f"{source} to {out}: 1 passages with 2 entities",
        "uniner: mention that overlaps another left out (1)",
    ]
    assert out.read_text() == "New\tB-city\nYork\tI-city\nCity\tI-city\n\n"


def test_strict_makes_a_loss_an_error_and_writes_nothing(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, form in (("out.conll", "conll"), ("out", "brat"), ("out.json", "conversations")):
        lossy = Annotated(NESTED.passage, (*NESTED.entities, Entity(3, 4, " ", "city", 0.5)))
        write_records(source, [lossy])
        arguments = ["convert", str(source), str(source.with_name(name)), "--to", form, "--strict"]
        code, _, said = call(arguments, monkeypatch, capsys)
        assert code == 2
        assert f"{name}: not written, as --strict forbids: " in said
        assert "score left out (1)" in said
        assert sorted(path.name for path in source.parent.iterdir()) == ["in.jsonl"]


def test_strict_allows_what_loses_nothing(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out, back = source.with_name("out.json"), source.with_name("back.jsonl")
    there = ["convert", str(source), str(out), "--to", "gliner", "--strict"]
    again = ["convert", str(out), str(back), "--from", "gliner", "--strict"]
    assert [call(there, monkeypatch, capsys)[0], call(again, monkeypatch, capsys)[0]] == [0, 0]
    assert list(read_annotated(back)) == [NESTED]


def test_a_pipe_goes_in_and_out(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(source.read_bytes())))
    arguments = ["convert", "-", "-", "--from", "annotated", "--to", "doccano"]
    code, printed, said = call(arguments, monkeypatch, capsys)
    assert code == 0
    assert json.loads(printed)["label"] == [[0, 13, "city"], [4, 8, "city"]]
    assert said == "- to -: 1 passages with 2 entities\n"


def test_what_is_malformed_is_skipped_only_where_asked(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with source.open("a") as stream:
        stream.write("{}\n")
    arguments = ["convert", str(source), str(source.with_name("o.jsonl"))]
    code, _, said = call(arguments, monkeypatch, capsys)
    assert code == 2
    assert "in.jsonl:2: field 'id' must be a string" in said
    assert "--lenient" in said
    code, _, said = call([*arguments, "--lenient"], monkeypatch, capsys)
    assert code == 0
    assert "malformed, skipped (1)" in said


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["in.jsonl", "out.json"], "out.json: its name does not say what format it has; give --to"),
        (["in.txt", "out.jsonl"], "in.txt: its name does not say what format it has; give --from"),
        (["in.jsonl", "in.jsonl"], "in.jsonl: is what is read; choose another name for OUT"),
        (["none.jsonl", "out.jsonl"], "none.jsonl: no such file"),
        (["empty.jsonl", "out.jsonl"], "empty.jsonl: no passages; expected at least one"),
        (["in.jsonl", "-", "--to", "conll", "--strict"], "OUT must be a file, not -"),
        (["in.jsonl", "full", "--to", "brat"], "full: is there already; name a new folder"),
        (["in.jsonl", "-", "--to", "brat"], "brat is a folder of files; name one, not -"),
        (["in.jsonl", "full", "--to", "conll"], "full: is a folder; name a file in it"),
        (["in.jsonl", "in.jsonl/x", "--to", "conll"], "x: cannot be written"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    source: Path,
    names: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (source.parent / "empty.jsonl").touch()
    (source.parent / "full").mkdir()
    (source.parent / "full" / "x").touch()
    monkeypatch.chdir(source.parent)
    code, _, said = call(["convert", *names], monkeypatch, capsys)
    assert code == 2
    assert message in said
    assert said.count("\n") == 1
