"""Means over rows: ours beside the paper's, one system beside another, always of the same rows."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from uniner.benchmark.comparison import AVERAGE, Comparison, Row
from uniner.benchmark.estimate import (
    Difference,
    Estimate,
    average_differences,
    average_estimates,
    subtract,
)
from uniner.benchmark.gather import System
from uniner.benchmark.paper import Mode, find_domain
from uniner.evaluation.score import Policy


class Average(NamedTuple):
    """A mean over so many rows, in percent."""

    rows: int
    f1: Estimate


class Beside(NamedTuple):
    """A system of the paper beside one of ours: both means are over the same rows."""

    system: str
    rows: int
    ours: Estimate
    paper: float


class Versus(NamedTuple):
    """By how much one system is better than another on a row, or over all that both have."""

    title: str
    rows: int
    difference: Difference


def average_rows(rows: Sequence[Row], system: str, policy: Policy) -> Average | None:
    """The mean of a system's F1 over the rows that have it under a policy; None without any."""
    figures = [row.f1[system][policy] for row in rows if policy in row.f1.get(system, {})]
    return Average(len(figures), average_estimates(figures)) if figures else None


def set_beside(
    rows: Sequence[Row], system: System, policy: Policy, paper: Sequence[str]
) -> Iterator[Beside]:
    """The paper's systems that have figures of some of these rows, each with ours of those rows."""
    for name in paper:
        known = [
            (row.f1[system.name][policy], figure)
            for row in rows
            if policy in row.f1.get(system.name, {})
            and (figure := row.paper(system.mode, partial=policy == "partial").get(name))
            is not None
        ]
        if known:
            ours = average_estimates([estimate for estimate, _ in known])
            yield Beside(name, len(known), ours, fmean(figure for _, figure in known))


def average_paper(rows: Sequence[Row], system: str, mode: Mode) -> float | None:
    """The mean of a paper's system over these rows; None unless it has figures of all of them."""
    figures = [row.paper(mode).get(system) for row in rows]
    known = [figure for figure in figures if figure is not None]
    return fmean(known) if known and len(known) == len(figures) else None


def find_whole(
    comparison: Comparison, domain: str, rows: Sequence[Row], mode: Mode
) -> Mapping[str, float]:
    """The paper's own zero-shot means (figure 5a) where rows are a whole domain, or all; else none.

    They lie one point above the means of its figures by data set (figure 9), for every system and
    domain that has both.
    """
    whole = mode == "zero-shot" and comparison.covers(rows, domain)
    return find_domain(domain) if whole else {}


def compare_systems(comparison: Comparison, one: str, other: str, policy: Policy) -> list[Versus]:
    """Row by row and, last, over all rows that both have: how much better `one` is."""
    versus = []
    for row in comparison.rows_of(one, other):
        if policy in row.f1[one]:
            tables = (row.marks[one].tables[policy], row.marks[other].tables[policy])
            rng = comparison.settings.seed_rng(row.sample.files.stem)
            difference = subtract(row.f1[one][policy], row.f1[other][policy], tables, rng)
            versus.append(Versus(row.title, 1, difference))
    if len(versus) > 1:
        mean = average_differences([row.difference for row in versus])
        versus.append(Versus(AVERAGE, len(versus), mean))
    return versus


def list_repeats(rows: Sequence[Row], system: str) -> dict[str, list[str]]:
    """Data sets of the benchmark that an average counts more than once, with the rows that do."""
    titles: dict[str, list[str]] = {}
    for row in rows:
        if system in row.marks:
            titles.setdefault(row.dataset.row or row.dataset.name, []).append(row.title)
    return {name: found for name, found in titles.items() if len(found) > 1}
