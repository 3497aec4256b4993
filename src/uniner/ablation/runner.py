"""A whole grid, one student after another or several at once, each of them once."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from uniner.ablation.cells import Outcome, run_cell
from uniner.ablation.grid import Cell
from uniner.construction.narrator import Narrator, Silent


def run_cells(
    cells: Sequence[Cell], folder: Path, data: Path | None, jobs: int, narrator: Narrator
) -> Iterator[Outcome]:
    """The outcome of each cell, in order, `jobs` of them at work at a time in as many processes.

    Equal cells are run once. What is finished when an error ends the rest is kept.
    """
    if jobs == 1:
        for number, cell in enumerate(cells, start=1):
            narrator.say(f"{number} of {len(cells)}: {cell.title} ({folder / cell.key})")
            yield run_cell(cell, folder, data, narrator)
        return
    # Forked processes would share the threads of torch, which do not outlive a fork.
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=partial(share_cores, jobs)
    ) as pool:
        under_way = {
            cell.key: pool.submit(run_cell, cell, folder, data, Silent())
            for cell in {cell.key: cell for cell in cells}.values()
        }
        with narrator.progress("students", len(cells)) as advance:
            try:
                for cell in cells:
                    yield under_way[cell.key].result()
                    advance(1, cell.title)
            finally:
                for future in under_way.values():
                    future.cancel()


def run_on_ray(
    cells: Sequence[Cell], folder: Path, data: Path | None, address: str | None, narrator: Narrator
) -> Iterator[Outcome]:
    """The outcome of each cell, in order, each a task of Ray; the folder is one that all share."""
    from uniner.construction.cluster import join, stream

    with join(address), narrator.progress("students", len(cells)) as advance:
        single = [*{cell.key: cell for cell in cells}.values()]
        done: dict[str, Outcome] = {}
        for outcome in stream(single, partial(run_task, folder.resolve(), data)):
            done[outcome.key] = outcome
            advance(1)
    yield from (done[cell.key] for cell in cells)


def run_task(folder: Path, data: Path | None, cell: Cell) -> Iterator[Outcome]:
    """One cell as a task of Ray, which has a core."""
    share_cores(os.cpu_count() or 1)
    yield run_cell(cell, folder, data, Silent())


def share_cores(jobs: int) -> None:
    """Have torch use this process's part of the cores."""
    import torch

    torch.set_num_threads(max(1, (os.cpu_count() or 1) // jobs))
