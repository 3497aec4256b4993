"""A report says the same in every format, holds together by itself, and shows no text unasked."""

import csv
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from toy_runs import (
    CATALOG,
    TYPES,
    ToySplit,
    toy_examples,
    toy_predictions,
    toy_split,
    write_run,
)
from uniner.benchmark.catalog import Catalog
from uniner.benchmark.comparison import Comparison, Settings, compare_runs
from uniner.benchmark.examples import Example
from uniner.benchmark.gather import read_run
from uniner.benchmark.zero_shot import ZeroShot, judge_zero_shot
from uniner.records import Annotated, Entity, Fault, Passage, Prediction
from uniner.records.store import write_records
from uniner.serving.benchmark.markdown import escape
from uniner.serving.benchmark.report import FORMATS, write_report

UNKNOWN = ZeroShot("not known")
VOID = {"meta", "br", "path"}
HOSTILE = '<img src="http://x.example/a.png" onerror=alert(1)>|`*_&amp;'


class Reader(HTMLParser):
    """Checks that tags close in order, and collects the texts of cells."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


def read_page(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


def compare_all(*folders: Path, examples: int = 2, catalog: Catalog = CATALOG) -> Comparison:
    runs = [read_run(folder, catalog) for folder in folders]
    return compare_runs(runs, catalog, Settings(resamples=100, examples=examples))


def two_systems(folder: Path, examples: int = 2) -> Comparison:
    names = ("crossner_ai", "conllpp", "mit_movie")
    good = write_run(folder / "good", *(toy_split(n, skill=0.8) for n in names), model="good")
    bad = write_run(folder / "bad", *(toy_split(n, skill=0.4) for n in names), model="bad")
    return compare_all(good, bad, examples=examples)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a report on two systems and three data sets."""
    folder = tmp_path_factory.mktemp("report")
    write_report(two_systems(folder), UNKNOWN, folder, FORMATS)
    return folder


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def test_every_format_has_the_same_figures(report: Path) -> None:
    text = {kind: (report / f"report.{kind}").read_text(encoding="utf-8") for kind in FORMATS}
    lines = [row for row in read_csv(text["csv"]) if not row["policy"].startswith("view ")]
    assert len(lines) == 2 * 3 * 3
    systems: dict[str, Any] = json.loads(text["json"])["systems"]
    cells = {cell for row in read_page(text["html"]).rows for cell in row}
    for line in lines:
        counts = systems[line["system"]]["rows"][line["title"]]["counts"]
        [same] = [row for row in counts if row["policy"] == line["policy"]]
        figures = [float(line[name]) for name in ("f1", "low", "high", "precision", "recall")]
        assert figures == [same[n] for n in ("f1", "low", "high", "precision", "recall")]
        if line["policy"] == "uniner2023":
            shown = "{:.1f} ({:.1f} to {:.1f})".format(*figures)
            assert f"| {shown} |" in text["md"]
            assert shown in cells


def test_averages_are_the_means_of_the_lines(report: Path) -> None:
    lines = read_csv((report / "report.csv").read_text(encoding="utf-8"))
    averages = json.loads((report / "report.json").read_text(encoding="utf-8"))["averages"]
    for system in ("good", "bad"):
        [whole] = [a for a in averages if (a["domain"], a["system"]) == ("average", system)]
        f1 = [
            float(line["f1"])
            for line in lines
            if (line["system"], line["policy"]) == (system, "strict")
        ]
        assert whole["strict"]["f1"] == pytest.approx(sum(f1) / 3, abs=0.02)
        assert whole["strict"]["rows"] == len(whole["rows"]) == 3
        assert whole["paper"]["UniNER-7B"] == pytest.approx((53.5 + 72.2 + 42.4) / 3, abs=0.01)
        assert "Vicuna-7B" not in whole["paper"]


def test_the_views_add_up(report: Path) -> None:
    lines = read_csv((report / "report.csv").read_text(encoding="utf-8"))
    views = [line for line in lines if line["policy"].startswith("view ")]
    assert len(views) == 2 * 3 * 4
    for line in views:
        n = {key: int(line[key]) for key in ("correct", "incorrect", "partial", "missing")}
        assert sum(n.values()) == int(line["gold"])
        assert line["low"] == ""


def test_the_difference_of_two_systems_is_reported_for_each_data_set_and_all(
    report: Path,
) -> None:
    differences = json.loads((report / "report.json").read_text(encoding="utf-8"))["differences"]
    rows = differences["good minus bad"]["strict"]
    assert [row["title"] for row in rows] == ["Crossner Ai", "Conllpp", "Mit Movie", "average"]
    assert all(row["low"] <= row["difference"] <= row["high"] for row in rows)
    assert rows[-1]["p"] < 0.05
    shown = f"| strict | average | 3 | {rows[-1]['difference']:+.1f} |"
    assert shown in (report / "report.md").read_text(encoding="utf-8")


def test_the_page_needs_nothing_from_outside_and_follows_the_readers_colours(
    report: Path,
) -> None:
    page = (report / "report.html").read_text(encoding="utf-8")
    reader = read_page(page)
    assert not reader.tags & {"script", "link", "img", "iframe", "object", "image"}
    assert not re.search(r"https?:|//[a-z]|@import", page)
    loads = [value for name, value in reader.attributes if name.split(":")[-1] in ("href", "src")]
    assert loads
    assert all(value and value.startswith("#") for value in loads)
    assert page.count('<svg class="chart"') == 2
    charts = "".join(re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL))
    assert "var(--series-1)" in charts
    assert not re.search(r"#[0-9a-f]{6}", charts)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_charts_name_systems_data_sets_and_the_papers(report: Path) -> None:
    page = (report / "report.html").read_text(encoding="utf-8")
    chart = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)[0]
    for name in ("good", "bad", "Conllpp", "general", "social", "ChatGPT", "UniNER-13B"):
        assert f">{name}<" in chart


