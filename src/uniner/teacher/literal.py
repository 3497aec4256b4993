"""Lists as models write them, JSON or Python or nearly so, read without ever being evaluated."""

import json
import re
from typing import NamedTuple, TypeAlias

Value: TypeAlias = "str | list[Value] | dict[str, Value] | None"

SPACE = re.compile(r"\s*")
ATOM = re.compile(r"-?\d[\d.,]*(?<![.,])|None|null|true|false|True|False|NaN")
NEXT_ITEM = re.compile(r"[\])}]\s*,\s*(?=[\[({])")
CLOSES = {"[": "]", "(": ")", "{": "}", '"': '"', "'": "'", "“": '”“"', "‘": "’‘'"}
AFTER_STRING = re.compile(r"\s*(?:[,:\])}]|$)")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
CODES = {"x": 2, "u": 4, "U": 8}
HEX = re.compile(r"[0-9a-fA-F]+")
DEPTH = 6
"""Deeper nesting than this is no list of entities."""


class BrokenError(Exception):
    """Not a value; `args[0]` is where it stopped being one."""


class CutOffError(Exception):
    """The text ends inside a value."""


class Listing(NamedTuple):
    """The whole items of a list, how many more were broken, and whether its end is missing."""

    values: list[Value]
    broken: int
    truncated: bool


STRICT = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


def read_json(raw: str, at: int) -> Listing | None:
    """The JSON list that starts at `raw[at]`, numbers as they are written; None if it is none."""
    try:
        value, _ = STRICT.raw_decode(raw, at)
    except (ValueError, RecursionError):
        return None
    return Listing(value, 0, False) if isinstance(value, list) else None


def read_list(raw: str, at: int) -> Listing:
    """What can be read of the list that starts at `raw[at]`, in JSON, Python or a mixture.

    An item that cannot be read is left out and counted, and reading goes on with the next one.
    """
    values: list[Value] = []
    broken = 0
    at += 1
    while True:
        at = skip_space(raw, at)
        if at == len(raw):
            return Listing(values, broken, True)
        if raw[at] in "])}":
            return Listing(values, broken, False)
        try:
            value, at = read_value(raw, at, DEPTH)
            values.append(value)
            at = skip_space(raw, at)
            if raw[at : at + 1] == ",":
                at += 1
            elif at < len(raw) and raw[at] not in "])}[({":
                raise BrokenError(at)
        except CutOffError:
            return Listing(values, broken, True)
        except BrokenError as error:
            broken += 1
            following = NEXT_ITEM.search(raw, error.args[0])
            if following is None:
                return Listing(values, broken, False)
            at = following.end()


def read_value(raw: str, at: int, depth: int) -> tuple[Value, int]:
    """The value that starts at `raw[at]` and where it ends."""
    if depth == 0:
        raise BrokenError(at)
    if at == len(raw):
        raise CutOffError
    match raw[at]:
        case "[" | "(":
            return read_sequence(raw, at, depth)
        case "{":
            return read_object(raw, at, depth)
        case '"' | "'" | "“" | "‘":
            return read_string(raw, at)
        case _:
            atom = ATOM.match(raw, at)
            if atom is None:
                raise BrokenError(at)
            word = atom.group()
            return (None if word in {"None", "null"} else word), atom.end()


def read_sequence(raw: str, at: int, depth: int) -> tuple[Value, int]:
    """A list or a tuple."""
    closer = CLOSES[raw[at]]
    values: list[Value] = []
    at = skip_space(raw, at + 1)
    while raw[at : at + 1] != closer:
        value, at = read_value(raw, at, depth - 1)
        values.append(value)
        at = skip_comma(raw, at, closer)
    return values, at + 1


def read_object(raw: str, at: int, depth: int) -> tuple[Value, int]:
    """An object or dict with string keys."""
    values: dict[str, Value] = {}
    at = skip_space(raw, at + 1)
    while raw[at : at + 1] != "}":
        key, at = read_value(raw, at, depth - 1)
        at = skip_space(raw, at)
        if at == len(raw):
            raise CutOffError
        if not isinstance(key, str) or raw[at] != ":":
            raise BrokenError(at)
        values[key], at = read_value(raw, skip_space(raw, at + 1), depth - 1)
        at = skip_comma(raw, at, "}")
    return values, at + 1


def read_string(raw: str, at: int) -> tuple[str, int]:
    """A quoted string; a quote inside it that nothing closes after is a part of it."""
    closers = CLOSES[raw[at]]
    piece: list[str] = []
    at += 1
    while at < len(raw):
        character = raw[at]
        if character == "\\":
            escaped, at = read_escape(raw, at)
            piece.append(escaped)
            continue
        at += 1
        if character in closers and AFTER_STRING.match(raw, at):
            return join_surrogates("".join(piece)), at
        piece.append(character)
    raise CutOffError


def read_escape(raw: str, at: int) -> tuple[str, int]:
    """What the backslash at `raw[at]` and what follows stand for."""
    kind = raw[at + 1 : at + 2]
    if not kind:
        raise CutOffError
    width = CODES.get(kind, 0)
    digits = raw[at + 2 : at + 2 + width]
    if width and len(digits) == width and HEX.fullmatch(digits) and int(digits, 16) < 0x110000:
        return chr(int(digits, 16)), at + 2 + width
    return ESCAPES.get(kind, kind if kind in "\"'\\/“”‘’" else "\\" + kind), at + 2


def join_surrogates(text: str) -> str:
    """Pairs of surrogates, as JSON escapes them, as the one character they stand for."""
    if text.isprintable():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def skip_comma(raw: str, at: int, closer: str) -> int:
    """Where the next value of a sequence starts, or its closer stands."""
    at = skip_space(raw, at)
    if at == len(raw):
        raise CutOffError
    if raw[at] == ",":
        at = skip_space(raw, at + 1)
        if at == len(raw):
            raise CutOffError
    elif raw[at] != closer:
        raise BrokenError(at)
    return at


def skip_space(raw: str, at: int) -> int:
    """Where the white space from `raw[at]` ends."""
    found = SPACE.match(raw, at)
    return found.end() if found else at
