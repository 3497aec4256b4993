"""The figures of a grid as a page of Markdown."""

import os
import platform
from collections.abc import Iterator, Sequence

from uniner.ablation.grid import Grid
from uniner.ablation.table import Arm, Trial, differ, list_tests, spread
from uniner.evaluation.score import POLICIES, Policy

MAIN: Policy = "uniner2023"


def render(grid: Grid, trials: Sequence[Trial], figure: str = "") -> str:
    """A page: what was compared, and a table a test; `figure` is the name of a plot beside it."""
    return "\n".join(write_lines(grid, trials, figure)) + "\n"


def write_lines(grid: Grid, trials: Sequence[Trial], figure: str) -> Iterator[str]:
    """The page, block after block."""
    yield f"# {grid.title}\n"
    if grid.about:
        yield f"{grid.about.strip()}\n"
    yield f"{describe(grid, trials)}\n"
    if figure:
        yield f"![{grid.title}: F1 of each student]({figure})\n"
    for test in list_tests(trials):
        yield f"## {test}\n"
        yield from tabulate(grid, trials, test)
        yield ""


def describe(grid: Grid, trials: Sequence[Trial]) -> str:
    """How the figures came about."""
    passages = sorted({trial.outcome.passages for trial in trials})
    sizes = f"{passages[0]:,}" if len(passages) == 1 else f"{passages[0]:,} to {passages[-1]:,}"
    seeds = ", ".join(str(seed) for seed in dict.fromkeys(t.cell.seed for t in trials))
    minutes = sum({t.outcome.key: t.outcome.seconds for t in trials}.values()) / 60
    changes = f" with `{'`, `'.join(grid.changes)}`" if grid.changes else ""
    asked = (
        f" Suite `{grid.probe.suite}`: {grid.probe.limit} passages of each data set, drawn by "
        "seed 0; F1 is the mean over its data sets."
        if grid.probe.suite in list_tests(trials)
        else ""
    )
    return (
        f"`uniner ablate {grid.name}`: recipe `{grid.recipe}`{changes}, {sizes} training passages, "
        f"seeds {seeds}.{asked} Trained in {minutes:,.0f} minutes on {os.cpu_count()} cores "
        f"({platform.machine()}). F1 in percent: the mean over seeds ± the 95 % interval of "
        "Student's t; *difference*: to the first row of its kind, seed by seed."
    )


def tabulate(grid: Grid, trials: Sequence[Trial], test: str) -> Iterator[str]:
    """One row an arm: every policy that fits, the difference, the paper's figure."""
    found = {policy: spread(trials, test, policy) for policy in POLICIES}
    shown = [policy for policy in POLICIES if found[policy]]
    axis = len(grid.axes) - 1
    change = differ(trials, test, MAIN, axis)
    named = [f"{policy} F1{count_sets(trials, test, policy)}" for policy in shown]
    head = [*grid.axes, *named, "difference", "the paper's F1"]
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(grid.axes)}{'--:|' * (len(head) - len(grid.axes))}"
    for arm in dict.fromkeys(trial.arm for trial in trials):
        cells = [str(found[policy].get(arm, "")) for policy in shown]
        differs = f"{change[arm].mean:+.1f}{within(change[arm].within)}" if arm in change else ""
        yield f"| {' | '.join([*arm, *cells, differs, show_paper(grid, arm, test)])} |"


def count_sets(trials: Sequence[Trial], test: str, policy: Policy) -> str:
    """Of how many data sets a policy's mean is, where it does not fit all of them."""
    figures = [f for trial in trials for f in trial.outcome.figures if f.test == test]
    every = {figure.dataset for figure in figures}
    fitting = {figure.dataset for figure in figures if figure.policy == policy}
    return "" if fitting == every else f" ({len(fitting)} of {len(every)} sets)"


def within(points: float | None) -> str:
    """How far a mean may be off."""
    return "" if points is None else f" ± {points:.1f}"


def show_paper(grid: Grid, arm: Arm, test: str) -> str:
    """The paper's figure as a table has it."""
    figure = grid.find_paper(arm, test)
    return "" if figure is None else f"{figure:.1f}"
