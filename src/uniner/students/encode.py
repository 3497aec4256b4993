"""Text as the arrays a span student reads: sub-words, letter case, and where each word stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from uniner.records import Span

Ints = npt.NDArray[np.int64]

MAX_PIECES = 12
"""Sub-words read of one word; a longer word keeps its place but is known by its beginning."""

KNOWN_WORDS = 100_000
"""Distinct words remembered, some 20 MB of them; after that they are forgotten all at once."""

SHAPES = 7
"""Number of letter-case classes, 0 being none (special tokens and type names)."""


def shape_of(word: str) -> int:
    """The letter-case class of a word: 1 lower, 2 Title, 3 UPPER, 4 miXed, 5 digit, 6 other."""
    if word[0].isdigit():
        return 5
    if not word[0].isalpha():
        return 6
    if word.islower():
        return 1
    if len(word) > 1 and word.isupper():
        return 3
    return 2 if word[0].isupper() and (len(word) == 1 or word[1:].islower()) else 4


@dataclass(frozen=True, slots=True)
class Encoded:
    """One window of words: sub-words with special tokens, and each word's first and last."""

    ids: list[int]
    shapes: list[int]
    firsts: list[int]
    lasts: list[int]


class Batch:
    """Windows padded together: ids, shapes and mask [B, T]; firsts and lasts [B, W + 1]; words [B].

    Past a window's last word, firsts and lasts point at its closing special token.
    """

    __slots__ = ("firsts", "ids", "lasts", "mask", "shapes", "words")

    def __init__(self, windows: Sequence[Encoded], pad: int) -> None:
        tokens = max(len(window.ids) for window in windows)
        words = max(len(window.firsts) for window in windows)
        self.ids: Ints = np.full((len(windows), tokens), pad, np.int64)
        self.shapes: Ints = np.zeros((len(windows), tokens), np.int64)
        self.mask: Ints = np.zeros((len(windows), tokens), np.int64)
        ends = np.array([[len(window.ids) - 1] for window in windows], np.int64)
        self.firsts: Ints = np.repeat(ends, words + 1, axis=1)
        self.lasts: Ints = np.repeat(ends, words + 1, axis=1)
        self.words: Ints = np.array([len(window.firsts) for window in windows], np.int64)
        for row, window in enumerate(windows):
            self.ids[row, : len(window.ids)] = window.ids
            self.shapes[row, : len(window.shapes)] = window.shapes
            self.mask[row, : len(window.ids)] = 1
            self.firsts[row, : len(window.firsts)] = window.firsts
            self.lasts[row, : len(window.lasts)] = window.lasts


@dataclass(slots=True)
class Encoder:
    """Turns words and type names into sub-words; remembers each distinct word it has seen."""

    tokenizer: Tokenizer
    known: dict[str, tuple[int, ...]] = field(default_factory=dict)
    prefix: list[int] = field(init=False)
    suffix: list[int] = field(init=False)
    pad: int = field(init=False)
    unknown: int = field(init=False)

    def __post_init__(self) -> None:
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        bare = self.tokenizer.encode("a", add_special_tokens=False).ids
        full = self.tokenizer.encode("a").ids
        at = next(i for i in range(len(full)) if full[i : i + len(bare)] == bare)
        self.prefix, self.suffix = full[:at], full[at + len(bare) :]
        self.pad = self._special("[PAD]", "<pad>")
        self.unknown = self._special("[UNK]", "<unk>")

    def _special(self, *names: str) -> int:
        numbers = (self.tokenizer.token_to_id(name) for name in names)
        return next((number for number in numbers if number is not None), 0)

    def pieces(self, words: Sequence[str]) -> list[tuple[int, ...]]:
        """The sub-word ids of each word, at least one and at most MAX_PIECES."""
        if len(self.known) > KNOWN_WORDS:
            self.known.clear()
        new = [word for word in dict.fromkeys(words) if word not in self.known]
        if new:
            encodings = self.tokenizer.encode_batch(
                [[whole_characters(word[:200])] for word in new],
                is_pretokenized=True,
                add_special_tokens=False,
            )
            for word, encoding in zip(new, encodings, strict=True):
                self.known[word] = tuple(encoding.ids[:MAX_PIECES]) or (self.unknown,)
        return [self.known[word] for word in words]

    def costs(self, text: str, words: Sequence[Span]) -> list[int]:
        """How many sub-words each word of a text is; never holds all of a long text's words."""
        return [
            len(pieces)
            for start in range(0, len(words), 10_000)
            for pieces in self.pieces(cut_words(text, words[start : start + 10_000]))
        ]

    def window(self, words: Sequence[str]) -> Encoded:
        """The arrays of one window of words."""
        ids, shapes = list(self.prefix), [0] * len(self.prefix)
        firsts, lasts = [], []
        for word, pieces in zip(words, self.pieces(words), strict=True):
            firsts.append(len(ids))
            ids.extend(pieces)
            shapes.extend([shape_of(word)] * len(pieces))
            lasts.append(len(ids) - 1)
        return Encoded(ids + self.suffix, shapes + [0] * len(self.suffix), firsts, lasts)

    def type_name(self, name: str, most: int | None = None) -> Encoded:
        """The arrays of a type's name, alias or definition, or of its `most` first pieces."""
        ids = self.tokenizer.encode(name, add_special_tokens=False).ids[:most]
        whole = self.prefix + (ids or [self.unknown]) + self.suffix
        return Encoded(whole, [0] * len(whole), [0], [0])


def cut_words(text: str, spans: Sequence[Span]) -> list[str]:
    """The surface of each word."""
    return [text[start:end] for start, end in spans]


def whole_characters(text: str) -> str:
    """The text itself, or where it has halves of characters (surrogates), each as U+FFFD."""
    if text.isascii():
        return text
    return "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)


def by_length(sizes: Sequence[int], budget: int, spread: float = float("inf")) -> list[list[int]]:
    """Indices grouped so that like sizes share a batch of at most `budget` padded units.

    The largest of a batch has at most `spread` times the size of its smallest.
    """
    batches: list[list[int]] = []
    for index in sorted(range(len(sizes)), key=sizes.__getitem__):
        size = sizes[index]
        if (
            not batches
            or (len(batches[-1]) + 1) * size > budget
            or size > spread * sizes[batches[-1][0]]
        ):
            batches.append([])
        batches[-1].append(index)
    return batches
