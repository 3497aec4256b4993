"""What a generative student answered: a list of items, or a malformed value that says why."""

import json
from dataclasses import dataclass
from typing import TypeAlias

Item: TypeAlias = str | tuple[str, ...]
"""One thing an answer lists: a mention, or a tuple such as (mention, type)."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """An answer that is a JSON list of strings, or of lists of strings, in its order."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Malformed:
    """An answer that is no such list, kept as it came; `why` is one of a few fixed phrases."""

    raw: str
    why: str


Answer: TypeAlias = Parsed | Malformed

EMPTY = Parsed(())


def parse_answer(raw: str) -> Answer:
    """Read the whole of `raw` as a list; white space around it is the only thing forgiven."""
    return parse_list(raw, raw.strip())


def parse_answer_2023(raw: str) -> Answer:
    """Read `raw` as the paper's published scorer does: from its first character to the first `]`.

    So a leading blank, a line break before the `]`, or a `]` within a mention makes it malformed,
    and whatever follows the `]` is not seen.
    """
    if raw == "[]":
        return EMPTY
    if not raw.startswith("["):
        return Malformed(raw, "does not start with [")
    end = raw.find("]")
    if end < 0:
        return Malformed(raw, "has no closing ]")
    if raw.find("\n", 0, end) >= 0:
        return Malformed(raw, "has a line break before its first ]")
    return parse_list(raw, raw[: end + 1])


def parse_list(raw: str, text: str) -> Answer:
    """Read `text`, the part of `raw` that should be a JSON list."""
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        return Malformed(raw, "is not JSON")
    if not isinstance(rows, list):
        return Malformed(raw, "is not a list")
    items: list[Item] = []
    for row in rows:
        if isinstance(row, str):
            items.append(row)
        elif isinstance(row, list) and all(isinstance(part, str) for part in row):
            items.append(tuple(row))
        else:
            return Malformed(raw, "lists something that is not a string")
    return Parsed(tuple(items))
