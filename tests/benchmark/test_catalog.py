"""The catalog is strict, and what comes with the package keeps its own rules and the paper's."""

from dataclasses import replace
from itertools import chain, pairwise
from statistics import fmean

import pytest

from real_files import REAL, needs
from uniner.benchmark.catalog import (
    DOMAINS,
    Dataset,
    SplitName,
    load_catalog,
    parse_catalog,
)
from uniner.benchmark.paper import load_figures
from uniner.benchmark.prepare import Preparation
from uniner.benchmark.reading import list_present, read_examples
from uniner.benchmark.sizes import measure_sizes
from uniner.evaluation.mentions import normalize_items
from uniner.records import ConfigError

CATALOG = load_catalog()
ROWS = CATALOG.list_suite("all43")

ROW = """
[[dataset]]
name = "toy"
title = "Toy"
domain = "general"
licence = "none"
access = "open"
source = "here"
reader = "conversations"
types = 2
splits.test = { files = ["toy.json"] }
"""
COLUMNS = ROW.replace('"conversations"', '"columns"')


def test_a_row_needs_no_more_than_its_facts() -> None:
    [toy] = parse_catalog(ROW).list_suite("toy")
    assert (toy.row, toy.labels, toy.drop, toy.differs, toy.documents) == ("toy", {}, {}, {}, False)
    assert toy.in_benchmark
    assert not replace(toy, row="").in_benchmark


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ROW + 'colour = "red"', r"data set 1 \(toy\): unknown keys \['colour'\]"),
        (ROW + "[sweets]", r"unknown keys \['sweets'\]"),
        (ROW.replace("types = 2", ""), "missing 1 required positional argument: 'types'"),
        (ROW.replace("types = 2", "types = true"), "types must be int, not True"),
        (ROW.replace('"general"', '"toys"'), "domain must be one of .*, not 'toys'"),
        (ROW.replace('"open"', '"free"'), "access must be .*, not 'free'"),
        (ROW.replace('"conversations"', '"xml"'), "reader must be one of .*, not 'xml'"),
        (ROW.replace("splits.test", "splits.exam"), r"splits must be among .*, not \{'exam'"),
        (ROW.replace('["toy.json"]', '"toy.json"'), "test: expected a table with a list of files"),
        (ROW + "options.colour = 1", r"test: options: unknown keys \['colour'\]"),
        (COLUMNS + "options.columns = []", "columns need one token and a tag"),
        (ROW + "labels = { a = 1 }", "labels must lead from labels to strings"),
        (ROW + 'labels.a = "b"\ndrop.a = "c"', r"labels \['a'\] are both asked and dropped"),
        (ROW + 'differs.train = "why"', r"differs: \['train'\] are not among its splits"),
        (ROW + 'row = "ghost"', "'toy' is a form of unknown 'ghost'"),
        (ROW.replace("] }", "], share = [0.9, 0.1] }"), "share must be two rising parts of 1"),
        (ROW + ROW, "'toy' is already there"),
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


def test_the_benchmark_is_the_papers_rows_in_the_papers_domains() -> None:
    assert {row.name for row in ROWS} == set(load_figures()["zero_shot"])
    assert len(ROWS) == 49
    counts = [len(CATALOG.suites[domain]) for domain in DOMAINS]
    assert counts == [16, 8, 7, 7, 1, 5, 3, 1, 1]


def test_the_suite_of_table_2_is_the_papers() -> None:
    table = {name for name, row in load_figures()["supervised"].items() if len(row) == 3}
    assert set(CATALOG.suites["supervised20"]) == table
    assert CATALOG.suites["ood20"] == CATALOG.suites["supervised20"]


def test_the_out_of_domain_suites_average_to_the_papers_figures() -> None:
    for suite in ("ood7", "ood7_spans"):
        figures = [load_figures()["zero_shot"][row.row] for row in CATALOG.list_suite(suite)]
        averages = {
            system: round(fmean(row[system] for row in figures), 1)
            for system in ("ChatGPT", "UniNER-7B", "UniNER-13B")
        }
        assert averages == {"ChatGPT": 47.5, "UniNER-7B": 53.4, "UniNER-13B": 55.6}


