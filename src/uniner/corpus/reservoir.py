"""A sample of distinct texts from a stream of any length, in memory for the sample alone.

Each text has a priority that is a hash of itself, and the smallest ones are kept (bottom-k
sampling). So every distinct text is as likely as any other however often it occurs, a text
that occurs again is recognised, and neither order nor partition of the stream matters.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappush, heapreplace
from typing import NamedTuple

from uniner.records import Passage


class Drawn(NamedTuple):
    """A passage, its text's priority, and how often the text occurred."""

    priority: int
    passage: Passage
    times: int = 1


@dataclass(slots=True)
class Reservoir:
    """The `size` texts with the smallest priorities; each as the passage with the smallest id.

    Entries are exact: one that stays was never out, since the largest priority only falls.
    """

    size: int
    drawn: dict[int, Drawn] = field(default_factory=dict)
    heap: list[int] = field(default_factory=list)  # priorities below 0: the largest one first

    def offer(self, new: Drawn) -> None:
        """Let one more passage take part."""
        known = self.drawn.get(new.priority)
        if known is not None:
            passage = min(known.passage, new.passage, key=lambda passage: passage.id)
            self.drawn[new.priority] = Drawn(new.priority, passage, known.times + new.times)
        elif len(self.heap) < self.size:
            heappush(self.heap, -new.priority)
            self.drawn[new.priority] = new
        elif new.priority < -self.heap[0]:
            del self.drawn[-heapreplace(self.heap, -new.priority)]
            self.drawn[new.priority] = new

    def take_over(self, other: "Reservoir") -> None:
        """Let all that was offered to another one take part."""
        for drawn in other.drawn.values():
            self.offer(drawn)

    def __iter__(self) -> Iterator[Drawn]:
        """What was drawn, by priority."""
        return iter(sorted(self.drawn.values()))


def priority_of(text: str, seed: int) -> int:
    """64 bits of a hash of the text in any letter case and with any white space."""
    normal = " ".join(text.casefold().split()).encode()
    key = str(seed).encode()[-64:]
    return int.from_bytes(hashlib.blake2b(normal, digest_size=8, key=key).digest(), "little")
