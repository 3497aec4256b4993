"""`uniner build` writes conversations that come back as queries, the same for the same seed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from uniner.chat.queries import read_queries
from uniner.cli import cli
from uniner.records import UninerError

TEXT = "Ada met Bo in Oslo."
TYPES = {"Ada": "scientist", "Bo": "dog", "Oslo": "cities"}


def lines(path: Path, *rows: object) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def passage(name: str, *mentions: str) -> dict[str, object]:
    entities = [
        {"start": TEXT.index(m), "end": TEXT.index(m) + len(m), "text": m, "type": TYPES[m]}
        for m in mentions
    ]
    return {"id": name, "text": TEXT, "entities": entities}


@pytest.fixture
def annotated(tmp_path: Path) -> str:
    rows = [passage("1", "Ada", "Bo"), passage("2", "Oslo"), passage("3")]
    return lines(tmp_path / "a.jsonl", *rows)


def run(annotated: str, *options: str) -> tuple[str, dict[tuple[str, str], str]]:
    """What is printed, and the answer to each type of each passage."""
    out = Path(annotated).with_name("new") / "c.json"
    arguments = ["build", annotated, "--out", str(out), *options]
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    queries = [query for _, query in read_queries(out)]
    return result.stdout, {(query.id.split("#")[0], query.type): query.answer for query in queries}


POSITIVE = {("1", "scientist"): '["Ada"]', ("1", "dog"): '["Bo"]', ("2", "cities"): '["Oslo"]'}


def test_positive_types_are_answered_and_negative_ones_empty(annotated: str) -> None:
    printed, answers = run(annotated)
    assert {asked: answer for asked, answer in answers.items() if answer != "[]"} == POSITIVE
    assert sum(name == "3" for name, _ in answers) == 1
    figures = [line.split()[-1] for line in printed.splitlines() if line[-2:-1].isdigit()]
    assert figures == ["3", "6", "3", "3", "3"]


def test_without_negatives_an_empty_passage_is_left_out_and_said(annotated: str) -> None:
    printed, answers = run(annotated, "--negatives", "none")
    assert answers == POSITIVE
    assert "1 passages have nothing to be asked and are left out." in printed


def test_the_taxonomys_kin_are_no_negatives_unless_it_is_left_out(tmp_path: Path) -> None:
    text = "Ada met Rex."
    entities = [{"start": 0, "end": 3, "text": "Ada", "type": "scientist"}]
    rows = [
        {"id": "1", "text": text, "entities": entities},
        {"id": "2", "text": text, "entities": [{**entities[0], "type": "person"}]},
    ]
    annotated = lines(tmp_path / "a.jsonl", *rows)
    assert len(run(annotated)[1]) == 2
    assert len(run(annotated, "--taxonomy", "none")[1]) == 4


def test_renamed_types_are_asked_by_their_new_names(tmp_path: Path, annotated: str) -> None:
    table = lines(tmp_path / "t.jsonl", {"type": "cities", "as": "city"})
    _, answers = run(annotated, "--rename", table, "--ratio", "9")
    assert answers["2", "city"] == '["Oslo"]'
    assert {kind for _, kind in answers} == {"scientist", "dog", "city"}


def test_a_seed_gives_the_same_file_and_another_seed_another(annotated: str) -> None:
    out = Path(annotated).with_name("new") / "c.json"
    files = []
    for seed in ("0", "0", "1"):
        run(annotated, "--seed", seed, "--ratio", "2")
        files.append(out.read_bytes())
    assert files[0] == files[1] != files[2]


@pytest.mark.parametrize(
    ("source", "out", "expected"),
    [
        ("-", "c.json", "-: is read twice"),
        ("gone.jsonl", "c.json", r"gone\.jsonl: no such file"),
        ("a.jsonl", "a.jsonl", r"--out a\.jsonl: is the annotated file itself"),
        ("empty.jsonl", "c.json", r"empty\.jsonl: no records"),
        ("none.jsonl", "c.json", r"c\.json: nothing to write, as no passage has an entity"),
    ],
)
def test_what_cannot_be_built_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, out: str, expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    lines(tmp_path / "a.jsonl", passage("1", "Ada"))
    lines(tmp_path / "empty.jsonl")
    lines(tmp_path / "none.jsonl", passage("1"))
    before = sorted(tmp_path.iterdir())
    with pytest.raises(UninerError, match=expected):
        CliRunner().invoke(cli, ["build", source, "--out", out], catch_exceptions=False)
    assert sorted(tmp_path.iterdir()) == before
