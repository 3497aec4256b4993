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

from uniner.chat.dialogue import Dialogue, Exchange, dialogue_to_json
from uniner.chat.negatives import Kin, TypeSampler
from uniner.chat.variants import Define, Variant, ask, list_types, say
from uniner.records import Annotated, InputError
from uniner.records.store import write_whole

NOTHING = "[]"


@dataclass(frozen=True, slots=True)
class Composer:
    """Asks a passage for its types and for `ratio` times as many that neither it has nor their kin.

    What it asks depends on the passage, `seed` and the types of the corpus, and on no other
    passage. `dataset` is the data set whose types are meant, or empty.
    """

    sampler: TypeSampler
    kin: Kin
    ratio: float = 1.0
    seed: int = 0
    variant: Variant = "per-type"
    define: Define = field(default=lambda _: None)
    dataset: str = ""

    def compose(self, annotated: Annotated) -> Dialogue:
        """The conversation over one passage; without types of its own it is asked for one other."""
        passage, found = annotated.passage, list_pairs(annotated)
        questions = ask(self.variant, self.choose_types(passage.id, found), self.define)
        exchanges = (Exchange(question.text, say(question, found)) for question in questions)
        return Dialogue(passage.id, passage.text, tuple(exchanges), self.dataset)

    def choose_types(self, passage: str, found: Iterable[tuple[str, str]]) -> list[str]:
        """The types that a passage is asked for, in the order of asking."""
        present = dict.fromkeys(kind for _, kind in found)
        if self.variant == "ner":
            return list(present)
        rng = random.Random(f"{self.seed} {passage}")
        # A product that floating point lifts over a whole number is still that number.
        count = math.ceil(self.ratio * len(present) - 1e-9)

        def excluded(name: str) -> bool:
            return name in present or not self.kin.get(name, frozenset()).isdisjoint(present)

        types = [*present, *self.sampler.draw(max(1, count), excluded, rng, present)]
        rng.shuffle(types)
        return types


def list_pairs(annotated: Annotated) -> list[tuple[str, str]]:
    """The distinct pairs of a mention and its type, in order of appearance."""
    entities = sorted(annotated.entities, key=lambda entity: entity.span)
    return list(dict.fromkeys((entity.text, entity.type) for entity in entities))


@dataclass(slots=True)
class Tally:
    """Counts what was written, and the passages of which nothing could be asked.

    `positive` and `negative` are questions, `types` as these word them; `undefined` is how many
    types were to be asked for by a definition that is not known.
    """

    conversations: int = 0
    positive: int = 0
    negative: int = 0
    unasked: int = 0
    undefined: int = 0
    types: set[str] = field(default_factory=set)

    def keep(self, dialogues: Iterable[Dialogue]) -> Iterator[Dialogue]:
        """The dialogues that ask something, counted."""
        for dialogue in dialogues:
            if not dialogue.exchanges:
                self.unasked += 1
                continue
            negative = sum(exchange.answer == NOTHING for exchange in dialogue.exchanges)
            self.conversations += 1
            self.positive += len(dialogue.exchanges) - negative
            self.negative += negative
            for exchange in dialogue.exchanges:
                self.types.update(list_types(exchange))
            yield dialogue


def write_conversations(path: Path | str, dialogues: Iterable[Dialogue]) -> Tally:
    """Write a JSON list, one conversation a line, in constant memory, whole or not at all.

    InputError where there is nothing to ask at all.
    """
    tally = Tally()
    with write_whole(path) as stream:
        for dialogue in tally.keep(dialogues):
            stream.write(",\n" if tally.conversations > 1 else "[\n")
            stream.write(json.dumps(dialogue_to_json(dialogue)))
        if not tally.conversations:
            raise InputError(f"{path}: nothing to write, as no passage has an entity")
        stream.write("\n]\n")
    return tally
