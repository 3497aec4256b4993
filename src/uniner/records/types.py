"""Passages, spans, entities and what is said of a passage."""

from dataclasses import dataclass
from typing import NamedTuple

from uniner.records.errors import RecordError

MAX_TYPE_CHARACTERS = 400
"""A type is a name or a short definition; anything longer is a mistake in the input."""


class Span(NamedTuple):
    """Characters [start, end) of one passage."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A bounded piece of a document, or a whole document before it is cut."""

    id: str
    text: str
    domain: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """A typed mention: characters [start, end) of its passage, which read `text`.

    `score` is a probability in [0, 1], or None where nobody scored it.
    """

    start: int
    end: int
    text: str
    type: str
    score: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise RecordError(f"empty or negative span [{self.start}, {self.end}) of {self.text!r}")
        if len(self.text) != self.end - self.start:
            raise RecordError(f"span [{self.start}, {self.end}) cannot hold {self.text!r}")
        check_type(self.type)
        if self.score is not None and not 0.0 <= self.score <= 1.0:
            raise RecordError(f"score {self.score!r} of {self.text!r} is not within [0, 1]")

    @property
    def span(self) -> Span:
        """Where the mention stands."""
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Annotated:
    """A passage and its entities, each grounded: `text[start:end]` is what it says."""

    passage: Passage
    entities: tuple[Entity, ...]

    def __post_init__(self) -> None:
        check_grounded(self.passage, self.entities)


@dataclass(frozen=True, slots=True)
class Fault:
    """What an extractor answered when asked for a type, as it came, and why it is of no use.

    `why` is one of a few fixed phrases, so that faults can be counted by it.
    """

    type: str
    why: str
    raw: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """What an extractor found in a passage: grounded, scored entities in reading order.

    `faults` are the answers, or the parts of answers, that no entity could be read from.
    """

    passage: Passage
    entities: tuple[Entity, ...]
    faults: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        check_grounded(self.passage, self.entities)


def check_type(name: str) -> str:
    """Return `name`, or raise RecordError where it cannot name an entity type."""
    if not name.strip():
        raise RecordError("an entity type is empty; give it a name such as 'person'")
    if len(name) > MAX_TYPE_CHARACTERS:
        raise RecordError(
            f"an entity type has {len(name):,} characters ({name[:40]!r}…); "
            f"give a name or a definition of at most {MAX_TYPE_CHARACTERS}"
        )
    return check_characters(name, "an entity type")


def check_characters(text: str, where: str) -> str:
    """Return `text`, or raise RecordError where it cannot be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise RecordError(
            f"{where} has half a character ({text[error.start]!r}) at offset {error.start}; "
            "give whole characters in UTF-8"
        ) from None
    return text


def check_grounded(passage: Passage, entities: tuple[Entity, ...]) -> None:
    """Raise RecordError unless every entity is verbatim where it says it stands."""
    for entity in entities:
        found = passage.text[entity.start : entity.end]
        if found != entity.text:
            raise RecordError(
                f"passage {passage.id!r}: entity {entity.text!r} ({entity.type}) is at "
                f"[{entity.start}, {entity.end}), where the text reads {found!r}"
            )
