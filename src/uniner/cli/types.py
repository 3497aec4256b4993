"""`uniner types`: propose a table that makes the names of types alike."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import click

from uniner.cli.passes import check_apart, pass_over
from uniner.cli.tables import new_table, print_table
from uniner.construction.building import read_definitions
from uniner.construction.planning import SAMPLE
from uniner.corpus import sample
from uniner.corpus.naming import (
    Renaming,
    Why,
    list_origins,
    propose_renamings,
    shorten,
    write_table,
)
from uniner.corpus.statistics import count_types
from uniner.corpus.taxonomy import Definition

SHOWN, NAMES = 20, 6
"""Final names that the table shows, and how many of the types that become each."""


@click.command("types")
@click.argument("annotated", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The table, JSONL.")
@click.option(
    "--aliases",
    metavar="FILE|sample",
    help="Also merge near-synonyms of these definitions (JSONL of type, definition, aliases).",
)
def command(annotated: Path, out: Path, aliases: str | None) -> None:
    """Propose how to make the type names of ANNOTATED passages (JSONL, or -) alike.

    The table has one line for each type that would be renamed: {"type": "cities", "as": "city",
    "why": "plural", "count": 12}. Read it, edit it, and give it to other commands as --rename: the
    annotated file itself keeps the teacher's words.
    """
    check_apart(annotated, out)
    definitions = list(list_definitions(aliases)) if aliases else []
    counts = count_types(pass_over(annotated, "counting types", {}))
    renamings = propose_renamings(counts, definitions)
    write_table(out, renamings)
    show(counts, renamings, out)


def list_definitions(source: str) -> Iterable[Definition]:
    """The bundled definitions, or those of a file."""
    if source == SAMPLE:
        return sample.load_taxonomy().definitions.values()
    return read_definitions(source)


def show(counts: Counter[str], renamings: list[Renaming], out: Path) -> None:
    """Print how many types each reason renames, and the names that take in most."""
    from rich.markup import escape

    table = new_table(f"renamings: {out}", "why", "types", "entities")
    for why in get_args(Why):
        rows = [row for row in renamings if row.why == why]
        table.add_row(why, f"{len(rows):,}", f"{sum(row.count for row in rows):,}")
    print_table(table, f"{len(counts):,} types become {len(counts) - len(renamings):,}.")
    if not renamings:
        return
    gained = Counter[str]()
    for row in renamings:
        gained[row.name] += row.count
    origins = list_origins({row.type: row.name for row in renamings})
    table = new_table("", "becomes", "what was", "entities", left=2)
    for name, count in sorted(gained.items(), key=lambda row: (-row[1], row[0]))[:SHOWN]:
        former = [*origins[name][:NAMES], *(["…"] if len(origins[name]) > NAMES else [])]
        table.add_row(escape(shorten(name)), escape(", ".join(map(shorten, former))), f"{count:,}")
    print_table(table, *([f"{out} has them all."] if len(gained) > SHOWN else []))
