"""`uniner score` reads records or conversations, and says clearly what does not fit."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from uniner.cli import cli
from uniner.records import UninerError


def passage(name: str, text: str, *named: tuple[str, str]) -> dict[str, Any]:
    entities = [
        {"start": text.index(m), "end": text.index(m) + len(m), "text": m, "type": kind}
        for m, kind in named
    ]
    return {"id": name, "text": text, "entities": entities}


def query(name: str, kind: str, answer: str) -> dict[str, Any]:
    values = ["Text: Ada met Bo.", "ok", f"What describes {kind} in the text?", answer]
    speakers = ["human", "gpt"] * 2
    turns = [{"from": s, "value": v} for s, v in zip(speakers, values, strict=True)]
    return {"id": name, "conversations": turns}


def lines(path: Path, *rows: object) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["score", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


ADA = passage("p1", "Ada met Bo.", ("Ada", "person"), ("Bo", "dog"))
RAIN = passage("p2", "It rained.")


@pytest.fixture
def gold(tmp_path: Path) -> str:
    return lines(tmp_path / "gold.jsonl", ADA, RAIN)


@pytest.mark.parametrize(
    ("policy", "correct"), [("strict", 1), ("partial", 1.5), ("uniner2023", 1)]
)
def test_records_are_scored_under_the_policy(
    tmp_path: Path, gold: str, policy: str, correct: float
) -> None:
    found = passage("p1", "Ada met Bo.", ("Ada", "person"), ("met Bo", "dog"))
    pred = lines(tmp_path / "pred.jsonl", RAIN, found)
    report = json.loads(run(gold, pred, "--policy", policy, "--json"))
    assert report["policy"] == policy
    assert report["passages"] == 2
    assert report["micro"] == {
        "gold": 2,
        "predicted": 2,
        "correct": correct,
        "precision": 50 * correct,
        "recall": 50 * correct,
        "f1": 50 * correct,
    }
    assert set(report["types"]) == {"person", "dog"}


def test_conversations_are_scored_against_raw_answers(tmp_path: Path) -> None:
    gold = tmp_path / "gold.json"
    gold.write_text(json.dumps([query("a", "person", '["Ada"]'), query("b", "dog", '["Bo"]')]))
    answers = [{"id": "b", "answer": "The dog is Bo."}, {"id": "a", "answer": '["ADA"] I think'}]
    pred = lines(tmp_path / "pred.jsonl", *answers)
    report = json.loads(run(str(gold), pred, "--json"))
    assert report["policy"] == "uniner2023"
    assert report["queries"] == 2
    assert report["micro"]["correct"] == 1
    assert report["malformed"] == {"does not start with [": 1}
    assert "1 answers count as empty: each does not start with [." in run(str(gold), pred)
    with pytest.raises(UninerError, match="conversations give no offsets"):
        run(str(gold), pred, "--policy", "strict")


def test_the_table_shows_the_top_types_unless_all_are_asked(tmp_path: Path) -> None:
    text = "Ada"
    row = passage("p1", text, *((text, f"kind {n:02}") for n in range(25)))
    gold, pred = lines(tmp_path / "g.jsonl", row), lines(tmp_path / "p.jsonl", row)
    short, whole = run(gold, pred), run(gold, pred, "--all")
    assert "5 more types count too; --all lists them." in short
    assert "kind 24" not in short
    assert "kind 24" in whole
    assert "all types" in short


def test_a_type_that_looks_like_markup_is_printed_as_it_is(tmp_path: Path) -> None:
    row = passage("p1", "Ada", ("Ada", "[red]x[/nope]"))
    gold = lines(tmp_path / "g.jsonl", row)
    assert "[red]x[/nope]" in run(gold, gold)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([ADA], "no prediction for 1 of 2 ids .*first 'p2'"),
        ([ADA, RAIN, passage("p3", "x")], "1 ids are not in .*first 'p3'"),
        ([ADA, ADA], "id 'p1' comes twice"),
        ([], "no records"),
        ([ADA, passage("p2", "It snowed.")], "passage 'p2' has another text"),
        ([ADA, {"id": "p2"}], "pred.jsonl:2: field 'text' must be a string"),
    ],
)
def test_records_that_do_not_fit_are_refused(
    tmp_path: Path, gold: str, rows: list[object], expected: str
) -> None:
    pred = lines(tmp_path / "pred.jsonl", *rows)
    with pytest.raises(UninerError, match=expected):
        run(gold, pred)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"id": "a"}], r"pred.jsonl:1: conversations are scored against"),
        ([{"id": "a", "answer": "[]"}] * 2, "id 'a' comes twice"),
        ([{"id": "b", "answer": "[]"}], "no prediction for 1 of 1 ids"),
    ],
)
def test_answers_that_do_not_fit_are_refused(
    tmp_path: Path, rows: list[object], expected: str
) -> None:
    gold = tmp_path / "gold.json"
    gold.write_text(json.dumps([query("a", "person", "[]")]))
    with pytest.raises(UninerError, match=expected):
        run(str(gold), lines(tmp_path / "pred.jsonl", *rows))


MET = passage("p1", "Ada met Bo.", ("Ada", "dog"), ("met Bo", "dog"))


def test_views_are_added_with_their_counts(tmp_path: Path, gold: str) -> None:
    pred = lines(tmp_path / "pred.jsonl", MET, RAIN)
    report = json.loads(run(gold, pred, "--views", "--json"))
    assert report["views"]["type"]["micro"] == {
        "correct": 1,
        "incorrect": 1,
        "partial": 0,
        "missing": 0,
        "spurious": 0,
        "precision": 50,
        "recall": 50,
        "f1": 50,
    }
    assert report["views"]["partial"]["types"]["dog"]["partial"] == 1
    assert {key: report[key] for key in report if key != "views"} == json.loads(
        run(gold, pred, "--json")
    )
    table = run(gold, pred, "--views")
    rows = {line.split()[0]: line.split()[1:] for line in table.splitlines() if line.strip()}
    assert rows["exact"] == ["1", "1", "0", "0", "0", "50.0", "50.0", "50.0"]
    assert rows["partial"] == ["1", "0", "1", "0", "0", "75.0", "75.0", "75.0"]


def test_an_interval_is_shown_beside_f1_and_depends_on_the_seed(tmp_path: Path) -> None:
    text, marks = "Ada met Bo.", [(word, "x") for word in ("Ada", "met", "Bo", "t B", ".")]
    golds = [passage(f"p{n}", text, *marks[: n % 5]) for n in range(60)]
    found = [passage(f"p{n}", text, *marks[n % 3 : n % 6]) for n in range(60)]
    gold, pred = lines(tmp_path / "g.jsonl", *golds), lines(tmp_path / "p.jsonl", *found)
    report = json.loads(run(gold, pred, "--interval", "--json"))
    low, high = report["interval"]["low"], report["interval"]["high"]
    assert 0 < low < report["micro"]["f1"] < high < 100
    assert report == json.loads(run(gold, pred, "--interval", "--json", "--seed", "0"))
    others = [run(gold, pred, "--interval", "--json", "--seed", str(seed)) for seed in range(9)]
    assert len(set(others)) > 1
    shown = f"F1 of all types {report['micro']['f1']:.1f}, 95 % interval {low:.1f} to {high:.1f}."
    assert shown in run(gold, pred, "--interval")


def test_two_prediction_files_are_compared(tmp_path: Path, gold: str) -> None:
    pred = lines(tmp_path / "pred.jsonl", MET, RAIN)
    report = json.loads(run(gold, pred, "--against", gold, "--json"))
    assert report["micro"]["f1"] == 0
    assert report["against"]["file"] == gold
    assert report["against"]["f1"] == 100
    assert report["against"]["difference"] == -100
    assert report["against"]["low"] <= -100 <= report["against"]["high"]
    assert "has 100.0; the difference is -100.0, 95 % interval" in run(
        gold, pred, "--against", gold
    )
    same = json.loads(run(gold, pred, "--against", pred, "--json"))["against"]
    assert (same["difference"], same["low"], same["high"], same["p"]) == (0, 0, 0, 1)
    with pytest.raises(UninerError, match=r"other.jsonl: no prediction for 1 of 2 ids"):
        run(gold, pred, "--against", lines(tmp_path / "other.jsonl", ADA))


def test_answers_are_resampled_by_passage_and_have_no_views(tmp_path: Path) -> None:
    gold = tmp_path / "gold.json"
    gold.write_text(json.dumps([query("a", "person", '["Ada"]'), query("b", "dog", '["Bo"]')]))
    right = [{"id": "a", "answer": '["Ada"]'}, {"id": "b", "answer": "[]"}]
    pred = lines(tmp_path / "pred.jsonl", *right)
    other = lines(tmp_path / "other.jsonl", right[1], {"id": "a", "answer": "Ada"})
    report = json.loads(run(str(gold), pred, "--interval", "--against", other, "--json"))
    assert report["queries"] == 2
    assert report["interval"] == {"low": 66.67, "high": 66.67}  # both are about one passage
    assert report["against"]["difference"] == 66.67
    with pytest.raises(UninerError, match="conversations give no offsets, which --views needs"):
        run(str(gold), pred, "--views")


def test_a_negative_seed_is_refused(gold: str) -> None:
    with pytest.raises(UninerError, match="--seed -1 is negative"):
        run(gold, gold, "--interval", "--seed", "-1")


def test_an_error_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    code = "from uniner.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "score", "absent.jsonl", "absent.jsonl"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "uniner: absent.jsonl: no such file\n"
    assert done.stdout == ""
