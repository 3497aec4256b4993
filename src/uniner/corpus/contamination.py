"""Contamination: passages that share a run of words with the test passages of a benchmark."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice

import numpy as np
import numpy.typing as npt

from uniner.records import ConfigError

Hashes = npt.NDArray[np.uint64]

WORD = re.compile(r"[^\W_]+")
"""Letters and digits alone: test sets come with and without spaces around punctuation."""

KNOWN_WORDS = 200_000
"""Distinct words whose hashes are remembered; after that they are forgotten all at once."""

OWNER = np.uint64(0x3FF)
"""The bits of a run's hash that say whose it is."""

BLOCK = 2_000
"""Test passages hashed at a time."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Test sets by the runs of `run` words in them: 8 bytes for each distinct run of a set.

    Each of `runs`, which rise, is a hash whose last OWNER bits are the number of the set instead.
    `passages` counts each set's, and `short` those with fewer words, which cannot be looked for.
    """

    run: int
    names: tuple[str, ...]
    runs: Hashes
    passages: tuple[int, ...]
    short: tuple[int, ...]

    def find(self, text: str) -> list[str]:
        """The names of the sets that share a run of words with a text."""
        asked, _ = hash_runs([text], self.run)
        asked.sort()  # neighbours are looked up in the same memory
        first = np.searchsorted(self.runs, asked & ~OWNER)
        last = np.searchsorted(self.runs, asked | OWNER, "right")
        owners: set[int] = set()
        for place in np.flatnonzero(first < last):
            owners.update((self.runs[first[place] : last[place]] & OWNER).tolist())
        return [self.names[owner] for owner in sorted(owners)]


def hold_out(sets: Mapping[str, Iterable[str]], run: int = 8) -> HeldOut:
    """Learn the test passages of each named set."""
    if run < 1:
        raise ConfigError(f"passages cannot share runs of {run} words; give at least 1")
    if len(sets) > OWNER:
        raise ConfigError(f"{len(sets):,} test sets are too many; give at most {OWNER:,}")
    blocks: list[Hashes] = [np.zeros(0, np.uint64)]
    passages, short = [0] * len(sets), [0] * len(sets)
    for owner, texts in enumerate(sets.values()):
        for block in split_blocks(texts):
            runs, sizes = hash_runs(block, run)
            blocks.append(runs & ~OWNER | np.uint64(owner))
            passages[owner] += len(sizes)
            short[owner] += sum(size < run for size in sizes)
    every = np.concatenate(blocks)
    blocks.clear()
    every.sort()  # in place, unlike numpy.unique, which takes many times the memory
    fresh = np.ones(len(every), np.bool_)
    np.not_equal(every[1:], every[:-1], out=fresh[1:])
    return HeldOut(run, tuple(sets), every[fresh], (*passages,), (*short,))


def hash_runs(texts: Sequence[str], run: int) -> tuple[Hashes, list[int]]:
    """The hash of each run of words within a text, and how many words each text has."""
    words = [WORD.findall(text.casefold()) for text in texts]
    sizes = [len(each) for each in words]
    hashes = hash_words(list(chain.from_iterable(words)))
    count = len(hashes) - run + 1
    if count < 1:
        return np.zeros(0, np.uint64), sizes
    runs = np.zeros(count, np.uint64)
    for offset, factor in enumerate(list_factors(run)):
        runs += hashes[offset : offset + count] * factor
    text = np.repeat(np.arange(len(texts)), sizes)
    return runs[text[:count] == text[run - 1 :]], sizes


def hash_words(words: Sequence[str]) -> Hashes:
    """The hash of each word."""
    known = load_words()
    if len(known) > KNOWN_WORDS:
        known.clear()
    return np.fromiter(map(known.__getitem__, words), np.uint64, len(words))


class WordHashes(dict[str, int]):
    """64-bit hashes of words, the same in every process, each made when first asked for."""

    def __missing__(self, word: str) -> int:
        digest = hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest()
        value = self[word] = int.from_bytes(digest, "little")
        return value


@cache
def load_words() -> WordHashes:
    """The hashes that this process remembers."""
    return WordHashes()


@cache
def list_factors(run: int) -> Hashes:
    """An odd factor for each place of a run, so that the order of its words counts."""
    return hash_words([f"place {place}" for place in range(run)]) | np.uint64(1)


def split_blocks(texts: Iterable[str]) -> Iterator[list[str]]:
    """Texts in lists of at most BLOCK."""
    stream = iter(texts)
    while block := list(islice(stream, BLOCK)):
        yield block
