"""A run scores what an extractor finds, survives a kill and never mixes two models."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from toy_bench import Capitals, query, write, write_conversations, write_instructions
from uniner.benchmark.run import BenchConfig, run_bench
from uniner.evaluation.counts import Counts
from uniner.records import ConfigError, InputError
from uniner.records.manifest import hash_model

JOURNAL = "CrossNER_AI.predictions.jsonl"


@pytest.fixture
def config(tmp_path: Path) -> BenchConfig:
    write_conversations(tmp_path / "data")
    return BenchConfig(suite="CrossNER_AI", data=tmp_path / "data", out=tmp_path / "out", batch=1)


def test_strings_are_scored_beside_the_papers_figures(config: BenchConfig) -> None:
    report = run_bench(Capitals(), config)
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
    assert written["datasets"]["CrossNER_AI"]["scores"]["uniner2023"]["micro"]["gold"] == 4


def test_offsets_bring_the_span_policies(config: BenchConfig) -> None:
    write_instructions(config.data)
    report = run_bench(Capitals(), replace(config, suite="CrossNER_music_spans"))
    [result] = report.results
    assert result.scores["strict"].micro == Counts(2, 6, 0)
    assert result.scores["partial"].micro == Counts(2, 6, 0.5)
    assert result.f1("partial") == pytest.approx(12.5)


def test_a_killed_run_goes_on_where_it_stopped(config: BenchConfig) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_bench(Capitals(budget=2), config)
    journal = config.out / JOURNAL
    with journal.open("a", encoding="utf-8") as stream:
        stream.write('{"id": "q4", "text": "Cy le')
    extractor = Capitals()
    report = run_bench(extractor, config)
    assert extractor.calls == [["q4"]]
    assert len(journal.read_text(encoding="utf-8").splitlines()) == 3
    assert report == run_bench(Capitals(budget=0), config)
    whole = run_bench(Capitals(), replace(config, out=config.out.with_name("whole"), batch=32))
    assert whole == report


def test_a_broken_line_within_the_journal_is_named(config: BenchConfig) -> None:
    run_bench(Capitals(), config)
    journal = config.out / JOURNAL
    journal.write_text("oops\n" + journal.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(InputError, match=f"{JOURNAL}:1: malformed JSON"):
        run_bench(Capitals(), config)


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("larger", {}, "model: 'capitals' there, 'larger' here"),
        ("capitals", {"fingerprint": "f00"}, "fingerprint: '' there, 'f00' here"),
        ("capitals", {"threshold": 0.3}, "threshold: None there, 0.3 here"),
        ("capitals", {"limit": 2}, "limit: None there, 2 here"),
        ("capitals", {"nested": True}, "nested: False there, True here"),
    ],
)
def test_another_runs_folder_is_refused(
    config: BenchConfig, name: str, change: dict[str, object], expected: str
) -> None:
    run_bench(Capitals(), config)
    before = (config.out / JOURNAL).read_bytes()
    with pytest.raises(ConfigError, match=expected):
        run_bench(Capitals(name=name), replace(config, **change))  # type: ignore[arg-type]
    assert (config.out / JOURNAL).read_bytes() == before


def test_a_folder_made_from_other_data_is_refused(config: BenchConfig) -> None:
    run_bench(Capitals(), config)
    row = query("q0", "Ada met Bo.", "person", ["Ada"])
    write(config.data / "official_conversations/CrossNER_AI.json", [row])
    with pytest.raises(ConfigError, match=r"holds a different run \(inputs"):
        run_bench(Capitals(), config)


def test_predictions_without_a_manifest_are_refused(config: BenchConfig) -> None:
    run_bench(Capitals(), config)
    (config.out / "manifest.json").unlink()
    with pytest.raises(ConfigError, match=r"no manifest\.json"):
        run_bench(Capitals(), config)


def test_a_file_is_no_folder(config: BenchConfig) -> None:
    config.out.write_text("mine")
    with pytest.raises(ConfigError, match="is a file"):
        run_bench(Capitals(), config)
    assert config.out.read_text() == "mine"


def test_a_sample_is_named_in_the_results(config: BenchConfig) -> None:
    report = run_bench(Capitals(), replace(config, limit=2, seed=7))
    assert report.subset == "at most 2 passages a data set, seed 7"
    assert (report.results[0].passages, report.results[0].available) == (2, 3)
    assert run_bench(Capitals(), replace(config, limit=9, out=config.out / "x")).subset is None


@pytest.mark.parametrize("change", [{"limit": 0}, {"threshold": 1.5}, {"batch": 0}])
def test_impossible_settings_are_refused(config: BenchConfig, change: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        replace(config, **change)  # type: ignore[arg-type]


def test_a_models_fingerprint_follows_its_files(tmp_path: Path) -> None:
    model = tmp_path / "model"
    write(model / "deep" / "weights.json", [1])
    before = hash_model(model)
    assert before == hash_model(model)
    write(model / "deep" / "weights.json", [2])
    assert before != hash_model(model)
    assert hash_model(tmp_path / "absent") == ""
