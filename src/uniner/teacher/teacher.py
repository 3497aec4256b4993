"""What a teacher is: something that answers prompts."""

from dataclasses import dataclass
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a teacher is asked about the passage with this id."""

    id: str
    system: str
    user: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a teacher said about the passage with this id, as it came."""

    id: str
    raw: str
    model: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a teacher said nothing about the passage with this id."""

    id: str
    why: str


Answer: TypeAlias = Reply | Failure


class Teacher(Protocol):
    """Anything that can be asked for the entities of a passage."""

    def answer(self, prompt: Prompt) -> Answer:
        """Reply to one prompt, or say why not; raises only what a user can mend."""
        ...
