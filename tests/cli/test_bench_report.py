"""`uniner bench report` writes what is asked for, where it is asked for."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from toy_runs import CATALOG, toy_split, write_run
from uniner.cli.bench_report import FORMATS, command
from uniner.records import ConfigError, InputError
from uniner.serving.benchmark import report


@pytest.fixture(autouse=True)
def catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uniner.benchmark.catalog.load_catalog", lambda: CATALOG)


def call(*arguments: object) -> Result:
    result = CliRunner().invoke(command, [*map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def test_all_formats_are_written_beside_the_first_run(tmp_path: Path) -> None:
    one = write_run(tmp_path / "a", toy_split("conllpp", 10), model="one")
    two = write_run(tmp_path / "b", toy_split("conllpp", 10, skill=0.2), model="two")
    output = call(one, two).output
    assert sorted(p.name for p in one.glob("report.*")) == sorted(f"report.{f}" for f in FORMATS)
    assert not list(two.glob("report.*"))
    assert str(one / "report.html") in output
    assert "Average over 1 data set" in output


def test_only_the_formats_that_are_named_are_written_where_it_is_said(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a", toy_split("conllpp", 10))
    call(run, "--out", tmp_path / "out", "--format", "md", "--format", "csv")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["report.csv", "report.md"]


def test_the_same_runs_give_the_same_report(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a", toy_split("conllpp", 20))
    for name in ("one", "two"):
        call(run, "--out", tmp_path / name, "--seed", 3)
    for kind in FORMATS:
        one, two = ((tmp_path / name / f"report.{kind}").read_bytes() for name in ("one", "two"))
        assert one == two


def test_without_matplotlib_the_page_is_refused_and_the_rest_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "uniner.serving.benchmark.plots", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    run = write_run(tmp_path / "a", toy_split("conllpp", 10))
    with pytest.raises(ConfigError, match=r"uniner\[report\]"):
        call(run)
    assert not list(run.glob("report.*"))
    call(run, "--format", "md")
    assert (run / "report.md").is_file()


def test_no_example_is_shown_where_none_is_wanted(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a", toy_split("conllpp", 20, skill=0.2))
    call(run, "--format", "html")
    assert 'class="case"' in (run / "report.html").read_text(encoding="utf-8")
    call(run, "--format", "html", "--examples", 0)
    assert 'class="case"' not in (run / "report.html").read_text(encoding="utf-8")


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no run is there"):
        call(tmp_path)


@pytest.mark.parametrize(
    ("option", "message"), [("--seed", "0 or more"), ("--examples", "impossible")]
)
def test_negative_numbers_are_refused(tmp_path: Path, option: str, message: str) -> None:
    run = write_run(tmp_path / "a", toy_split("conllpp", 5))
    with pytest.raises(ConfigError, match=message):
        call(run, option, -1)


def test_the_command_knows_the_formats_that_can_be_written() -> None:
    assert FORMATS == report.FORMATS
