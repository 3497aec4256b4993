"""The teachers of a plan at hand: one journal, one budget, many questions at once."""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from uniner.construction.ordered import map_ordered
from uniner.records import ConfigError, Passage
from uniner.teacher.annotate import Annotation, Method, annotate
from uniner.teacher.budget import Budget
from uniner.teacher.endpoint import Endpoint
from uniner.teacher.journal import Journal, Journalled, merge_parts, open_journal
from uniner.teacher.recorded import Recorded
from uniner.teacher.teacher import Prompt, Teacher
from uniner.text.tokens import TokenCounter

if TYPE_CHECKING:
    from uniner.teacher.live import Live

Source: TypeAlias = Endpoint | Recorded
"""A live teacher that is described, or a recorded one."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Who annotates and how, and what all replies of a journal together may cost."""

    sources: tuple[Source, ...]
    method: Method = field(default_factory=Method)
    max_cost: float = inf

    @property
    def live(self) -> list[Endpoint]:
        """The teachers that are asked over a network."""
        return [source for source in self.sources if isinstance(source, Endpoint)]

    @property
    def workers(self) -> int:
        """How many passages are under way at once."""
        return max((config.workers for config in self.live), default=1)


@dataclass(slots=True)
class Desk:
    """The teachers of a plan ready to be asked, with one journal and one budget."""

    plan: Plan
    journal: Journal | None
    budget: Budget
    count: Callable[[str], int]
    teachers: list[Teacher] = field(default_factory=list)
    lives: "list[Live]" = field(default_factory=list)

    async def annotate(self, passages: Iterable[Passage]) -> AsyncGenerator[Annotation, None]:
        """One annotation a passage, in order."""
        results = map_ordered(self.annotate_one, passages, self.plan.workers)
        try:
            async for annotation in results:
                yield annotation
        finally:
            await results.aclose()

    async def annotate_one(self, passage: Passage) -> Annotation:
        """The annotation of one passage."""
        return await annotate(passage, self.teachers, self.plan.method)

    async def close(self) -> None:
        """Hang up."""
        for live in self.lives:
            await live.client.close()

    def knows(self, teacher: Teacher, prompt: Prompt) -> bool:
        """Whether the journal holds a teacher's reply."""
        return self.journal is not None and self.journal.find(teacher.key_of(prompt)) is not None

    def failures(self) -> Counter[str]:
        """Why prompts were not answered, and how many."""
        return sum((live.failures for live in self.lives), Counter())


@contextmanager
def open_desk(plan: Plan, journal: Path, say: Callable[[str], None]) -> Iterator[Desk]:
    """Make the teachers of a plan ready; only live ones need the journal."""
    with ExitStack() as stack:
        kept = stack.enter_context(open_journal(journal)) if plan.live else None
        if kept is not None:
            merge_parts(kept)
        yield set_desk(plan, kept, say)


def set_desk(plan: Plan, journal: Journal | None, say: Callable[[str], None]) -> Desk:
    """The teachers of a plan, whose replies are in a journal that is open."""
    budget = Budget(plan.max_cost, 0.0 if journal is None else journal.spent())
    desk = Desk(plan, journal, budget, TokenCounter.bundled().count)
    for source in plan.sources:
        if isinstance(source, Recorded):
            desk.teachers.append(source)
        elif journal is not None:
            live = open_live(source, desk, say)
            desk.lives.append(live)
            desk.teachers.append(Journalled(live, journal))
    return desk


def open_live(endpoint: Endpoint, desk: Desk, say: Callable[[str], None]) -> "Live":
    """A live teacher, where what it takes is installed."""
    try:
        from uniner.teacher.live import Live
    except ImportError as error:
        raise ConfigError(
            f"a live teacher needs {error.name}: pip install 'uniner[teacher]'"
        ) from None
    return Live(endpoint, desk.count, desk.budget, say)
