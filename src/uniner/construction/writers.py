"""Annotation by many processes, on one machine or on many."""

import asyncio
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from math import ceil
from pathlib import Path

from uniner.construction.annotating import (
    Batch,
    Tally,
    list_files,
    make_batch,
    say_rest,
    write_batches,
)
from uniner.construction.cluster import Crew, count_cores, join, stream
from uniner.construction.cost import estimate
from uniner.construction.desk import Desk, Plan, open_desk, set_desk
from uniner.construction.narrator import Narrator
from uniner.construction.parquet import list_inputs, read_input
from uniner.records import ConfigError, Passage
from uniner.records.store import remove_leftovers
from uniner.teacher.annotate import Annotation
from uniner.teacher.endpoint import Endpoint
from uniner.teacher.journal import PATIENCE, merge_parts, open_journal, parts_of, read_journal

CONNECTIONS = 128
"""How many passages a process has under way before it is worth a second one."""
ROUNDS = 16
"""How many times that many make a block: at the end of each a process waits for its last reply."""
BLOCK = 1_000
"""Passages of a block where nobody is waited for."""


def annotate_on_ray(
    passages: Path, out: Path, plan: Plan, narrator: Narrator, address: str | None = None
) -> Tally:
    """What `annotate_file` does, by many processes: the same files, byte for byte.

    Passages and results may be Parquet too, and passages a folder. The limits of a live teacher
    are those of all processes together, each of which has its share. All machines must see the
    same files.
    """
    if str(passages) == "-":
        raise ConfigError("--engine ray does not read standard input; name a file or a folder")
    files = list_files(out.absolute())
    inputs = list_inputs(passages.absolute())

    def read_all() -> Iterator[Passage]:
        return chain.from_iterable(map(read_input, inputs))

    # All is read once before anything is asked, so that a bad line costs no replies.
    total = sum(1 for _ in read_all())
    with join(address), open_desk(plan, files.journal, narrator.say) as desk:
        if desk.journal is not None:  # which no other run has
            for path in files:
                remove_leftovers(path)
            narrator.say(str(estimate(desk, read_all())))
        with narrator.progress("annotating", total) as advance:
            try:
                with closing(annotate_blocks(inputs, total, desk, out.suffix)) as blocks:
                    batches = follow(blocks, desk, narrator.say)
                    tally = write_batches(files, batches, desk, advance)
            finally:
                if desk.journal is not None:
                    merge_parts(desk.journal)
    say_rest(tally, desk, narrator)
    return tally


@dataclass(frozen=True, slots=True)
class Done:
    """What is to be written of a block, and what happened meanwhile."""

    batch: Batch
    spent: float
    failures: Counter[str]
    said: list[str]


def annotate_blocks(
    inputs: list[Path], total: int, desk: Desk, suffix: str
) -> Generator[Done, None, None]:
    """What becomes of the `total` passages of files, block by block in their order."""
    writers = count_writers(desk.plan, count_cores(), total)
    share = share_plan(desk.plan, desk.budget.spent, writers)
    size = min(ROUNDS * share.workers if share.live else BLOCK, ceil(total / writers))
    journal = None if desk.journal is None else desk.journal.path
    start = Opening(share, journal, suffix)
    return stream(inputs if total else [], Blocks(size), Crew(start, writers))


def count_writers(plan: Plan, cores: int, total: int) -> int:
    """How many processes annotate: at most one a core, of which one is left, and one a passage."""
    most = max(1, min(cores - 1, total))
    return min(most, ceil(plan.workers / CONNECTIONS)) if plan.live else most


def share_plan(plan: Plan, spent: float, writers: int) -> Plan:
    """The plan of one of several processes, which together keep to the limits of the whole."""
    return replace(
        plan,
        sources=tuple(
            source
            if not isinstance(source, Endpoint)
            else replace(
                source,
                workers=max(1, source.workers // writers),
                requests_per_minute=source.requests_per_minute / writers,
                tokens_per_minute=source.tokens_per_minute / writers,
            )
            for source in plan.sources
        ),
        max_cost=max(0.0, plan.max_cost - spent) / writers,
    )


def follow(blocks: Iterable[Done], desk: Desk, say: Callable[[str], None]) -> Iterator[Batch]:
    """What is to be written of blocks; what they cost and what failed is added up in the desk."""
    said: set[str] = set()
    for done in blocks:
        desk.budget.spent += done.spent
        for live in desk.lives[:1]:
            live.failures.update(done.failures)
        for line in done.said:
            if line not in said:
                said.add(line)
                say(line)
        yield done.batch


@dataclass(frozen=True, slots=True)
class Blocks:
    """Reads files as blocks of so many passages."""

    size: int

    def __call__(self, path: Path) -> Iterator[list[Passage]]:
        """The blocks of a file."""
        passages = read_input(path)
        while block := list(islice(passages, self.size)):
            yield block


@dataclass(frozen=True, slots=True)
class Opening:
    """What a process needs to start: a plan, the journal with replies, the suffix of the output."""

    plan: Plan
    journal: Path | None
    suffix: str

    def __call__(self, name: str) -> "Writer":
        """Open a part of the journal under this name, and the teachers."""
        stack, said = ExitStack(), list[str]()
        part = None
        if self.journal is not None:
            earlier = stack.enter_context(read_journal(self.journal))
            path = parts_of(self.journal) / f"{name}.journal"
            part = stack.enter_context(open_journal(path, PATIENCE, earlier))
        return Writer(set_desk(self.plan, part, said.append), self.suffix, said, stack)


@dataclass(slots=True)
class Writer:
    """A process that annotates one block after another; what it holds open ends with it."""

    desk: Desk
    suffix: str
    said: list[str]
    open: ExitStack
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)

    def __call__(self, passages: list[Passage]) -> Done:
        """Annotate a block."""
        spent = self.desk.budget.spent
        batch = make_batch(self.runner.run(self.annotate(passages)), self.suffix)
        spent = self.desk.budget.spent - spent
        done = Done(batch, spent, self.desk.failures(), self.said.copy())
        self.said.clear()
        for live in self.desk.lives:
            live.failures.clear()
        return done

    async def annotate(self, passages: list[Passage]) -> list[Annotation]:
        """The annotations of a block in order."""
        return [annotation async for annotation in self.desk.annotate(passages)]
