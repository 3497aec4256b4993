"""A whole grid, one student after another or several at once, each of them once."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread

from uniner.ablation.cells import Outcome, is_finished, read_outcome, run_cell
from uniner.ablation.data import prepare
from uniner.ablation.grid import Cell
from uniner.construction.narrator import Narrator, Silent
from uniner.records import ConfigError


def run_cells(
    cells: Sequence[Cell], folder: Path, data: Path | None, jobs: int, narrator: Narrator
) -> Iterator[Outcome]:
    """The outcome of each cell, in order, `jobs` of them at work at a time.

    Each has a process of its own, as torch keeps the memory that it has had. Equal cells are run
    once. What is finished when an error ends the rest is kept.
    """
    single = list_unfinished(cells, folder, data, narrator)
    teller = narrator if jobs == 1 else Silent()
    run = partial(run_apart, jobs=jobs, folder=folder, data=data, narrator=teller)
    with ThreadPoolExecutor(jobs) as pool:
        under_way = {cell.key: pool.submit(run, cell) for cell in single}
        try:
            for number, cell in enumerate(cells, start=1):
                narrator.say(f"{number} of {len(cells)}: {cell.title} ({folder / cell.key})")
                here = under_way.get(cell.key)
                yield here.result() if here else read_outcome(folder, cell)
        finally:
            for future in under_way.values():
                future.cancel()


def list_unfinished(
    cells: Sequence[Cell], folder: Path, data: Path | None, narrator: Narrator
) -> list[Cell]:
    """The cells that are still to be run, each once, what they learn from all annotated.

    ConfigError where that takes `data`.
    """
    single = {cell.key: cell for cell in cells if not is_finished(folder, cell)}
    for cell in single.values():
        if cell.probe.suites and data is None:
            asked = ", ".join(cell.probe.tests)
            raise ConfigError(f"{asked} is asked here: give --data, or --suite ''")
    for cell in single.values():
        prepare(cell, folder, data, narrator)
    return [*single.values()]


def run_apart(
    cell: Cell, *, jobs: int, folder: Path, data: Path | None, narrator: Narrator
) -> Outcome:
    """One cell in a process of its own, with its part of the cores."""
    # A forked process would share the threads of torch, which do not outlive a fork.
    with ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), initializer=begin_process, initargs=(jobs,)
    ) as pool:
        return pool.submit(run_cell, cell, folder, data, narrator).result()


def run_on_ray(
    cells: Sequence[Cell], folder: Path, data: Path | None, address: str | None, narrator: Narrator
) -> Iterator[Outcome]:
    """The outcome of each cell, in order, each a task of Ray; the folder is one that all share."""
    from uniner.construction.cluster import join, stream

    single = list_unfinished(cells, folder, data, narrator)
    with join(address), narrator.progress("students", len(single)) as advance:
        for _ in stream(single, partial(run_task, folder.resolve(), data)):
            advance(1)
    yield from (read_outcome(folder, cell) for cell in cells)


def run_task(folder: Path, data: Path | None, cell: Cell) -> Iterator[Outcome]:
    """One cell as a task of Ray, which has a core."""
    share_cores(count_cores())
    yield run_cell(cell, folder, data, Silent())


def begin_process(jobs: int) -> None:
    """Have a process use its part of the cores, and end when the one that began it is killed."""
    Thread(target=end_with_parent, daemon=True).start()
    share_cores(jobs)


def end_with_parent() -> None:
    """Wait for the process that began this one to end, and end too: nobody waits for the result."""
    if parent := parent_process():
        wait([parent.sentinel])
        os._exit(1)


def share_cores(jobs: int) -> None:
    """Have torch use this process's part of the cores."""
    import torch

    torch.set_num_threads(max(1, count_cores() // jobs))


def count_cores() -> int:
    """How many cores this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(allowed(0)) if allowed else os.cpu_count() or 1
