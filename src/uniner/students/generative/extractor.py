"""A generative student at work, within this process: one question a type, grounded answers."""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Protocol

import torch

from uniner.chat.tokens import ChatTokenizer
from uniner.records import Passage, Prediction
from uniner.students.encode import by_length
from uniner.students.extractor import check_call
from uniner.students.findings import Findings
from uniner.students.generative.answers import (
    Answer,
    FreeAnswer,
    FreeVoice,
    HeldAnswer,
    HeldVoice,
    Voice,
    combine,
)
from uniner.students.generative.constraint import Rules, learn_form
from uniner.students.generative.decoding import Decoding
from uniner.students.generative.engine import Engine
from uniner.students.generative.load import load_model, load_tokenizer
from uniner.students.generative.quotes import read_quotes
from uniner.students.generative.reading import Asked, Read, Reader
from uniner.students.generative.relay import Relay
from uniner.students.generative.settings import GenerativeSettings, read_settings
from uniner.students.ground import Grounded

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

    def for_dataset(self, name: str) -> "GenerativeStudent":
        """The same student, asked in the context of a data set; the model is shared."""
        student = copy(self)
        student.settings = replace(self.settings, dataset=name)
        student._reader = Reader(student.settings, self.tokenizer, self._limit)
        return student

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
        least = self.settings.threshold if threshold is None else threshold
        return self.extract_at(texts, types, [least], nested=nested)[0]

    def extract_at(
        self,
        texts: Sequence[str | Passage],
        types: Sequence[str],
        thresholds: Sequence[float],
        *,
        nested: bool = False,
    ) -> list[list[Prediction]]:
        """What `extract` gives at each of several thresholds, at the price of the lowest."""
        passages, names = check_call(texts, types, min(thresholds))
        asked = self._reader.ask(names)
        found = [[Findings(passage) for passage in passages] for _ in thresholds]
        reads = self._reader.read(passages, asked)
        while chunk := list(islice(reads, CHUNK_WINDOWS)):
            for read, answers in zip(chunk, self._answer(chunk, asked, thresholds), strict=True):
                for place, grounded in zip(found, answers, strict=True):
                    place[read.text].add(read.window, grounded)
        return [[place.predict(nested=nested) for place in row] for row in found]

    def _answer(
        self, reads: Sequence[Read], asked: Asked, thresholds: Sequence[float]
    ) -> list[list[Grounded]]:
        """What each window has, at each threshold."""
        results: list[list[Grounded]] = [[] for _ in reads]
        spent = sum(len(query) + ANSWER_CELLS for query in asked.queries)
        sizes = [len(read.tokens) + spent for read in reads]
        count = len(asked.questions)
        for group in by_length(sizes, self.decoding.cells):
            chosen = [reads[index] for index in group]
            answers, voice = self._begin(chosen, count, min(thresholds))
            self._model.answer([read.tokens for read in chosen], asked.queries, voice)
            for row, index in enumerate(group):
                given = list(zip(answers[row * count :], asked.questions, strict=False))
                results[index] = [
                    combine([answer.read(question, least) for answer, question in given])
                    for least in thresholds
                ]
        return results

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
