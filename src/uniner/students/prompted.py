"""An extractor that asks a model in words: generative students on a server, and the rivals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NamedTuple

from uniner.records import Entity, Fault, Passage, Prediction
from uniner.students.backend import Backend, Request, Said
from uniner.students.encode import whole_characters
from uniner.students.extractor import check_call
from uniner.students.ground import Grounded, flatten, ground, in_order
from uniner.students.styles import CUT_OFF, Style, name_all, score_mentions
from uniner.teacher.completion import Unanswered
from uniner.text.passages import Window, cut, merge, shift
from uniner.text.tokens import TokenCounter
from uniner.text.words import split_words

AT_A_TIME = 4096
"""Prompts held in memory."""


class Asked(NamedTuple):
    """What is asked about a window of one of the passages."""

    passage: int
    window: int
    text: str
    types: tuple[str, ...]
    request: Request


@dataclass(slots=True)
class Found:
    """What is found in each window of a passage, and the faults."""

    passage: Passage
    windows: list[Window]
    entities: list[list[Entity]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.entities = [[] for _ in self.windows]


@dataclass(frozen=True, slots=True)
class PromptedExtractor:
    """Asks a backend about windows of at most `window` tokens, all types of each in a row.

    Tokens are the bundled model's, `answer` bounds an answer by the backend's own. A score is the
    mean probability of a mention's tokens where the backend tells it; what has none passes any
    threshold.
    """

    name: str
    backend: Backend
    style: Style
    window: int = 512
    overlap: int = 64
    answer: int = 512

    def extract(
        self,
        texts: Sequence[str | Passage],
        types: Sequence[str],
        threshold: float | None = None,
        *,
        nested: bool = False,
    ) -> list[Prediction]:
        """One prediction per text, in order; see `Extractor`."""
        passages, names = check_call(texts, types, threshold)
        found = [self._cut(passage) for passage in passages]
        asking = self._ask(found, names)
        while chunk := list(islice(asking, AT_A_TIME)):
            answers = self.backend.complete([asked.request for asked in chunk])
            for asked, answer in zip(chunk, answers, strict=True):
                grounded = self._read(asked, answer)
                place = found[asked.passage]
                place.faults.extend(grounded.faults)
                start = place.windows[asked.window].start
                moved = shift(grounded.entities, start)
                # Halves of characters were asked about as others: what counts is what the text has.
                text = place.passage.text
                place.entities[asked.window] += [
                    replace(entity, text=text[entity.start : entity.end]) for entity in moved
                ]
        return [predict(place, threshold, nested=nested) for place in found]

    def _cut(self, passage: Passage) -> Found:
        words = split_words(passage.text)
        costs = TokenCounter.bundled().costs([passage.text[slice(*word)] for word in words])
        return Found(passage, cut(words, passage.text, self.window, self.overlap, costs))

    def _ask(self, found: Sequence[Found], types: Sequence[str]) -> Iterator[Asked]:
        style = self.style
        for passage, place in enumerate(found):
            for number, window in enumerate(place.windows):
                text = whole_characters(place.passage.text[window.start : window.end])
                grammar = style.grammar(text)
                for group in style.group(types):
                    prompt = style.write(text, group)
                    request = Request(prompt, self.answer, style.stop, grammar)
                    yield Asked(passage, number, text, group, request)

    def _read(self, asked: Asked, said: Said | Unanswered) -> Grounded:
        if isinstance(said, Unanswered):
            return Grounded((), (Fault(name_all(asked.types), said.why, ""),))
        reading = self.style.read(said.text, asked.text, asked.types)
        entities: list[Entity] = []
        faults = list(reading.faults)
        for kind, answer in reading.answers.items():
            grounded = ground(answer, asked.text, kind, score_mentions(said, answer))
            entities.extend(grounded.entities)
            faults.extend(grounded.faults)
        if not said.whole:
            faults = [fault for fault in faults if fault.raw != said.text]
            faults.append(Fault(name_all(asked.types), CUT_OFF, said.text))
        return Grounded(tuple(entities), tuple(faults))


def predict(found: Found, threshold: float | None, *, nested: bool) -> Prediction:
    """One prediction from what the windows of a passage gave."""
    least = threshold or 0.0
    kept = [
        [entity for entity in entities if entity.score is None or entity.score >= least]
        for entities in found.entities
    ]
    lists = [in_order(entities) if nested else flatten(entities) for entities in kept]
    return Prediction(
        found.passage, merge(found.windows, lists, nested=nested), tuple(found.faults)
    )
