"""Progress on standard error: a bar on a terminal, a line now and then elsewhere."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import click

from uniner.construction.narrator import Advance, ignore

LOG_SECONDS = 20
"""Without a terminal, how often long work says how far it is."""


def can_redraw() -> bool:
    """Whether standard error is a terminal on which a line can be drawn again."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


class Console:
    """A narrator on standard error: bars on a terminal, lines elsewhere."""

    def say(self, line: str) -> None:
        """One line about a step."""
        click.echo(line, err=True)

    def progress(self, label: str, total: int | None) -> AbstractContextManager[Advance]:
        """A bar, or a line now and then."""
        if can_redraw():
            return show_progress(label, total, shown=True)
        return Lines(label, total)


class Lines(AbstractContextManager[Advance]):
    """Progress for a log: a line every LOG_SECONDS."""

    def __init__(self, label: str, total: int | None) -> None:
        self.label, self.total, self.done = label, total, 0
        self.started = self.last = time.monotonic()

    def __enter__(self) -> Advance:
        return self.advance

    def __exit__(self, *_: object) -> None:
        return None

    def advance(self, amount: int, note: str = "") -> None:
        """Count, and say so where it is time."""
        self.done += amount
        now = time.monotonic()
        if now - self.last < LOG_SECONDS:
            return
        self.last = now
        rate = self.done / (now - self.started)
        words = [f"{self.label}: {self.done:,}"]
        if self.total is not None:
            words.append(f"of {self.total:,}")
        words.append(f"({rate:,.1f}/s{self.left(rate)})")
        click.echo(" ".join([*words, note]).rstrip(), err=True)

    def left(self, rate: float) -> str:
        """How long it will still take at this rate."""
        if self.total is None or not rate:
            return ""
        return f", {(self.total - self.done) / rate / 60:,.1f} min left"


@contextmanager
def show_progress(label: str, total: int | None, *, shown: bool) -> Iterator[Advance]:
    """Give what moves the bar, which goes when the block ends; without a total it only pulses."""
    if not shown:
        yield ignore
        return
    from rich.console import Console as RichConsole
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
    from rich.progress import TimeElapsedColumn as Elapsed
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
    )
    # Results on standard output are not the bar's to redirect: they may go to another program.
    with Progress(
        *columns,
        Elapsed(),
        Remaining(),
        TextColumn("{task.fields[note]}"),
        console=RichConsole(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as progress:
        task = progress.add_task(label, total=total, note="", rate="")

        def advance(amount: int, note: str = "") -> None:
            speed = progress.tasks[0].speed
            rate = f"{speed:,.1f}/s" if speed else ""
            progress.update(task, advance=amount, note=note, rate=rate)

        yield advance
