"""What of a reply is kept: everything that names a mention of the passage and says what it is."""

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from uniner.records import Span
from uniner.records.types import MAX_TYPE_CHARACTERS
from uniner.teacher.parse import Item, Malformed, Reading
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


Drops = Counter[Reason]
"""How often each reason applied; adds up over passages."""


class Cleaned(NamedTuple):
    """Types by span, in the teacher's order, and what was dropped; None where all was."""

    types: dict[Span, tuple[str, ...]] | None
    drops: Drops


def clean(reading: Reading, text: str) -> Cleaned:
    """Keep what is grounded in `text` and typed; each thing dropped is counted with its reason."""
    if isinstance(reading, Malformed):
        return Cleaned(None, Counter([Reason.MALFORMED]))
    drops = Counter({Reason.UNREADABLE: reading.unreadable, Reason.TRUNCATED: reading.truncated})
    places = locate((item.mention.strip() for item in reading.items), text)
    types: dict[Span, dict[str, None]] = {}
    for item in reading.items:
        mention = item.mention.strip()
        reason = judge_mention(item, text, places[mention])
        if reason is not None:
            drops[reason] += 1
            continue
        names = list(clean_types(item, drops))
        for span in places[mention]:
            types.setdefault(span, {}).update(dict.fromkeys(names))
    kept = {span: tuple(names) for span, names in sorted(types.items()) if names}
    return Cleaned(kept, +drops)


def judge_mention(item: Item, text: str, places: list[Span]) -> Reason | None:
    """Why an item is dropped whole, or None where it is kept."""
    if not item.mention.strip():
        return Reason.EMPTY
    if not places:
        inside = item.mention.strip().casefold() in text.casefold()
        return Reason.INSIDE_WORD if inside else Reason.ABSENT
    return None if item.types else Reason.UNTYPED


def clean_types(item: Item, drops: Drops) -> Iterator[str]:
    """The usable types of an item, normalised; the others are added to `drops`."""
    for name in map(normalize_type, item.types):
        if name in PLACEHOLDERS:
            drops[Reason.PLACEHOLDER] += 1
        elif len(name) > MAX_TYPE_CHARACTERS:
            drops[Reason.OVERLONG] += 1
        elif not name.isprintable():
            drops[Reason.UNPRINTABLE] += 1
        else:
            yield name
