"""`uniner stats` prints tables or JSON, draws where asked, and counts renamed types as one."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from uniner.cli import cli
from uniner.records import UninerError


def passage(name: str, text: str, *named: tuple[str, str], domain: str = "") -> dict[str, Any]:
    entities = [
        {"start": text.index(m), "end": text.index(m) + len(m), "text": m, "type": kind}
        for m, kind in named
    ]
    return {"id": name, "text": text, "domain": domain, "entities": entities}


def lines(path: Path, *rows: object) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def run(*arguments: str, given: str | None = None) -> str:
    result = CliRunner().invoke(cli, ["stats", *arguments], input=given, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


ROWS = (
    passage("1", "Ada met Bo.", ("Ada", "person"), ("Bo", "persons"), domain="[news]"),
    passage("2", "Oslo", ("Oslo", "a place in which many people live, work and sleep")),
    passage("3", "It rained."),
)


@pytest.fixture
def annotated(tmp_path: Path) -> str:
    return lines(tmp_path / "a.jsonl", *ROWS)


def read_cells(printed: str, first: str) -> list[str]:
    (line,) = (line for line in printed.splitlines() if line.startswith(f" {first}  "))
    return line.removeprefix(f" {first}").split()


def test_the_papers_figures_stand_beside_ours(annotated: str) -> None:
    printed = run(annotated)
    assert read_cells(printed, "passages with an entity") == ["2", "45,889"]
    assert read_cells(printed, "entities") == ["3", "240,725"]
    assert read_cells(printed, "types") == ["3", "13,020"]
    assert read_cells(printed, "top 1%")[-4:] == ["1", "1", "33.3", "74"]
    assert read_cells(printed, "[news]") == ["1", "2", "2", "2.0"]
    assert read_cells(printed, "(none)") == ["2", "1", "1", "0.5"]
    assert "a place in which many people li…" in printed
    assert "dropped" not in printed


def test_json_has_definitions_whole_and_every_domain(tmp_path: Path, annotated: str) -> None:
    (tmp_path / "a.drops.json").write_text('{"passage: the teacher gave no reply": 4}')
    report = json.loads(run(annotated, "--json"))
    assert report["passages"] == 3
    assert report["pairs"] == 2
    assert report["entities_per_pair"] == 1.5
    assert report["bands"][0] == {
        "band": "top 1%", "types": 1, "entities": 1, "percent": 33.33,
        "examples": ["a place in which many people live, work and sleep"],
    }  # fmt: skip
    assert report["domains"][0] == {"domain": "", "passages": 2, "entities": 1, "types": 1}
    assert report["lengths"][0] == {"words": "1-16", "passages": 3, "entities": 3, "types": 3}
    assert report["drops"] == {"passage: the teacher gave no reply": 4}


def test_what_was_dropped_is_told_most_frequent_first(tmp_path: Path, annotated: str) -> None:
    (tmp_path / "a.drops.json").write_text('{"item: rare": 1, "item: common": 1234}')
    printed = run(annotated)
    assert read_cells(printed, "item: common") == ["1,234"]
    assert printed.index("item: common") < printed.index("item: rare")


def test_other_domains_are_told_together(tmp_path: Path) -> None:
    rows = [passage(str(n), "Oslo", ("Oslo", f"k{n % 4}"), domain=f"d{n:02}") for n in range(25)]
    printed = run(lines(tmp_path / "a.jsonl", *rows))
    assert read_cells(printed, "5 others") == ["5", "5", "4", "1.0"]
    assert "d19" in printed
    assert "d20" not in printed


def test_renamed_types_are_counted_as_one(tmp_path: Path, annotated: str) -> None:
    table = lines(tmp_path / "t.jsonl", {"type": "persons", "as": "person"})
    before = Path(annotated).read_bytes()
    report = json.loads(run(annotated, "--json", "--rename", table))
    assert report["types"] == 2
    assert report["bands"][0]["examples"] == ["person"]
    assert Path(annotated).read_bytes() == before


def test_a_figure_is_drawn_and_json_stays_alone_on_standard_output(
    tmp_path: Path, annotated: str
) -> None:
    pytest.importorskip("matplotlib")
    figure = tmp_path / "a.png"
    assert json.loads(run(annotated, "--json", "--plot", str(figure)))["passages"] == 3
    assert figure.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "drops", "expected"),
    [
        (["--plot", "a.gif"], "{}", r"--plot a\.gif: name a file that ends in \.png, \.svg, \.pdf"),
        ([], "[]", r"a\.drops\.json: expected \{reason: count\}"),
        ([], '{"a": true}', r"a\.drops\.json: expected \{reason: count\}"),
        ([], "{", r"a\.drops\.json: malformed JSON"),
        (["--rename", "gone.jsonl"], "{}", r"gone\.jsonl: no such file"),
    ],
)
def test_what_cannot_be_done_is_said_first(
    tmp_path: Path, annotated: str, arguments: list[str], drops: str, expected: str
) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "a.drops.json").write_text(drops)
    with pytest.raises(UninerError, match=expected):
        run(annotated, *arguments)


def test_a_file_without_records_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UninerError, match=r"a\.jsonl: no records"):
        run(lines(tmp_path / "a.jsonl"))


def test_a_figure_without_matplotlib_names_the_extra(
    annotated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "uniner.construction.plots", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UninerError, match=r"pip install 'uniner\[report\]'"):
        run(annotated, "--plot", "a.png")
