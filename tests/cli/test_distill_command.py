import json
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="distillation trains, which needs torch")

from click.testing import CliRunner  # noqa: E402

from toy_llama import save_student  # noqa: E402
from toy_model import make_records, save_base  # noqa: E402
from toy_recipe import COUNT, write_recipe  # noqa: E402
from toy_server import Act, Seen, answers, serve  # noqa: E402
from uniner.chat.dialogue import read_dialogues  # noqa: E402
from uniner.chat.queries import read_queries  # noqa: E402
from uniner.cli.distill import command  # noqa: E402
from uniner.construction.narrator import Silent  # noqa: E402
from uniner.corpus import sample  # noqa: E402
from uniner.corpus.split import split_of  # noqa: E402
from uniner.records import ConfigError  # noqa: E402
from uniner.records.manifest import claim_folder, describe_run  # noqa: E402
from uniner.records.store import read_annotated, read_predictions  # noqa: E402
from uniner.students.generative.settings import GenerativeSettings, read_settings  # noqa: E402
from uniner.training import distill as steps  # noqa: E402
from uniner.training.recipe import load_recipe  # noqa: E402
from uniner.training.splits import keep_types  # noqa: E402


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    return write_recipe(tmp_path)


def run(*arguments: str) -> str:
    """What the command prints; errors are raised."""
    result = CliRunner().invoke(command, list(arguments), catch_exceptions=False)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_a_student_may_learn_the_most_frequent_types_alone() -> None:
    records = make_records()
    kept = keep_types(records, 1)
    assert {entity.type for record in kept for entity in record.entities} == {"person"}
    assert [record.passage for record in kept] == [record.passage for record in records]
    assert keep_types(records, 9) == records
    some = keep_types(records, 0, ("person", "city"))
    assert {entity.type for record in some for entity in record.entities} == {"location"}


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


def test_a_generative_student_comes_out_of_the_same_recipe(
    recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "DEV_QUESTIONS", 2)  # untrained, it says all that it may
    base = tmp_path / "bert"
    save_student(base, "bert", GenerativeSettings("toy", "prefix", "bare"))
    changes = ["family=generative", f"generative.base={base}", "generative.max_tokens=250"]
    changes += ["generative.architecture=prefix", "generative.template=bare"]
    changes += ["generative.epochs=1", "generative.isolated=true", "generative.queries=4"]
    changes += ["evaluation.types=2"]
    out = tmp_path / "run"
    printed = run(str(recipe), "--out", str(out), *(f"--set={change}" for change in changes))
    assert "tiny (this run)" in printed
    assert 0 < read_settings(out / "model").threshold < 1
    train = [d.id for _, d in read_dialogues(out / "conversations.json")]
    curve = json.loads((out / "curve.json").read_text())
    assert curve["dev"], "the dev split is asked in the course of training"
    assert any(split_of(name) == "test" for name in train)
    predictions = list(read_predictions(out / "predictions.jsonl"))
    assert predictions
    assert {split_of(prediction.passage.id) for prediction in predictions} == {"test"}
    assert "step 1" in (out / "report.html").read_text()
    tuned = (out / "model" / "thresholds.json").stat().st_mtime_ns
    again = run(str(recipe), "--out", str(out), *(f"--set={change}" for change in changes))
    assert "tiny (this run)" in again
    assert (out / "model" / "thresholds.json").stat().st_mtime_ns == tuned, "chosen once"


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
    replies = (out / "annotated.replies.jsonl").stat().st_mtime_ns
    checkpoint = (out / "training.pt").stat().st_mtime_ns
    run(str(recipe), "--out", str(out))
    assert (out / "annotated.replies.jsonl").stat().st_mtime_ns == replies
    assert (out / "training.pt").stat().st_mtime_ns == checkpoint
    for name in ("encoder.onnx", "spans.onnx", "types.onnx", "settings.json"):
        assert (out / "model" / name).read_bytes() == (whole / "model" / name).read_bytes()


