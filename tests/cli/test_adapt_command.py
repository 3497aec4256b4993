"""`uniner adapt` makes a model folder of a student and labelled texts, and says what it cost."""

import json
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import pytest

pytest.importorskip("torch", reason="training needs the extra train")

import torch

from toy_cli import call
from toy_model import make_encoder, make_network, make_records, save_base
from uniner.cli.adapt import show
from uniner.corpus import sample
from uniner.records.store import write_records
from uniner.students.checkpoint import Settings
from uniner.training.export import export

Monkey: TypeAlias = pytest.MonkeyPatch
Captured: TypeAlias = pytest.CaptureFixture[str]


@pytest.fixture
def student(tmp_path: Path) -> Path:
    save_base(tmp_path / "base")
    network, folder = make_network(lively=True), tmp_path / "toy"
    for value in network.parameters():  # the exporter keeps equal weights once; training has none
        value.data.add_(0.1 * torch.randn_like(value))
    notes = {"recipe": {"student": {"base": str(tmp_path / "base")}}}
    export(network.eval(), make_encoder(), Settings("toy", 4, 32), folder, notes=notes)
    return folder


def test_texts_become_a_model_that_extract_opens(
    student: Path, tmp_path: Path, monkeypatch: Monkey, capsys: Captured
) -> None:
    some = list(islice(sample.read_passages(), 30))
    monkeypatch.setattr(sample, "read_passages", lambda: iter(some))
    texts, dev, out = tmp_path / "texts.jsonl", tmp_path / "dev.jsonl", tmp_path / "mine"
    write_records(texts, make_records()[4:])
    write_records(dev, make_records()[:4])
    options = ["--model", str(student), "--out", str(out), "--dev", str(dev), "--epochs", "1"]
    code, printed, told = call(["adapt", str(texts), *options], monkeypatch, capsys)
    assert code == 0, told
    assert f"Model: {out}" in printed
    assert "your held-out texts (4)" in printed
    assert "epoch 1: dev F1" in told
    assert json.loads((out / "results.json").read_text())["dev"]["after"]["name"] == "mine"
    asked = ["extract", "--model", str(out), "--types", "person", "--text", "Ada left."]
    assert call(asked, monkeypatch, capsys)[0] == 0
    same = call(["adapt", str(texts), *options], monkeypatch, capsys)
    assert same[:2] == (0, printed)


def results(dev: tuple[float, float], known: tuple[float, float]) -> dict[str, Any]:
    def verdict(name: str, f1: float) -> dict[str, Any]:
        figures = {"micro": {"precision": f1, "recall": f1, "f1": f1}}
        return {"name": name, "passages": 5, "scores": {"strict": figures, "partial": figures}}

    return {
        name: {"before": verdict("mini", pair[0]), "after": verdict("mine", pair[1])}
        for name, pair in (("dev", dev), ("sample", known))
    }


@pytest.mark.parametrize(
    ("dev", "known", "warning"),
    [
        ((40.0, 60.0), (53.0, 51.5), ""),
        ((40.0, 60.0), (53.0, 50.5), "warning: forgot 2.5 points of F1 on the sample's types"),
        ((40.0, 40.0), (53.0, 53.0), "warning: no better on your held-out texts (+0.0 points"),
    ],
)
def test_what_was_forgotten_is_said(
    dev: tuple[float, float], known: tuple[float, float], warning: str, capsys: Captured
) -> None:
    show(results(dev, known))
    printed = capsys.readouterr()
    assert "before: mini" in printed.out
    assert (warning in printed.err) if warning else (printed.err == "")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--epochs", "0"], "--epochs must be at least 1, not 0"),
        ([], "texts.jsonl: no such file"),
        (["--model", "none"], "no such model folder"),
    ],
)
def test_what_cannot_be_adapted_is_one_line(
    options: list[str], message: str, tmp_path: Path, monkeypatch: Monkey, capsys: Captured
) -> None:
    texts, out = tmp_path / "texts.jsonl", tmp_path / "out"
    if "--model" in options:
        write_records(texts, make_records())
        options = [*options, "--dev", str(texts)]
    given = ["adapt", str(texts), "--out", str(out), *options]
    code, printed, told = call(given, monkeypatch, capsys)
    assert (code, printed) == (2, "")
    assert message in told
    assert told.count("\n") == 1
    assert not out.exists()
