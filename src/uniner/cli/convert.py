"""`uniner convert`: annotated passages from one format to another."""

from pathlib import Path

import click

from uniner.cli.progress import Console
from uniner.conversion.convert import Side, convert
from uniner.conversion.formats import FORMATS, find_format
from uniner.conversion.losses import describe


@click.command("convert")
@click.argument("source", metavar="IN", type=click.Path(path_type=Path, allow_dash=True))
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--from", "source_format", type=click.Choice(list(FORMATS)), help="Format of IN.")
@click.option("--to", "target_format", type=click.Choice(list(FORMATS)), help="Format of OUT.")
@click.option("--strict", is_flag=True, help="Write nothing where OUT cannot hold all of IN.")
@click.option("--lenient", is_flag=True, help="Skip and count what is malformed in IN.")
def command(
    source: Path,
    target: Path,
    source_format: str | None,
    target_format: str | None,
    strict: bool,
    lenient: bool,
) -> None:
    """Convert annotated passages, or predictions, from IN to OUT.

    A format is known by the suffix where that is safe: .jsonl is ours (annotated), .conll and .bio
    are columns (conll), and a folder that is there is brat's; else it is named. `-` is standard
    input or output.

    What OUT cannot hold is counted, by reason, on standard error.
    """
    sides = (
        Side(source, find_format(source, source_format, "--from")),
        Side(target, find_format(target, target_format, "--to")),
    )
    console = Console()
    with console.progress("converting", None) as advance:
        done = convert(*sides, strict=strict, lenient=lenient, advance=advance)
    console.say(f"{source} to {target}: {done.passages:,} passages with {done.entities:,} entities")
    if done.notes:
        console.say(f"uniner: {describe(done.notes)}")
