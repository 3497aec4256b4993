"""A teacher's raw reply as mentions and their types, or as a counted `Malformed`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from uniner.teacher.literal import Group, Value, read_values

MENTION_KEYS = ("entity", "mention", "name", "text", "span", "word", "entity_name")
TYPE_KEYS = ("type", "types", "entity_type", "label", "category", "definition", "description")
ITEM_KEYS = frozenset(MENTION_KEYS + TYPE_KEYS)
LIST_KEY = "entities"
"""An object with this key holds a list of items and is none itself."""
THOUGHT = re.compile(r".*?(?<![\"'“‘])</think(?:ing)?>", re.DOTALL)
THINKING = re.compile(r"\s*<think(?:ing)?>")
NUMBERS = re.compile(r"\[\s*+((?:[\"']?\d{1,6}[\"']?\s*+(?:,\s*+|(?=\])))*+)\]")


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
    """A reply in which no answer could be found."""

    raw: str
    why: str


Reading: TypeAlias = Parsed | Malformed


def parse_reply(raw: str) -> Reading:
    """Find the entities in a reply; whatever stands around them is chatter.

    Items are [mention, type], [mention, [type, …]], objects with these under their usual keys,
    also repeated ones, or objects {mention: type}; in a list, in lists of lists, in an object, or
    one by one. JSON and Python, with straight or typographic quotes, are both read. Broken items
    are left out and counted, a reply that breaks off keeps what is whole. Of several lists the
    fullest counts, of equals the last. Never raises, never evaluates.
    """
    values = find_values(raw)
    lists: list[Parsed] = []
    loose: list[Value] = []
    for value in values:
        is_item = bool(read_items(value))
        parsed = read_list([value])
        if not is_item:
            lists.append(parsed)
        if is_item or not parsed.items:
            loose.append(value)
    bare = [value for value in loose if isinstance(value, list) and read_items(value)]
    if len(bare) == 1 and may_be_mentions(bare[0]):
        loose.remove(bare[0])
    # Items that stand in no list make one together; it comes first, so that lists win ties.
    candidates = [read_list(loose), *lists] if loose else lists
    fullest = max(reversed(candidates), key=lambda parsed: len(parsed.items), default=Parsed(()))
    if fullest.items or (lists and all(parsed == Parsed(()) for parsed in lists)):
        return fullest
    return Malformed(raw, "there is no list of mentions and their types in it")


def parse_numbers(raw: str) -> tuple[int, ...] | Malformed:
    """The last whole list of numbers in a reply, each number once; `[]` is none.

    Several single numbers in brackets, as in "[1] is right, [2] is not", are no list.
    """
    ended, answer = cut_thoughts(raw)
    lists = [match[1] for match in NUMBERS.finditer(answer)]
    if not (lists and ended):
        return Malformed(raw, "there is no whole list of numbers in it")
    numbers = tuple(dict.fromkeys(map(int, re.findall(r"\d+", lists[-1]))))
    if len(numbers) == 1 and len(lists) > 1:
        return Malformed(raw, "its numbers are not in one list")
    return numbers


def cut_thoughts(raw: str) -> tuple[bool, str]:
    """Whether a reply's thinking ends, and what follows it; true and all where it has none."""
    thought = THOUGHT.match(raw) if "</think" in raw else None
    if thought:
        return True, raw[thought.end() :]
    opening = THINKING.match(raw)
    return opening is None, raw[opening.end() :] if opening else raw


def find_values(raw: str) -> list[Value]:
    """The lists and objects of an answer; of thinking that never ends, the whole one at its end."""
    ended, answer = cut_thoughts(raw)
    values = read_values(answer)
    if ended:
        return values
    closed = answer.rstrip(" \n`").endswith(("]", ")", "}"))
    return [value for value in values[-1:] if closed and is_whole(value)]


def read_list(values: Sequence[Value]) -> Parsed:
    """The items in some values, however deep; what else a list holds is counted."""
    items: list[Item] = []
    unreadable = 0
    waiting = list(reversed(values))
    while waiting:
        value = waiting.pop()
        found = read_items(value)
        if found:
            items += found
            continue
        inner = find_inner(value)
        unreadable += count_unreadable(value, inner)
        waiting.extend(reversed(inner))
    return Parsed(tuple(items), unreadable, not all(map(is_whole, values)))


