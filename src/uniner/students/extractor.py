"""The one protocol that every student and every rival speaks."""

from collections.abc import Sequence
from typing import Protocol

from uniner.records import Passage, Prediction


class Extractor(Protocol):
    """Finds the entities of the asked types in each text, whatever its length."""

    @property
    def name(self) -> str:
        """What reports call it."""

    def extract(
        self,
        texts: Sequence[str | Passage],
        types: Sequence[str],
        threshold: float | None = None,
        *,
        nested: bool = False,
    ) -> list[Prediction]:
        """One prediction per text, in order; `threshold` None is the extractor's own.

        Flat (the default): no two entities overlap. Nested: each type decides alone.
        Raises RecordError for an empty list of types or a type that cannot name one.
        """
