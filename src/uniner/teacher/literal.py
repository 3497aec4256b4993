"""Lists as models write them, JSON or Python or nearly so, read in one pass and never evaluated."""

import json
import re
from collections.abc import Sequence
from typing import TypeAlias

Value: TypeAlias = "str | bool | list[Value] | tuple[Value, ...] | Group | None"
"""Numbers are strings; lists and tuples are whole, what else is no scalar is a `Group`."""

OPENERS = {"]": "[", ")": "(", "}": "{"}
AFTER = r"\s*+(?:[,:\])}]|\Z)"
"""What follows a value; a quote that none of it follows is a part of its string."""

START = re.compile(
    r"""\[\s*+[\[({\]]                                  # a list of groups, or an empty one
    | [\[({]\s*+(?:
        (?: "(?:[^"\\]|\\.){0,400}+"                    # a first string with something after it
          | '(?:[^'\\]|\\.|'(?=\w)){0,400}+'
          | “(?:[^"“”\\]|\\.){0,400}+["“”]
          | ‘(?:[^'‘’\\]|\\.|['’](?=\w)){0,400}+['‘’]
        )\s*+[,:]
      | \d[\d.,]*+\s*+["'“‘\[(]                         # a number as a mention
    )""",
    re.VERBOSE | re.DOTALL,
)
"""Where a list or an item may start; in chatter neither [a remark] nor (one "quoted") does."""

TOKEN = re.compile(
    rf"""[\s,]*+(?:
      ([\[({{])                                                # 1  a group opens
    | ([\])}}])                                                # 2  a group closes
    | "((?:[^"\\]++|\\.|"(?!{AFTER}))*+)"                      # 3  a string
    | '((?:[^'\\]++|\\.|'(?!{AFTER}))*+)'                      # 4
    | “((?:[^“”"\\]++|\\.|[“”"](?!{AFTER}))*+)[“”"]            # 5
    | ‘((?:[^‘’'\\]++|\\.|[‘’'](?!{AFTER}))*+)[‘’']            # 6
    | (-?\d(?:[\d.,eE+-]*\d)?)(?={AFTER})                     # 7  a number
    | (None|null|[Tt]rue|[Ff]alse)(?={AFTER})                  # 8  another word
    | (:)                                                      # 9  what stands before is a key
    | (["'“‘])                                                 # 10 a string that never ends
    | ([^\[\](){{}}]++)                                        # 11 none of these
    | \Z)""",
    re.VERBOSE | re.DOTALL,
)
ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U(00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4})|(.))",
    re.DOTALL,
)
WORDS = {"None": None, "null": None, "true": True, "True": True, "false": False, "False": False}
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class Group:
    """An object, a set, or a list or tuple that is broken or not whole, as far as a reply has it.

    Objects have their keys and values in `values`; `keys` says where in it the keys are. `junk`
    counts the stretches that are no value, `whole` says whether the group was closed.
    """

    __slots__ = ("junk", "keys", "opener", "values", "whole")

    def __init__(self, opener: str) -> None:
        self.opener = opener
        self.values: list[Value] = []
        self.keys: list[int] = []
        self.junk = 0
        self.whole = False

    @property
    def pairs(self) -> list[tuple[str, Value]]:
        """Keys with their values, repeated ones too; a key without a value is left out."""
        following = zip(self.keys, [*self.keys[1:], len(self.values)], strict=True)
        return [
            (str(self.values[at]), self.values[at + 1]) for at, after in following if at + 1 < after
        ]

    def close(self) -> Value:
        """The value that this is when its closing bracket has come."""
        self.whole = True
        if self.opener == "{" or self.junk:
            return self
        return tuple(self.values) if self.opener == "(" else self.values


def make_object(pairs: list[tuple[str, Value]]) -> Value:
    """An object from its keys and values."""
    group = Group("{")
    for key, value in pairs:
        group.keys.append(len(group.values))
        group.values += (key, value)
    return group.close()


JSON = json.JSONDecoder(
    object_pairs_hook=make_object, parse_int=str, parse_float=str, parse_constant=str
)


def read_values(raw: str) -> list[Value]:
    """The outermost lists and objects of a reply, in time that grows with its length alone."""
    values: list[Value] = []
    at = 0
    while (start := START.search(raw, at)) is not None:
        value, at = read_value(raw, start.start())
        values.append(value)
    return values


def read_value(raw: str, at: int) -> tuple[Value, int]:
    """The list or object that opens at `raw[at]`, and where it ends: strict JSON, or nearly so."""
    if raw[at] != "(":
        try:
            value, end = JSON.raw_decode(raw, at)
        except (ValueError, RecursionError):
            return read_group(raw, at)
        return value, end
    return read_group(raw, at)


def read_group(raw: str, at: int) -> tuple[Value, int]:
    """The same, whatever it is written in; where it does not end, that is at the end of `raw`."""
    outermost = group = Group(raw[at])
    opened = [group]
    for token in TOKEN.finditer(raw, at + 1):
        kind = token.lastindex
        match kind:
            case 3 | 4 | 5 | 6:
                text = token[kind]
                group.values.append(unescape(text) if "\\" in text else text)
            case 1:
                inner = Group(token[1])
                group.values.append(inner)
                opened.append(inner)
                group = inner
            case 2 if closes(token[2], opened):
                closed = ""
                while closed != OPENERS[token[2]]:
                    closed = opened[-1].opener
                    value = opened.pop().close()
                    if not opened:
                        return value, token.end()
                    group = opened[-1]
                    group.values[-1] = value
            case 7:
                group.values.append(token[7])
            case 8:
                group.values.append(WORDS[token[8]])
            case 9 if group.opener == "{" and group.values and isinstance(group.values[-1], str):
                group.keys.append(len(group.values) - 1)
            case 10 | None:
                break
            case _ if token.end() < len(raw):
                group.junk += 1
    return outermost, len(raw)


def closes(closer: str, opened: Sequence[Group]) -> bool:
    """Whether a bracket closes a group that is near, and with it those in it that were left open.

    A closing bracket that nothing near has opened closes nothing.
    """
    opener = OPENERS[closer]
    return opened[-1].opener == opener or any(group.opener == opener for group in opened[-3:-1])


def unescape(text: str) -> str:
    """A string's content with what its backslashes stand for."""
    text = ESCAPE.sub(read_escape, text)
    if text.isprintable():
        return text
    # JSON escapes a character beyond the first 65,536 as the two halves of a surrogate pair.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def read_escape(escape: re.Match[str]) -> str:
    """What one backslash and what follows it stand for."""
    digits = escape[1] or escape[2] or escape[3]
    if digits:
        return chr(int(digits, 16))
    kind = escape[4]
    return ESCAPES.get(kind, kind if kind in "\"'\\/“”‘’" else "\\" + kind)
