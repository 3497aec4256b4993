"""`uniner build`: annotated passages in, conversations for a generative student out."""

from pathlib import Path
from typing import Any, Literal, get_args

import click

from uniner.chat.compose import Tally
from uniner.chat.negatives import PassageNegatives
from uniner.chat.variants import VARIANTS
from uniner.cli.passes import check_apart, pass_over
from uniner.cli.tables import new_table, print_table
from uniner.construction.building import ConversationConfig, build_conversations
from uniner.corpus import sample
from uniner.corpus.naming import read_table
from uniner.records import ConfigError

TaxonomyName = Literal["sample", "none"]


@click.command("build")
@click.argument("annotated", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Conversations, JSON.")
@click.option(
    "--variant",
    type=click.Choice(VARIANTS),
    default="per-type",
    show_default=True,
    help="How types are asked for: one a question, by its name, its definition or both; all in one "
    "question; or (ner) none by name, and negatives do not apply.",
)
@click.option(
    "--definitions",
    default="",
    metavar="FILE",
    help="What types mean (JSONL of type, definition), in place of the taxonomy's definitions.",
)
@click.option(
    "--dataset",
    default="",
    metavar="NAME",
    help="For data that people annotated: the data set whose idea of the types is meant.",
)
@click.option(
    "--negatives",
    type=click.Choice(get_args(PassageNegatives)),
    default="frequency",
    show_default=True,
    help="Types asked though absent: none, any alike, the more frequent the likelier, or (hard) "
    "those that mean something like the types that are there. A hard one may be true of a mention "
    "all the same; other spellings and relatives of a type are never taken.",
)
@click.option(
    "--hard-share",
    type=click.FloatRange(min=0, max=1, min_open=True),
    default=1.0,
    show_default=True,
    help="Of hard negatives, the share that is hard; the rest are drawn by frequency.",
)
@click.option(
    "--ratio",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="Negative types for each type that a passage has.",
)
@click.option("--seed", default=0, show_default=True, help="Seed of negatives and of the order.")
@click.option(
    "--rename",
    "renames",
    type=click.Path(path_type=Path),
    help="Rename types by this table, such as `uniner types` writes.",
)
@click.option(
    "--taxonomy",
    type=click.Choice(get_args(TaxonomyName)),
    default="sample",
    show_default=True,
    help="Whose relations say which types may also hold, and so are never negatives.",
)
def command(
    annotated: Path, out: Path, renames: Path | None, taxonomy: TaxonomyName, **given: Any
) -> None:
    """Turn ANNOTATED passages (JSONL) into conversations for a generative student.

    A passage becomes one conversation, in the format of the published UniversalNER data: each type
    it has is asked for, and negative types, answered with an empty list, so that the student learns
    to say that there is nothing.
    """
    if str(annotated) == "-" or annotated.is_fifo():
        raise ConfigError(f"{annotated}: is read twice, so it cannot be a pipe; name a file")
    check_apart(annotated, out)
    config = ConversationConfig(**given)
    table = read_table(renames) if renames else {}
    relations = sample.load_taxonomy() if taxonomy == "sample" else None
    tally = build_conversations(
        lambda label: pass_over(annotated, label, table), out, config, relations
    )
    show(tally, out)


def show(tally: Tally, out: Path) -> None:
    """Print what was written."""
    table = new_table(f"conversations: {out}", "", "count")
    table.add_row("conversations", f"{tally.conversations:,}")
    table.add_row("queries", f"{tally.positive + tally.negative:,}")
    table.add_row("  with mentions", f"{tally.positive:,}")
    table.add_row("  negative, answered []", f"{tally.negative:,}")
    table.add_row("types", f"{len(tally.types):,}")
    notes = []
    if tally.unasked:
        notes.append(f"{tally.unasked:,} passages have nothing to be asked and are left out.")
    if tally.undefined:
        notes.append(f"{tally.undefined:,} types have no known definition and go by their names.")
    print_table(table, *notes)
