"""Answers in the making: each hears how likely every token is, and says one until it is over."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer

from uniner.chat.answer import Malformed, Parsed, parse_answer
from uniner.chat.variants import Question, read_answer
from uniner.records import Fault, Span
from uniner.students.generative.constraint import (
    Literals,
    Options,
    Places,
    Rules,
    State,
    write_literal,
)
from uniner.students.generative.decoding import choose
from uniner.students.ground import CUT_OFF, NOT_A_MENTION, NOT_ASKED, Grounded, ground


class Answer(Protocol):
    """An answer that has been given."""

    def read(self, question: Question, threshold: float = 0.0) -> Grounded:
        """Its entities, of the types it was asked for, and what of it is of no use.

        A higher `threshold` than it was given with reads it as if given with that one.
        """


class Listed(NamedTuple):
    """How likely it was that another mention comes, and the score of the one that came."""

    more: float
    score: float


class Voice(Protocol):
    """Decides what each of several answers says next."""

    def say(self, logits: torch.Tensor, which: Sequence[int]) -> list[int | None]:
        """The next token of the answers `which`, given logits [len(which), vocabulary].

        None where an answer is over, of which nothing more is then asked.
        """


@dataclass(slots=True)
class HeldAnswer:
    """An answer held to its passage; `listed` are its mentions, wherever they stand."""

    rules: Rules
    threshold: float
    limit: int
    tokens: list[int] = field(default_factory=list)
    listed: dict[frozenset[Span], Listed] = field(default_factory=dict)
    over: bool = False
    state: State = field(init=False)
    copied: bytes = b""
    steps: list[float] = field(default_factory=list)
    more: float = 1.0

    def __post_init__(self) -> None:
        self.state = self.rules.opening

    @property
    def options(self) -> Options:
        """What may be said next."""
        return self.rules.list_options(self.state)

    def hear(self, chances: npt.NDArray[np.float64]) -> int | None:
        """Say one of the options, given how likely each is; None once the answer is over."""
        options, state = self.options, self.state
        undecided = not isinstance(state, Literals) or None not in state
        choice = choose(options, chances, self.threshold, undecided=undecided)
        token = int(options.tokens[choice.place])
        writes = self.rules.form.surface.written[token]
        self.tokens.append(token)
        if isinstance(state, Literals):
            self._write(state, writes)
        else:
            self.steps.append(choice.probability)
            closing = options.closing.get(token)
            copied = writes.removesuffix(closing or b"")
            self.copied += copied
            self.state = state = self.rules.move(state, copied)
            if closing is not None:
                self._list(state)
                self._write(self.rules.form.closing, closing)
        if choice.more is not None:
            self.more *= choice.more
        return None if self.over or len(self.tokens) >= self.limit else token

    def read(self, question: Question, threshold: float = 0.0) -> Grounded:
        """The entities of the answer, and what was cut off of it."""
        text = self.rules.quotes.text
        scores: dict[str, float] = {}
        whole = self.over
        for spans, (more, score) in self.listed.items():
            if more < threshold:
                whole = True
                break
            for start, end in spans:
                scores.setdefault(text[start:end], score)
        answer = Parsed(tuple(scores))
        parts = [ground(answer, text, kind, scores) for kind in question.types]
        if whole:
            return combine(parts)
        written = self.rules.form.surface.written
        raw = b"".join(written[token] for token in self.tokens).decode(errors="replace")
        return combine(parts, [Fault(question.label, CUT_OFF, raw)])

    def _write(self, left: Literals, writes: bytes) -> None:
        rest = write_literal(left, writes)
        if rest.end == b"":
            self.over = True
        elif rest.more == b"":
            self.state = self.rules.begin()
        elif rest == (None, None):  # the token went on into the mention
            self.copied = writes.removeprefix(left.more or b"")
            self.state = self.rules.begin(self.copied)
        else:
            self.state = rest

    def _list(self, places: Places) -> None:
        spans = frozenset(self.rules.quotes.find_spans(self.copied, places))
        if spans in self.listed:
            self.over = True  # who repeats a mention has no more to say, and might for ever
        else:
            mean = math.exp(
                sum(math.log(max(step, 1e-30)) for step in self.steps) / len(self.steps)
            )
            self.listed[spans] = Listed(self.more, min(1.0, self.more * mean))
        self.copied, self.steps, self.more = b"", [], 1.0


@dataclass(slots=True)
class FreeAnswer:
    """An answer as the model gives it, greedily, up to the mark that ends it."""

    text: str
    tokenizer: Tokenizer
    end: int
    limit: int
    tokens: list[int] = field(default_factory=list)
    over: bool = False

    def hear(self, token: int) -> int | None:
        """Say a token; None once the answer is over."""
        if token == self.end:
            self.over = True
            return None
        self.tokens.append(token)
        return token if len(self.tokens) < self.limit else None

    def read(self, question: Question, threshold: float = 0.0) -> Grounded:
        """The entities of the answer where it can be read and stands in the passage."""
        raw = self.tokenizer.decode(self.tokens, skip_special_tokens=False)
        answer = parse_answer(raw) if self.over else Malformed(raw, CUT_OFF)
        if isinstance(answer, Malformed):
            return Grounded((), (Fault(question.label, answer.why, raw),))
        reading = read_answer(question, answer)
        parts = [ground(Parsed(m), self.text, kind) for kind, m in reading.mentions.items()]
        faults = [Fault(kind, NOT_ASKED, mention) for mention, kind in reading.others]
        faults += [Fault(question.label, NOT_A_MENTION, str(item)) for item in reading.wrong]
        return combine(parts, faults)


def combine(parts: Sequence[Grounded], faults: Sequence[Fault] = ()) -> Grounded:
    """Several groundings as one."""
    found = [entity for part in parts for entity in part.entities]
    return Grounded(tuple(found), (*(f for part in parts for f in part.faults), *faults))


@dataclass(frozen=True, slots=True)
class HeldVoice:
    """Answers that are all held to their passages."""

    answers: Sequence[HeldAnswer]

    def say(self, logits: torch.Tensor, which: Sequence[int]) -> list[int | None]:
        """The next tokens; see `Voice`."""
        options = [self.answers[index].options.tokens for index in which]
        counts = np.array([len(tokens) for tokens in options])
        allowed = np.arange(counts.max()) < counts[:, None]
        tokens = np.zeros(allowed.shape, np.int64)
        tokens[allowed] = np.concatenate(options)
        chosen = logits.gather(1, torch.from_numpy(tokens).to(logits.device))
        values = chosen.float().cpu().numpy().astype(np.float64)
        values[~allowed] = -np.inf
        chances = np.exp(values - values.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        return [
            self.answers[index].hear(row[:count])
            for index, row, count in zip(which, chances, counts.tolist(), strict=True)
        ]


@dataclass(frozen=True, slots=True)
class FreeVoice:
    """Answers that are held to nothing."""

    answers: Sequence[FreeAnswer]

    def say(self, logits: torch.Tensor, which: Sequence[int]) -> list[int | None]:
        """The next tokens; see `Voice`."""
        best: list[int] = logits.argmax(dim=-1).tolist()
        return [self.answers[index].hear(token) for index, token in zip(which, best, strict=True)]
