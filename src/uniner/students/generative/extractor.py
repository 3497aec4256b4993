"""A generative student at work, within this process: one question a type, grounded answers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Protocol

import torch

from uniner.chat.tokens import ChatTokenizer
from uniner.records import Entity, Fault, Passage, Prediction
from uniner.students.encode import by_length
from uniner.students.extractor import check_call
from uniner.students.generative.answers import (
    Answer,
    FreeAnswer,
    FreeVoice,
    HeldAnswer,
    HeldVoice,
    Voice,
)
from uniner.students.generative.constraint import Rules, learn_form
from uniner.students.generative.decoding import Decoding
from uniner.students.generative.engine import Engine
from uniner.students.generative.load import load_model, load_tokenizer
from uniner.students.generative.quotes import read_quotes
from uniner.students.generative.reading import Asked, Read, Reader
from uniner.students.generative.relay import Relay
from uniner.students.generative.settings import GenerativeSettings, read_settings
from uniner.students.ground import Grounded, flatten
from uniner.text.passages import Window, merge, shift

CHUNK_WINDOWS = 64
"""Windows read before they are asked about: enough to sort by length, few enough to hold."""

ANSWER_CELLS = 8
"""Tokens that answers are reckoned to have on average, most being empty."""


class Answerer(Protocol):
    """Asks a model every query about every passage."""

    def answer(
        self, passages: Sequence[Sequence[int]], queries: Sequence[Sequence[int]], voice: Voice
    ) -> None:
        """Have `voice` answer; answer `p * len(queries) + q` is that of passage p to query q."""


def load_generative(
    folder: Path, *, threads: int | None = None, decoding: Decoding | None = None
) -> "GenerativeStudent":
    """The student of a model folder with `generative.json`; `threads` None leaves torch's own.

    The number of threads is that of the whole process.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    settings, chosen = read_settings(folder), decoding or Decoding()
    tokenizer = load_tokenizer(folder, settings.template)
    model = load_model(folder, settings.architecture, chosen.dtype, chosen.device)
    return GenerativeStudent(settings, tokenizer, model, chosen)


class GenerativeStudent:
    """Asks a language model for types; a passage is read once for all questions.

    Answers that are pairs of mention and type are not held to the passage.
    """

    def __init__(
        self,
        settings: GenerativeSettings,
        tokenizer: ChatTokenizer,
        model: torch.nn.Module,
        decoding: Decoding,
    ) -> None:
        """Wrap a loaded model; ConfigError where its answers cannot be held to the passage."""
        self.settings, self.tokenizer, self.decoding = settings, tokenizer, decoding
        paired = settings.variant in ("all-in-one", "ner")  # an answer has everything
        self._limit = min(decoding.answer_tokens, settings.max_tokens // 4)
        if paired:
            self._limit = settings.max_tokens // 2
        self._reader = Reader(settings, tokenizer, self._limit)
        self._form = learn_form(tokenizer) if decoding.grounded and not paired else None
        self._model: Answerer
        match settings.architecture:
            case "seq2seq":
                self._model = Relay(model, decoding.cells)
            case "causal" | "prefix":
                self._model = Engine(model, bidirectional=settings.architecture == "prefix")

    @property
    def name(self) -> str:
        """What reports call it."""
        return self.settings.name

    def extract(
        self,
        texts: Sequence[str | Passage],
        types: Sequence[str],
        threshold: float | None = None,
        *,
        nested: bool = False,
    ) -> list[Prediction]:
        """One prediction per text, in order; see `Extractor`.

        `threshold` is the least probability at which a grounded answer is begun, or goes on.
        """
        passages, names = check_call(texts, types, threshold)
        least = self.settings.threshold if threshold is None else threshold
        asked = self._reader.ask(names)
        windows: list[list[Window]] = [[] for _ in passages]
        entities: list[list[list[Entity]]] = [[] for _ in passages]
        faults: list[list[Fault]] = [[] for _ in passages]
        reads = self._reader.read(passages, asked)
        while chunk := list(islice(reads, CHUNK_WINDOWS)):
            for read, answers in zip(chunk, self._answer(chunk, asked, least), strict=True):
                found = [entity for answer in answers for entity in answer.entities]
                moved = shift(found if nested else flatten(found), read.window.start)
                text = passages[read.text].text
                windows[read.text].append(read.window)
                # Halves of characters were read as others: what counts is what the text has.
                entities[read.text].append([replace(e, text=text[e.start : e.end]) for e in moved])
                faults[read.text] += [fault for answer in answers for fault in answer.faults]
        return [
            Prediction(passage, merge(cuts, lists, nested=nested), tuple(wrong))
            for passage, cuts, lists, wrong in zip(passages, windows, entities, faults, strict=True)
        ]

    def _answer(self, reads: Sequence[Read], asked: Asked, least: float) -> list[list[Grounded]]:
        """What each window has of each type."""
        results: list[list[Grounded]] = [[] for _ in reads]
        spent = sum(len(query) + ANSWER_CELLS for query in asked.queries)
        sizes = [len(read.tokens) + spent for read in reads]
        for group in by_length(sizes, self.decoding.cells):
            chosen = [reads[index] for index in group]
            answers = self._ask(chosen, asked, least)
            for index in group:
                results[index] = [next(answers) for _ in asked.questions]
        return results

    def _ask(self, reads: Sequence[Read], asked: Asked, least: float) -> Iterator[Grounded]:
        """The answers about some windows: of each, one to every question."""
        answers, voice = self._begin(reads, len(asked.questions), least)
        self._model.answer([read.tokens for read in reads], asked.queries, voice)
        for index, answer in enumerate(answers):
            yield answer.read(asked.questions[index % len(asked.questions)])

    def _begin(
        self, reads: Sequence[Read], count: int, least: float
    ) -> tuple[Sequence[Answer], Voice]:
        """So many answers about each window, of which nothing is said yet, and what says them."""
        backend, form = self.tokenizer.tokenizer, self._form
        if form is None:
            texts = [read.passage for read in reads for _ in range(count)]
            free = [FreeAnswer(text, backend, self.tokenizer.end, self._limit) for text in texts]
            return free, FreeVoice(free)
        rules = [Rules(read_quotes(read.passage, form.surface, backend), form) for read in reads]
        held = [HeldAnswer(rule, least, self._limit) for rule in rules for _ in range(count)]
        return held, HeldVoice(held)
