"""Benchmark examples: a passage, the types asked of it, and what is right."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from uniner.records import Entity, Passage, RecordError
from uniner.records.types import check_type


@dataclass(frozen=True, slots=True)
class Example:
    """One passage of a data set: `mentions` holds the gold strings of each of `types`.

    `entities` are the same mentions with offsets, or None where the file gives none.
    """

    passage: Passage
    types: tuple[str, ...]
    mentions: tuple[tuple[str, ...], ...]
    entities: tuple[Entity, ...] | None = None

    def __post_init__(self) -> None:
        if not self.types or len(self.types) != len(self.mentions):
            raise RecordError(f"passage {self.passage.id!r}: every type needs its gold mentions")
        for name in self.types:
            check_type(name)
        try:
            self.passage.text.encode()
        except UnicodeEncodeError as error:
            raise RecordError(
                f"passage {self.passage.id!r}: half a character at offset {error.start}"
            ) from None


def choose_examples(examples: Sequence[Example], limit: int | None, seed: int) -> list[Example]:
    """All examples, or a sample of `limit` of them that depends on `seed` alone, in file order."""
    if limit is None or limit >= len(examples):
        return list(examples)
    return [examples[i] for i in sorted(random.Random(seed).sample(range(len(examples)), limit))]
