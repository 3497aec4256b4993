"""What may be quoted from a passage: its mentions as a tokenizer writes them within JSON."""

import json
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, pairwise
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
    for ascii in (False, True) if not text.isascii() else (False,):
        if surface.lossless:
            written, starts, ends = write_characters(text, edges, ascii=ascii)
        else:
            written, starts, ends = write_tokens(text, surface, tokenizer, edges, ascii=ascii)
        before = len(quotes.content)
        quotes.starts.update((before + at, start) for at, start in starts.items())
        quotes.ends.update((before + at, end) for at, end in ends.items())
        # Nothing ends in white space, so that a mention copied into the last would be stuck.
        quotes.content += written[: max(ends, default=0)] + SEPARATOR
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
    """A text in some spelling: where in it mentions may start and end, by their characters."""

    content: bytes
    starts: dict[int, int]
    ends: dict[int, int]


@cache
def spell(letter: str, *, ascii: bool) -> str:
    """A character as JSON writes it within a string."""
    return json.dumps(letter, ensure_ascii=ascii)[1:-1]


def write_characters(text: str, edges: Edges, *, ascii: bool) -> Written:
    """Each character by itself, for tokenizers that can write anything."""
    pieces = [spell(letter, ascii=ascii).encode() for letter in text]
    places = [0, *accumulate(map(len, pieces))]
    return Written(
        b"".join(pieces),
        {places[at]: at for at in edges.starts},
        {places[at]: at for at in edges.ends},
    )


def write_tokens(
    text: str, surface: Surface, tokenizer: Tokenizer, edges: Edges, *, ascii: bool
) -> Written:
    """What a tokenizer makes of the text, for those that lose letter case, accents or blanks."""
    # White space is nothing but a blank to these tokenizers.
    letters = [" " if letter.isspace() else spell(letter, ascii=ascii) for letter in text]
    spelled = "".join(letters)
    places = [0, *accumulate(map(len, letters))]
    whole = {place: at for at, place in enumerate(places)}
    encoded = tokenizer.encode(spelled, add_special_tokens=False)
    content, starts, ends = bytearray(), {}, {}
    for number, (offset, last) in zip(encoded.ids, encoded.offsets, strict=True):
        body = surface.written[number].removeprefix(b" ")
        blank = surface.written[number].removesuffix(body)
        if surface.kind != "words":  # a mention starts behind the blank
            content += blank
            blank = b""
        first = offset + len(spelled[offset:last]) - len(spelled[offset:last].lstrip(" "))
        for unit, begin, end in split_token(body, first, last):
            start = whole.get(begin)
            if start in edges.starts and (blank or surface.kind != "words"):
                starts[len(content)] = start
            content += blank + unit
            blank = b""
            if whole.get(end) in edges.ends:
                ends[len(content)] = whole[end]
    return Written(bytes(content), starts, ends)


def split_token(body: bytes, first: int, last: int) -> list[tuple[bytes, int, int]]:
    """What a token writes for characters [first, last): for each of them, or for all together."""
    units = [unit.encode() for unit in body.decode(errors="replace")]
    if first < last and b"".join(units) == body and len(units) == last - first:
        return [(unit, at, at + 1) for at, unit in enumerate(units, start=first)]
    return [(body, first, last)]
