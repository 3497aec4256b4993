"""Which tokens may come next in an answer held to its passage, and what each of them decides.

An answer is `[]` or `["one mention", "another"]`, a mention any run of the passage's words. What is
known of a mention in the making is every place of the passage that it may have been copied up to.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from uniner.chat.queries import ask_type
from uniner.chat.tokens import ChatTokenizer
from uniner.records import ConfigError
from uniner.students.generative.quotes import Quotes
from uniner.students.generative.surface import Surface, read_surface


class Turn(IntEnum):
    """What a token decides: a mention goes on, nothing yet, one more mention comes, or none."""

    COPY = 0
    OPEN = 1
    MORE = 2
    END = 3


class Options(NamedTuple):
    """The tokens that may come next, the places among them of those that decide each turn, and
    what closers write after a mention."""

    tokens: npt.NDArray[np.int64]
    turns: tuple[npt.NDArray[np.int64], ...]
    closing: dict[int, bytes]


class Literals(NamedTuple):
    """What is left to write before a mention, and before the end; None where that is ruled out."""

    more: bytes | None
    end: bytes | None


Places: TypeAlias = tuple[int, ...]
"""Where in the content of `Quotes` a mention in the making may go on."""

State: TypeAlias = Literals | Places


@dataclass(frozen=True, slots=True)
class Form:
    """How a tokenizer writes the list around the mentions.

    `closers` are tokens by what they copy before a quotation mark, with what they write from there;
    `longest` is the most that any copies.
    """

    surface: Surface
    opening: Literals
    closing: Literals
    closers: dict[bytes, tuple[tuple[int, bytes], ...]]
    longest: int
    starters: dict[bytes, tuple[tuple[int, bytes], ...]] = field(default_factory=dict, repr=False)

    def list_starters(self, left: bytes) -> tuple[tuple[int, bytes], ...]:
        """Tokens that write all that is left before a mention and begin to copy; found once."""
        known = self.starters.get(left)
        if known is None:
            known = self.starters[left] = tuple(
                (token, writes[len(left) :])
                for writes, token in self.surface.tokens.items()
                if writes.startswith(left) and writes != left
            )
        return known


def learn_form(tokenizer: ChatTokenizer) -> Form:
    """The form of answers as a tokenizer and its template write them in training."""
    surface = read_surface(tokenizer.tokenizer)
    probe = ask_type("city")
    said = tokenizer.encode_exchange(probe, "[]").ids[len(tokenizer.encode_query(probe)) :]
    writes = b"".join(surface.written.get(token, b"") for token in said)
    return make_form(surface, writes[: writes.index(surface.blank + b"[")])


def make_form(surface: Surface, lead: bytes) -> Form:
    """The form of answers that start with `lead`."""
    blank = surface.blank
    quote = blank + b'"'
    opening = Literals(lead + blank + b"[" + quote, lead + blank + b"[" + blank + b"]")
    closing = Literals(quote + blank + b', "', quote + blank + b"]")
    closers: defaultdict[bytes, list[tuple[int, bytes]]] = defaultdict(list)
    for writes, token in surface.tokens.items():
        at = writes.find(quote)
        while at >= 0:
            if turn_of(closing, writes[at:]) is not None:
                closers[writes[:at]].append((token, writes[at:]))
            at = writes.find(quote, at + 1)
    for literal in (*opening, *closing):
        if literal is None or not can_write(literal, surface):
            raise ConfigError(
                f"the vocabulary cannot write {literal!r}, so no answer can be held to its "
                "passage; switch grounding off"
            )
    found = {copied: tuple(tokens) for copied, tokens in closers.items()}
    return Form(surface, opening, closing, found, max(map(len, found), default=0))


def can_write(literal: bytes, surface: Surface) -> bool:
    """Whether tokens can write exactly these bytes."""
    reached = {0}
    for at in range(len(literal)):
        if at in reached:
            ends = range(at + 1, len(literal) + 1)
            reached.update(end for end in ends if literal[at:end] in surface.tokens)
    return len(literal) in reached


def turn_of(left: Literals, writes: bytes) -> Turn | None:
    """What writing a part of what is left decides; None where it is no part of it."""
    more = left.more is not None and left.more.startswith(writes)
    end = left.end is not None and left.end.startswith(writes)
    if more and end:
        return Turn.OPEN
    if more:
        return Turn.MORE
    return Turn.END if end else None


@dataclass(frozen=True, slots=True)
class Rules:
    """The answers about one passage: what may come next in every state, each found once."""

    quotes: Quotes
    form: Form
    known: dict[State, Options] = field(default_factory=dict, repr=False)
    begun: dict[bytes, Places] = field(default_factory=dict, repr=False)

    @property
    def opening(self) -> Literals:
        """The state of an answer of which nothing is written."""
        opening = self.form.opening
        return opening if self.quotes.starts else opening._replace(more=None)

    def list_options(self, state: State) -> Options:
        """What may come next; never nothing."""
        options = self.known.get(state)
        if options is None:
            closing: dict[int, bytes] = {}
            if isinstance(state, Literals):
                turns = dict(self._write(state))
            else:
                turns = dict.fromkeys(self._copy(state), Turn.COPY)
                closing = dict(self._close(state))
                for token, writes in closing.items():
                    turn = turn_of(self.form.closing, writes)
                    assert turn is not None, "closers were chosen by it"
                    turns[token] = turn
            decided = np.array([*turns.values()], np.int64)
            places = tuple(np.flatnonzero(decided == turn) for turn in Turn)
            options = Options(np.array([*turns], np.int64), places, closing)
            self.known[state] = options
        return options

    def begin(self, copied: bytes = b"") -> Places:
        """Where mentions that begin with these bytes may go on; found once."""
        places = self.begun.get(copied)
        if places is None:
            places = self.begun[copied] = (
                tuple(self._find(copied)) if copied else (*self.quotes.starts,)
            )
        return places

    def move(self, places: Places, copied: bytes) -> Places:
        """Where a mention may go on after it has copied these bytes."""
        if places is self.begin():
            return self.begin(copied)
        content, length = self.quotes.content, len(copied)
        return tuple([at + length for at in places if content.startswith(copied, at)])

    def _find(self, copied: bytes) -> Iterator[int]:
        content, starts = self.quotes.content, self.quotes.starts
        at = content.find(copied)
        while at >= 0:
            if at in starts:
                yield at + len(copied)
            at = content.find(copied, at + 1)

    def _write(self, left: Literals) -> Iterator[tuple[int, Turn]]:
        tokens = self.form.surface.tokens
        for literal in left:
            for length in range(1, len(literal or b"") + 1):
                writes = (literal or b"")[:length]
                turn = turn_of(left, writes)
                if writes in tokens and turn is not None:
                    yield tokens[writes], turn
        for token, copied in self.form.list_starters(left.more) if left.more is not None else ():
            if self.begin(copied):
                yield token, Turn.MORE

    def _copy(self, places: Places) -> Iterator[int]:
        for place in places:
            yield from self.quotes.list_tokens(place)

    def _close(self, places: Places) -> Iterator[tuple[int, bytes]]:
        least = 1 if places is self.begin() else 0  # a mention has something to it
        content, ends, closers = self.quotes.content, self.quotes.ends, self.form.closers
        for place in places:
            for end in range(place + least, place + self.form.longest + 1):
                if end in ends:
                    yield from closers.get(content[place:end], ())


def write_literal(left: Literals, writes: bytes) -> Literals:
    """What is left after writing a part of it."""
    more, end = (
        literal[len(writes) :] if literal is not None and literal.startswith(writes) else None
        for literal in left
    )
    return Literals(more, end)
