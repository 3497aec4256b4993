"""Answers in the making: each hears how likely every token is, and says one until it is over."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer

from uniner.chat.answer import Malformed, Parsed, parse_answer
from uniner.records import ConfigError, Fault, Span
from uniner.students.generative.constraint import (
    Literals,
    Options,
    Places,
    Rules,
    State,
    Turn,
    write_literal,
)
from uniner.students.ground import Grounded, ground

Precision: TypeAlias = Literal["float32", "bfloat16", "float16"]

CUT_OFF = "is cut off"


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a generative student is run.

    `grounded` holds answers to mentions that the passage has. An answer ends at `answer_tokens`.
    `cells` bounds the tokens (of passages, questions and answers, padding counted) whose keys and
    values are held at once; a passage that alone needs more is still read.
    """

    grounded: bool = True
    answer_tokens: int = 128
    cells: int = 8192
    device: str = "cpu"
    precision: Precision = "float32"

    def __post_init__(self) -> None:
        if self.answer_tokens < 1 or self.cells < 1:
            raise ConfigError(f"answer_tokens and cells must be at least 1, got {self!r}")

    @property
    def dtype(self) -> torch.dtype:
        """The type of the weights."""
        dtype: torch.dtype = getattr(torch, self.precision)
        return dtype


class Answer(Protocol):
    """An answer that has been given."""

    def read(self, kind: str) -> Grounded:
        """Its entities, of the type it was asked for, and what of it is of no use."""


class Voice(Protocol):
    """Decides what each of several answers says next."""

    def say(self, logits: torch.Tensor, which: Sequence[int]) -> list[int | None]:
        """The next token of the answers `which`, given logits [len(which), vocabulary].

        None where an answer is over, of which nothing more is then asked.
        """


class Choice(NamedTuple):
    """A token by its place among options, how likely what it does was; if decided, going on."""

    place: int
    probability: float
    more: float | None = None


def choose(
    options: Options, chances: npt.NDArray[np.float64], threshold: float, *, undecided: bool
) -> Choice:
    """The next token: greedy, but for another mention, which comes if likely enough.

    A mention is closed where all tokens that close it are together likelier than the best that
    goes on with it. Whether another comes is then a matter of the tokens that decide it alone;
    one that leaves it open, such as a bracket by itself, is taken where it is the likeliest, or
    stands for the choice that no token makes.
    """
    masses = [float(chances[places].sum()) if places.size else 0.0 for places in options.turns]
    copying, opening, more, end = masses
    said = min(1.0, opening + more + end)
    if copying:
        place = choose_among(options, chances, Turn.COPY)
        if chances[place] >= said:
            return Choice(place, float(chances[place]))
    goes_on, ends = Turn.MORE, Turn.END
    may_go_on, may_end = options.turns[goes_on].size > 0, options.turns[ends].size > 0
    if not undecided:
        turn = goes_on if may_go_on else ends
        return Choice(choose_among(options, chances, turn), said)
    if opening > max(more, end) or not (may_go_on or may_end):
        return Choice(choose_among(options, chances, Turn.OPEN), said)
    if not may_end:
        ends, end = Turn.OPEN, opening
    elif not may_go_on:
        goes_on, more = Turn.OPEN, opening
    share = more / (more + end) if more + end else 0.0
    turn = goes_on if share >= threshold else ends
    return Choice(choose_among(options, chances, turn), said, share)


def choose_among(options: Options, chances: npt.NDArray[np.float64], turn: Turn) -> int:
    """The place of the likeliest token that decides `turn`."""
    places = options.turns[turn]
    return int(places[chances[places].argmax()])


@dataclass(slots=True)
class HeldAnswer:
    """An answer held to its passage; `listed` are its mentions, wherever they stand, by score."""

    rules: Rules
    threshold: float
    limit: int
    tokens: list[int] = field(default_factory=list)
    listed: dict[frozenset[Span], float] = field(default_factory=dict)
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

    def read(self, kind: str) -> Grounded:
        """The entities of the answer, and what was cut off of it."""
        text = self.rules.quotes.text
        scores: dict[str, float] = {}
        for spans, score in self.listed.items():
            for start, end in spans:
                scores.setdefault(text[start:end], score)
        found = ground(Parsed(tuple(scores)), text, kind, scores)
        if self.over:
            return found
        written = self.rules.form.surface.written
        raw = b"".join(written[token] for token in self.tokens).decode(errors="replace")
        return found._replace(faults=(Fault(kind, CUT_OFF, raw),))

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
            self.listed[spans] = min(1.0, self.more * mean)
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

    def read(self, kind: str) -> Grounded:
        """The entities of the answer where it can be read and stands in the passage."""
        raw = self.tokenizer.decode(self.tokens, skip_special_tokens=False)
        answer = parse_answer(raw) if self.over else Malformed(raw, CUT_OFF)
        return ground(answer, self.text, kind)


@dataclass(frozen=True, slots=True)
class HeldVoice:
    """Answers that are all held to their passages."""

    answers: Sequence[HeldAnswer]

    def say(self, logits: torch.Tensor, which: Sequence[int]) -> list[int | None]:
        """The next tokens; see `Voice`."""
        options = [self.answers[index].options.tokens for index in which]
        tokens = np.zeros((len(options), max(map(len, options))), np.int64)
        for row, allowed in enumerate(options):
            tokens[row, : len(allowed)] = allowed
        chosen = logits.gather(1, torch.from_numpy(tokens).to(logits.device))
        values = chosen.float().cpu().numpy().astype(np.float64)
        said: list[int | None] = []
        for index, allowed, row in zip(which, options, values, strict=True):
            chances = np.exp(row[: len(allowed)] - row[: len(allowed)].max())
            said.append(self.answers[index].hear(chances / chances.sum()))
        return said


@dataclass(frozen=True, slots=True)
class FreeVoice:
    """Answers that are held to nothing."""

    answers: Sequence[FreeAnswer]

    def say(self, logits: torch.Tensor, which: Sequence[int]) -> list[int | None]:
        """The next tokens; see `Voice`."""
        best: list[int] = logits.argmax(dim=-1).tolist()
        return [self.answers[index].hear(token) for index, token in zip(which, best, strict=True)]
