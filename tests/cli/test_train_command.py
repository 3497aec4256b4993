"""`uniner train` learns from files that are already annotated, or says why it cannot."""

import json
from pathlib import Path
from typing import TypeAlias

import pytest

pytest.importorskip("torch", reason="training needs the extra train")

from toy_chat import make_dialogues, write_dialogues
from toy_cli import call
from toy_llama import save_student
from toy_model import make_records, save_base
from uniner.records.store import write_records
from uniner.students.generative.settings import GenerativeSettings, read_settings

Monkey: TypeAlias = pytest.MonkeyPatch
Captured: TypeAlias = pytest.CaptureFixture[str]


@pytest.fixture
def llama(tmp_path: Path) -> Path:
    save_student(
        tmp_path / "llama", "llama", GenerativeSettings("toy", "causal", "alpaca", max_tokens=512)
    )
    return tmp_path / "llama"


def test_a_span_student_learns_from_annotated_passages(
    tmp_path: Path, monkeypatch: Monkey, capsys: Captured
) -> None:
    save_base(tmp_path / "base")
    write_records(tmp_path / "data.jsonl", make_records())
    options = [str(tmp_path / "data.jsonl"), "--base", str(tmp_path / "base")]
    options += ["--out", str(tmp_path / "run"), "--set", "epochs=1", "--set", "hidden=8"]
    code, printed, told = call(["train", *options], monkeypatch, capsys)
    assert (code, printed) == (0, f"Model: {tmp_path / 'run' / 'model'}\n"), told
    asked = ["--model", str(tmp_path / "run" / "model"), "--types", "person", "--text", "Ada."]
    assert call(["extract", *asked], monkeypatch, capsys)[0] == 0


def test_data_sets_have_ids_of_their_own(
    tmp_path: Path, monkeypatch: Monkey, capsys: Captured
) -> None:
    save_base(tmp_path / "base")
    paths = [tmp_path / f"{name}.jsonl" for name in ("one", "two", "dev")]
    for path in paths:
        write_records(path, make_records())
    options = ["--base", str(tmp_path / "base"), "--set", "epochs=1", "--set", "hidden=8"]
    out = ["--out", str(tmp_path / "run")]
    both = ["train", *map(str, paths[:2]), *out, *options]
    code, _, told = call(both, monkeypatch, capsys)
    assert (code, "two.jsonl: passage id '0 left for' occurs twice" in told) == (2, True)
    dev = ["--dev", str(paths[2])]
    code, _, told = call(["train", str(paths[0]), *out, *dev, *options], monkeypatch, capsys)
    assert code == 0, told
    begun = json.loads((tmp_path / "run" / "manifest.json").read_text())["run"]
    assert begun["recipe"]["corpus"]["annotated"] == [str(paths[0])]
    assert [*begun["inputs"]] == [str(paths[0]), str(paths[2])]


def test_a_student_is_trained_on_with_what_it_was(
    llama: Path, tmp_path: Path, monkeypatch: Monkey, capsys: Captured
) -> None:
    dialogues = make_dialogues()
    first = write_dialogues(tmp_path / "distilled.json", dialogues[:8])
    second = write_dialogues(tmp_path / "human.json", dialogues[8:])
    options = [str(first), str(second), "--family", "generative", "--base", str(llama), "--lora"]
    options += ["--share", "0.5", "--share", "2", "--set", "epochs=1", "--set", "lora_rank=2"]
    out = tmp_path / "run"
    code, printed, told = call(["train", *options, "--out", str(out)], monkeypatch, capsys)
    assert (code, printed) == (0, f"Model: {out / 'model'}\n"), told
    settings = read_settings(out / "model")
    assert (settings.template, settings.architecture) == ("alpaca", "causal")
    described = json.loads((out / "training.json").read_text())
    assert described["config"]["adaptation"] == "lora"
    assert [share for _, share in described["sources"]] == [0.5, 2.0]
    assert (out / "curve.svg").read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--share", "1", "--share", "2"], "2 --share for 1 files; give one for each"),
        (["--lora"], "--lora and --share are for --family generative"),
        (["--family", "generative", "--set", "epoch=3"], "unknown key 'epoch'"),
        (["--family", "generative", "--set", "batch=0"], "batch must be at least 1, not 0"),
        (["--family", "generative"], "no such file"),
    ],
)
def test_what_cannot_be_trained_is_one_line(
    options: list[str], message: str, tmp_path: Path, monkeypatch: Monkey, capsys: Captured
) -> None:
    given = ["train", str(tmp_path / "none.json"), "--out", str(tmp_path / "run"), *options]
    code, printed, told = call(given, monkeypatch, capsys)
    assert (code, printed) == (2, "")
    assert message in told
    assert told.count("\n") == 1
    assert not (tmp_path / "run").exists()
