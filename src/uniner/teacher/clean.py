"""What of a reply is kept: everything that names a mention of the passage and says what it is."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from uniner.records import Span
from uniner.records.types import MAX_TYPE_CHARACTERS
from uniner.teacher.parse import Item, Malformed, Reading
from uniner.teacher.prompts import Mode
from uniner.text.align import locate
from uniner.text.normalize import normalize_type

PLACEHOLDERS = frozenset(
    {"", "-", "none", "null", "nil", "nan", "na", "n.a.", "n.a", "n/a", "not applicable", "unknown"}
    | {"misc", "misc.", "miscellaneous", "else", "other", "others", "entity", "undefined", "o"}
)
"""Types that say nothing (section 3.1 of the paper removes None, NA, MISC, ELSE and the like)."""


class Reason(StrEnum):
    """Why something a teacher was asked for is not in the annotations."""

    NO_REPLY = "passage: the teacher gave no reply"
    BUDGET = "passage: not asked, the cost limit was reached"
    MALFORMED = "passage: the reply does not parse"
    TRUNCATED = "item: the reply breaks off in it"
    UNREADABLE = "item: not a mention and its type"
    EMPTY = "item: the mention is empty"
    ABSENT = "item: the mention is not in the passage"
    INSIDE_WORD = "item: the mention is only a part of longer words"
    UNTYPED = "item: no type is given"
    PLACEHOLDER = "type: it says nothing (none, misc, other, …)"
    OVERLONG = f"type: longer than {MAX_TYPE_CHARACTERS} characters"
    UNPRINTABLE = "type: has characters that cannot be printed"
    REFUTED = "type: the teacher took it back when asked again"
    DISAGREED = "type: too few answers agree on it"
    UNVERIFIED = "check: its reply does not parse, so nothing is taken back"


Drops = Counter[Reason]
"""How often each reason applied; adds up over passages."""


class Cleaned(NamedTuple):
    """Types by span, in the teacher's order, and what was dropped; None where all was."""

    types: dict[Span, tuple[str, ...]] | None
    drops: Drops


def clean(reading: Reading, text: str, mode: Mode = "type", beside: Iterable[str] = ()) -> Cleaned:
    """Keep what is grounded in `text` and typed; each thing dropped is counted with its reason.

    `beside` are mentions that are known from elsewhere: inside a longer one of them, too, a mention
    counts only where it stands nowhere by itself.
    """
    if isinstance(reading, Malformed):
        return Cleaned(None, Counter([Reason.MALFORMED]))
    drops = Counter({Reason.UNREADABLE: reading.unreadable, Reason.TRUNCATED: reading.truncated})
    mentions = [item.mention.strip() for item in reading.items]
    places = locate(chain(mentions, beside), text)
    types: dict[Span, dict[str, None]] = {}
    for item, mention in zip(reading.items, mentions, strict=True):
        spans = places[mention]
        reason = judge_item(mention, item, text, spans)
        if reason is not None:
            drops[reason] += 1
            continue
        names = dict.fromkeys(clean_types(item.types, mode, drops))
        for span in spans if names else ():
            types.setdefault(span, {}).update(names)
    return Cleaned({span: tuple(types[span]) for span in sorted(types)}, +drops)


def judge_item(mention: str, item: Item, text: str, spans: Sequence[Span]) -> Reason | None:
    """Why an item is dropped whole, or None where it is kept."""
    if not mention:
        return Reason.EMPTY
    if not spans:
        inside = mention.casefold() in text.casefold()
        return Reason.INSIDE_WORD if inside else Reason.ABSENT
    return None if item.types else Reason.UNTYPED


def clean_types(types: Iterable[str], mode: Mode, drops: Drops) -> Iterator[str]:
    """The usable types of an item in the form of their mode; the others are added to `drops`."""
    for name in types:
        form = normalize_type(name) if mode == "type" else normalize_definition(name)
        if form.lower() in PLACEHOLDERS:
            drops[Reason.PLACEHOLDER] += 1
        elif len(form) > MAX_TYPE_CHARACTERS:
            drops[Reason.OVERLONG] += 1
        elif not form.isprintable():
            drops[Reason.UNPRINTABLE] += 1
        else:
            yield form


def normalize_definition(text: str) -> str:
    """White space collapsed and a last full stop gone; the case of letters stays."""
    return " ".join(text.split()).removesuffix(".").rstrip()
