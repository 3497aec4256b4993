"""A figure of a grid: F1 of each student, its interval, each seed, and the paper's."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from uniner.ablation.grid import Grid
from uniner.ablation.page import MAIN
from uniner.ablation.table import Arm, Trial, list_tests, spread
from uniner.construction.plots import BLUE, INK, MUTED, draw

FAINT = "#e6e6e6"
ROW, CURVE = 0.32, 3.4
"""Inches of height for a student in a list of them, and for a curve."""


def plot_grid(grid: Grid, trials: Sequence[Trial], path: Path) -> None:
    """A panel a test, into a file of `construction.plots.FORMATS`.

    F1 against numbers where the grid's only axis has such, else a row a student.
    """
    tests = list_tests(trials)
    arms = [*dict.fromkeys(trial.arm for trial in trials)]
    numbers = read_numbers(arms)
    height = CURVE if numbers else max(2.4, 1.6 + ROW * len(arms))
    with draw(path, (1.8 + 3.2 * len(tests), height)) as figure:
        figure.suptitle(grid.title, x=0.01, ha="left", fontsize=11, fontweight="bold")
        panels = figure.subplots(1, len(tests), sharey=True, squeeze=False)[0]
        for axes, test in zip(panels, tests, strict=True):
            axes.set_title(test)
            if numbers:
                draw_curve(axes, grid, trials, test, numbers)
            else:
                draw_rows(axes, grid, trials, test, arms)
        if numbers:
            low, high = panels[0].get_ylim()
            panels[0].set(ylabel=f"{MAIN} F1", ylim=(max(0, low), min(100, high)))
        else:
            panels[0].set_yticks(range(len(arms)), [", ".join(arm) for arm in arms])
            panels[0].set_ylim(len(arms) - 0.5, -0.5)
        shown = [Line2D([], [], marker="o", color=BLUE, label="mean, 95 % interval")]
        mark = "." if numbers else "|"
        seeds = [Line2D([], [], marker=mark, color=INK, ls="none", label="a seed")]
        paper = [Line2D([], [], marker="D", color=MUTED, mfc="none", ls="none", label="paper")]
        figure.legend(
            handles=[*shown, *seeds, *(paper if grid.paper else ())],
            loc="outside lower left",
            ncols=3,
            frameon=False,
        )


def read_numbers(arms: Sequence[Arm]) -> dict[Arm, int]:
    """The values of a grid's only axis as numbers; empty where they are not two or more of them."""
    if len(arms) < 2 or not all(len(arm) == 1 and arm[0].isdecimal() for arm in arms):
        return {}
    return {arm: int(arm[0]) for arm in arms}


def draw_curve(
    axes: Axes, grid: Grid, trials: Sequence[Trial], test: str, numbers: Mapping[Arm, int]
) -> None:
    """One test: F1 against a number, on a logarithmic scale where it grows tenfold or more."""
    found = spread(trials, test, MAIN)
    places = [numbers[arm] for arm in found]
    axes.plot(places, [values.mean for values in found.values()], color=BLUE, linewidth=1)
    for place, (arm, values) in zip(places, found.items(), strict=True):
        axes.plot([place] * len(values.values), values.values, ".", color=INK, markersize=4)
        axes.errorbar(place, values.mean, yerr=values.within, fmt="o", color=BLUE, capsize=3)
        if (figure := grid.find_paper(arm, test)) is not None:
            axes.plot(place, figure, "D", color=MUTED, mfc="none")
    if max(places) >= 10 * max(1, min(places)):
        axes.set_xscale("log")
    axes.set_xticks(places, [f"{place:,}" for place in places])
    axes.minorticks_off()
    axes.set_xlabel(next(iter(grid.axes)))
    axes.grid(axis="y", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)


def draw_rows(
    axes: Axes, grid: Grid, trials: Sequence[Trial], test: str, arms: Sequence[Arm]
) -> None:
    """One test: the students below each other."""
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
    axes.set(xlabel=f"{MAIN} F1", xlim=(max(0, low), min(100, high)))
    axes.grid(axis="x", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
