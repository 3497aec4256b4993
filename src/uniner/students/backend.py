"""What answers prompts in bulk: the part of a prompted extractor that holds the model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, TypeAlias

from uniner.teacher.completion import Unanswered


class Turn(NamedTuple):
    """What one side of a chat says."""

    role: Literal["system", "user", "assistant"]
    content: str


Prompt: TypeAlias = str | tuple[Turn, ...]
"""Rendered text that the model goes on from, or the turns of a chat that it renders itself."""


@dataclass(frozen=True, slots=True)
class Request:
    """A prompt; where the answer ends at the latest: so many tokens, or a text that stops it.

    `grammar` is what the answer must follow, as Lark text, where the backend can see to it; empty
    where anything will do.
    """

    prompt: Prompt
    max_tokens: int
    stop: tuple[str, ...] = ()
    grammar: str = ""


class Token(NamedTuple):
    """A piece of an answer, and the probability that the model gave it."""

    text: str
    probability: float


class Said(NamedTuple):
    """An answer as it came, whether it is whole, and its tokens where the backend tells them."""

    text: str
    whole: bool = True
    tokens: tuple[Token, ...] = ()


class Backend(Protocol):
    """Anything that answers prompts."""

    def complete(self, requests: Sequence[Request]) -> list[Said | Unanswered]:
        """One answer a request, in order; raises only where asking on is of no use."""
        ...
