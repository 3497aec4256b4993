"""SGML documents: characters counted outside tags, and the text that some elements hold."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from uniner.benchmark.readers.markup import unescape
from uniner.records import Span

TAG = re.compile(r"<(?=[^<>])(?P<end>/?)(?P<name>[^<>\s/]*)[^<>]*>")
WRAP = re.compile(r"(?<=\S)(?P<blanks>[ \t]*)\n(?=[ \t]*\S)")
WRITTEN = re.compile(r"&(?:amp|lt|gt|quot|apos);|&|[^&]+", re.IGNORECASE)


class Source(NamedTuple):
    """A document's characters outside tags, the spans of them that count, and their text.

    In `stream` an escape such as `&amp;` has the characters it is written with, in `text` it is
    one; `places[i]` is where character i of the stream is in the text, for i in one of the spans.
    """

    stream: str
    kept: Sequence[Span]
    text: str
    places: Mapping[int, int]

    def find(self, span: Span) -> Span | None:
        """A span of the stream as one of the text; None where it is not within a kept span."""
        if any(start <= span.start and span.end <= end for start, end in self.kept):
            return Span(self.places[span.start], self.places[span.end - 1] + 1)
        return None


def read_source(written: str, parts: Sequence[str], *, wrapped: bool) -> Source:
    """A document as written, of which the elements in `parts` count, with all that lies in them.

    Where it is `wrapped`, a line end inside a paragraph is a blank; blank lines and tags part
    paragraphs.
    """
    chunks: list[str] = []
    kept: list[Span] = []
    position = reach = depth = 0
    for tag in [*TAG.finditer(written), None]:
        chunk = written[position : tag.start() if tag else len(written)]
        chunks.append(WRAP.sub(r"\g<blanks> ", chunk) if wrapped else chunk)
        if chunk and depth > 0:
            first = kept.pop().start if kept and kept[-1].end == reach else reach
            kept.append(Span(first, reach + len(chunk)))
        reach += len(chunk)
        if tag:
            position = tag.end()
            if tag["name"] in parts:
                depth = max(0, depth - 1) if tag["end"] else depth + 1
    stream = "".join(chunks)
    text, places = resolve_escapes(stream, kept)
    return Source(stream, kept, text, places)


def resolve_escapes(stream: str, kept: Sequence[Span]) -> tuple[str, dict[int, int]]:
    """The text of the spans, parted by line ends, and where in it each of their characters is."""
    text: list[str] = []
    places: dict[int, int] = {}
    reach = 0
    for start, end in kept:
        if text:
            text.append("\n")
            reach += 1
        for written in WRITTEN.finditer(stream, start, end):
            meant = unescape(written[0])
            for index, place in enumerate(range(*written.span())):
                places[place] = reach + min(index, len(meant) - 1)
            text.append(meant)
            reach += len(meant)
    return "".join(text), places
