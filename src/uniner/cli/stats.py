"""`uniner stats`: what is in an annotated file, with the paper's figures beside it."""

import json
from collections.abc import Mapping
from pathlib import Path

import click

from uniner.cli.passes import pass_over
from uniner.cli.tables import new_table, percent, print_table
from uniner.construction.annotating import list_files
from uniner.corpus.naming import read_table, shorten
from uniner.corpus.statistics import (
    BANDS,
    EXAMPLES,
    LENGTHS,
    PAPER_ENTITIES,
    PAPER_PAIRS,
    PAPER_PASSAGES,
    PAPER_SHARES,
    PAPER_TYPES,
    Group,
    Statistics,
    count_annotated,
    statistics_to_json,
)
from uniner.records import ConfigError, InputError

DOMAINS = 20
"""Domains that the table shows by name."""


@click.command("stats")
@click.argument("annotated", type=click.Path(path_type=Path))
@click.option(
    "--plot", type=click.Path(path_type=Path), help="Also draw a figure: FILE.png, .svg or .pdf."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, shares in percent.")
@click.option(
    "--rename",
    "renames",
    type=click.Path(path_type=Path),
    help="Rename types by this table, such as `uniner types` writes.",
)
def command(annotated: Path, plot: Path | None, as_json: bool, renames: Path | None) -> None:
    """Count what is in ANNOTATED passages (JSONL, or - for standard input).

    Passages, entities and types, the shares of frequent and rare types, domains, lengths, and what
    was dropped if NAME.drops.json stands beside NAME.jsonl.
    """
    if plot is not None:
        check_plot(plot)
    table = read_table(renames) if renames else {}
    drops = read_drops(annotated)
    statistics = count_annotated(pass_over(annotated, "counting", table))
    if plot is not None:
        from uniner.construction.plots import plot_statistics

        plot_statistics(statistics, plot)
        click.echo(f"figure: {plot}", err=True)
    if as_json:
        click.echo(json.dumps(statistics_to_json(statistics, drops), ensure_ascii=False))
    else:
        show(statistics, drops, annotated)


def check_plot(path: Path) -> None:
    """ConfigError where a figure cannot be drawn, before hours of counting and not after."""
    try:
        from uniner.construction.plots import FORMATS
    except ImportError as error:
        raise ConfigError(f"--plot needs {error.name}: pip install 'uniner[report]'") from None
    if path.suffix.lower() not in FORMATS:
        raise ConfigError(f"--plot {path}: name a file that ends in {', '.join(FORMATS)}")


def read_drops(annotated: Path) -> dict[str, int]:
    """What was dropped and how often, where a file beside the annotated one says so."""
    path = list_files(annotated).drops
    if not path.is_file():
        return {}
    try:
        drops = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: malformed JSON ({error}); remove it or annotate again") from None
    if not isinstance(drops, dict) or not all(type(count) is int for count in drops.values()):
        raise InputError(f"{path}: expected {{reason: count}}; remove it or annotate again")
    return drops


def show(statistics: Statistics, drops: Mapping[str, int], annotated: Path) -> None:
    """Print all tables."""
    show_totals(statistics, str(annotated))
    show_bands(statistics)
    show_domains(statistics)
    table = new_table("by length", "words", *FIGURES)
    for name, group in zip(LENGTHS, statistics.lengths, strict=True):
        table.add_row(name, *list_figures(group))
    print_table(table)
    if drops:
        table = new_table("dropped", "why", "count")
        for why, count in sorted(drops.items(), key=lambda row: (-row[1], row[0])):
            table.add_row(why, f"{count:,}")
        print_table(table)


def show_totals(statistics: Statistics, title: str) -> None:
    """Print how much there is, beside the paper's data."""
    table = new_table(title, "", "here", "paper")
    for name, here, paper in (
        ("passages", statistics.passages, f"{PAPER_PASSAGES:,}"),
        ("passages with an entity", statistics.pairs, f"{PAPER_PAIRS:,}"),
        ("mentions, by place", statistics.mentions, "–"),
        ("mentions with a type, by place", statistics.typed, "–"),
        ("entities", statistics.entities, f"{PAPER_ENTITIES:,}"),
        ("types", len(statistics.types), f"{PAPER_TYPES:,}"),
    ):
        table.add_row(name, f"{here:,}", paper)
    paper = f"{PAPER_ENTITIES / PAPER_PAIRS:.1f}"
    table.add_row("entities a passage that has any", f"{statistics.entities_per_pair:.1f}", paper)
    note = (
        "Entities are counted as in the paper: a mention once in a passage with each of its types."
    )
    print_table(table, note)


def show_bands(statistics: Statistics) -> None:
    """Print the shares of frequent and rare types, as table 1 of the paper."""
    from rich.markup import escape

    table = new_table(
        "types by frequency",
        *("band", "most frequent", "types", "entities", "%", "paper %"),
        left=2,
    )
    for name, band, paper in zip(BANDS, statistics.bands(), PAPER_SHARES, strict=True):
        examples = escape(", ".join(map(shorten, band.types[:EXAMPLES])))
        figures = (f"{len(band.types):,}", f"{band.entities:,}")
        table.add_row(name, examples, *figures, percent(100 * band.share), f"{100 * paper:.0f}")
    print_table(table)


FIGURES = ("passages", "entities", "types", "entities a passage")


def show_domains(statistics: Statistics) -> None:
    """Print the domains with the most passages, and the others together."""
    from rich.markup import escape

    table = new_table("by domain", "domain", *FIGURES)
    ranked = statistics.rank_domains()
    for name, group in ranked[:DOMAINS]:
        table.add_row(escape(shorten(name)) or "(none)", *list_figures(group))
    if len(ranked) > DOMAINS:
        rest = Group()
        for _, group in ranked[DOMAINS:]:
            rest.add(group)
        table.add_section()
        table.add_row(f"{len(ranked) - DOMAINS:,} others", *list_figures(rest))
    print_table(table)


def list_figures(group: Group) -> list[str]:
    """One row of the tables of groups."""
    mean = f"{group.entities / group.passages:.1f}" if group.passages else "–"
    return [f"{group.passages:,}", f"{group.entities:,}", f"{len(group.types):,}", mean]
