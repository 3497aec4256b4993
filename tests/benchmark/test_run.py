"""A run scores what an extractor finds, survives a kill and never mixes two models."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from toy_bench import Capitals, always, query, write, write_conversations, write_instructions
from uniner.benchmark.catalog import SplitChoice, load_catalog
from uniner.benchmark.examples import read_run_examples
from uniner.benchmark.prepare import Preparation
from uniner.benchmark.run import BenchConfig, choose_splits, run_bench
from uniner.evaluation.counts import Counts
from uniner.records import ConfigError, InputError
from uniner.records.manifest import hash_tree
from uniner.students.extractor import Extractor

JOURNAL = "CrossNER_AI.test.predictions.jsonl"


@pytest.fixture
def config(tmp_path: Path) -> BenchConfig:
    write_conversations(tmp_path / "data")
    return BenchConfig(suite="CrossNER_AI", data=tmp_path / "data", out=tmp_path / "out", batch=1)


def test_strings_are_scored_beside_the_papers_figures(config: BenchConfig) -> None:
    report = run_bench(always(Capitals()), config)
    [result] = report.results
    scores = result.scores["uniner2023"]
    assert scores.by_type == {"person": Counts(3, 5, 3), "place": Counts(1, 0, 0)}
    assert (result.passages, result.available, result.queries) == (3, 3, 6)
    assert set(result.scores) == {"uniner2023"}
    assert report.average("uniner2023") == pytest.approx(100 * 2 * 3 / 9)
    assert (report.average("strict"), report.paper_average("UniNER-7B")) == (None, 53.5)
    assert report.subset is None
    written = json.loads((config.out / "results.json").read_text(encoding="utf-8"))
    assert written["average"]["f1"] == {"uniner2023": 66.67}
    assert written["datasets"]["CrossNER_AI.test"]["scores"]["uniner2023"]["micro"]["gold"] == 4


def test_offsets_bring_the_span_policies(config: BenchConfig) -> None:
    write_instructions(config.data)
    report = run_bench(always(Capitals()), replace(config, suite="CrossNER_music_spans"))
    [result] = report.results
    assert result.scores["strict"].micro == Counts(2, 6, 0)
    assert result.scores["partial"].micro == Counts(2, 6, 0.5)
    assert result.f1("partial") == pytest.approx(12.5)


def test_a_killed_run_goes_on_where_it_stopped(config: BenchConfig) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_bench(always(Capitals(budget=2)), config)
    journal = config.out / JOURNAL
    with journal.open("a", encoding="utf-8") as stream:
        stream.write('{"id": "q4", "text": "Cy le')
    extractor = Capitals()
    report = run_bench(always(extractor), config)
    assert extractor.calls == [["q4"]]
    assert len(journal.read_text(encoding="utf-8").splitlines()) == 3
    assert report == run_bench(always(Capitals(budget=0)), config)
    other = replace(config, out=config.out.with_name("whole"), batch=32)
    whole = run_bench(always(Capitals()), other)
    assert whole == report


def test_a_broken_line_within_the_journal_is_named(config: BenchConfig) -> None:
    run_bench(always(Capitals()), config)
    journal = config.out / JOURNAL
    journal.write_text("oops\n" + journal.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(InputError, match=f"{JOURNAL}:1: malformed JSON"):
        run_bench(always(Capitals()), config)


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("larger", {}, "model: 'capitals' there, 'larger' here"),
        ("capitals", {"fingerprint": "f00"}, "fingerprint: '' there, 'f00' here"),
        ("capitals", {"threshold": 0.3}, "threshold: None there, 0.3 here"),
        ("capitals", {"limit": 2}, "limit: None there, 2 here"),
        ("capitals", {"nested": True}, "nested: False there, True here"),
        ("capitals", {"mode": "supervised"}, "mode: 'zero-shot' there, 'supervised' here"),
        (
            "capitals",
            {"preparation": Preparation(dropped=True)},
            "preparation: 'as in the paper' there, 'dropped labels asked too' here",
        ),
    ],
)
def test_another_runs_folder_is_refused(
    config: BenchConfig, name: str, change: dict[str, object], expected: str
) -> None:
    run_bench(always(Capitals()), config)
    before = (config.out / JOURNAL).read_bytes()
    other = replace(config, **change)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=expected):
        run_bench(always(Capitals(name=name)), other)
    assert (config.out / JOURNAL).read_bytes() == before


def test_a_folder_made_from_other_data_is_refused(config: BenchConfig) -> None:
    run_bench(always(Capitals()), config)
    row = query("q0", "Ada met Bo.", "person", ["Ada"])
    write(config.data / "official_conversations/CrossNER_AI.json", [row])
    with pytest.raises(ConfigError, match=r"holds a different run \(inputs"):
        run_bench(always(Capitals()), config)


def test_predictions_without_a_manifest_are_refused(config: BenchConfig) -> None:
    run_bench(always(Capitals()), config)
    (config.out / "manifest.json").unlink()
    with pytest.raises(ConfigError, match=r"no manifest\.json"):
        run_bench(always(Capitals()), config)


def test_a_file_is_no_folder(config: BenchConfig) -> None:
    config.out.write_text("mine")
    with pytest.raises(ConfigError, match="is a file"):
        run_bench(always(Capitals()), config)
    assert config.out.read_text() == "mine"


def test_a_sample_is_named_in_the_results(config: BenchConfig) -> None:
    report = run_bench(always(Capitals()), replace(config, limit=2, seed=7))
    assert report.subset == "at most 2 passages a data set, seed 7"
    assert (report.results[0].passages, report.results[0].available) == (2, 3)
    assert (
        run_bench(always(Capitals()), replace(config, limit=9, out=config.out / "x")).subset is None
    )


@pytest.mark.parametrize("change", [{"limit": 0}, {"threshold": 1.5}, {"batch": 0}])
def test_impossible_settings_are_refused(config: BenchConfig, change: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        replace(config, **change)  # type: ignore[arg-type]


def test_a_models_fingerprint_follows_its_files(tmp_path: Path) -> None:
    model = tmp_path / "model"
    write(model / "deep" / "weights.json", [1])
    before = hash_tree(model)
    assert before == hash_tree(model)
    write(model / "deep" / "weights.json", [2])
    assert before != hash_tree(model)
    assert hash_tree(tmp_path / "absent") == ""


def test_the_gold_lies_beside_the_predictions(config: BenchConfig) -> None:
    run_bench(always(Capitals()), config)
    examples = read_run_examples(config.out / "CrossNER_AI.test.examples.jsonl")
    assert [(e.types, e.mentions[0]) for e in examples] == [
        (("person", "place"), ("Ada", "Bo")),
        (("person", "place"), ()),
        (("person", "place"), ("Cy",)),
    ]


def test_what_is_not_there_is_named_and_left_out(config: BenchConfig) -> None:
    report = run_bench(always(Capitals()), replace(config, suite="ood7"))
    assert [result.dataset.name for result in report.results] == ["CrossNER_AI"]
    assert "mit-movie" in report.absent
    assert len(report.absent) == 6
    with pytest.raises(InputError, match=r"no dev split of CrossNER_AI is there; .*bench fetch"):
        run_bench(always(Capitals()), replace(config, split="dev", out=config.out / "dev"))


@pytest.mark.parametrize(
    ("choice", "splits"),
    [("test", []), ("dev", ["dev"]), ("any", ["dev"]), ("all", ["dev", "train"])],
)
def test_splits_are_chosen_among_those_that_are_there(
    config: BenchConfig, choice: SplitChoice, splits: list[str]
) -> None:
    path = write_instructions(config.data)
    for name in ("dev", "train"):
        path.with_stem(name).write_bytes(path.read_bytes())
    path.unlink()
    row = load_catalog().datasets["CrossNER_music_spans"]
    assert choose_splits(row, replace(config, split=choice)) == splits


def test_a_supervised_run_tells_the_model_which_data_set_it_is(config: BenchConfig) -> None:
    told: list[str] = []

    def student(name: str) -> Extractor:
        told.append(name)
        return Capitals()

    report = run_bench(student, replace(config, mode="supervised"))
    assert set(told) == {"", "crossner_ai"}
    assert report.results[0].paper("supervised") == {"UniNER-7B": 62.6}
    run_bench(student, replace(config, out=config.out / "x"))
    assert told[-1] == ""


def test_other_examples_than_before_are_refused(config: BenchConfig) -> None:
    run_bench(always(Capitals()), config)
    path = config.out / "CrossNER_AI.test.examples.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("person", "people"), encoding="utf-8")
    with pytest.raises(ConfigError, match="other examples than the catalog makes now"):
        run_bench(always(Capitals()), config)
