"""`uniner ablate`: students are trained once, compared, and kept."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs the extra train")

from toy_bench import write_conversations
from toy_cli import call
from toy_recipe import write_recipe
from uniner.ablation.cells import read_outcome, run_cell
from uniner.ablation.grid import Probe, load_grid
from uniner.construction.narrator import Silent

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    path = tmp_path / "grid.toml"
    path.write_text(
        f"""
        title = "Toys"
        about = "Two toys."
        recipe = "{write_recipe(tmp_path)}"
        seeds = [0]
        [axes.negatives]
        none = ["student.negatives=none"]
        frequency = []
        [evaluation]
        suites = ["AI: CrossNER_AI"]
        aliases = true
        """,
        encoding="utf-8",
    )
    return path


@pytest.fixture
def run(grid: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    out = grid.parent / "out"
    return lambda *more: call(["ablate", str(grid), "--out", str(out), *more], monkeypatch, capsys)


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_students_are_trained_once_asked_and_compared(run: Run, tmp_path: Path) -> None:
    write_conversations(tmp_path / "data")
    data = ("--data", str(tmp_path / "data"))
    _, listed, _ = run("--dry-run")
    assert [line.split("\t")[1:] for line in listed.splitlines()] == [
        ["to train", "none, seed 0"],
        ["to train", "frequency, seed 0"],
    ]
    code, page, told = run(*data)
    assert (code, page.count("\n| none |"), page.count("\n| frequency |")) == (0, 3, 3)
    assert "1 of 2: none, seed 0" in told
    rows = read_rows(tmp_path / "out" / "grid.csv")
    assert {row["test"] for row in rows} == {"held out", "held out, by aliases", "AI"}
    assert {row["policy"] for row in rows if row["test"] == "held out"} == {
        "uniner2023", "strict", "partial",
    }  # fmt: skip
    assert {row["negatives"] for row in rows} == {"none", "frequency"}
    for suffix in ("md", "svg", "parquet"):
        assert (tmp_path / "out" / f"grid.{suffix}").stat().st_size > 500
    models = {path: path.stat().st_mtime_ns for path in tmp_path.glob("out/*/run/model/*")}
    assert len(models) == 12
    assert not list(tmp_path.glob("out/*/run/training.pt"))

    code, again, told = run(*data)
    assert (code, again) == (0, page)
    assert "1 of 2: none, seed 0" in told
    assert {path: path.stat().st_mtime_ns for path in models} == models
    assert run("--dry-run")[1].count("\tdone\t") == 2


def test_processes_and_ray_find_what_this_process_does(
    run: Run, grid: Path, tmp_path: Path
) -> None:
    plan = load_grid(str(grid))
    cells = [replace(cell, probe=Probe(aliases=True)) for cell in plan.cells()]
    figures = [run_cell(cell, tmp_path / "here", None, Silent()).figures for cell in cells]
    for more in (("--jobs", "2"), ("--engine", "ray")):
        out = tmp_path / more[1]
        assert run("--suite", "", "--out", str(out), *more)[0] == 0
        assert [read_outcome(out, cell).figures for cell in cells] == figures


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "AI is asked here: give --data, or --suite ''"),
        (("--data", "nowhere"), "--data nowhere: no such folder"),
        (("--seeds", "a"), "--seeds 'a': write whole numbers, as 0,1,2"),
        (("--set", "student.epochs=0"), "student.epochs must be at least 1"),
        (("--suite", "ood9"), "no suite or data set is called 'ood9'"),
    ],
)
def test_what_is_to_mend_is_one_line_before_anything_is_trained(
    more: tuple[str, ...], said: str, run: Run, tmp_path: Path
) -> None:
    code, _, told = run(*more)
    assert code == 2
    assert said in told
    assert not list(tmp_path.glob("out/*"))


def test_without_a_grid_those_that_come_along_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, listed, _ = call(["ablate"], monkeypatch, capsys)
    assert code == 0
    assert "negatives: Types that are not there" in listed
