import json
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="distillation trains, which needs torch")

from click.testing import CliRunner  # noqa: E402

from toy_model import save_base  # noqa: E402
from uniner.cli.distill import command  # noqa: E402
from uniner.corpus import sample  # noqa: E402
from uniner.corpus.split import split_of  # noqa: E402
from uniner.records import ConfigError  # noqa: E402
from uniner.records.manifest import claim_folder, describe_run  # noqa: E402
from uniner.records.store import read_annotated, read_predictions, write_records  # noqa: E402
from uniner.training import distill as steps  # noqa: E402
from uniner.training.recipe import load_recipe  # noqa: E402

COUNT = 80


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A recipe over the sample's first passages, with a tiny base made on the spot."""
    save_base(tmp_path / "base")
    passages = list(islice(sample.read_passages(), COUNT))
    write_records(tmp_path / "passages.jsonl", passages)
    ids = {passage.id for passage in passages}
    rows = [row for row in sample.read_replies() if row["id"] in ids]
    (tmp_path / "replies.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    path = tmp_path / "tiny.toml"
    path.write_text(
        f"""
        name = "tiny"
        [corpus]
        passages = "{tmp_path / "passages.jsonl"}"
        [teacher]
        replies = "{tmp_path / "replies.jsonl"}"
        [student]
        base = "{tmp_path / "base"}"
        epochs = 2
        hidden = 16
        """
    )
    return path


def run(*arguments: str) -> str:
    """What the command prints; errors are raised."""
    result = CliRunner().invoke(command, list(arguments), catch_exceptions=False)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_a_recipe_leaves_every_step_a_model_and_a_report(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    printed = run(str(recipe), "--out", str(out))
    assert "tiny (this run)" in printed
    assert "lexicon (floor)" in printed
    annotated = list(read_annotated(out / "annotated.jsonl"))
    assert len(annotated) == COUNT
    held_out = [a for a in annotated if split_of(a.passage.id) == "test"]
    assert len(list(read_predictions(out / "predictions.jsonl"))) == len(held_out)
    verdicts = json.loads((out / "results.json").read_text())["verdicts"]
    assert verdicts[0]["passages"] == len(held_out)
    assert "tiny (this run)" in (out / "report.html").read_text()
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["run"]["recipe"]["student"]["seed"] == 0
    assert set(manifest["run"]["inputs"]) == {"passages", "replies"}
    assert set(json.loads((out / "losses.json").read_text())) == {"1", "2"}


def test_a_run_that_was_stopped_goes_on_without_doing_anything_twice(
    recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, whole = tmp_path / "run", tmp_path / "whole"
    run(str(recipe), "--out", str(whole))

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(steps, "export", stop)
    with pytest.raises(KeyboardInterrupt):
        steps.distill(load_recipe(str(recipe)), out, Silent())
    monkeypatch.undo()
    replies = (out / "replies.jsonl").read_bytes()
    checkpoint = (out / "training.pt").stat().st_mtime_ns
    run(str(recipe), "--out", str(out))
    assert (out / "replies.jsonl").read_bytes() == replies
    assert (out / "training.pt").stat().st_mtime_ns == checkpoint
    for name in ("encoder.onnx", "spans.onnx", "types.onnx", "settings.json"):
        assert (out / "model" / name).read_bytes() == (whole / "model" / name).read_bytes()


def test_a_folder_with_another_recipes_run_is_refused(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    claim_folder(out, describe_run({"recipe": {"name": "other"}}, {}))
    with pytest.raises(ConfigError, match="holds a different run"):
        run(str(recipe), "--out", str(out))


def test_changes_and_their_mistakes_are_named(recipe: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown key 'epoch'"):
        run(str(recipe), "--out", str(tmp_path / "run"), "--set", "student.epoch=1")


def test_a_file_that_a_recipe_names_must_be_there(recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "replies.jsonl").unlink()
    with pytest.raises(ConfigError, match=r"replies\.jsonl: no such file"):
        run(str(recipe), "--out", str(tmp_path / "run"))


def test_passages_that_share_an_id_are_refused(recipe: Path, tmp_path: Path) -> None:
    path = tmp_path / "passages.jsonl"
    path.write_text(path.read_text() + path.read_text().splitlines()[0] + "\n")
    shutil.rmtree(tmp_path / "run", ignore_errors=True)
    with pytest.raises(ConfigError, match="occurs twice"):
        run(str(recipe), "--out", str(tmp_path / "run"))


class Silent:
    """A narrator that says nothing."""

    def say(self, line: str) -> None:
        """Nothing."""

    def progress(self, label: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """Nothing."""
        return nullcontext(lambda amount: None)
