"""Finished runs are found in their folders and joined only where they are one system's."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from toy_runs import CATALOG, ToySplit, toy_dataset, toy_examples, toy_split, write_run
from uniner.benchmark.catalog import Catalog
from uniner.benchmark.gather import SplitFiles, group_runs, read_run
from uniner.records import ConfigError, InputError
from uniner.records.store import write_records


def names(*folders: Path) -> list[str]:
    return [system.name for system in group_runs([read_run(f, CATALOG) for f in folders])]


def test_a_run_says_what_was_asked_how_and_what_was_not_there(tmp_path: Path) -> None:
    run = read_run(
        write_run(tmp_path / "a", toy_split("conllpp", 5), toy_split("mit_movie", 4)), CATALOG
    )
    assert [files.stem for files in run.splits] == ["conllpp.test", "mit_movie.test"]
    assert run.splits[0].notes == {"empty passages, left out": 2}
    assert (run.settings["model"], run.absent) == ("toy", ("ace04",))
    assert "python" in run.versions["versions"]


def test_predictions_are_put_in_the_order_of_the_examples(tmp_path: Path) -> None:
    part = toy_split("conllpp", 5)
    shuffled = ToySplit(part.name, part.examples, part.predictions[::-1])
    [files] = read_run(write_run(tmp_path / "a", shuffled), CATALOG).splits
    examples, predictions = files.read()
    assert examples == part.examples
    assert [p.passage.id for p in predictions] == [e.passage.id for e in part.examples]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "no run is there"),
        (lambda folder: (folder / "results.json").unlink(), "not finished"),
        (lambda folder: (folder / "results.json").write_text("{"), "malformed JSON"),
        (lambda folder: (folder / "results.json").write_text('{"datasets": {}}'), "no data sets"),
        (
            lambda folder: (folder / "results.json").write_text('{"datasets": {"x": 1}}'),
            "data set 'x'",
        ),
        (lambda folder: (folder / "manifest.json").write_text('{"run": 1}'), "not the manifest"),
        (
            lambda folder: (folder / "manifest.json").write_text(
                '{"run": {"model": "toy", "mode": "few-shot"}}'
            ),
            "mode must be one of",
        ),
    ],
)
def test_a_folder_without_a_finished_run_is_refused(
    tmp_path: Path, spoil: Callable[[Path], object], message: str
) -> None:
    folder = write_run(tmp_path / "a", toy_split("conllpp", 3))
    spoil(folder)
    with pytest.raises(InputError, match=message) as error:
        read_run(folder, CATALOG)
    assert str(folder) in str(error.value)


def test_a_data_set_that_the_catalog_does_not_have_is_refused(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a", toy_split("conllpp", 3))
    with pytest.raises(InputError, match="the catalog has no data set 'conllpp'"):
        read_run(folder, Catalog({"genia": toy_dataset("genia")}, {}))


def test_a_passage_without_a_prediction_is_refused(tmp_path: Path) -> None:
    part = toy_split("conllpp", 3)
    folder = write_run(tmp_path / "a", part)
    write_records(folder / "conllpp.test.predictions.jsonl", part.predictions[1:])
    [files] = read_run(folder, CATALOG).splits
    with pytest.raises(InputError, match="no prediction for passage 'conllpp-0'"):
        files.read()


def test_a_prediction_on_another_text_is_refused(tmp_path: Path) -> None:
    part = toy_split("conllpp", 3)
    folder = write_run(tmp_path / "a", part)
    path = folder / "conllpp.test.predictions.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    rows[0] |= {"text": "Another text.", "entities": []}
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    [files] = read_run(folder, CATALOG).splits
    with pytest.raises(InputError, match="another text for passage 'conllpp-0'"):
        files.read()


def test_a_models_runs_over_several_suites_are_one_system(tmp_path: Path) -> None:
    one = write_run(tmp_path / "a", toy_split("conllpp", 3), suite="general")
    two = write_run(tmp_path / "b", toy_split("genia", 3), suite="biomedical")
    [system] = group_runs([read_run(one, CATALOG), read_run(two, CATALOG)])
    assert system.name == "toy"
    assert [files.stem for files in system.splits] == ["conllpp.test", "genia.test"]
    assert system.repeats == []


def test_what_an_earlier_run_has_too_is_named_and_not_used(tmp_path: Path) -> None:
    part = toy_split("conllpp", 3)
    folders = [write_run(tmp_path / name, part, suite=name) for name in ("a", "b")]
    [system] = group_runs([read_run(folder, CATALOG) for folder in folders])
    assert [files.folder for files in system.splits] == [folders[0]]
    assert [(type(files), files.folder) for files in system.repeats] == [(SplitFiles, folders[1])]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"model": "other"}, ["toy", "other"]),
        (
            {"limit": 200, "seed": 3},
            ["toy (every passage)", "toy (at most 200 passages a data set, seed 3)"],
        ),
        ({"threshold": 0.5}, ["toy (its own threshold)", "toy (threshold 0.5)"]),
        ({"nested": True}, ["toy (not nested)", "toy (nested)"]),
        (
            {"preparation": "whole documents"},
            ["toy (as in the paper)", "toy (whole documents)"],
        ),
        ({"mode": "supervised"}, ["toy (zero-shot)", "toy (supervised)"]),
        ({"fingerprint": "f00"}, ["toy [a]", "toy [b]"]),
    ],
)
def test_runs_that_differ_in_how_they_asked_stay_apart_and_say_so(
    tmp_path: Path, settings: dict[str, object], expected: list[str]
) -> None:
    one = write_run(tmp_path / "a", toy_split("conllpp", 3))
    two = write_run(tmp_path / "b", toy_split("conllpp", 3), **settings)
    assert names(one, two) == expected


def test_a_folder_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a", toy_split("conllpp", 3))
    with pytest.raises(ConfigError, match="given twice"):
        names(folder, tmp_path / "." / "a")


def test_examples_without_offsets_come_back_as_they_were(tmp_path: Path) -> None:
    examples = toy_examples("conllpp", 3, grounded=False)
    part = ToySplit("conllpp", examples, toy_split("conllpp", 3).predictions)
    [files] = read_run(write_run(tmp_path / "a", part), CATALOG).splits
    assert files.read()[0] == examples
