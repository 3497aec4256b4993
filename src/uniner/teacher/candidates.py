"""Phrases of a passage that may be entities: what a teacher left out is asked about again."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from uniner.records import Annotated, ConfigError
from uniner.text.phrases import Words, find_longest, fold_words, measure_longest
from uniner.text.words import split_words

LINKS = frozenset({"of", "the", "de", "la", "du", "von", "van", "der", "and", "&", "-", "'", "’"})
"""What may stand between the capitalised words of one name."""
ENDS = frozenset('.!?…:;"“”()[]•*')
"""After one of these a capital says nothing."""


def find_capitalised(text: str) -> list[str]:
    """The distinct runs of capitalised words in a text; not a lone one that starts a sentence."""
    words = split_words(text)
    found: dict[str, None] = {}
    index = 0
    while index < len(words):
        if not text[words[index].start].isupper():
            index += 1
            continue
        last = index
        for following in range(index + 1, len(words)):
            if text[words[following].start].isupper():
                last = following
            elif text[slice(*words[following])] not in LINKS or following > last + 2:
                break
        begins = index == 0 or text[slice(*words[index - 1])] in ENDS
        if not (begins and last == index):
            found[text[words[index].start : words[last].end]] = None
        index = last + 1
    return list(found)


@dataclass(frozen=True)
class Gazetteer:
    """Finds known mentions in a text; called, it gives them as they are written there."""

    mentions: frozenset[Words]
    longest: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "longest", measure_longest(self.mentions))

    def __call__(self, text: str) -> list[str]:
        """The distinct mentions in a text."""
        found = find_longest(text, self.longest, lambda words: words in self.mentions or None)
        return list(dict.fromkeys(text[span.start : span.end] for span, _ in found))


def learn_gazetteer(records: Iterable[Annotated], least: int = 2) -> Gazetteer:
    """The mentions that are entities in at least `least` passages."""
    counts: Counter[Words] = Counter()
    for record in records:
        text = record.passage.text
        counts.update({fold_words(text[e.start : e.end]) for e in record.entities})
    found = frozenset(words for words, count in counts.items() if words and count >= least)
    if not found:
        raise ConfigError(
            f"no mention is an entity in {least} passages or more; nothing to look for"
        )
    return Gazetteer(found)
