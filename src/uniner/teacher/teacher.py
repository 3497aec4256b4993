"""What a teacher is: something that answers prompts."""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

Kind: TypeAlias = Literal["entities", "candidates", "verification"]
"""What a prompt asks for: all entities, which of some phrases are ones, or which are right."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a teacher is asked about the passage with this id.

    `schema` is the JSON schema that the reply should follow, as JSON text, or empty where any
    text will do; `sample` numbers the times that the same thing is asked.
    """

    id: str
    system: str
    user: str
    kind: Kind = "entities"
    schema: str = ""
    sample: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a teacher said about the passage with this id, as it came.

    Tokens are the server's own count, 0 where it gives none; `cost` is in the currency of the
    prices. `whole` is false where the server says that it cut the reply off.
    """

    id: str
    raw: str
    model: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a teacher said nothing about the passage with this id."""

    id: str
    why: str


Answer: TypeAlias = Reply | Failure

OVER_BUDGET = "the cost limit was reached"
"""Why a teacher was not asked although it could have been."""


class Teacher(Protocol):
    """Anything that can be asked for the entities of a passage."""

    def key_of(self, prompt: Prompt) -> str:
        """A short hash of all that the reply depends on: equal keys, equal replies."""
        ...

    async def answer(self, prompt: Prompt) -> Answer:
        """Reply to one prompt, or say why not; raises only what a user can mend."""
        ...
