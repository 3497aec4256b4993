"""How much money all replies may cost."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf


@dataclass(slots=True)
class Budget:
    """Money that may be spent in all, and what is spent; `held` is what is being asked just now."""

    limit: float = inf
    spent: float = 0.0
    held: float = 0.0
    exhausted: bool = False

    @contextmanager
    def hold(self, amount: float) -> Iterator[bool]:
        """Whether `amount` may be spent; held back until the block ends, when its cost is known."""
        if self.exhausted or self.spent + self.held + amount > self.limit:
            self.exhausted = True
            yield False
            return
        self.held += amount
        try:
            yield True
        finally:
            self.held -= amount
