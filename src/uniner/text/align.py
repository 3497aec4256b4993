"""Where mentions stand in a passage: on word boundaries, the longest first."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from uniner.records import Span

NUMBER = re.compile(r"\d+(?:[.,:]\d+)+")


def locate(mentions: Iterable[str], text: str) -> dict[str, list[Span]]:
    """Every place of each distinct mention in `text`, in reading order; an empty list where none.

    A mention stands where it is neither preceded nor followed by more of the same word. Inside
    (or across) a longer mention of the list, or amid a longer number, it counts only where it
    stands nowhere by itself: "York" is not found in "New York" if the text also says "York", but
    "kidney" is found in "kidney stone" if it is nowhere else. A mention that is not in the text
    verbatim is looked for with other letter case and white space, an acronym with white space
    only. The order of `mentions` does not matter.
    """
    places = {mention: find_mention(mention, text) for mention in sorted(set(mentions))}
    amid_number = {
        at for match in NUMBER.finditer(text) for at in range(match.start() + 1, match.end())
    }
    cover = measure_cover({span for spans in places.values() for span in spans}, len(text))

    def stands_free(span: Span) -> bool:
        start, end = span
        if start in amid_number or end in amid_number:
            return False
        return max(cover[start:end]) == end - start

    return {m: [s for s in spans if stands_free(s)] or spans for m, spans in places.items()}


def measure_cover(spans: Iterable[Span], length: int) -> list[int]:
    """For each character of a text, how long the longest span over it is."""
    cover = [0] * length
    for width, start in sorted((end - start, start) for start, end in spans):
        cover[start : start + width] = [width] * width
    return cover


def find_mention(mention: str, text: str) -> list[Span]:
    """All places of one mention on word boundaries, whatever else stands there."""
    words = mention.split()
    if not words:
        return []
    start = text.find(mention)
    if start >= 0:
        return find_verbatim(mention, text, start)
    folded = text.casefold()
    if not all(word.casefold() in folded for word in words):
        return []
    flags = 0 if mention.isupper() else re.IGNORECASE
    found = re.finditer(r"\s+".join(map(re.escape, words)), text, flags)
    return [Span(*match.span()) for match in found if on_boundaries(match.span(), text)]


def find_verbatim(mention: str, text: str, start: int) -> list[Span]:
    """All places of a string on word boundaries, without overlap, from its first place on."""
    found: list[Span] = []
    while start >= 0:
        end = start + len(mention)
        stands = on_boundaries((start, end), text)
        if stands:
            found.append(Span(start, end))
        start = text.find(mention, end if stands else start + 1)
    return found


def on_boundaries(span: tuple[int, int], text: str) -> bool:
    """Whether no word goes on across either end of a span of `text`."""
    start, end = span
    if start > 0 and in_word(text[start]) and in_word(text[start - 1]):
        return False
    return not (end < len(text) and in_word(text[end - 1]) and in_word(text[end]))


@cache
def in_word(character: str) -> bool:
    """Whether a character is a letter, a digit, `_` or a mark on one of these."""
    return (
        character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")
    )