def test_types_are_learnt_by_the_names_that_a_table_gives_them(
    recipe: Path, tmp_path: Path
) -> None:
    table = tmp_path / "types.jsonl"
    table.write_text('{"type": "person", "as": "human being"}\n', encoding="utf-8")
    out = tmp_path / "run"
    run(str(recipe), "--out", str(out), "--set", f"rename={table}", "--set", "student.epochs=1")
    kept = {e.type for a in read_annotated(out / "annotated.jsonl") for e in a.entities}
    assert "person" in kept
    assert "human being" not in kept
    asked = {query.type for _, query in read_queries(out / "conversations.json")}
    bands = json.loads((out / "statistics.json").read_text())["bands"]
    for names in (asked, {name for band in bands for name in band["examples"]}):
        assert "person" not in names
        assert "human being" in names


def test_a_folder_with_another_recipes_run_is_refused(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    claim_folder(out, describe_run({"recipe": {"name": "other"}}, {}))
    with pytest.raises(ConfigError, match="holds a different run"):
        run(str(recipe), "--out", str(out))


def test_a_file_of_candidates_is_an_input_like_any_other(recipe: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nope: no such file; .* as its candidates"):
        run(str(recipe), "--out", str(tmp_path / "run"), "--set", "teacher.candidates=nope")


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


@pytest.fixture
def live_recipe(tmp_path: Path) -> Iterator[Path]:
    """A recipe over texts of one's own and a live teacher on this machine."""
    save_base(tmp_path / "base")
    rows = {row["id"]: row["reply"] for row in sample.read_replies()}
    replies: dict[str, str] = {}
    for number, passage in enumerate(islice(sample.read_passages(), COUNT)):
        (tmp_path / "texts" / str(number % 2)).mkdir(parents=True, exist_ok=True)
        path = tmp_path / "texts" / str(number % 2) / f"{passage.id}.txt"
        path.write_text(passage.text, encoding="utf-8")
        replies[passage.text] = rows[passage.id]

    def script(seen: Seen) -> Act:
        return answers(replies.get(seen.asked.partition("Passage: ")[2], "[]"))

    with serve(script) as server:
        path = tmp_path / "live.toml"
        path.write_text(
            f"""
            name = "live"
            [corpus]
            sources = ["{tmp_path / "texts"}"]
            [corpus.sampling]
            n = 70
            min_tokens = 8
            [teacher]
            kind = "live"
            url = "{server.url}"
            model = "m"
            price_in = 1e6
            max_cost = 300
            [student]
            base = "{tmp_path / "base"}"
            epochs = 1
            hidden = 16
            """
        )
        yield path


def test_texts_and_a_live_teacher_become_a_student_and_money_is_kept_to(
    live_recipe: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with pytest.raises(ConfigError, match=r"teacher.max_cost is spent"):
        run(str(live_recipe), "--out", str(out))
    assert not (out / "annotated.jsonl").exists()
    printed = run(str(live_recipe), "--out", str(out), "--set", "teacher.max_cost=1e9")
    assert "live (this run)" in printed
    passages = [json.loads(line) for line in (out / "passages.jsonl").read_text().splitlines()]
    assert {passage["domain"] for passage in passages} == {"0", "1"}
    assert json.loads((out / "passages.corpus.json").read_text())["sampled"] == len(passages)
    annotated = list(read_annotated(out / "annotated.jsonl"))
    assert [a.passage.id for a in annotated] == [passage["id"] for passage in passages]
    assert sum(bool(a.entities) for a in annotated) > 40
    queries = [query for _, query in read_queries(out / "conversations.json")]
    assert {json.loads(query.answer) == [] for query in queries} == {True, False}
    statistics = json.loads((out / "statistics.json").read_text())
    assert statistics["passages"] == len(passages)


def test_another_corpus_in_the_same_folder_is_refused(live_recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(ConfigError, match=r"max_cost"):
        run(str(live_recipe), "--out", str(out))
    (tmp_path / "texts" / "0" / "more.txt").write_text("More of it.", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"holds a different run \(inputs"):
        run(str(live_recipe), "--out", str(out))
