"""Documents into passages: at sentence ends, each with a bounded number of tokens."""

from collections import Counter
from typing import NamedTuple

from uniner.corpus.documents import Document
from uniner.corpus.drops import Drop
from uniner.records import Passage
from uniner.text.passages import cut
from uniner.text.tokens import TokenCounter
from uniner.text.words import WORD


class Cut(NamedTuple):
    """The passages of a document that are fit to use, and how many are not."""

    passages: list[Passage]
    drops: Counter[Drop]


def cut_document(
    document: Document, counter: TokenCounter, max_tokens: int, min_tokens: int
) -> Cut:
    """Passages of min_tokens to max_tokens tokens, each a slice of the document in reading order.

    An id is `file:line:offset`: the line or row, and the characters before the passage in the
    file or the row's text. A word that alone has more than max_tokens is left out.
    """
    text = document.text
    # Bare pairs: spans would take twice the time of all else here.
    places = [match.span() for match in WORD.finditer(text)]
    costs = counter.costs([text[start:end] for start, end in places])
    passages: list[Passage] = []
    drops: Counter[Drop] = Counter()
    line, counted = document.line, 0
    for first, last, start, end in cut(places, text, max_tokens, 0, costs):
        tokens = sum(costs[first:last])
        if tokens > max_tokens:
            drops[Drop.LONG_WORD] += 1
        elif tokens < min_tokens:
            drops[Drop.SHORT] += 1
        else:
            if document.lines:
                line += text.count("\n", counted, start)
                counted = start
            source = f"{document.name}:{line}"
            name = f"{source}:{document.offset + start}"
            passages.append(Passage(name, text[start:end], document.domain, source))
    return Cut(passages, drops)
