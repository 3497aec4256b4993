"""`uniner bench report`: finished runs side by side, and beside the paper."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from uniner.cli.progress import Console
from uniner.cli.tables import new_table, print_table
from uniner.records import ConfigError

if TYPE_CHECKING:
    from uniner.benchmark.comparison import Comparison

FORMATS = ("md", "csv", "json", "html")


@click.command("report")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN...")
@click.option("--out", type=click.Path(path_type=Path), help="Folder; the first RUN if not given.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    help="Write only this; may be given again. All of them if not given.",
)
@click.option(
    "--examples",
    default=5,
    show_default=True,
    help="Errors of each kind shown in context; 0 leaves every text of the data sets out.",
)
@click.option("--seed", default=0, show_default=True, help="Of the intervals and those examples.")
@click.option(
    "--trained-on",
    type=click.Path(path_type=Path),
    help="What the first RUN's model was trained on: annotated JSONL or conversations.",
)
def command(
    runs: tuple[Path, ...],
    out: Path | None,
    formats: tuple[str, ...],
    examples: int,
    seed: int,
    trained_on: Path | None,
) -> None:
    """Report on the folders that `uniner bench run` wrote, the first RUN against the others.

    Every score is counted anew from examples and predictions, with 95 % intervals; the paper's
    figures stand beside. Writes report.md, report.csv, report.json and report.html.
    """
    from uniner.benchmark.catalog import load_catalog
    from uniner.benchmark.comparison import Settings, compare_runs
    from uniner.benchmark.gather import group_runs, read_run
    from uniner.benchmark.zero_shot import judge_zero_shot
    from uniner.serving.benchmark.report import FORMATS, check_charts, write_report

    chosen = [kind for kind in FORMATS if not formats or kind in formats]
    if "html" in chosen:
        check_charts()
    if seed < 0:
        raise ConfigError(f"--seed {seed}: give 0 or more")
    settings = Settings(seed=seed, examples=examples if "html" in chosen else 0)
    catalog = load_catalog()
    found = [read_run(folder, catalog) for folder in runs]
    total = sum(len(system.splits) for system in group_runs(found))
    console = Console()
    with console.progress("scoring data sets", total) as advance:
        comparison = compare_runs(found, catalog, settings, advance)
    console.say("comparing the types asked with those of training")
    near = judge_zero_shot(comparison, trained_on)
    paths = write_report(comparison, near, out or runs[0], chosen)
    show(comparison)
    click.echo(f"Report: {', '.join(map(str, paths))}")


def show(comparison: "Comparison") -> None:
    """Print the averages."""
    from rich.markup import escape

    from uniner.serving.benchmark.scores import averages

    part = averages(comparison)
    for table in part.tables:
        printed = new_table(table.title, *map(escape, table.headers), left=table.left)
        for row in table.rows:
            printed.add_row(*map(escape, row))
        print_table(printed)
    for note in part.notes:
        click.echo(note)