@pytest.mark.parametrize("row", CATALOG.datasets.values(), ids=lambda row: row.name)
def test_a_row_asks_as_many_types_as_the_paper(row: Dataset) -> None:
    if row.reader == "conversations":  # the file says what is asked
        assert not row.labels
    else:
        assert len(set(row.labels.values())) == row.types


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_of_the_benchmark_says_all_that_the_paper_says_of_it(row: Dataset) -> None:
    assert all(split.paper for split in row.splits.values())
    assert row.source.startswith("https://")
    assert row.licence
    assert all(why.startswith(("paper: ", "inferred: ")) for why in row.drop.values())
    if row.access != "open":
        assert row.how


def test_types_are_asked_in_natural_language() -> None:
    names = chain.from_iterable(row.labels.values() for row in CATALOG.datasets.values())
    assert [name for name in names if "_" in name or name != name.strip()] == []


def test_shares_of_the_same_files_are_disjoint_and_make_the_whole() -> None:
    for row in CATALOG.datasets.values():
        shared: dict[tuple[str, ...], list[tuple[float, float]]] = {}
        for split in row.splits.values():
            if split.share != (0.0, 1.0):
                shared.setdefault(split.files, []).append(split.share)
        for shares in shared.values():
            ordered = sorted(shares)
            assert (ordered[0][0], ordered[-1][1]) == (0.0, 1.0), row.name
            assert all(a[1] <= b[0] for a, b in pairwise(ordered)), row.name


LARGE = 2_500_000
"""Bytes; larger splits are read by the tests of their readers."""


def list_real() -> list[tuple[str, SplitName]]:
    """The smallest split of every data set that lies beside this repository, if it is not large."""
    found = []
    for row in CATALOG.datasets.values():
        sizes = {split: count_bytes(row, split) for split in list_present(row, REAL)}
        if sizes and min(sizes.values()) < LARGE:
            found.append((row.name, min(sizes, key=lambda split: sizes[split])))
    return found


def count_bytes(row: Dataset, split: SplitName) -> int:
    """How large the files of a split are."""
    paths = row.splits[split].find(REAL)
    files = chain.from_iterable(path.rglob("*") if path.is_dir() else [path] for path in paths)
    return sum(file.stat().st_size for file in files)


@pytest.mark.parametrize(("name", "split"), list_real() or [("", "test")])
@needs("README.md")
def test_a_real_split_is_read_and_its_size_is_the_papers_or_explained(
    name: str, split: SplitName
) -> None:
    row = CATALOG.datasets[name]
    [size] = measure_sizes([replace(row, splits={split: row.splits[split]})], REAL)
    assert size.asked == row.types
    assert 0 < size.occurring <= size.asked
    assert not size.difference or size.why


@needs("official_conversations", "ie_instructions")
@pytest.mark.parametrize("name", CATALOG.suites["official_conversations"])
def test_published_conversations_ask_what_the_copies_with_offsets_ask(name: str) -> None:
    twin = CATALOG.datasets[f"{name}_spans"]
    how = Preparation(max_queries=None)
    examples = read_examples(CATALOG.datasets[name], "test", REAL, how).rows
    for example, other in zip(examples, read_examples(twin, "test", REAL, how).rows, strict=True):
        assert example.passage.text == other.passage.text
        golds, others = (
            {kind: normalize_items(m) for kind, m in zip(e.types, e.mentions, strict=True)}
            for e in (example, other)
        )
        assert golds == others


@needs("multinerd_en/test.txt")
def test_multinerd_calls_cities_locations_whatever_its_copy_says() -> None:
    examples = read_examples(CATALOG.datasets["multinerd_en"], "test", REAL).rows
    kinds = {e.type for x in examples for e in x.entities or () if e.text == "London"}
    assert "location" in kinds
    assert "organization" not in kinds
