"""Whole scientific articles as tokens, their sentences known: SciERC's and SciREX's JSON lines.

SciERC: `sentences` are lists of tokens, `ner` holds a list of [first, last, label] for each of
them, which count the tokens of the document and include the last. SciREX: `words` are all tokens,
`sentences` are [first, end) of them and `ner` is one list of [first, end, label].
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise
from pathlib import Path
from typing import Any, Literal, NamedTuple, assert_never

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.records import read_objects
from uniner.records import Entity, RecordError, Span
from uniner.records.types import check_characters


@dataclass(frozen=True, slots=True)
class ScientificOptions:
    """Which of the two layouts the files have."""

    layout: Literal["scierc", "scirex"]


class Article(NamedTuple):
    """An article in tokens: sentences as [first, end), mentions as (first, end, label)."""

    id: str
    tokens: list[str]
    sentences: list[tuple[int, int]]
    mentions: list[tuple[int, int, str]]


def read(paths: Sequence[Path], options: ScientificOptions, reading: Reading) -> Iterator[Document]:
    """One document for each line: its tokens with one blank between them."""
    for path in paths:
        prefix = f"{path.stem}-" if len(paths) > 1 else ""
        for number, row in read_objects(path, reading):
            where = f"{path}:{number}"
            try:
                match options.layout:
                    case "scierc":
                        article = read_scierc(row)
                    case "scirex":
                        article = read_scirex(row)
                    case _:
                        assert_never(options.layout)
                check_characters("".join(article.tokens), f"document {article.id!r}")
            except RecordError as error:
                reading.refuse(where, str(error))
                continue
            if not any(token.strip() for token in article.tokens):
                reading.note("document without text skipped")
                continue
            yield build_document(article, prefix, where, reading)


def read_scierc(row: dict[str, Any]) -> Article:
    """A SciERC row; RecordError says what was expected of it."""
    lists, groups = row.get("sentences"), row.get("ner")
    if not isinstance(lists, list) or not all(is_tokens(tokens) for tokens in lists):
        raise RecordError(f"expected lists of tokens as 'sentences', got {lists!r:.80}")
    if not isinstance(groups, list) or len(groups) != len(lists):
        raise RecordError(
            f"expected {len(lists)} lists as 'ner', one a sentence, got {groups!r:.80}"
        )
    edges = list(accumulate(map(len, lists), initial=0))
    sentences = list(pairwise(edges))
    if not all(isinstance(group, list) for group in groups):
        raise RecordError(f"expected lists of mentions as 'ner', got {groups!r:.80}")
    mentions = [read_mention(item) for item in chain.from_iterable(groups)]
    return Article(
        read_name(row, "doc_key"),
        list(chain.from_iterable(lists)),
        sentences,
        [(first, last + 1, label) for first, last, label in mentions],
    )


def read_scirex(row: dict[str, Any]) -> Article:
    """A SciREX row; RecordError says what was expected of it."""
    words, places, mentions = row.get("words"), row.get("sentences"), row.get("ner")
    if not isinstance(words, list) or not is_tokens(words):
        raise RecordError(f"expected a list of tokens as 'words', got {words!r:.80}")
    if not isinstance(places, list) or not isinstance(mentions, list):
        raise RecordError(f"expected lists as 'sentences' and 'ner', got {places!r:.80}")
    sentences: list[tuple[int, int]] = []
    reach = 0
    for place in places:
        match place:
            case [int(first), int(end)] if reach <= first <= end <= len(words):
                sentences.append((first, end))
                reach = end
            case _:
                raise RecordError(
                    f"expected sentences [first, end) in order within {len(words)} words, "
                    f"got {place!r:.80}"
                )
    return Article(read_name(row, "doc_id"), words, sentences, [*map(read_mention, mentions)])


def read_name(row: dict[str, Any], key: str) -> str:
    """The document's own name."""
    name = row.get(key)
    if not isinstance(name, str) or not name:
        raise RecordError(f"expected a string as {key!r}, got {name!r:.80}")
    return name


def is_tokens(value: object) -> bool:
    """Whether a value is a list of strings."""
    return isinstance(value, list) and all(isinstance(token, str) for token in value)


def read_mention(item: object) -> tuple[int, int, str]:
    """`[first, last or end, label]`."""
    match item:
        case [int(first), int(last), str(label)] if type(first) is type(last) is int:
            return first, last, label
        case _:
            raise RecordError(f"expected a mention [first, last, label], got {item!r:.80}")


def build_document(article: Article, prefix: str, where: str, reading: Reading) -> Document:
    """The text of an article and its spans by characters; a mention outside of it is refused."""
    starts = list(accumulate((len(token) + 1 for token in article.tokens), initial=0))
    text = " ".join(article.tokens)
    entities = []
    for first, end, label in article.mentions:
        if not 0 <= first < end <= len(article.tokens):
            reading.refuse(
                where,
                f"expected a mention within {len(article.tokens)} tokens, "
                f"got [{first}, {end}) {label!r}",
            )
            continue
        span = Span(starts[first], starts[end] - 1)
        try:
            entities.append(Entity(*span, text[span.start : span.end], label))
        except RecordError as error:  # an empty token, a label of a page
            reading.refuse(where, str(error))
    sentences = tuple(
        Span(starts[first], starts[end] - 1)
        for first, end in article.sentences
        if starts[first] < starts[end] - 1
    )
    return Document(prefix + article.id, text, tuple(entities), {}, sentences)
