"""Where mentions stand in a passage: on word boundaries, the longest first."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

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
    taken = {span for spans in places.values() for span in spans}
    numbers = [Span(*match.span()) for match in NUMBER.finditer(text)]

    def stands_free(span: Span) -> bool:
        return not any(cuts(span, number) for number in numbers) and not any(
            covers(longer, span) for longer in taken
        )

    return {m: list(filter(stands_free, spans)) or spans for m, spans in places.items()}


def find_mention(mention: str, text: str) -> list[Span]:
    """All places of one mention on word boundaries, whatever else stands there."""
    if not mention.strip():
        return []
    if mention in text:
        return [span for span in find_verbatim(mention, text) if on_boundaries(span, text)]
    pattern = r"\s+".join(map(re.escape, mention.split()))
    flags = 0 if mention.isupper() else re.IGNORECASE
    found = (Span(*match.span()) for match in re.finditer(pattern, text, flags))
    return [span for span in found if on_boundaries(span, text)]


def find_verbatim(mention: str, text: str) -> Iterator[Span]:
    """All places of a string, from the left, those on word boundaries without overlap."""
    start = text.find(mention)
    while start >= 0:
        span = Span(start, start + len(mention))
        yield span
        start = text.find(mention, span.end if on_boundaries(span, text) else start + 1)


def on_boundaries(span: Span, text: str) -> bool:
    """Whether no word goes on across either end of a span of `text`."""
    start, end = span
    cut_left = start > 0 and in_word(text[start]) and in_word(text[start - 1])
    cut_right = end < len(text) and in_word(text[end - 1]) and in_word(text[end])
    return not cut_left and not cut_right


def in_word(character: str) -> bool:
    """Whether a character is a letter, a digit, `_` or a mark on one of these."""
    return (
        character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")
    )


def covers(longer: Span, span: Span) -> bool:
    """Whether two spans overlap and the first is longer."""
    return (
        longer.start < span.end
        and span.start < longer.end
        and longer.end - longer.start > span.end - span.start
    )


def cuts(span: Span, number: Span) -> bool:
    """Whether a span starts or ends amid a number."""
    return number.start < span.start < number.end or number.start < span.end < number.end
