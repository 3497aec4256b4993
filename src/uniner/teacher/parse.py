"""A teacher's raw reply as mentions and their types, or as a counted `Malformed`."""

import re
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, TypeAlias

from uniner.teacher.literal import Listing, Value, read_json, read_list

MENTION_KEYS = ("entity", "mention", "name", "text", "span")
TYPE_KEYS = ("type", "types", "entity_type", "label", "category")
LIST = re.compile(r"\[\s*(?=[\[({\]])")
"""Starts a list of items, or an empty one; neither a ladder of types nor a [remark] does."""
STARTS = 32
"""How many places of a reply are tried as the start of its list."""


class Item(NamedTuple):
    """A mention and its types, most specific first, as the teacher wrote them."""

    mention: str
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parsed:
    """The items of a reply, how many more were unreadable, and whether it broke off."""

    items: tuple[Item, ...]
    unreadable: int = 0
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Malformed:
    """A reply in which no list of entities could be found."""

    raw: str
    why: str


Reading: TypeAlias = Parsed | Malformed


def parse_reply(raw: str) -> Reading:
    """Find the list of entities in a reply; whatever stands around it is chatter.

    Items are [mention, type], [mention, [type, …]] or objects with these; JSON and Python, with
    straight or typographic quotes, are both read. Broken items are left out and counted, a list
    that breaks off keeps what is whole. Never raises, never evaluates.
    """
    starts = [match.start() for match in islice(LIST.finditer(raw), STARTS)]
    lists = [read_items(read_json(raw, at) or read_list(raw, at)) for at in starts]
    if not lists:
        return Malformed(raw, "there is no list of entities in it")
    fullest = max(lists, key=lambda parsed: len(parsed.items))
    if fullest.items or not any(parsed.unreadable or parsed.truncated for parsed in lists):
        return fullest
    return Malformed(raw, "no item is a mention and its type")


def read_items(found: Listing) -> Parsed:
    """The items of a list; what has another form is counted."""
    items = [read_item(value) for value in found.values]
    whole = tuple(item for item in items if item is not None)
    return Parsed(whole, found.broken + len(items) - len(whole), found.truncated)


def read_item(value: Value) -> Item | None:
    """One item of a list, or None where it is not a mention and its types."""
    match value:
        case [str(mention), types]:
            return make_item(mention, types)
        case dict():
            mentions = [value[key] for key in MENTION_KEYS if isinstance(value.get(key), str)]
            types = [value[key] for key in TYPE_KEYS if key in value]
            return make_item(str(mentions[0]), types[0]) if mentions and types else None
        case _:
            return None


def make_item(mention: str, types: Value) -> Item | None:
    """An item from a type, a list of types, or null, which says as much as `none`."""
    names = types if isinstance(types, list) else [types]
    ladder = ["none" if name is None else name for name in names]
    if all(isinstance(name, str) for name in ladder):
        return Item(mention, tuple(map(str, ladder)))
    return None
