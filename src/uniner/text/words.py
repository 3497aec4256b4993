"""Words: the units a span student scores, cut so that mentions start and end at their edges."""

import re

from uniner.records import Span

WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+|\S")
"""A number with its separators, a run of letters, or one other visible character."""


def split_words(text: str) -> list[Span]:
    """The words of `text` in order, as character spans; white space belongs to none."""
    return [Span(*match.span()) for match in WORD.finditer(text)]
