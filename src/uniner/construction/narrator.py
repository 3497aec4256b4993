"""Who is told how long work goes on: a person at a terminal, a log, nobody."""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Advance(Protocol):
    """Counts what is done; `note` is what else there is to know just now."""

    def __call__(self, amount: int, note: str = "") -> None:
        """So much more is done."""


class Narrator(Protocol):
    """Who is told how a run goes on."""

    def say(self, line: str) -> None:
        """One line about a step."""

    def progress(self, label: str, total: int | None) -> AbstractContextManager[Advance]:
        """What shows how much of `total` is done."""


class Silent:
    """A narrator that says nothing."""

    def say(self, line: str) -> None:
        """Nothing."""

    def progress(self, label: str, total: int | None) -> AbstractContextManager[Advance]:
        """Nothing."""
        return nullcontext(ignore)


def ignore(amount: int, note: str = "") -> None:
    """Show nothing."""
