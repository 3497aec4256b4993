"""From annotated passages to the conversations a generative student learns (section 4.2).

The published format: one conversation a passage, and in it one question and answer for each type,
the passage's own and negative ones; and, as published, all in ASCII, the answers' JSON too.
"""

import json
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from uniner.chat.negatives import Kin, TypeSampler
from uniner.chat.queries import QUESTION, SPEAKERS, TEXT
from uniner.records import Annotated, InputError
from uniner.records.store import write_whole

READ = "I've read this text."


@dataclass(frozen=True, slots=True)
class Conversation:
    """A passage and the mentions of each type, in the order of asking; a negative has none."""

    id: str
    text: str
    answers: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Composer:
    """Asks a passage for its types and for `ratio` times as many that neither it has nor their kin.

    What it asks depends on the passage, `seed` and the types' frequencies, and on no other passage.
    """

    sampler: TypeSampler
    kin: Kin
    ratio: float
    seed: int

    def compose(self, annotated: Annotated) -> Conversation:
        """The conversation over one passage; without types of its own it is asked for one other."""
        present = list_mentions(annotated)
        rng = random.Random(f"{self.seed} {annotated.passage.id}")
        # A product that floating point lifts over a whole number is still that number.
        count = math.ceil(self.ratio * len(present) - 1e-9)

        def excluded(name: str) -> bool:
            return name in present or not self.kin.get(name, frozenset()).isdisjoint(present)

        types = [*present, *self.sampler.draw(max(1, count), excluded, rng)]
        rng.shuffle(types)
        answers = {name: present.get(name, ()) for name in types}
        return Conversation(annotated.passage.id, annotated.passage.text, answers)


def list_mentions(annotated: Annotated) -> dict[str, tuple[str, ...]]:
    """The distinct mentions of each type, in order of appearance."""
    found: dict[str, dict[str, None]] = {}
    for entity in sorted(annotated.entities, key=lambda entity: entity.span):
        found.setdefault(entity.type, {})[entity.text] = None
    return {name: tuple(mentions) for name, mentions in found.items()}


def conversation_to_json(conversation: Conversation) -> dict[str, Any]:
    """The row of one conversation."""
    values = [f"{TEXT}{conversation.text}", READ]
    for name, mentions in conversation.answers.items():
        values += [name.join(QUESTION), json.dumps(mentions)]
    turns = [{"from": SPEAKERS[index % 2], "value": value} for index, value in enumerate(values)]
    return {"id": conversation.id, "conversations": turns}


@dataclass(slots=True)
class Tally:
    """Counts what was written, and the passages of which nothing could be asked."""

    conversations: int = 0
    positive: int = 0
    negative: int = 0
    unasked: int = 0
    types: set[str] = field(default_factory=set)

    def keep(self, conversations: Iterable[Conversation]) -> Iterator[Conversation]:
        """The conversations that ask something, counted."""
        for conversation in conversations:
            if not conversation.answers:
                self.unasked += 1
                continue
            positive = sum(map(bool, conversation.answers.values()))
            self.conversations += 1
            self.positive += positive
            self.negative += len(conversation.answers) - positive
            self.types.update(conversation.answers)
            yield conversation


def write_conversations(path: Path | str, conversations: Iterable[Conversation]) -> Tally:
    """Write a JSON list, one conversation a line, in constant memory, whole or not at all.

    InputError where there is nothing to ask at all.
    """
    tally = Tally()
    with write_whole(path) as stream:
        for conversation in tally.keep(conversations):
            stream.write(",\n" if tally.conversations > 1 else "[\n")
            stream.write(json.dumps(conversation_to_json(conversation)))
        if not tally.conversations:
            raise InputError(f"{path}: nothing to write, as no passage has an entity")
        stream.write("\n]\n")
    return tally
