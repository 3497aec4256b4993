"""What is still to be asked, and what it will cost, before anything is asked."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from uniner.construction.desk import Desk
from uniner.records import Passage
from uniner.teacher.endpoint import Endpoint
from uniner.teacher.prompts import Mode
from uniner.teacher.teacher import Prompt

COUNTED = 2_000
"""Prompts whose tokens are counted; of further ones only the characters are."""
EXPECTED: dict[Mode, float] = {"type": 1.2, "definition": 3.0}
"""Tokens of a reply for one of the prompt: types as in the sample, were there one a mention."""


class Estimate(NamedTuple):
    """What is still to be asked, about; money in the currency of the prices."""

    requests: int
    prompt_tokens: float
    completion_tokens: float
    cost: float
    kept: int
    spent: float

    def __str__(self) -> str:
        tokens = f"{self.prompt_tokens:,.0f} tokens and {self.completion_tokens:,.0f} in reply"
        line = f"to ask: {self.requests:,} requests, about {tokens}"
        if self.cost:
            line += f", {show_cost(self.cost)}"
        if self.kept:
            line += f"; {self.kept:,} replies are there"
        return f"{line} ({show_cost(self.spent)})" if self.spent else line


def show_cost(amount: float) -> str:
    """An amount of money in words; empty where there is none."""
    if not amount:
        return ""
    return f"cost {amount:,.2f}" if amount >= 1 else f"cost {amount:.4f}"


class Ruler:
    """Measures prompts in tokens: counts those of the first ones, then goes by the characters."""

    def __init__(self, count: Callable[[str], int]) -> None:
        self._count = count
        self._prompts = self._tokens = self._characters = 0

    def measure(self, prompt: Prompt) -> float:
        """About how many tokens a prompt has."""
        text = prompt.system + prompt.user
        if self._prompts >= COUNTED:
            return len(text) * self._tokens / self._characters
        tokens = self._count(text)
        self._prompts, self._tokens = self._prompts + 1, self._tokens + tokens
        self._characters += len(text)
        return tokens


def estimate(desk: Desk, passages: Iterable[Passage]) -> Estimate:
    """What the passages of a run still take, apart from what the journal holds.

    A second look and a verification are counted as one further request each wherever the first
    teacher has not answered yet: the same prompt with the reply in it, and half a reply.
    """
    method = desk.plan.method
    further = (method.candidates is not None) + method.verify
    expected = EXPECTED[method.mode]
    ruler = Ruler(desk.count)
    requests, asked, answered, cost = 0, 0.0, 0.0, 0.0
    for passage in passages:
        prompts = method.prompts(passage)
        for source, teacher in zip(desk.plan.sources, desk.teachers, strict=True):
            if not isinstance(source, Endpoint):
                continue
            waiting = [prompt for prompt in prompts if not desk.knows(teacher, prompt)]
            if waiting:
                again = further if teacher is desk.teachers[0] else 0
                tokens = ruler.measure(waiting[0])
                more_asked = tokens * (len(waiting) + again * (1 + expected))
                more_answered = tokens * expected * (len(waiting) + again / 2)
                requests += len(waiting) + again
                asked, answered = asked + more_asked, answered + more_answered
                cost += source.prices.of(more_asked, more_answered)
    return Estimate(requests, asked, answered, cost, len(desk.journal or ()), desk.budget.spent)
