"""`uniner build` writes conversations that come back as queries, the same for the same seed."""

import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from uniner.chat.dialogue import Dialogue, read_dialogues
from uniner.chat.queries import read_queries, read_type
from uniner.chat.variants import NER, read_all
from uniner.cli import cli
from uniner.records import UninerError

TEXT = "Ada met Bo in Oslo."
TYPES = {"Ada": "scientist", "Bo": "dog", "Oslo": "cities"}
ENTITY = {"start": 0, "end": 3, "text": "Ada"}


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


def make(annotated: str, *options: str) -> tuple[str, Path]:
    """What is printed, and the file that is written."""
    out = Path(annotated).with_name("new") / "c.json"
    arguments = ["build", annotated, "--out", str(out), *options]
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout, out


def run(annotated: str, *options: str) -> tuple[str, dict[tuple[str, str], str]]:
    """What is printed, and the answer to each type of each passage."""
    printed, out = make(annotated, *options)
    queries = [query for _, query in read_queries(out)]
    return printed, {(query.id.split("#")[0], query.type): query.answer for query in queries}


def talk(annotated: str, *options: str) -> list[Dialogue]:
    return [dialogue for _, dialogue in read_dialogues(make(annotated, *options)[1])]


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


def test_all_types_are_asked_at_once(annotated: str) -> None:
    first, second, third = talk(annotated, "--variant", "all-in-one", "--ratio", "2")
    ((question, answer),) = first.exchanges
    assert set(read_all(question) or ()) == {"scientist", "dog", "cities"}
    assert json.loads(answer) == [["Ada", "scientist"], ["Bo", "dog"]]
    assert second.exchanges[0].answer == '[["Oslo", "cities"]]'
    assert [each.answer for each in third.exchanges] == ["[]"]


def test_entities_of_any_type_are_asked_for_with_the_data_set_named(annotated: str) -> None:
    dialogues = talk(annotated, "--variant", "ner", "--dataset", "CoNLL 2003")
    assert {each.dataset for each in dialogues} == {"CoNLL 2003"}
    assert [each.exchanges for each in dialogues] == [
        ((NER, '[["Ada", "scientist"], ["Bo", "dog"]]'),),
        ((NER, '[["Oslo", "cities"]]'),),
        ((NER, "[]"),),
    ]


def test_types_are_asked_by_the_meaning_that_a_file_gives(tmp_path: Path, annotated: str) -> None:
    file = lines(tmp_path / "d.jsonl", {"type": "Dog", "definition": "an animal that barks."})
    printed, answers = run(annotated, "--variant", "definition", "--definitions", file)
    assert answers["1", "an animal that barks"] == '["Bo"]'
    assert answers["1", "scientist"] == '["Ada"]'
    assert "2 types have no known definition and go by their names." in printed


def test_types_are_asked_by_name_and_the_taxonomys_meaning(annotated: str) -> None:
    printed, answers = run(annotated, "--variant", "name-definition", "--negatives", "none")
    assert any(kind.startswith("scientist (") and kind.endswith(")") for _, kind in answers)
    assert "1 types have no known definition" in printed


def test_hard_negatives_are_near_the_types_of_the_passage(tmp_path: Path) -> None:
    kinds = ["chemist", "banana", "guitar", "harbour", "violin", *["physicist"] * 50]
    rows = [
        {"id": str(number), "text": "Ada", "entities": [{**ENTITY, "type": kind}]}
        for number, kind in enumerate(kinds)
    ]
    made = talk(lines(tmp_path / "a.jsonl", *rows), "--negatives", "hard")
    turned = talk(lines(tmp_path / "a.jsonl", *reversed(rows)), "--negatives", "hard")
    assert turned[::-1] == made
    asked = Counter(
        read_type(question)
        for dialogue in made[5:]
        for question, answer in dialogue.exchanges
        if answer == "[]"
    )
    assert asked.total() == 50
    assert asked.most_common(1)[0][0] == "chemist"


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


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--variant", "ner", "--definitions", "d.jsonl"], "not asked by variant 'ner'"),
        (["--variant", "definition", "--taxonomy", "none"], "no definitions to ask by"),
        (["--variant", "definition", "--definitions", "gone"], "gone: no such file"),
        (
            ["--variant", "definition", "--definitions", "bad.jsonl"],
            r"bad\.jsonl:1: fields 'type' and 'definition' must be strings",
        ),
        (["--hard-share", "0.5"], "hard_share is for negatives = 'hard', not 'frequency'"),
        (["--dataset", "a\nb"], r"dataset must be a name on one line, not 'a\\nb'"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    lines(tmp_path / "a.jsonl", passage("1", "Ada"))
    lines(tmp_path / "bad.jsonl", {"type": "dog"})
    with pytest.raises(UninerError, match=expected):
        CliRunner().invoke(
            cli, ["build", "a.jsonl", "--out", "c.json", *options], catch_exceptions=False
        )
    assert not (tmp_path / "c.json").exists()
