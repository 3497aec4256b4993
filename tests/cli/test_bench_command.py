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


def test_the_list_says_what_is_here_and_where_the_rest_is(data: str) -> None:
    output = run("list", "--data", data)
    assert rows(output, "CrossNER_AI ")[-4:] == ["yes", "52.4", "53.5", "54.2"]
    assert rows(output, "mit-movie ")[-4:] == ["no", "5.3", "42.4", "48.7"]
    assert "Suite ood7: mit-movie, mit-restaurant" in output
    assert "From https://" in output
    assert rows(run("list"), "CrossNER_AI ")[-4] == "?"


def test_a_run_prints_its_figures_beside_the_papers(data: str) -> None:
    output = run("run", "--suite", "CrossNER_AI", "--data", data)
    figures = ["2", "100.0", "50.0", "66.7", "52.4", "53.5", "54.2"]
    assert rows(output, "CrossNER AI")[2:] == figures
    assert "lexicon F1" in output
    out = Path("runs") / "bench-lexicon-CrossNER_AI"
    assert sorted(path.name for path in out.iterdir()) == [
        "CrossNER_AI.predictions.jsonl",
        "manifest.json",
        "results.json",
    ]


def test_a_sample_is_named(data: str) -> None:
    output = run(
        "run", "--suite", "CrossNER_AI", "--data", data, "--out", "x", "--limit", "1", "--seed", "3"
    )
    assert "at most 1 passages a data set, seed 3" in output
    assert "1 of 2" in output


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run", "--data", "absent"], "--data absent: no such folder"),
        (["list", "--data", "absent"], "--data absent: no such folder"),
        (["run", "--data", "data", "--suite", "ood8"], "no suite or data set is called 'ood8'"),
        (["run", "--data", "data"], "test.json: no such file"),
        (["run", "--data", "data", "--suite", "CrossNER_AI", "--limit", "0"], "a limit of 0"),
    ],
)
def test_what_cannot_be_run_is_refused(data: str, arguments: list[str], expected: str) -> None:
    with pytest.raises(UninerError, match=expected):
        run(*arguments)
    assert not Path("runs").exists()
