"""Tokens: how many sub-words a text is, counted word by word."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from tokenizers import Tokenizer

from uniner.records import InputError
from uniner.text.words import WORD

KNOWN_WORDS = 200_000
"""Distinct words remembered, some 30 MB of them; after that they are forgotten all at once."""

LONGEST = 64
"""Characters of a word counted at a time: tokenizers take a very long one for a single unknown."""


@dataclass(slots=True)
class TokenCounter:
    """Counts a tokenizer's sub-words, each word by itself and no special tokens.

    A text cut between words has the tokens of its pieces together.
    """

    tokenizer: Tokenizer
    known: dict[str, int] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()

    @classmethod
    def bundled(cls) -> "TokenCounter":
        """The counter of the bundled model's sub-words."""
        return load_counter()

    def count(self, text: str) -> int:
        """How many tokens a text has."""
        return sum(self.costs(WORD.findall(text)))

    def costs(self, words: Sequence[str]) -> list[int]:
        """How many tokens each word has, at least one."""
        if len(self.known) > KNOWN_WORDS:
            self.known = {}  # not cleared: another thread may be amid reading it
        known = self.known
        new = set(words).difference(known)
        long = {word: self.measure(word) for word in new if len(word) > LONGEST}
        known.update((word, self.measure(word)) for word in new if word not in long)
        if long:  # not worth remembering: they are large and seldom come again
            return [long[word] if word in long else known[word] for word in words]
        return [known[word] for word in words]

    def measure(self, word: str) -> int:
        """The tokens of one word, counted anew."""
        if not word.isascii():
            word = word.encode("utf-8", "replace").decode()  # halves of characters are `?`
        parts = (word[start : start + LONGEST] for start in range(0, len(word), LONGEST))
        encode = self.tokenizer.encode
        return max(1, sum(len(encode(part, add_special_tokens=False).ids) for part in parts))


@cache
def load_counter(path: str = "") -> TokenCounter:
    """The counter of a tokenizer.json, or of the bundled one; a process loads each once."""
    if path and not Path(path).is_file():
        raise InputError(f"{path}: no such file; a tokenizer is a file such as tokenizer.json")
    try:
        content = Path(path).read_bytes() if path else read_bundled()
        return TokenCounter(Tokenizer.from_str(content.decode()))
    except OSError as error:
        raise InputError(f"{error.filename}: not readable ({error.strerror})") from None
    except Exception as error:  # tokenizers raises nothing more specific
        raise InputError(f"{path}: not a tokenizer ({error}); give a tokenizer.json") from None


def read_bundled() -> bytes:
    """The tokenizer that comes with the package."""
    return files("uniner.models").joinpath("mini", "tokenizer.json").read_bytes()
