"""Grids say what is varied; what is wrong with one is said in one line."""

from pathlib import Path

import pytest

from uniner.ablation.grid import list_bundled, load_grid
from uniner.records import ConfigError

GRID = """
title = "Rates"
recipe = "sample"
seeds = [3, 4]
set = ["corpus.limit=50"]
[axes.rate]
low = ["student.head_rate=1e-4"]
high = ["student.head_rate=1e-2", "student.epochs=1"]
[axes.size]
small = ["student.hidden=8"]
large = []
[paper.size]
large = 50.0
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "rates.toml"
    path.write_text(GRID, encoding="utf-8")
    return path


def test_a_grid_is_every_combination_with_every_seed(path: Path) -> None:
    cells = [*load_grid(str(path)).cells()]
    assert [(*cell.labels.values(), cell.seed) for cell in cells[:5]] == [
        ("low", "small", 3),
        ("low", "large", 3),
        ("high", "small", 3),
        ("high", "large", 3),
        ("low", "small", 4),
    ]
    assert len({cell.key for cell in cells}) == len(cells) == 8
    student = cells[2].recipe.student
    assert (student.head_rate, student.epochs, student.hidden, student.seed) == (1e-2, 1, 8, 3)
    assert {cell.recipe.corpus.limit for cell in cells} == {50}
    assert cells[4].recipe.student.seed == 4
    assert {cell.recipe.conversations.seed for cell in cells} == {0}  # they matter to others only


def test_equal_students_have_one_key_whatever_they_are_called(path: Path) -> None:
    one = [*load_grid(str(path)).cells()]
    path.write_text(GRID.replace("low =", "mild =").replace("Rates", "Other"), encoding="utf-8")
    other = [*load_grid(str(path)).cells()]
    assert [cell.key for cell in one] == [cell.key for cell in other]
    path.write_text(GRID + "[evaluation]\nlimit = 7\n", encoding="utf-8")
    assert one[0].key != next(load_grid(str(path)).cells()).key


def test_a_part_of_a_grid_has_the_same_students(path: Path) -> None:
    grid = load_grid(str(path))
    part = [*grid.choose(["low"]).cells()]
    assert [cell.key for cell in part] == [
        cell.key for cell in grid.cells() if cell.labels["rate"] == "low"
    ]
    assert [*grid.choose([]).cells()] == [*grid.cells()]
    with pytest.raises(ConfigError, match=r"rates: no value is called 'mild'; there are .'low'"):
        grid.choose(["mild"])


def test_a_student_of_other_texts_is_another_student(path: Path, tmp_path: Path) -> None:
    texts = tmp_path / "texts.jsonl"
    keys = set()
    for words in ("one", "two"):
        texts.write_text(words, encoding="utf-8")
        keys.add(next(load_grid(str(path), [f'corpus.annotated=["{texts}"]']).cells()).key)
    assert len(keys) == 2


def test_changes_and_seeds_of_the_call_go_before_the_grids(path: Path) -> None:
    grid = load_grid(str(path), ["corpus.limit=9"], [7])
    assert [cell.seed for cell in grid.cells()] == [7] * 4
    assert {cell.recipe.corpus.limit for cell in grid.cells()} == {9}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "not TOML"),
        ("axis = 1", r"unknown keys \['axis'\]; known are .*'axes'"),
        ("title = 'x'", "each of .axes. needs values, each a list of KEY=VALUE"),
        ("[axes.a]\nx = 'student.epochs=1'", "each of .axes. needs values"),
        ("[axes.a]\nx = []\n[paper.b]\nx = 1.0", "paper.b. names what is not in"),
        ("[axes.a]\nx = []\n[paper.a]\ny = 1.0", "paper.a. names what is not in"),
        ("seeds = ['a']\n[axes.a]\nx = []", "seeds must be whole numbers"),
        ("[axes.a]\nx = []\n[evaluation]\nlimit = 0", "limit must be at least 1"),
        ("[axes.a]\nx = []\n[evaluation]\nsuites = ['ood9']", "no suite or data set .* 'ood9'"),
        ("[axes.a]\nx = []\n[evaluation]\nheld_out = -1", "held_out must be 0 or more"),
        ("[axes.a]\nx = []\n[evaluation]\ncolour = 2", "unknown key 'colour'"),
    ],
)
def test_a_wrong_grid_says_what_is_wrong(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        load_grid(str(path))


def test_a_change_that_no_recipe_takes_is_an_error_before_anything_is_trained(path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown key 'colour'"):
        list(load_grid(str(path), ["student.colour=red"]).cells())


@pytest.mark.parametrize("name", list_bundled())
def test_what_comes_with_uniner_can_be_run(name: str) -> None:
    grid = load_grid(name)
    cells = [*grid.cells()]
    assert len(grid.seeds) >= 3
    assert len({cell.key for cell in cells}) == len(cells) > 3
    assert grid.about


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(ConfigError, match=r"nowhere: no such grid; .*'negatives'"):
        load_grid("nowhere")
