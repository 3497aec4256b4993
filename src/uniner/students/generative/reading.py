"""Texts of any length as windows that a model reads whole, each with a question and its answer."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from uniner.chat.tokens import ChatTokenizer
from uniner.chat.variants import Question, ask
from uniner.corpus.sample import load_taxonomy
from uniner.records import Passage, RecordError, Span
from uniner.students.encode import whole_characters
from uniner.students.generative.settings import GenerativeSettings
from uniner.text.passages import Window, cut
from uniner.text.words import split_words

OVERLAP = 48
"""Tokens that neighbouring windows share, where they are long enough."""

LEAST_ROOM = 16
"""Tokens of a passage that a window must have room for."""


class Read(NamedTuple):
    """One window of a text, the passage that stands there, and the tokens of its whole prefix."""

    text: int
    window: Window
    passage: str
    tokens: list[int]


class Asked(NamedTuple):
    """The questions that ask for some types, and the tokens of each."""

    questions: list[Question]
    queries: list[list[int]]


@dataclass(frozen=True, slots=True)
class Reader:
    """Encodes texts and questions for one student; answers have at most `answer_tokens`."""

    settings: GenerativeSettings
    tokenizer: ChatTokenizer
    answer_tokens: int

    def ask(self, names: list[str]) -> Asked:
        """The questions for some types."""
        questions = ask(self.settings.variant, names, load_taxonomy().definition)
        return Asked(questions, [self.tokenizer.encode_query(q.text) for q in questions])

    def read(self, passages: Sequence[Passage], asked: Asked) -> Iterator[Read]:
        """The windows of every text, none of which is too long for any question and its answer.

        RecordError where a question is so long that no passage would fit.
        """
        frame = len(self._encode(""))
        room = self._measure_room(frame, asked)
        for number, passage in enumerate(passages):
            text = whole_characters(passage.text)
            words = chop(split_words(text), max(1, room // 8))
            costs = self._measure_words(text, words)
            limit = room - room // 16  # a window's first and last tokens are not quite the text's
            while True:
                cuts = cut(words, text, limit, min(OVERLAP, limit // 4), costs)
                tokens = [self._encode(text[window.start : window.end]) for window in cuts]
                if limit < LEAST_ROOM or all(len(ids) <= frame + room for ids in tokens):
                    break
                limit = limit * 3 // 4
            for window, ids in zip(cuts, tokens, strict=True):
                yield Read(number, window, text[window.start : window.end], ids)

    def _measure_room(self, frame: int, asked: Asked) -> int:
        """The tokens that a passage itself may have."""
        query, text = max(
            (len(query), question.text) for question, query in zip(*asked, strict=True)
        )
        room = self.settings.max_tokens - frame - query - self.answer_tokens
        if room < LEAST_ROOM:
            raise RecordError(
                f"the question {text[:60]!r}… leaves no room for a passage within the "
                f"{self.settings.max_tokens} tokens that {self.settings.name} reads; shorten it"
            )
        return room

    def _encode(self, passage: str) -> list[int]:
        return self.tokenizer.encode_prefix(passage, self.settings.dataset)

    def _measure_words(self, text: str, words: Sequence[Span]) -> list[int]:
        """How many tokens each word is, with the white space behind it."""
        encoded = self.tokenizer.tokenizer.encode(text, add_special_tokens=False)
        places = [start for start, _ in encoded.offsets]
        edges = [0, *(bisect_left(places, word.start) for word in words[1:]), len(places)]
        return [last - first for first, last in pairwise(edges)] if words else []


def chop(words: Sequence[Span], most: int) -> list[Span]:
    """Words of which none has more than `most` characters, as longer ones come in pieces."""
    return [
        Span(start, min(start + most, word.end))
        for word in words
        for start in range(word.start, word.end, most)
    ]
