"""`uniner ablate`: the paper's experiments, or a grid of your own, with students of one's own."""

from pathlib import Path

import click

from uniner.cli.progress import Console
from uniner.records import ConfigError
from uniner.records.store import write_whole

OUT = Path("runs/ablate")


@click.command()
@click.argument("grid", metavar="[GRID.toml]", type=click.Path(), required=False)
@click.option("--data", type=click.Path(path_type=Path), help="The folder of `bench list`'s files.")
@click.option("--out", type=click.Path(path_type=Path), default=OUT, show_default=True,
              help="Folder of students, shared by grids, and of figures.")  # fmt: skip
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Of every recipe.")
@click.option("--seeds", default="", metavar="0,1,2", help="In place of the grid's seeds.")
@click.option("--only", multiple=True, metavar="VALUE", help="Those values of an axis alone.")
@click.option("--suite", "suites", multiple=True,
              help="Benchmark data sets in place of the grid's; '' for none.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True,
              help="Students trained at a time, each in a process.")  # fmt: skip
@click.option("--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True,
              help="ray: each student is a task of Ray.")  # fmt: skip
@click.option("--ray-address", metavar="HOST:PORT", help="A Ray cluster; this machine if not given")
@click.option("--dry-run", is_flag=True, help="List the students and where they are; train none.")
def command(  # noqa: PLR0913, PLR0917 -- one for each option of the command line
    grid: str | None,
    data: Path | None,
    out: Path,
    changes: tuple[str, ...],
    seeds: str,
    only: tuple[str, ...],
    suites: tuple[str, ...],
    jobs: int,
    engine: str,
    ray_address: str | None,
    dry_run: bool,
) -> None:
    """Train and ask every student of a grid, and compare them.

    A grid is a TOML file: a recipe, and which of its values are varied. Without GRID: the bundled
    ones are listed. Students are kept by a hash of all that makes them: what was stopped goes on,
    and what another grid has trained is not trained again.
    """
    from dataclasses import replace

    from uniner.ablation.grid import list_bundled, load_grid

    if grid is None:
        for name in list_bundled():
            click.echo(f"{name}: {load_grid(name).title}")
        return
    plan = load_grid(grid, changes, parse_seeds(seeds)).choose(only)
    if suites:
        plan = replace(plan, probe=replace(plan.probe, suites=tuple(filter(None, suites))))
    if ray_address and engine != "ray":
        raise ConfigError("--ray-address is for --engine ray; give both or neither")
    cells = [*plan.cells()]
    if dry_run:
        from uniner.ablation.cells import is_finished

        for cell in cells:
            done = is_finished(out, cell)
            click.echo(f"{cell.key}\t{'done' if done else 'to train'}\t{cell.title}")
        return
    if data is not None and not data.is_dir():
        raise ConfigError(f"--data {data}: no such folder")
    from uniner.ablation.page import render
    from uniner.ablation.plots import plot_grid
    from uniner.ablation.runner import run_cells, run_on_ray
    from uniner.ablation.table import Trial, list_rows, write_table

    console = Console()
    outcomes = (
        run_on_ray(cells, out, data, ray_address, console)
        if engine == "ray"
        else run_cells(cells, out, data, jobs, console)
    )
    trials = [Trial(cell, outcome) for cell, outcome in zip(cells, outcomes, strict=True)]
    stem = out / plan.name
    write_table([*list_rows(plan.name, trials)], stem)
    plot_grid(plan, trials, stem.with_suffix(".svg"))
    text = render(plan, trials, f"{plan.name}.svg")
    with write_whole(stem.with_suffix(".md")) as stream:
        stream.write(text)
    click.echo(text)
    written = [s for s in (".svg", ".csv", ".parquet") if stem.with_suffix(s).is_file()]
    click.echo(f"Figures: {', '.join([f'{stem}.md', *written])}")


def parse_seeds(words: str) -> list[int]:
    """The seeds that are given with commas."""
    try:
        return [int(word) for word in words.split(",") if word.strip()]
    except ValueError:
        raise ConfigError(f"--seeds {words!r}: write whole numbers, as 0,1,2") from None
