"""`uniner annotate`: a table of what was kept and dropped, and one clear line where it cannot."""

import json
import re
from itertools import islice
from pathlib import Path

import pytest

from toy_cli import call
from uniner.corpus import sample
from uniner.records.store import read_annotated, write_records


def run(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    return call(["annotate", *arguments], monkeypatch, capsys)


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
    names = ["annotated.drops.json", "annotated.jsonl", "annotated.replies.jsonl", "passages.jsonl"]
    assert sorted(path.name for path in passages.parent.iterdir()) == names
    kept = passages.with_name("kept.jsonl")
    passages.with_name("annotated.replies.jsonl").rename(kept)
    assert kept.read_bytes().count(b"\n") == 20
    assert run([*arguments, "--replies", str(kept)], monkeypatch, capsys)[0] == 0
    assert out.read_bytes() == first


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
        assert [line.split()[-1] for line in printed.splitlines() if reason in line] == ["1"]


def test_what_it_would_cost_is_said_without_asking_anything(
    passages: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = passages.with_name("annotated.jsonl")
    live = ["--teacher", "http://127.0.0.1:1/v1", "--model", "m", "--price-in", "1000"]
    asked = [str(passages), "--out", str(out), *live, "--verify", "--estimate"]
    code, printed, error = run(asked, monkeypatch, capsys)
    assert (code, error) == (0, "")
    assert re.fullmatch(r"to ask: 40 requests, about [\d,]+ tokens .* cost \d+\.\d\d\n", printed)
    assert list(passages.parent.iterdir()) == [passages]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("p.jsonl --out a.jsonl --teacher http://x", "say which of its models to ask"),
        ("p.jsonl --out a.jsonl --teacher ftp://x --model m", "not an address"),
        ("p.jsonl --out a.jsonl --teacher http://x --model m --max-cost 1", "needs the prices"),
        ("p.jsonl --out a.jsonl --teacher http://x --model m --samples 3", "raise temperature"),
        (
            "p.jsonl --out a.jsonl --teacher http://x --model m --key-env NO_SUCH_KEY",
            "the environment variable NO_SUCH_KEY holds no key",
        ),
        (
            "p.jsonl --out a.jsonl --teacher recorded --teacher recorded --replies x --replies y "
            "--replies z",
            "--replies: given 3 times for 2 such teachers",
        ),
        ("p.jsonl --out a.jsonl --teacher recorded --candidates no", "no: no such file"),
        ("nope.jsonl --out a.jsonl --teacher recorded", "nope.jsonl: no such file"),
        ("p.jsonl --out a.jsonl --teacher recorded", "none of the 1 passages has a reply"),
        ("p.jsonl --out a.jsonl --teacher recorded --replies no", "no: no such file"),
        ("bad.jsonl --out a.jsonl --teacher recorded", "bad.jsonl:2: "),
        (
            "p.jsonl --out a.jsonl --teacher recorded --replies a.replies.jsonl",
            "--out a.jsonl would overwrite it",
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
