"""Systems are compared on the same examples or not at all, and averages say over what."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from toy_runs import CATALOG, ToySplit, toy_examples, toy_predictions, toy_split, write_run
from uniner.benchmark.averages import (
    average_paper,
    average_rows,
    compare_systems,
    find_whole,
    list_repeats,
    set_beside,
)
from uniner.benchmark.comparison import Comparison, Settings, compare_runs
from uniner.benchmark.gather import read_run
from uniner.benchmark.run import score_examples
from uniner.evaluation.intervals import compare
from uniner.records import ConfigError

QUICK = Settings(resamples=200, examples=0)


def run_all(*folders: Path, settings: Settings = QUICK) -> Comparison:
    return compare_runs([read_run(folder, CATALOG) for folder in folders], CATALOG, settings)


def test_scores_are_those_of_the_runner_whatever_the_results_file_says(tmp_path: Path) -> None:
    part = toy_split("conllpp")
    [row] = run_all(write_run(tmp_path / "a", part)).rows
    expected = score_examples(part.examples, part.predictions)
    assert {p: s.by_type for p, s in row.marks["toy"].scores.items()} == {
        p: s.by_type for p, s in expected.items()
    }
    for policy, scores in expected.items():
        assert row.f1["toy"][policy].value == pytest.approx(100 * scores.micro.f1)
        low, high = row.f1["toy"][policy].interval
        assert low < row.f1["toy"][policy].value < high


def test_without_offsets_only_strings_are_compared(tmp_path: Path) -> None:
    examples = toy_examples("conllpp", 20, grounded=False)
    part = ToySplit("conllpp", examples, toy_predictions(examples, 0.5))
    [row] = run_all(write_run(tmp_path / "a", part)).rows
    assert set(row.f1["toy"]) == {"uniner2023"}
    assert row.marks["toy"].views == {}
    assert average_rows([row], "toy", "strict") is None


def test_two_systems_on_the_same_examples_share_a_row(tmp_path: Path) -> None:
    one = write_run(tmp_path / "a", toy_split("conllpp", skill=0.9), model="good")
    two = write_run(tmp_path / "b", toy_split("conllpp", skill=0.4), model="bad")
    [row] = run_all(one, two).rows
    assert list(row.marks) == ["good", "bad"]
    assert row.title == "Conllpp"


def test_different_subsets_are_different_rows_and_no_average_mixes_them(tmp_path: Path) -> None:
    whole, part = toy_split("conllpp", 40, skill=0.9), toy_split("conllpp", 40, skill=0.4)
    small = ToySplit("conllpp", part.examples[:10], part.predictions[:10], available=40)
    one = write_run(tmp_path / "a", whole)
    two = write_run(tmp_path / "b", small, model="other", limit=10, seed=3)
    comparison = run_all(one, two)
    assert [row.title for row in comparison.rows] == ["Conllpp", "Conllpp (10 of 40)"]
    assert comparison.shared == []
    for row, system in zip(comparison.rows, ("toy", "other"), strict=True):
        mean = average_rows(comparison.rows, system, "uniner2023")
        assert mean is not None
        assert (mean.rows, mean.f1.value) == (1, row.f1[system]["uniner2023"].value)
    assert compare_systems(comparison, "toy", "other", "uniner2023") == []


def test_equally_large_subsets_that_differ_are_told_apart_by_their_examples(
    tmp_path: Path,
) -> None:
    part = toy_split("conllpp", 20)
    other = ToySplit("conllpp", part.examples[10:], part.predictions[10:], available=20)
    first = ToySplit("conllpp", part.examples[:10], part.predictions[:10], available=20)
    one = write_run(tmp_path / "a", first, limit=10, seed=0)
    two = write_run(tmp_path / "b", other, limit=10, seed=0, model="other")
    titles = [row.title for row in run_all(one, two).rows]
    assert len(set(titles)) == 2
    assert all("10 of 20, examples " in title for title in titles)


def test_an_interval_does_not_depend_on_what_else_is_reported(tmp_path: Path) -> None:
    one = write_run(tmp_path / "a", toy_split("conllpp"), toy_split("genia"))
    two = write_run(tmp_path / "b", toy_split("conllpp", seed=5), model="other")
    alone, together = run_all(one), run_all(one, two)
    for before, after in zip(alone.rows, together.rows, strict=True):
        assert before.f1["toy"]["strict"].interval == after.f1["toy"]["strict"].interval


def test_the_seed_moves_intervals_and_nothing_else(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a", toy_split("conllpp"))
    rows = [run_all(folder, settings=replace(QUICK, seed=seed)).rows[0] for seed in (0, 0, 1)]
    one, same, other = (row.f1["toy"]["strict"] for row in rows)
    assert one.value == same.value == other.value
    assert one.interval == same.interval != other.interval


def test_an_average_is_the_mean_and_surer_than_its_parts(tmp_path: Path) -> None:
    names = ("conllpp", "genia", "mit_movie")
    comparison = run_all(write_run(tmp_path / "a", *(toy_split(name) for name in names)))
    mean = average_rows(comparison.rows, "toy", "strict")
    assert mean is not None
    parts = [row.f1["toy"]["strict"] for row in comparison.rows]
    assert mean.rows == 3
    assert mean.f1.value == pytest.approx(np.mean([part.value for part in parts]))
    width = [estimate.interval.high - estimate.interval.low for estimate in (mean.f1, *parts)]
    assert width[0] < min(width[1:])


def test_a_difference_agrees_with_the_paired_comparison_of_two_runs(tmp_path: Path) -> None:
    good, bad = toy_split("conllpp", 60, skill=0.8), toy_split("conllpp", 60, skill=0.6, seed=2)
    one = write_run(tmp_path / "a", good, model="good")
    two = write_run(tmp_path / "b", bad, model="bad")
    comparison = run_all(one, two, settings=Settings(resamples=1_000, examples=0))
    [versus] = compare_systems(comparison, "good", "bad", "strict")
    [row] = comparison.rows
    expected = compare(*(row.marks[name].tables["strict"] for name in ("good", "bad")))
    found = versus.difference.comparison
    assert found.difference == pytest.approx(expected.difference)
    assert found.low == pytest.approx(expected.low, abs=2)
    assert found.p == pytest.approx(expected.p, abs=0.03)


def test_equal_answers_make_no_difference(tmp_path: Path) -> None:
    splits = [toy_split("conllpp"), toy_split("genia")]
    one = write_run(tmp_path / "a", *splits, model="one")
    two = write_run(tmp_path / "b", *splits, model="two")
    last = compare_systems(run_all(one, two), "one", "two", "uniner2023")[-1]
    assert (last.title, last.rows) == ("average", 2)
    assert last.difference.comparison == (0.0, 0.0, 0.0, 1.0)


def test_the_papers_mean_is_over_the_same_rows_as_ours(tmp_path: Path) -> None:
    names = ("crossner_ai", "conllpp", "own")
    comparison = run_all(write_run(tmp_path / "a", *(toy_split(name) for name in names)))
    rows = {row.dataset.name: row for row in comparison.rows}
    [chatgpt, student] = set_beside(
        comparison.rows, comparison.systems[0], "uniner2023", ["ChatGPT", "UniNER-13B"]
    )
    assert chatgpt.rows == 2
    assert chatgpt.paper == pytest.approx((52.4 + 52.5) / 2)
    both = [rows[name].f1["toy"]["uniner2023"].value for name in ("crossner_ai", "conllpp")]
    assert chatgpt.ours.value == pytest.approx(np.mean(both))
    assert (student.rows, student.paper) == (1, 54.2)
    assert student.ours.value == pytest.approx(both[0])
    assert average_paper(comparison.rows, "ChatGPT", "zero-shot") is None


def test_the_papers_mean_of_a_domain_stands_only_beside_the_whole_domain(tmp_path: Path) -> None:
    comparison = run_all(
        write_run(tmp_path / "a", *(toy_split(name) for name in ("conllpp", "genia", "own")))
    )
    rows = {row.dataset.name: row for row in comparison.rows}
    assert find_whole(comparison, "biomedical", [rows["genia"]], "zero-shot")["Vicuna-7B"] == 19.6
    assert find_whole(comparison, "general", [rows["conllpp"]], "zero-shot") == {}
    assert find_whole(comparison, "law", [rows["own"]], "zero-shot") == {}
    assert find_whole(comparison, "biomedical", [rows["genia"]], "supervised") == {}
    assert find_whole(comparison, "average", comparison.rows, "zero-shot") == {}


def test_the_papers_figures_are_not_put_beside_another_split(tmp_path: Path) -> None:
    part = replace(toy_split("conllpp"), split="dev")
    [row] = run_all(write_run(tmp_path / "a", part, split="dev")).rows
    assert row.title == "Conllpp (dev)"
    assert row.paper("zero-shot") == {}


def test_a_data_set_that_an_average_counts_twice_is_named(tmp_path: Path) -> None:
    dev = replace(toy_split("conllpp"), split="dev")
    comparison = run_all(write_run(tmp_path / "a", toy_split("conllpp"), dev, toy_split("genia")))
    assert list_repeats(comparison.rows, "toy") == {"conllpp": ["Conllpp", "Conllpp (dev)"]}


def test_fewer_than_no_examples_are_refused() -> None:
    with pytest.raises(ConfigError, match="-1 examples"):
        Settings(examples=-1)
