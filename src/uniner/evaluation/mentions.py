"""Mentions as the paper's published scorer compares them: normalised strings without position."""

import re
import string
from collections.abc import Iterable
from functools import lru_cache

from uniner.chat.answer import Item

PUNCTUATION = str.maketrans("", "", string.punctuation)
ARTICLE = re.compile(r"\b(?:a|an|the)\b")


@lru_cache(maxsize=1 << 16)
def normalize_mention(mention: str) -> str:
    """Lower case, no ASCII punctuation, then no articles, single blanks; it may become empty."""
    bare = mention.lower().translate(PUNCTUATION)
    return " ".join(ARTICLE.sub(" ", bare).split())


def normalize_items(items: Iterable[Item]) -> frozenset[Item]:
    """The distinct items of an answer, a tuple normalised part by part.

    A mention that becomes empty ("The", "!") stays an item, as it does in the published scorer.
    """
    return frozenset(
        normalize_mention(item)
        if isinstance(item, str)
        else tuple(normalize_mention(part) for part in item)
        for item in items
    )
