"""`uniner bench list`, `fetch` and `sizes` say what there is, get it, and count it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from toy_bench import AI, write_conversations, write_instructions
from toy_files import serve_files
from uniner.benchmark.catalog import load_catalog
from uniner.benchmark.fetch import Origin
from uniner.cli.bench_data import fetch, list_datasets, list_sizes
from uniner.records import ConfigError

COMMANDS = {"list": list_datasets, "fetch": fetch, "sizes": list_sizes}


def run(name: str, *arguments: str | Path) -> Result:
    return CliRunner().invoke(COMMANDS[name], [*map(str, arguments)])


def cells(output: str, start: str) -> list[str]:
    [line] = [line for line in output.splitlines() if line.split()[:1] == [start]]
    return line.split()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_conversations(tmp_path)
    write_instructions(tmp_path)
    return tmp_path


def test_the_list_has_the_papers_figures_and_what_is_there(data: Path) -> None:
    output = run("list", "--data", data, "--suite", "ood7,CrossNER_music_spans").output
    row = cells(output, "CrossNER_AI")
    assert row[-7:] == ["13", "431", "52.4", "53.5", "62.6", "open", "all"]
    assert cells(output, "CrossNER_literature")[-1] == "–"
    assert cells(output, "CrossNER_music_spans")[-1] == "test"
    assert "Licence CC BY-NC 4.0; original: MIT: CrossNER_AI, " in output
    assert f"fetch NAME --data {data}` gets: CrossNER_literature, " in output


def test_the_whole_list_names_every_data_set_and_suite_once() -> None:
    output = run("list").output
    catalog = load_catalog()
    for row in catalog.list_suite("all43"):
        assert cells(output, row.name)[-1] == "?"
    assert "says what to do for: ace04, ace05, ontonotes, " in output
    assert "Not listed: CrossNER_AI, " in output
    assert "all43 (49)" in output
    assert output.count("findvehicle") == 3  # in the list, under its licence, and what to do


def test_the_list_as_json_says_all_of_it(data: Path) -> None:
    rows = json.loads(run("list", "--json", "--suite", "e_ner,CrossNER_AI", "--data", data).output)
    assert [row["name"] for row in rows] == ["e_ner", "CrossNER_AI"]
    assert rows[0]["splits"]["test"]["paper"] == 1010
    assert rows[0]["labels"]["COURT"] == "court"
    assert rows[0]["paper"]["supervised"] == {"UniNER-7B": 93.4}
    assert rows[1]["splits"]["test"] == {"files": [AI], "paper": 431, "here": True}
    [unasked] = json.loads(run("list", "--json", "--suite", "e_ner").output)
    assert {split["here"] for split in unasked["splits"].values()} == {None}


@pytest.mark.parametrize("name", ["list", "sizes"])
def test_a_folder_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    result = run(name, "--data", tmp_path / "absent")
    assert isinstance(result.exception, ConfigError)
    assert "no such folder" in str(result.exception)


def test_without_a_folder_fetch_explains() -> None:
    result = run("fetch", "ace05", "anatem")
    assert result.exit_code == 0
    assert "ace05: ACE 2005 (paid; LDC user agreement)" in result.output
    assert "Get LDC2006T06" in result.output
    assert "files: ace05/documents, ace05/train.list, " in result.output
    assert "to do: uniner bench fetch anatem --data DIR" in result.output


def test_a_licensed_data_set_that_is_not_there_is_explained_and_exits_with_2(
    tmp_path: Path,
) -> None:
    result = run("fetch", "i2b2_2006", "--data", tmp_path)
    assert result.exit_code == 2
    assert "Sign the data use agreement" in result.output
    assert f"missing: {tmp_path}/i2b2_2006/train.xml, " in result.output
    for name in ("train", "test"):
        (tmp_path / "i2b2_2006").mkdir(exist_ok=True)
        (tmp_path / f"i2b2_2006/{name}.xml").write_text("<ROOT/>")
    result = run("fetch", "i2b2_2006", "--data", tmp_path)
    assert result.exit_code == 0
    assert f"{tmp_path}/i2b2_2006/test.xml: already there, not checked, SHA-256 " in result.output


def test_fetch_goes_on_after_a_failure_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve_files({"/taste.csv": b"taste"}) as files:
        origins = {
            "e_ner/all.csv": Origin("e_ner/all.csv", f"{files.url}/absent.csv"),
            "tasteset/all.csv": Origin("tasteset/all.csv", f"{files.url}/taste.csv"),
        }
        monkeypatch.setattr("uniner.benchmark.fetch.load_origins", lambda: origins)
        result = run("fetch", "e_ner,tasteset", "--data", tmp_path)
    assert result.exit_code == 2
    assert "uniner: e_ner: " in result.output
    assert "404" in result.output
    assert f"{tmp_path}/tasteset/all.csv: fetched, not checked" in result.output
    assert (tmp_path / "tasteset/all.csv").read_bytes() == b"taste"


def test_sizes_stand_beside_the_papers_in_a_table_and_in_markdown(data: Path) -> None:
    arguments = ("--data", data, "--suite", "CrossNER_AI,CrossNER_music_spans")
    plain = run("sizes", *arguments).output
    assert cells(plain, "CrossNER_AI") == [
        *("CrossNER_AI", "test", "3", "431", "-428", "2", "2", "13", "not", "explained"),
    ]
    marked = run("sizes", *arguments, "--format", "md").output.splitlines()
    assert marked[0].startswith("| Data set | Split | Read |")
    assert marked[1].startswith("| --- | --- | ---: |")
    assert marked[3] == (
        "| CrossNER_music_spans | test | 2 | 465 | -463 | 12 | 2 | 12 | not explained |"
    )


def test_sizes_of_nothing_are_refused(tmp_path: Path) -> None:
    result = run("sizes", "--data", tmp_path, "--suite", "e_ner")
    assert isinstance(result.exception, ConfigError)
    assert "no split of e_ner is there" in str(result.exception)
