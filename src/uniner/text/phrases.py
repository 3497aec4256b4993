"""Known phrases in a text, by their words in any letter case, the longest from the left."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias, TypeVar

from uniner.records import Span
from uniner.text.words import split_words

Words: TypeAlias = tuple[str, ...]
Found = TypeVar("Found")


def fold_words(phrase: str) -> Words:
    """The case-folded words of a phrase."""
    return tuple(phrase[span.start : span.end].casefold() for span in split_words(phrase))


def measure_longest(phrases: Iterable[Words]) -> dict[str, int]:
    """For each first word, the number of words in the longest phrase that starts with it."""
    longest: dict[str, int] = {}
    for words in phrases:
        longest[words[0]] = max(len(words), longest.get(words[0], 0))
    return longest


def find_longest(
    text: str, longest: Mapping[str, int], look_up: Callable[[Words], Found | None]
) -> Iterator[tuple[Span, Found]]:
    """Phrases that do not overlap and what `look_up` knows of each, from left to right."""
    spans = split_words(text)
    words = [text[span.start : span.end].casefold() for span in spans]
    index = 0
    while index < len(words):
        step = 1
        for size in range(min(longest.get(words[index], 0), len(words) - index), 0, -1):
            found = look_up(tuple(words[index : index + size]))
            if found is not None:
                yield Span(spans[index].start, spans[index + size - 1].end), found
                step = size
                break
        index += step
