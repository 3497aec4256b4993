"""`uniner annotate`: a table of what was kept and dropped, and one clear line where it cannot."""

import json
import sys
from itertools import islice
from pathlib import Path

import pytest

from uniner.cli import main
from uniner.corpus import sample
from uniner.records.store import read_annotated, write_records


def run(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["uniner", "annotate", *arguments])
    code = 0
    try:
        main()
    except SystemExit as end:
        code = int(end.code or 0)
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.fixture
def passages(tmp_path: Path) -> Path:
    path = tmp_path / "passages.jsonl"
    write_records(path, islice(sample.read_passages("dev"), 20))
    return path


def test_sample_passages_are_annotated_by_the_samples_teacher(
    passages: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = passages.with_name("annotated.jsonl")
    arguments = [str(passages), "--out", str(out), "--teacher", "recorded"]
    code, printed, error = run(arguments, monkeypatch, capsys)
    assert (code, error) == (0, "")
    first = out.read_bytes()
    assert len(list(read_annotated(out))) == 20
    assert "passages annotated" in printed
    journal = passages.with_name("annotated.replies.jsonl")
    replies = journal.read_bytes()
    assert replies.count(b"\n") == 20
    journal.write_bytes(replies[:-9])
    assert run(arguments, monkeypatch, capsys)[0] == 0
    assert (out.read_bytes(), journal.read_bytes()) == (first, replies)


def test_replies_of_ones_own_are_counted_where_they_are_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {"1": "Ada left.", "2": "Bo came.", "3": "Cy saw."}
    replies = {"1": '[["Ada", "person"], ["Bob", "person"], ["left", "misc"]]', "2": "Hm."}
    texts = [json.dumps({"id": id, "text": text}) for id, text in rows.items()]
    said = [json.dumps({"id": id, "reply": reply}) for id, reply in replies.items()]
    (tmp_path / "p.jsonl").write_text("\n".join(texts), encoding="utf-8")
    (tmp_path / "r.jsonl").write_text("\n".join(said), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    arguments = ["p.jsonl", "--out", "a.jsonl", "--teacher", "recorded", "--replies", "r.jsonl"]
    code, printed, _ = run(arguments, monkeypatch, capsys)
    assert code == 0
    assert [one.passage.id for one in read_annotated("a.jsonl")] == ["1"]
    for reason in ("not in the passage", "says nothing", "does not parse", "gave no reply"):
        assert [line.split()[-2] for line in printed.splitlines() if reason in line] == ["1"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("p.jsonl --out a.jsonl --teacher http://x", "a live teacher cannot be asked yet"),
        ("nope.jsonl --out a.jsonl --teacher recorded", "nope.jsonl: no such file"),
        ("p.jsonl --out a.jsonl --teacher recorded", "none of the 1 passages has a reply"),
        ("p.jsonl --out a.jsonl --teacher recorded --replies no", "no: no such file"),
        ("bad.jsonl --out a.jsonl --teacher recorded", "bad.jsonl:2: "),
        (
            "p.jsonl --out a.jsonl --teacher recorded --replies a.replies.jsonl",
            "is the journal of --out a.jsonl",
        ),
    ],
)
def test_what_cannot_be_done_is_one_line_and_writes_nothing(
    arguments: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "p.jsonl").write_text('{"id": "1", "text": "x"}\n', encoding="utf-8")
    (tmp_path / "bad.jsonl").write_text('{"id": "1", "text": "x"}\n{"id"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code, printed, error = run(arguments.split(), monkeypatch, capsys)
    assert (code, printed) == (2, "")
    assert error.count("\n") == 1
    assert message in error
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.jsonl", "p.jsonl"]
