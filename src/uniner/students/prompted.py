"""An extractor that asks a model in words: generative students on a server, and the rivals."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

from uniner.records import ConfigError, Entity, Fault, Passage, Prediction
from uniner.students.backend import Backend, Request, Said
from uniner.students.encode import whole_characters
from uniner.students.extractor import check_call
from uniner.students.findings import Findings
from uniner.students.ground import CUT_OFF, Grounded, ground
from uniner.students.styles import Style, name_all, score_mentions
from uniner.teacher.completion import Unanswered
from uniner.text.passages import Window, cut
from uniner.text.tokens import TokenCounter
from uniner.text.words import split_words

AT_A_TIME = 4096
"""Prompts held in memory."""


class Asked(NamedTuple):
    """What is asked about a window of one of the passages."""

    passage: int
    window: Window
    text: str
    types: tuple[str, ...]
    request: Request


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
    contexts: Callable[[str], Style] | None = None
    """The style in the context of a data set, for students that know such contexts."""

    def for_dataset(self, name: str) -> "PromptedExtractor":
        """The same extractor, asked in the context of a data set; ConfigError for a rival."""
        if self.contexts is None:
            raise ConfigError(f"{self.name} is not asked in the context of a data set")
        return replace(self, style=self.contexts(name))

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
        found = [Findings(passage) for passage in passages]
        asking = self._ask(passages, names)
        while chunk := list(islice(asking, AT_A_TIME)):
            answers = self.backend.complete([asked.request for asked in chunk])
            for asked, answer in zip(chunk, answers, strict=True):
                found[asked.passage].add(asked.window, self._read(asked, answer))
        return [place.predict(threshold or 0.0, nested=nested) for place in found]

    def _ask(self, passages: Sequence[Passage], types: Sequence[str]) -> Iterator[Asked]:
        style = self.style
        for number, passage in enumerate(passages):
            for window in self._cut(passage.text):
                text = whole_characters(passage.text[window.start : window.end])
                grammar = style.grammar(text)
                for group in style.group(types):
                    prompt = style.write(text, group)
                    request = Request(prompt, self.answer, style.stop, grammar)
                    yield Asked(number, window, text, group, request)

    def _cut(self, text: str) -> list[Window]:
        words = split_words(text)
        costs = TokenCounter.bundled().costs([text[slice(*word)] for word in words])
        return cut(words, text, self.window, self.overlap, costs)

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