def test_errors_are_shown_with_what_is_right_and_what_was_marked(report: Path) -> None:
    page = (report / "report.html").read_text(encoding="utf-8")
    for kind in ("boundary", "type", "missed"):
        assert f"<h3>good: {kind}</h3>" in page
    assert page.count('<div class="case">') >= 6
    assert "was not found" in page


def test_without_examples_no_text_of_a_data_set_is_written(tmp_path: Path) -> None:
    examples = [
        Example(
            Passage(f"p{number}", f"Secret{number} met Hidden{number}."),
            TYPES,
            ((f"Secret{number}",), (), ()),
            (Entity(0, 6 + len(str(number)), f"Secret{number}", "person"),),
        )
        for number in range(12)
    ]
    faults = (Fault("person", "is not JSON", "[Secret"),)
    predictions = [Prediction(e.passage, (), faults) for e in examples]
    folder = write_run(tmp_path / "a", ToySplit("conllpp", examples, predictions))
    for count, shown in ((0, False), (2, True)):
        out = tmp_path / f"out{count}"
        write_report(compare_all(folder, examples=count), UNKNOWN, out, FORMATS)
        written = {kind: (out / f"report.{kind}").read_text(encoding="utf-8") for kind in FORMATS}
        assert ("Secret" in written["html"], "Hidden" in written["html"]) == (shown, shown)
        assert not any("Secret" in written[kind] for kind in ("md", "csv", "json"))
        assert "is not JSON" in written["html"]


def test_hostile_names_and_texts_are_shown_and_do_nothing(tmp_path: Path) -> None:
    text = f"{HOSTILE} met Bo."
    kind = f"{HOSTILE} type"
    gold = (Entity(0, len(HOSTILE), HOSTILE, kind),)
    example = Example(Passage("p", text), (kind,), ((HOSTILE,),), gold)
    fault = Fault(kind, HOSTILE, HOSTILE)
    part = ToySplit("conllpp", [example] * 1, [Prediction(example.passage, (), (fault,))])
    datasets = {**CATALOG.datasets}
    datasets["conllpp"] = replace(datasets["conllpp"], title=HOSTILE)
    folder = write_run(tmp_path / "a", part, model=HOSTILE)
    comparison = compare_all(folder, catalog=Catalog(datasets, {}))
    write_report(comparison, ZeroShot(HOSTILE), tmp_path, FORMATS)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    reader = read_page(page)
    assert "img" not in reader.tags
    assert not [name for name, _ in reader.attributes if name.startswith("on")]
    assert "&lt;img src=" in page
    markdown = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "<img" not in markdown.replace("\\<", "")
    [line] = [row for row in read_csv((tmp_path / "report.csv").read_text()) if row["low"]][:1]
    assert line["model"] == HOSTILE


def test_markdown_is_taken_literally() -> None:
    assert escape("a|b\n*c* <d>") == "a\\|b \\*c\\* \\<d\\>"


def test_a_system_that_shares_nothing_is_averaged_by_itself(tmp_path: Path) -> None:
    one = write_run(tmp_path / "a", toy_split("conllpp"), model="one")
    two = write_run(tmp_path / "b", toy_split("genia"), model="two")
    write_report(compare_all(one, two), UNKNOWN, tmp_path, ["md"])
    markdown = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "share no examples" in markdown
    assert markdown.count("**Average over 1 data set**") == 2


def test_the_report_says_what_was_left_out_and_how_it_was_run(tmp_path: Path) -> None:
    examples = toy_examples("conllpp", 8)
    predictions = toy_predictions(examples, 0.5)
    broken = (Fault("person", "is not JSON", "["),)
    predictions[0] = Prediction(predictions[0].passage, predictions[0].entities, broken)
    part = ToySplit("conllpp", examples, predictions, available=80)
    folder = write_run(tmp_path / "a", part, limit=8, seed=4, threshold=0.25)
    write_report(compare_all(folder), UNKNOWN, tmp_path, ["md"])
    markdown = (tmp_path / "report.md").read_text(encoding="utf-8")
    for said in (
        "| Conllpp (8 of 80) | empty passages, left out | 2 |",
        "| Conllpp (8 of 80) | toy | is not JSON | 1 |",
        "toy: not there to be asked: ace04.",
        "| threshold | 0.25 |",
        "| versions.python |",
        "Average over 1 data set, 1 of them sampled",
        "toy: not known",
    ):
        assert said in markdown


def test_types_of_training_say_how_zero_shot_a_run_was(tmp_path: Path) -> None:
    comparison = compare_all(write_run(tmp_path / "a", toy_split("conllpp", 12)))
    train = tmp_path / "train.jsonl"
    marked = Annotated(Passage("t", "Ada"), (Entity(0, 3, "Ada", "Person"),))
    write_records(train, [marked])
    near = judge_zero_shot(comparison, train)
    assert near.overall is not None
    assert near.overall.seen_types == pytest.approx(1 / 3)
    write_report(comparison, near, tmp_path, ["md", "json"])
    written = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["zero_shot"]
    person = written["overall"]["types"]["person"]
    assert (person["seen"], person["nearest"]) == (True, {"person": pytest.approx(1, abs=0.01)})
    assert "| Conllpp | 3 | 33.3 |" in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_without_types_of_training_the_report_says_so(tmp_path: Path) -> None:
    near = judge_zero_shot(compare_all(write_run(tmp_path / "a", toy_split("conllpp", 5))))
    assert (near.overall, near.rows) == (None, {})
    assert "not known" in near.about
