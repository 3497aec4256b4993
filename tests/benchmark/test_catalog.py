"""The catalog is strict, and what comes with the package keeps its own rules."""

from pathlib import Path

import pytest

from uniner.benchmark.catalog import load_catalog, parse_catalog
from uniner.benchmark.readers import is_present, read_examples
from uniner.evaluation.mentions import normalize_items
from uniner.records import ConfigError

REAL = Path(__file__).parents[3] / "shared" / "benchmark"
CATALOG = load_catalog()

ROW = """
[[dataset]]
name = "toy"
title = "Toy"
domain = "toys"
licence = "none"
source = "here"
reader = "conversations"
path = "toy.json"
types = 2
passages = 3
"""


def test_a_row_needs_no_more_than_its_facts() -> None:
    [toy] = parse_catalog(ROW).list_suite("toy")
    assert (toy.drop, toy.rename, toy.paper) == ((), {}, {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ROW + 'colour = "red"', r"data set 1: unknown keys \['colour'\]"),
        (ROW + "[sweets]", r"unknown keys \['sweets'\]"),
        (ROW + "paper = { GPT-9 = 1.0 }", r"paper: unknown keys \['GPT-9'\]"),
        (ROW + 'paper = { ChatGPT = "high" }', "ChatGPT must be an F1 in percent, not 'high'"),
        (ROW + "rename = 1", "rename must be a table"),
        (ROW + 'drop = "else"', "drop: expected a list of strings"),
        (ROW.replace("types = 2", ""), r"missing keys \['types'\]"),
        (ROW.replace("types = 2", "types = true"), "types must be a count, not True"),
        (ROW.replace('"toys"', '""'), "domain must be a non-empty string"),
        (ROW.replace('"conversations"', '"xml"'), "reader must be one of"),
        (ROW + ROW, "data set 2: 'toy' is already there"),
        (ROW + '[suites]\nall = ["toy", "ghost"]', r"unknown data sets \['ghost'\]"),
        (ROW + '[suites]\ntoy = ["toy"]', "has the name of a data set"),
        ("[[", "not TOML"),
    ],
)
def test_a_wrong_catalog_says_what_is_wrong(text: str, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        parse_catalog(text)


def test_an_unknown_suite_lists_the_names() -> None:
    with pytest.raises(ConfigError, match=r"no suite or data set is called 'ood8'.*ood7"):
        CATALOG.list_suite("ood8")


def test_the_out_of_domain_suite_averages_to_the_papers_figures() -> None:
    rows = CATALOG.list_suite("ood7")
    assert len(rows) == 7
    averages = {
        system: round(sum(row.paper[system] for row in rows) / 7, 1) for system in rows[0].paper
    }
    assert averages == {"ChatGPT": 47.5, "UniNER-7B": 53.4, "UniNER-13B": 55.6}


@pytest.mark.parametrize("name", CATALOG.datasets)
def test_a_row_says_what_its_real_file_holds(name: str) -> None:
    row = CATALOG.datasets[name]
    if not is_present(row, REAL):
        pytest.skip(f"{row.path} is not beside this repository")
    examples = read_examples(row, REAL)
    assert len(examples) == row.passages
    assert {len(example.types) for example in examples} == {row.types}
    twin = CATALOG.datasets.get(name.removesuffix("_spans"))
    if twin is None or twin is row or not is_present(twin, REAL):
        return
    for example, other in zip(examples, read_examples(twin, REAL), strict=True):
        assert example.passage.text == other.passage.text
        golds, others = (
            {kind: normalize_items(m) for kind, m in zip(e.types, e.mentions, strict=True)}
            for e in (example, other)
        )
        assert golds == others
