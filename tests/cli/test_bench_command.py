"""`uniner bench` lists what there is and runs a model on it."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from uniner.cli import cli
from uniner.records import Annotated, Entity, Passage, UninerError
from uniner.students.lexicon import Lexicon, learn_lexicon

TEXTS = [("Ada met Bo.", ["Ada", "Bo"]), ("It rained.", [])]


def learn() -> Lexicon:
    return learn_lexicon([Annotated(Passage("p", "Ada"), (Entity(0, 3, "Ada", "person"),))])


def write_data(folder: Path) -> None:
    path = folder / "official_conversations" / "CrossNER_AI.json"
    path.parent.mkdir(parents=True)
    rows: list[dict[str, object]] = []
    for text, people in TEXTS:
        question = "What describes person in the text?"
        values = [f"Text: {text}", "ok", question, json.dumps(people)]
        turns = [{"from": ("human", "gpt")[i % 2], "value": v} for i, v in enumerate(values)]
        rows.append({"id": f"q{len(rows)}", "conversations": turns})
    path.write_text(json.dumps(rows), encoding="utf-8")


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["bench", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def rows(output: str, start: str) -> Sequence[str]:
    [line] = [line for line in output.splitlines() if line.strip().startswith(start)]
    return line.split()


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    models = ModuleType("uniner.students.load")
    models.BUNDLED = "mini"  # type: ignore[attr-defined]
    models.load_extractor = lambda model: learn()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "uniner.students.load", models)
    monkeypatch.chdir(tmp_path)
    write_data(tmp_path / "data")
    return str(tmp_path / "data")


def test_a_run_prints_its_figures_beside_the_papers(data: str) -> None:
    output = run("run", "--suite", "CrossNER_AI", "--data", data)
    figures = ["2", "100.0", "50.0", "66.7", "12.8", "22.7", "52.4", "53.5", "54.2"]
    assert rows(output, "CrossNER AI, as published")[4:] == figures
    assert "lexicon F1" in output
    out = Path("runs") / "bench-lexicon-CrossNER_AI"
    assert sorted(path.name for path in out.iterdir()) == [
        "CrossNER_AI.test.examples.jsonl",
        "CrossNER_AI.test.predictions.jsonl",
        "manifest.json",
        "results.json",
    ]


def test_a_sample_is_named(data: str) -> None:
    output = run(
        "run", "--suite", "CrossNER_AI", "--data", data, "--out", "x", "--limit", "1", "--seed", "3"
    )
    assert "at most 1 passages a data set, seed 3" in output
    assert "1 of 2" in output


def test_what_is_not_there_and_how_it_was_prepared_is_said(data: str) -> None:
    output = run("run", "--suite", "ood7", "--data", data, "--max-queries", "1", "--seed", "2")
    assert "Not there: mit-movie, mit-restaurant, CrossNER_literature" in output
    assert "Prepared with at most 1 queries a data set, seed 2." in output
    assert "CrossNER AI, as published: passages beyond 1 queries (1)." in " ".join(output.split())


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run", "--data", "absent"], "--data absent: no such folder"),
        (["run", "--data", "data", "--suite", "ood8"], "no suite or data set is called 'ood8'"),
        (["run", "--data", "data", "--suite", "law"], "no test split of e_ner, .* is there"),
        (["run", "--data", "data", "--mode", "supervised"], "lexicon cannot be told"),
        (["run", "--data", "data", "--max-queries", "-1"], "at most -1 queries"),
        (["run", "--data", "data", "--suite", "CrossNER_AI", "--limit", "0"], "a limit of 0"),
    ],
)
def test_what_cannot_be_run_is_refused(data: str, arguments: list[str], expected: str) -> None:
    with pytest.raises(UninerError, match=expected):
        run(*arguments)
    assert not Path("runs").exists()
