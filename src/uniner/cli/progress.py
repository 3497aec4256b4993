"""A progress bar on standard error, for work worth one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def show_progress(label: str, total: int | None, *, shown: bool) -> Iterator[Callable[[int], None]]:
    """Give what moves the bar, which goes when the block ends; without a total it only pulses."""
    if not shown:
        yield lambda amount: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
    from rich.progress import TimeElapsedColumn as Elapsed
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    # Results on standard output are not the bar's to redirect: they may go to another program.
    with Progress(
        *columns,
        Elapsed(),
        Remaining(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as progress:
        task = progress.add_task(label, total=total)
        yield lambda amount: progress.advance(task, amount)
