"""`uniner types` proposes a table that other commands take, and says what it merges."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from uniner.cli import cli
from uniner.corpus.naming import read_table
from uniner.records import UninerError


def lines(path: Path, *rows: object) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def passage(name: str, *types: str) -> dict[str, object]:
    entities = [{"start": 0, "end": 4, "text": "Oslo", "type": kind} for kind in types]
    return {"id": name, "text": "Oslo", "entities": entities}


@pytest.fixture
def annotated(tmp_path: Path) -> str:
    rows = [passage("1", "city", "cities"), passage("2", "city", "[bold]"), passage("3", "town")]
    return lines(tmp_path / "a.jsonl", *rows)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["types", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_table_is_proposed_and_told(tmp_path: Path, annotated: str) -> None:
    out = tmp_path / "new" / "t.jsonl"
    printed = run(annotated, "--out", str(out))
    assert [json.loads(line) for line in out.read_text().splitlines()] == [
        {"type": "cities", "as": "city", "why": "plural", "count": 1}
    ]
    assert "4 types become 3." in printed
    assert [line.split() for line in printed.splitlines() if "cities" in line] == [
        ["city", "cities", "1"]
    ]


@pytest.mark.parametrize("aliases", ["file", "sample"])
def test_near_synonyms_are_merged_where_definitions_are_given(tmp_path: Path, aliases: str) -> None:
    rows = [passage("1", "physician"), passage("2", "doctor"), passage("3", "doctor")]
    known = {"type": "doctor", "definition": "one who heals", "aliases": ["Physician"]}
    definitions = lines(tmp_path / "d.jsonl", known) if aliases == "file" else aliases
    out = tmp_path / "t.jsonl"
    run(lines(tmp_path / "a.jsonl", *rows), "--out", str(out), "--aliases", definitions)
    assert read_table(out) == {"physician": "doctor"}


def test_nothing_to_rename_is_an_empty_table(tmp_path: Path) -> None:
    out = tmp_path / "t.jsonl"
    printed = run(lines(tmp_path / "a.jsonl", passage("1", "city")), "--out", str(out))
    assert "1 types become 1." in printed
    assert read_table(out) == {}


def test_a_bad_definition_is_named_by_line(tmp_path: Path, annotated: str) -> None:
    definitions = lines(tmp_path / "d.jsonl", {"type": "city", "definition": "a"}, {"type": "b"})
    with pytest.raises(UninerError, match=r"d\.jsonl:2: fields 'type' and 'definition'"):
        run(annotated, "--out", str(tmp_path / "t.jsonl"), "--aliases", definitions)
    with pytest.raises(UninerError, match=r"is the annotated file itself"):
        run(annotated, "--out", annotated)