def find_inner(value: Value) -> list[Value]:
    """The lists and objects in a value that may be or hold items: not an item's types, though."""
    if isinstance(value, Group) and value.keys:
        held = [v for key, v in value.pairs if normalize_key(key) not in ITEM_KEYS]
        held = [v for v in held if not may_be_mentions(v)]
    else:
        held = list(get_values(value))
        if held and isinstance(held[0], str):
            # Its second value is a ladder of types; a third belongs to an item that was left open.
            held = held[2:]
    return [inner for inner in held if isinstance(inner, list | tuple | Group)]


def count_unreadable(value: Value, inner: Sequence[Value]) -> int:
    """How many items a value that is none stands for, besides those in the `inner` ones."""
    values = get_values(value)
    group = value if isinstance(value, Group) else None
    if not inner:
        return int(is_whole(value) and (group is not None or bool(values)))
    if group and group.keys:
        return 0
    scalars = sum(not isinstance(other, list | tuple | Group) for other in values)
    return (group.junk if group else 0) + (1 if isinstance(values[0], str) else scalars)


def get_values(value: Value) -> Sequence[Value]:
    """What a list, or what is left of one, holds."""
    if isinstance(value, Group):
        return value.values
    return value if isinstance(value, list | tuple) else ()


def is_whole(value: Value) -> bool:
    """Whether a value does not break off."""
    return not isinstance(value, Group) or value.whole


def read_items(value: Value) -> list[Item]:
    """The items that a value is: one, or several where it is an object; none where it is a list."""
    if isinstance(value, list | tuple) and len(value) == 2:
        mention, types = value
        names = read_types(types)
        return [Item(mention, names)] if isinstance(mention, str) and names is not None else []
    return read_object(value) if isinstance(value, Group) and value.keys else []


def may_be_mentions(value: Value) -> bool:
    """Whether a value is ["Ada", "Bo"]: a pair, but alone as likely two mentions."""
    return isinstance(value, list) and [type(part) for part in value] == [str, str]


def read_object(group: Group) -> list[Item]:
    """The items of an object, or none where it breaks its form."""
    pairs = [(normalize_key(key), value) for key, value in group.pairs]
    if group.junk or any(key == LIST_KEY for key, _ in pairs):
        return []
    if not any(key in ITEM_KEYS for key, _ in pairs):
        return read_mapping(group)
    if group.whole and 2 * len(pairs) != len(group.values):
        return []
    rows = split_rows(pairs)
    items = [item for row in rows[: None if group.whole else -1] for item in read_row(row)]
    return items if any(item.mention and item.types for item in items) else []


def split_rows(pairs: Sequence[tuple[str, Value]]) -> list[dict[str, list[Value]]]:
    """The values by key of each item in one object; the key that comes first starts every item."""
    pairs = [(key, value) for key, value in pairs if key in ITEM_KEYS]
    first = pairs[0][0]
    rows: list[dict[str, list[Value]]] = [{}]
    for key, value in pairs:
        if key == first and key in rows[-1] and not rows[-1].keys().isdisjoint(MENTION_KEYS):
            rows.append({})
        rows[-1].setdefault(key, []).append(value)
    return rows


def read_row(row: Mapping[str, list[Value]]) -> Iterator[Item]:
    """The items that the values under mention and type keys make; what is missing is left empty."""
    mentions = [row[key] for key in MENTION_KEYS if isinstance(row.get(key, [None])[0], str)]
    types = [row[key] for key in TYPE_KEYS if key in row]
    names = [read_types(value) for value in types[0]] if types else []
    ladder = tuple(name for some in names if some is not None for name in some)
    for mention in mentions[0] if mentions else [""]:
        yield Item(mention if isinstance(mention, str) else "", ladder)


def read_mapping(group: Group) -> list[Item]:
    """The items of an object {mention: type}, or none where a value is no type."""
    pairs = group.pairs
    if not group.whole and pairs and isinstance(pairs[-1][1], Group) and not pairs[-1][1].whole:
        del pairs[-1]
    elif 2 * len(pairs) != len(group.values) - (len(group.values) % 2 and not group.whole):
        return []
    items = [Item(mention, read_types(value) or ()) for mention, value in pairs]
    return items if all(item.types for item in items) else []


def normalize_key(key: str) -> str:
    """`"Entity Type"` and `"entity_type"` are one key."""
    return key.strip().lower().replace(" ", "_")


def read_types(value: Value) -> tuple[str, ...] | None:
    """A type, a list of types, or null, which says as much as `none`; None where it is neither."""
    names: Sequence[Value] = value if isinstance(value, list | tuple) else (value,)
    if None in names:
        names = ["none" if name is None else name for name in names]
    return tuple(map(str, names)) if {*map(type, names)} <= {str} else None
