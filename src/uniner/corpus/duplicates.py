"""Near duplicates: passages that share most of their runs of words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from uniner.records import ConfigError

if TYPE_CHECKING:
    from rensa import RMinHash

SHINGLE = 5
"""Words of a shingle, the unit in which two passages are compared."""

PERMUTATIONS = 128
"""Values of a sketch; the error of an estimated similarity of 0.8 is then 0.035."""

ROWS = (8, 4, 2)
"""Values of a sketch that must agree for two passages to be compared, most first."""

BATCH = 256
"""Passages sketched at a time."""


class Distinct:
    """Remembers passages, and tells those apart that are nearly one that it remembers.

    Similarity is the Jaccard similarity of five-word shingles, estimated by MinHash. A
    remembered passage takes some 4 kB.
    """

    def __init__(self, threshold: float) -> None:
        try:
            from rensa import RMinHash, RMinHashLSH
        except ImportError:
            raise ConfigError(
                "finding near duplicates needs rensa: pip install 'uniner[corpus]' "
                "(or keep them with --near-duplicates off)"
            ) from None
        self.threshold = threshold
        self.sketch = RMinHash.from_token_sets
        self.bands = RMinHashLSH(threshold, PERMUTATIONS, PERMUTATIONS // choose_rows(threshold))
        self.kept: list[RMinHash] = []

    def sift(self, texts: Sequence[str]) -> list[bool]:
        """For each text in turn whether it is new; those that are new are remembered."""
        sketches = self.sketch([list_shingles(text) for text in texts], PERMUTATIONS, 0)
        return [self.remember(sketch) for sketch in sketches]

    def remember(self, sketch: "RMinHash") -> bool:
        """Whether a sketch is like none before, and if so keep it."""
        for index in self.bands.query(sketch):
            if self.kept[index].jaccard(sketch) >= self.threshold:
                return False
        self.bands.insert(len(self.kept), sketch)
        self.kept.append(sketch)
        return True


def choose_rows(threshold: float) -> int:
    """The most rows a band for which a pair at the threshold is still compared 99 times in 100."""
    for rows in ROWS:
        if 1 - (1 - threshold**rows) ** (PERMUTATIONS // rows) >= 0.99:
            return rows
    return 1


def list_shingles(text: str) -> list[str]:
    """The runs of five words of a text in any letter case; a shorter text is one."""
    words = text.casefold().split()
    runs = zip(*(words[start:] for start in range(SHINGLE)), strict=False)
    return [" ".join(run) for run in runs] or [" ".join(words)]
