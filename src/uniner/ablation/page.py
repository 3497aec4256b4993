"""The figures of a grid as a page of Markdown."""

import os
import platform
from collections.abc import Iterator, Sequence
from itertools import product
from statistics import fmean

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
        yield from list_datasets(trials, test)


def describe(grid: Grid, trials: Sequence[Trial]) -> str:
    """How the figures came about."""
    passages = sorted({trial.outcome.passages for trial in trials})
    sizes = f"{passages[0]:,}" if len(passages) == 1 else f"{passages[0]:,} to {passages[-1]:,}"
    seeds = ", ".join(str(seed) for seed in dict.fromkeys(t.cell.seed for t in trials))
    minutes = sum({t.outcome.key: t.outcome.seconds for t in trials}.values()) / 60
    changes = f" with `{'`, `'.join(grid.changes)}`" if grid.changes else ""
    suites = [
        name if name == sets else f"{name} ({sets})" for name, sets in grid.probe.tests.items()
    ]
    asked = (
        f" Asked: {grid.probe.limit} passages of each data set of {', '.join(suites)}, drawn by "
        "seed 0; F1 is the mean over the data sets."
        if {*grid.probe.tests}.intersection(list_tests(trials))
        else ""
    )
    return (
        f"`uniner ablate {grid.name}`: recipe `{grid.recipe}`{changes}, {sizes} training "
        f"{name_units(trials)}, seeds {seeds}.{asked} Trained in {minutes:,.0f} minutes "
        f"on {os.cpu_count()} cores ({platform.machine()}). F1 in percent: the mean over seeds "
        "± the 95 % interval of Student's t; *difference*: to the first row of its kind, seed by "
        "seed."
    )


def name_units(trials: Sequence[Trial]) -> str:
    """What the students were trained on."""
    units = {trial.cell.recipe.corpus.unit for trial in trials}
    return f"{units.pop()}s" if units in ({"passage"}, {"sentence"}) else "texts"


def tabulate(grid: Grid, trials: Sequence[Trial], test: str) -> Iterator[str]:
    """One row an arm: every policy that fits, the difference, the paper's figure."""
    found = {policy: spread(trials, test, policy) for policy in POLICIES}
    shown = [policy for policy in POLICIES if found[policy]]
    axis = len(grid.axes) - 1
    change = differ(trials, test, MAIN, axis)
    named = [f"{policy} F1{count_sets(trials, test, policy)}" for policy in shown]
    paper = f"the paper's F1 {grid.paper_test}".strip() if has_paper(grid, test) else ""
    head = [*grid.axes, *named, "difference", *filter(None, [paper])]
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(grid.axes)}{'--:|' * (len(head) - len(grid.axes))}"
    for arm in dict.fromkeys(trial.arm for trial in trials):
        cells = [str(found[policy].get(arm, "")) for policy in shown]
        differs = f"{change[arm].mean:+.1f}{within(change[arm].within)}" if arm in change else ""
        last = [show_paper(grid, arm, test)] if paper else []
        yield f"| {' | '.join([*arm, *cells, differs, *last])} |"


def list_datasets(trials: Sequence[Trial], test: str) -> Iterator[str]:
    """A table of a test's data sets, where it has several: the mean over the seeds of each arm."""
    arms = [*dict.fromkeys(trial.arm for trial in trials)]
    found: dict[str, dict[Arm, list[float]]] = {}
    for trial in trials:
        for figure in trial.outcome.figures:
            if (figure.test, figure.policy) == (test, MAIN):
                found.setdefault(figure.dataset, {}).setdefault(trial.arm, []).append(figure.f1)
    if len(found) < 2:
        return
    yield f"| {MAIN} F1 | {' | '.join(', '.join(arm) for arm in arms)} |"
    yield f"|---|{'--:|' * len(arms)}"
    for name, by_arm in found.items():
        means = (f"{fmean(by_arm[arm]):.1f}" if arm in by_arm else "" for arm in arms)
        yield f"| {name} | {' | '.join(means)} |"
    yield ""


def has_paper(grid: Grid, test: str) -> bool:
    """Whether the paper has a figure of a test."""
    return any(grid.find_paper(arm, test) is not None for arm in product(*grid.axes.values()))


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
