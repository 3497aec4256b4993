"""What of a model's answers is of no use is counted by reason, wherever figures are shown."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from toy_bench import Capitals, always, write_conversations
from uniner.benchmark.run import BenchConfig, run_bench
from uniner.cli.bench import show
from uniner.evaluation.faults import count_faults, describe_faults
from uniner.evaluation.questions import Question
from uniner.records import Fault, Passage, Prediction
from uniner.serving.distilled import distilled_page
from uniner.training.judge import judge, verdict_to_json


class Faulty(Capitals):
    """Answers in a wrong way about one text in two."""

    def extract(
        self,
        texts: Sequence[str | Passage],
        types: Sequence[str],
        threshold: float | None = None,
        *,
        nested: bool = False,
    ) -> list[Prediction]:
        found = super().extract(texts, types, threshold, nested=nested)
        fault = Fault(types[0], "is not JSON", "<oh>")
        return [Prediction(p.passage, p.entities, (fault,) * (n % 2)) for n, p in enumerate(found)]


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        ({"a": 1}, "1 fault in answers: a (1)"),
        ({"a": 1200, "b": 2}, "1,202 faults in answers: a (1,200), b (2)"),
        (
            dict.fromkeys("abcdefg", 1),
            "7 faults in answers: a (1), b (1), c (1), d (1), e (1), 2 other reasons",
        ),
    ],
)
def test_counts_are_one_line(counts: dict[str, int], line: str) -> None:
    assert describe_faults(counts) == line


def test_faults_are_counted_by_reason_the_most_frequent_first() -> None:
    passage = Passage("p", "x")
    faults = (Fault("t", "b", ""), Fault("u", "a", "?"), Fault("v", "a", "!"))
    predictions = [Prediction(passage, (), faults), Prediction(passage, ())]
    assert list(count_faults(predictions).items()) == [("a", 2), ("b", 1)]


def test_a_benchmarks_results_and_table_say_how_many(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_conversations(tmp_path / "data")
    config = BenchConfig("CrossNER_AI", tmp_path / "data", tmp_path / "out")
    for _ in range(2):  # the second time from the journal
        report = run_bench(always(Faulty()), config)
        written = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
        assert written["datasets"]["CrossNER_AI.test"]["faults"] == {"is not JSON": 1}
    show(report)
    assert "capitals: 1 fault in answers: is not JSON (1)." in capsys.readouterr().out
    show(run_bench(always(Capitals()), BenchConfig("CrossNER_AI", config.data, tmp_path / "other")))
    assert "in answers" not in capsys.readouterr().out


def test_a_verdict_and_its_page_say_how_many() -> None:
    class Always(Faulty):
        def extract(
            self,
            texts: Sequence[str | Passage],
            types: Sequence[str],
            threshold: float | None = None,
            *,
            nested: bool = False,
        ) -> list[Prediction]:
            return super().extract([*texts, *texts], types)[len(texts) :]

    questions = [Question(Passage("1", "Ada left."), ("person",), ())]
    faulty, sound = judge("odd", Always(), questions), judge("even", Capitals(), questions)
    assert verdict_to_json(faulty)["faults"] == {"is not JSON": 1}
    assert verdict_to_json(sound)["faults"] == {}
    html = distilled_page("toy", [faulty, sound], questions, {}, {})
    assert "Answers of no use" in html
    assert "<td>odd</td><td>is not JSON</td>" in html
    assert "Answers of no use" not in distilled_page("toy", [sound], questions, {}, {})
