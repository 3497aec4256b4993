"""What seeds say together, as a table and a page."""

import csv
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from pyarrow import parquet

from uniner.ablation.cells import Figure, Outcome
from uniner.ablation.grid import Cell, Grid, Probe
from uniner.ablation.page import render
from uniner.ablation.plots import plot_grid, read_numbers
from uniner.ablation.table import Spread, Trial, differ, list_rows, spread, summarize, write_table
from uniner.training.recipe import load_recipe

AXES: dict[str, dict[str, list[str]]] = {"negatives": {"none": [], "some": []}}
GRID = Grid(
    "toy",
    "Toys",
    "What is seen.",
    "sample",
    AXES,
    (0, 1, 2),
    paper={"negatives": {"none": 31.5}},
    probe=Probe(("ood7",)),
)
F1 = {("none", 0): 20.0, ("none", 1): 22.0, ("none", 2): 24.0,
      ("some", 0): 30.0, ("some", 1): 33.0, ("some", 2): 36.0}  # fmt: skip


@pytest.fixture
def trials() -> list[Trial]:
    found = []
    for label, seed in product(AXES["negatives"], GRID.seeds):
        cell = Cell({"negatives": label}, seed, load_recipe("sample"), Probe())
        figures = [
            Figure("ood7", name, "uniner2023", 9, 50.0, 50.0, F1[label, seed] + more)
            for name, more in (("a", -1.0), ("b", 1.0))
        ]
        found.append(Trial(cell, Outcome(f"{label}{seed}", 700, 60.0, tuple(figures))))
    return found


def test_seeds_have_a_mean_and_the_interval_of_students_t(trials: list[Trial]) -> None:
    found = spread(trials, "ood7", "uniner2023")
    assert found["none",].mean == pytest.approx(22)
    assert found["none",].within == pytest.approx(4.303 * 2 / 3**0.5)
    assert spread(trials, "ood7", "strict") == {}
    assert summarize([5.0]) == Spread(5.0, None, (5.0,))


def test_differences_are_taken_seed_by_seed(trials: list[Trial]) -> None:
    found = differ(trials, "ood7", "uniner2023", 0)
    assert found.keys() == {("some",)}
    assert found["some",].values == pytest.approx((10, 11, 12))
    assert found["some",].within == pytest.approx(4.303 / 3**0.5)


def test_the_table_is_tidy_in_both_formats(trials: list[Trial], tmp_path: Path) -> None:
    write_table([*list_rows("toy", trials)], tmp_path / "toy")
    with (tmp_path / "toy.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 12
    first = {"grid": "toy", "negatives": "none", "seed": "0", "dataset": "a", "f1": "19.0"}
    assert first.items() <= rows[0].items()
    assert parquet.read_table(tmp_path / "toy.parquet").column("f1").to_pylist()[:2] == [19, 21]


def test_the_page_has_means_differences_and_the_papers_figures(trials: list[Trial]) -> None:
    page = render(GRID, trials, "toy.svg")
    assert "| none | 22.0 ± 5.0 |  | 31.5 |" in page
    assert "| some | 33.0 ± 7.5 | +11.0 ± 2.5 |  |" in page
    assert "700 training passages, seeds 0, 1, 2." in page
    assert "Trained in 6 minutes" in page
    assert "![Toys: F1 of each student](toy.svg)" in page


def test_the_page_has_each_data_set_beside_the_others(trials: list[Trial]) -> None:
    page = render(GRID, trials)
    assert "| uniner2023 F1 | none | some |\n|---|--:|--:|\n| a | 21.0 | 32.0 |" in page
    assert "Asked: 100 passages of each data set of ood7, drawn by seed 0" in page
    named = replace(GRID, probe=Probe(("seven sets: ood7",)))
    renamed = [
        replace(t, outcome=replace(t.outcome, figures=tuple(
            replace(f, test="seven sets") for f in t.outcome.figures
        )))
        for t in trials
    ]  # fmt: skip
    assert "of each data set of seven sets (ood7), drawn" in render(named, renamed)


def test_the_page_says_whether_students_learnt_from_sentences(trials: list[Trial]) -> None:
    said = {}
    for unit in ("sentence", "passage"):
        recipe = load_recipe("sample", [f"corpus.unit={unit}"])
        said[unit] = [replace(t, cell=replace(t.cell, recipe=recipe)) for t in trials]
        assert f"700 training {unit}s" in render(GRID, said[unit])
    assert "700 training texts" in render(GRID, [said["sentence"][0], *said["passage"][1:]])


def test_what_the_paper_asked_is_said_where_it_is_another_test(trials: list[Trial]) -> None:
    assert "| the paper's F1 (on all) |" in render(replace(GRID, paper_test="(on all)"), trials)
    assert "the paper's F1" not in render(replace(GRID, paper={}), trials)


def test_a_mean_of_some_of_the_data_sets_says_so(trials: list[Trial]) -> None:
    for trial in list(trials):
        strict = Figure("ood7", "a", "strict", 9, 50.0, 50.0, 10.0)
        outcome = replace(trial.outcome, figures=(*trial.outcome.figures, strict))
        trials[trials.index(trial)] = replace(trial, outcome=outcome)
    head = "| negatives | uniner2023 F1 | strict F1 (1 of 2 sets) | difference | the paper's F1 |"
    assert head in render(GRID, trials)


def test_the_papers_figures_stand_beside_its_own_test_alone() -> None:
    assert GRID.find_paper(("none",), "ood7") == 31.5
    assert GRID.find_paper(("some",), "ood7") is None
    assert GRID.find_paper(("none",), "held out") is None


def test_the_figure_has_every_student(trials: list[Trial], tmp_path: Path) -> None:
    plot_grid(GRID, trials, tmp_path / "toy.svg")
    drawn = (tmp_path / "toy.svg").read_text(encoding="utf-8")
    for words in ("none", "some", "ood7", "uniner2023 F1", "paper"):
        assert f">{words}<" in drawn


def test_values_that_are_numbers_are_a_curve(trials: list[Trial], tmp_path: Path) -> None:
    numbers = {"none": "400", "some": "4000"}
    counted = [
        replace(t, cell=replace(t.cell, labels={"sentences": numbers[t.arm[0]]})) for t in trials
    ]
    grid = replace(GRID, axes={"sentences": {"400": (), "4000": ()}}, paper={})
    plot_grid(grid, counted, tmp_path / "toy.svg")
    drawn = (tmp_path / "toy.svg").read_text(encoding="utf-8")
    for words in ("400", "4,000", "sentences", "ood7", "uniner2023 F1"):
        assert f">{words}<" in drawn
    assert read_numbers([("400",), ("4000",)]) == {("400",): 400, ("4000",): 4000}
    assert read_numbers([("400",), ("all",)]) == {}
    assert read_numbers([("400",)]) == {}
    assert read_numbers([("400", "span"), ("4000", "span")]) == {}
