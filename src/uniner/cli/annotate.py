"""`uniner annotate`: passages in, annotated passages out, with a count of what was dropped."""

import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from uniner.cli.progress import show_progress
from uniner.corpus import sample
from uniner.records import Annotated, ConfigError, InputError
from uniner.records.store import read_passages, write_records
from uniner.teacher.annotate import Annotation, annotate
from uniner.teacher.clean import Drops, Reason
from uniner.teacher.journal import open_journal
from uniner.teacher.recorded import read_recorded, recorded
from uniner.teacher.teacher import Teacher


@click.command(name="annotate")
@click.argument("passages", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Annotated JSONL.")
@click.option("--teacher", required=True, metavar="recorded|URL", help="Who is asked.")
@click.option(
    "--replies",
    type=click.Path(path_type=Path),
    help="Recorded replies (JSONL of id, reply, model); the bundled sample's unless given.",
)
def command(passages: Path, out: Path, teacher: str, replies: Path | None) -> None:
    """Turn PASSAGES (JSONL, or - for standard input) into annotated passages with a teacher.

    Raw replies are kept beside the output in NAME.replies.jsonl as they come; after a kill, the
    same command goes on from there.
    """
    journal = out.with_name(f"{out.stem}.replies.jsonl")
    if teacher != "recorded":
        raise ConfigError(
            f"--teacher {teacher!r}: a live teacher cannot be asked yet; "
            "use --teacher recorded, with --replies FILE for replies of your own"
        )
    if replies is not None and journal.resolve() == replies.resolve():
        raise ConfigError(f"--replies {replies}: is the journal of --out {out}; rename one of them")
    asked, name = choose_recorded(replies)
    tally = Tally()
    # A file is read once before anything is asked, so that a bad line costs no replies.
    total = sum(1 for _ in read_passages(passages)) if passages.is_file() else None
    with (
        open_journal(journal, asked, name) as journalled,
        show_progress("passages", total, shown=sys.stderr.isatty()) as advance,
    ):
        found = annotate(read_passages(passages), journalled)
        write_records(out, tally.keep(found, advance))
    Console().print(tally.table(out))


class Tally:
    """Counts what passes through."""

    def __init__(self) -> None:
        self.passages = self.annotated = self.entities = 0
        self.drops: Drops = Counter()

    def keep(
        self, found: Iterator[Annotation], advance: Callable[[int], None]
    ) -> Iterator[Annotated]:
        """The annotated passages; InputError at the end where the teacher knew no passage."""
        for annotation in found:
            advance(1)
            self.passages += 1
            self.drops += annotation.drops
            if annotation.annotated is not None:
                self.annotated += 1
                self.entities += len(annotation.annotated.entities)
                yield annotation.annotated
        if 0 < self.passages == self.drops[Reason.NO_REPLY]:
            raise InputError(
                f"none of the {self.passages:,} passages has a reply; "
                "give the replies to them with --replies FILE"
            )

    def table(self, out: Path) -> Table:
        """What was kept and what was dropped, with the reasons."""
        table = Table("", "count", title=f"annotated: {out}", title_justify="left")
        table.columns[1].justify = "right"
        table.add_row("passages read", f"{self.passages:,}")
        table.add_row("passages annotated", f"{self.annotated:,}")
        table.add_row("entities, one a span and type", f"{self.entities:,}")
        table.add_section()
        table.add_row("dropped", f"{self.drops.total():,}")
        for reason in Reason:
            if self.drops[reason]:
                table.add_row(f"  {reason}", f"{self.drops[reason]:,}")
        return table


def choose_recorded(replies: Path | None) -> tuple[Teacher, str]:
    """The recorded teacher, and a name that changes when its replies do."""
    if replies is None:
        return recorded(sample.read_replies()), "recorded sample"
    teacher = read_recorded(replies)
    with replies.open("rb") as stream:
        return teacher, f"recorded {hashlib.file_digest(stream, 'sha256').hexdigest()}"
