"""The one protocol that every student and every rival speaks."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from uniner.records import Passage, Prediction, RecordError
from uniner.records.types import check_type


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


@runtime_checkable
class Contextual(Extractor, Protocol):
    """An extractor that may be told whose idea of types is meant (paper, section 3.2)."""

    def for_dataset(self, name: str) -> Extractor:
        """The same extractor, asked in the context of a data set; ConfigError where it has none."""


def in_context(extractor: Extractor, dataset: str) -> Extractor:
    """The extractor asked in the context of a data set, where one is named and it can be told."""
    if dataset and isinstance(extractor, Contextual):
        return extractor.for_dataset(dataset)
    return extractor


@runtime_checkable
class Scored(Extractor, Protocol):
    """An extractor that scores what it finds."""

    @property
    def threshold(self) -> float:
        """The lowest score that it keeps where a call names none, in [0, 1]."""


class Wanted(NamedTuple):
    """What an extractor is called with, checked: passages, and distinct types in their order."""

    passages: list[Passage]
    types: list[str]


def check_call(
    texts: Sequence[str | Passage], types: Sequence[str], threshold: float | None
) -> Wanted:
    """The passages and types of a call; plain texts are numbered. RecordError as in `Extractor`."""
    if isinstance(texts, str | Passage):
        raise RecordError("texts must be a list; wrap a single text as [text]")
    names = list(dict.fromkeys(check_type(name) for name in types))
    if not names:
        raise RecordError("no entity types were asked for; name at least one")
    if threshold is not None and not 0 <= threshold <= 1:
        raise RecordError(f"threshold {threshold!r} is not within [0, 1]")
    passages = [
        text if isinstance(text, Passage) else Passage(str(number), text)
        for number, text in enumerate(texts)
    ]
    return Wanted(passages, names)
