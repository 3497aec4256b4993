"""A figure of a grid: F1 of each student, its interval, each seed, and the paper's."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from uniner.ablation.grid import Grid
from uniner.ablation.page import MAIN
from uniner.ablation.table import Trial, list_tests, spread
from uniner.construction.plots import BLUE, INK, MUTED, draw

ROW = 0.32
"""Inches of height for a student."""


def plot_grid(grid: Grid, trials: Sequence[Trial], path: Path) -> None:
    """A panel a test, a row a student, into a file of `construction.plots.FORMATS`."""
    tests = list_tests(trials)
    arms = [*dict.fromkeys(trial.arm for trial in trials)]
    with draw(path, (1.8 + 3.2 * len(tests), max(2.4, 1.6 + ROW * len(arms)))) as figure:
        figure.suptitle(grid.title, x=0.01, ha="left", fontsize=11, fontweight="bold")
        panels = figure.subplots(1, len(tests), sharey=True, squeeze=False)[0]
        for axes, test in zip(panels, tests, strict=True):
            draw_test(axes, grid, trials, test)
        panels[0].set_yticks(range(len(arms)), [", ".join(arm) for arm in arms])
        panels[0].set_ylim(len(arms) - 0.5, -0.5)
        paper = [Line2D([], [], marker="D", color=MUTED, mfc="none", ls="none", label="paper")]
        shown = [Line2D([], [], marker="o", color=BLUE, label="mean, 95 % interval")]
        seeds = [Line2D([], [], marker="|", color=INK, ls="none", label="a seed")]
        figure.legend(
            handles=[*shown, *seeds, *(paper if grid.paper else ())],
            loc="outside lower left",
            ncols=3,
            frameon=False,
        )


def draw_test(axes: Axes, grid: Grid, trials: Sequence[Trial], test: str) -> None:
    """One test: the students below each other."""
    arms = [*dict.fromkeys(trial.arm for trial in trials)]
    for place, arm in enumerate(arms):
        found = spread(trials, test, MAIN).get(arm)
        if found is None:
            continue
        axes.plot(found.values, [place] * len(found.values), "|", color=INK, markersize=9)
        # An interval of few seeds may reach far; the axis shows what F1 can be.
        axes.errorbar(found.mean, place, xerr=found.within, fmt="o", color=BLUE, capsize=3)
        if (figure := grid.find_paper(arm, test)) is not None:
            axes.plot(figure, place, "D", color=MUTED, mfc="none")
    low, high = axes.get_xlim()
    axes.set(title=test, xlabel=f"{MAIN} F1", xlim=(max(0, low), min(100, high)))
    axes.grid(axis="x", color="#e6e6e6", linewidth=0.6)
    axes.set_axisbelow(True)
