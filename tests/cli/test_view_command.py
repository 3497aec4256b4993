"""`uniner view` writes one page beside what it shows, or says why it cannot."""

import webbrowser
from pathlib import Path
from typing import TypeAlias

import pytest

from toy_cli import call
from toy_runs import CATALOG, toy_split, write_run
from uniner.records import Annotated, Entity, Passage, Prediction
from uniner.records.store import write_records

Monkey: TypeAlias = pytest.MonkeyPatch
Captured: TypeAlias = pytest.CaptureFixture[str]


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    entity = Entity(0, 3, "Ada", "person")
    write_records(path, [Annotated(Passage(f"p{n}", f"Ada {n}."), (entity,)) for n in range(30)])
    return path


@pytest.fixture
def pred(tmp_path: Path) -> Path:
    path = tmp_path / "pred.jsonl"
    entity = Entity(0, 3, "Ada", "city", 0.5)
    write_records(path, [Prediction(Passage(f"p{n}", f"Ada {n}."), (entity,)) for n in range(30)])
    return path


def test_annotated_passages_become_a_page_beside_them(
    gold: Path, monkeypatch: Monkey, capsys: Captured
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(webbrowser, "open", shown.append)
    page = gold.with_name("gold.view.html")
    code, printed, told = call(["view", str(gold), "--open"], monkeypatch, capsys)
    assert (code, printed, told) == (0, f"{page}: 30 passages.\n", "")
    assert page.read_text().count("<template>") == 30
    assert shown == [page.resolve().as_uri()]


def test_gold_stands_beside_predicted(
    gold: Path, pred: Path, tmp_path: Path, monkeypatch: Monkey, capsys: Captured
) -> None:
    options = ["view", str(gold), "--pred", str(pred), "--out", str(tmp_path / "new" / "page.html")]
    assert call(options, monkeypatch, capsys)[0] == 0
    page = (tmp_path / "new" / "page.html").read_text()
    assert "<h1>pred.jsonl beside gold.jsonl</h1>" in page
    assert page.count("<b>type</b> “Ada” (person) was found as “Ada” (city)") == 30


def test_a_page_of_many_passages_is_a_sample_that_a_seed_draws(
    gold: Path, monkeypatch: Monkey, capsys: Captured
) -> None:
    pages = []
    for seed in ("1", "1", "2"):
        options = ["view", str(gold), "--limit", "7", "--seed", seed]
        printed = call(options, monkeypatch, capsys)[1]
        assert printed.endswith(f": 7 of 30 passages, drawn with seed {seed}.\n")
        pages.append(gold.with_name("gold.view.html").read_text())
    assert pages[0].count("<template>") == 7
    assert pages[0] == pages[1]
    assert pages[0].replace("seed 1", "seed 2") != pages[2]


@pytest.mark.parametrize("split", [["--split", "mit_movie.test"], []])
def test_a_split_of_a_run_is_shown_with_its_gold(
    split: list[str], tmp_path: Path, monkeypatch: Monkey, capsys: Captured
) -> None:
    monkeypatch.setattr("uniner.benchmark.catalog.load_catalog", lambda: CATALOG)
    others = [toy_split("conllpp", 5)] if split else []
    run = write_run(tmp_path / "run", *others, toy_split("mit_movie", 12))
    code, printed, told = call(["view", str(run), *split], monkeypatch, capsys)
    page = run / "mit_movie.test.view.html"
    assert (code, printed) == (0, f"{page}: 12 passages.\n"), told
    assert ">gold<" in page.read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["gold.jsonl", "--limit", "0"], "--limit must be at least 1, not 0"),
        (
            ["gold.jsonl", "--split", "a.test"],
            "--split with gold.jsonl: is for the folder of a run",
        ),
        (["run", "--pred", "pred.jsonl"], "--pred with run: a run has its own predictions"),
        (["run"], "which data set? give --split, one of conllpp.test, mit_movie.test"),
        (["run", "--split", "x"], "no data set 'x'; give --split, one of conllpp.test"),
        ([".", "--split", "x"], "no run is there"),
        (["none.jsonl"], "none.jsonl: no such file"),
        (["gold.jsonl", "--pred", "none.jsonl"], "none.jsonl: no such file"),
        (["gold.jsonl", "--pred", "few.jsonl"], "few.jsonl: no prediction for 1 of 30 ids"),
        (["gold.jsonl", "--pred", "other.jsonl"], "passage 'p0' has another text than in gold"),
    ],
)
def test_what_cannot_be_shown_is_one_line(
    options: list[str],
    message: str,
    gold: Path,
    pred: Path,
    monkeypatch: Monkey,
    capsys: Captured,
) -> None:
    monkeypatch.chdir(gold.parent)
    monkeypatch.setattr("uniner.benchmark.catalog.load_catalog", lambda: CATALOG)
    write_run(Path("run"), toy_split("conllpp", 5), toy_split("mit_movie", 5))
    lines = pred.read_text().splitlines(keepends=True)
    Path("few.jsonl").write_text("".join(lines[1:]))
    Path("other.jsonl").write_text("".join(lines).replace("Ada 0.", "Ada 0!"))
    code, printed, told = call(["view", *options], monkeypatch, capsys)
    assert (code, printed) == (2, "")
    assert message in told
    assert told.count("\n") == 1
    assert not list(Path().rglob("*.view.html"))
