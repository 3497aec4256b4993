"""What may be quoted from a passage: its mentions as a tokenizer writes them within JSON."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from tokenizers import Tokenizer

from uniner.records import Span
from uniner.students.generative.surface import Surface
from uniner.text.align import in_word

SEPARATOR = b"\xfe"
"""Between the spellings of a passage; no UTF-8 has this byte, and nothing is copied across it."""


@dataclass(slots=True)
class Quotes:
    """A passage as bytes that mentions are copied from, in each way JSON may spell it.

    `starts` gives the character that a mention begins with when copied from there on, `ends` the
    one after its last when copied up to there. Word boundaries are those of `text.align`.
    """

    text: str
    surface: Surface
    content: bytes = b""
    starts: dict[int, int] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    moves: dict[int, tuple[int, ...]] = field(default_factory=dict, repr=False)

    def list_tokens(self, place: int) -> tuple[int, ...]:
        """The tokens that copy from a place of the content; found once."""
        known = self.moves.get(place)
        if known is None:
            tokens, content = self.surface.tokens, self.content
            longest = self.surface.longest.get(content[place : place + 2], 1)
            window = content[place : place + longest].partition(SEPARATOR)[0]
            slices = [window[:length] for length in range(1, len(window) + 1)]
            known = tuple([tokens[piece] for piece in slices if piece in tokens])
            self.moves[place] = known
        return known

    def prune(self) -> None:
        """Drop the starts and tokens from which no end can be written."""
        alive = set(self.ends)
        written = self.surface.written
        for place in range(len(self.content) - 1, -1, -1):
            tokens = self.list_tokens(place)
            kept = tuple([t for t in tokens if place + len(written[t]) in alive])
            self.moves[place] = kept
            if kept:
                alive.add(place)
        self.starts = {place: at for place, at in self.starts.items() if self.moves[place]}

    def find_spans(self, mention: bytes, places: tuple[int, ...]) -> set[Span]:
        """The characters that `mention`, copied up to any of `places`, stands for."""
        begun = ((place - len(mention), place) for place in places if place in self.ends)
        return {Span(self.starts[start], self.ends[end]) for start, end in begun}


def read_quotes(text: str, surface: Surface, tokenizer: Tokenizer) -> Quotes:
    """The quotes of a passage, which has whole characters only."""
    quotes = Quotes(text, surface)
    edges = find_edges(text)
    content = bytearray()
    for ascii in (False, True) if not text.isascii() else (False,):
        if surface.lossless:
            pieces = write_characters(text, ascii=ascii)
        else:
            pieces = write_tokens(text, surface, tokenizer, ascii=ascii)
        for piece, start, end in pieces:
            if start in edges.starts:
                quotes.starts[len(content)] = start
            content += piece
            if end in edges.ends:
                quotes.ends[len(content)] = end
        # Nothing ends in white space, so that a mention copied into the last would be stuck.
        del content[max(quotes.ends, default=0) :]
        content += SEPARATOR
    quotes.content = bytes(content)
    if not surface.complete:
        quotes.prune()
    return quotes


class Edges(NamedTuple):
    """The characters that mentions of a text may start with, and those that they may end before:
    at the edges of its words, and not at white space."""

    starts: frozenset[int]
    ends: frozenset[int]


def find_edges(text: str) -> Edges:
    """The edges of a text."""
    words = [False, *map(in_word, text), False]
    inner = [left and right for left, right in pairwise(words)]
    solid = [at for at, letter in enumerate(text) if not letter.isspace()]
    return Edges(
        frozenset([at for at in solid if not inner[at]]),
        frozenset([at + 1 for at in solid if not inner[at + 1]]),
    )


class Written(NamedTuple):
    """Bytes that copy characters, from `start` on and up to `end` where these are whole."""

    piece: bytes
    start: int | None = None
    end: int | None = None


@cache
def spell(letter: str, *, ascii: bool) -> str:
    """A character as JSON writes it within a string."""
    return json.dumps(letter, ensure_ascii=ascii)[1:-1]


def write_characters(text: str, *, ascii: bool) -> Iterator[Written]:
    """Each character by itself, for tokenizers that can write anything."""
    for at, letter in enumerate(text):
        yield Written(spell(letter, ascii=ascii).encode(), at, at + 1)


def write_tokens(
    text: str, surface: Surface, tokenizer: Tokenizer, *, ascii: bool
) -> Iterator[Written]:
    """What a tokenizer makes of the text, for those that lose letter case, accents or blanks."""
    # White space is nothing but a blank to these tokenizers.
    letters = [" " if letter.isspace() else spell(letter, ascii=ascii) for letter in text]
    origin = [at for at, spelled in enumerate(letters) for _ in spelled]
    spelled = "".join(letters)
    encoded = tokenizer.encode(spelled, add_special_tokens=False)
    for number, (offset, last) in zip(encoded.ids, encoded.offsets, strict=True):
        piece = surface.written[number]
        body = piece.removeprefix(b" ")
        blank = piece[: len(piece) - len(body)]
        first = offset + len(spelled[offset:last]) - len(spelled[offset:last].lstrip(" "))
        if first == last:
            yield Written(piece)
            continue
        if surface.kind != "words":
            yield Written(blank)
            blank = b""
        units = [unit.encode() for unit in body.decode(errors="replace")]
        if b"".join(units) != body or len(units) != last - first:
            units, firsts, lasts = [body], [first], [last]
        else:
            firsts, lasts = [*range(first, last)], [*range(first + 1, last + 1)]
        for unit, begin, end in zip(units, firsts, lasts, strict=True):
            whole_start = begin == 0 or origin[begin - 1] != origin[begin]
            whole_end = end == len(origin) or origin[end - 1] != origin[end]
            yield Written(
                blank + unit,
                origin[begin] if whole_start and (blank or surface.kind != "words") else None,
                origin[end - 1] + 1 if whole_end else None,
            )
            blank = b""
