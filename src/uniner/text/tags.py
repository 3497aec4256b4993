"""Tags of tokens, such as B-person, as spans of tokens, and back."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias, assert_never

from uniner.records.errors import RecordError
from uniner.records.types import check_type

Scheme: TypeAlias = Literal["iob", "bare"]
"""How tags are read: as prefix and label (BIO, IOB1, BIOES, BILOU alike), or as labels alone."""

WrittenScheme: TypeAlias = Literal["BIO", "IOB1", "BIOES", "BILOU", "bare"]
"""How spans are written as tags."""

OUTSIDE = "O"
STARTS = frozenset("BSU")
GOES_ON = frozenset("BI")
JOINS = frozenset("IEL")


class TagSpan(NamedTuple):
    """Tokens [first, last) with one label."""

    first: int
    last: int
    label: str


class Mark(NamedTuple):
    """What a tag says; both are empty outside of mentions."""

    prefix: str
    label: str


@lru_cache(maxsize=4096)
def split_tag(tag: str, scheme: Scheme = "iob") -> Mark:
    """A tag as prefix (one of B I E S L U) and label; RecordError where it is no tag.

    The label is all that follows the first "-", so it may hold others. A bare label is inside.
    """
    if tag == OUTSIDE:
        return Mark("", "")
    match scheme:
        case "bare":
            mark = Mark("I", tag)
        case "iob":
            prefix, _, label = tag.partition("-")
            mark = Mark(prefix, label)
        case _:
            assert_never(scheme)
    if mark.prefix not in STARTS | JOINS or not mark.label.strip():
        raise RecordError(f"expected a tag such as 'O', 'B-person' or 'I-person', got {tag!r}")
    check_type(mark.label)
    return mark


def decode(tags: Sequence[str], scheme: Scheme = "iob") -> list[TagSpan]:
    """The mentions that tags make, in order; RecordError where one is no tag.

    One rule, that of the CoNLL evaluation, reads every scheme, and strays too: a token goes on
    with the mention before it only where it is I, E or L, has the same label, and follows B or I.
    Any other labelled token starts a mention.
    """
    spans: list[TagSpan] = []
    first, before = 0, Mark("", "")
    for index, tag in enumerate([*tags, OUTSIDE]):
        mark = split_tag(tag, scheme)
        if not (mark.label == before.label and mark.prefix in JOINS and before.prefix in GOES_ON):
            if before.label:
                spans.append(TagSpan(first, index, before.label))
            first = index
        before = mark
    return spans


def opens_unmarked(tag: str, scheme: Scheme = "iob") -> bool:
    """Whether a mention whose first tag this is was opened by other than B, S or U.

    That is the rule in IOB1 and among bare labels, and a stray elsewhere.
    """
    return split_tag(tag, scheme).prefix in JOINS


def encode(spans: Sequence[TagSpan], length: int, scheme: WrittenScheme = "BIO") -> list[str]:
    """The tags of so many tokens; RecordError where spans overlap or reach beyond.

    All but bare tags tell neighbours of one label apart.
    """
    tags = [OUTSIDE] * length
    for span in sorted(spans):
        if not 0 <= span.first < span.last <= length:
            raise RecordError(f"{span} is empty or not within {length} tokens")
        if tags[span.first] != OUTSIDE:
            raise RecordError(f"{span} overlaps another; tags can hold only one of them")
        tags[span.first : span.last] = write_tags(span, scheme)
    match scheme:
        case "IOB1":
            return restrain(tags)
        case "BIO" | "BIOES" | "BILOU" | "bare":
            return tags
        case _:
            assert_never(scheme)


def write_tags(span: TagSpan, scheme: WrittenScheme) -> list[str]:
    """The tags of one mention."""
    size = span.last - span.first
    match scheme:
        case "bare":
            return [span.label] * size
        case "BIO" | "IOB1":
            prefixes = "B" + "I" * (size - 1)
        case "BIOES":
            prefixes = "B" + "I" * (size - 2) + "E" if size > 1 else "S"
        case "BILOU":
            prefixes = "B" + "I" * (size - 2) + "L" if size > 1 else "U"
        case _:
            assert_never(scheme)
    return [f"{prefix}-{span.label}" for prefix in prefixes]


def restrain(tags: Sequence[str]) -> list[str]:
    """BIO as IOB1: B stays only where a mention follows another of its label."""
    marks = [split_tag(tag) for tag in tags]
    befores = [Mark("", ""), *marks]
    return [
        f"I-{mark.label}" if mark.prefix == "B" and mark.label != before.label else tag
        for tag, mark, before in zip(tags, marks, befores, strict=False)
    ]
