"""A reader's options, checked against the dataclass that holds them."""

from collections.abc import Mapping
from dataclasses import fields
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from uniner.records import ConfigError

Options = TypeVar("Options")


def build_options(
    kind: type[Options], table: Mapping[str, Any], where: str, **ready: object
) -> Options:
    """A dataclass from a table; ConfigError names unknown keys, wrong values and `where`.

    Fields may be strings, whole numbers, truth values, choices (Literal), tuples of strings,
    mappings from strings to strings, or one of these or None; those of `ready` hold what is given.
    """
    hints = get_type_hints(kind)
    known = {spec.name for spec in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(set(table) - known):
        raise ConfigError(f"{where}: unknown keys {unknown}; known are {sorted(known)}")
    values = {
        name: read_value(hints[name], value, f"{where}: {name}") for name, value in table.items()
    }
    try:
        return kind(**values, **ready)
    except TypeError as error:  # a key that has no default is missing
        raise ConfigError(f"{where}: {error}") from None


def read_value(hint: Any, value: object, where: str) -> object:
    """A value as its field holds it: lists become tuples."""
    if get_origin(hint) in (Union, UnionType):
        [hint] = [arg for arg in get_args(hint) if arg is not type(None)]
    match get_origin(hint):
        case None if isinstance(value, hint) and (hint is bool or not isinstance(value, bool)):
            return value
        case origin if origin is Literal and value in get_args(hint):
            return value
        case origin if origin is tuple and isinstance(value, list):
            if all(isinstance(item, str) for item in value):
                return tuple(value)
        case _ if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
            return value
    if get_origin(hint) is Literal:
        raise ConfigError(f"{where} must be one of {list(get_args(hint))}, not {value!r}")
    shown = getattr(hint, "__name__", None) if get_origin(hint) is None else str(hint)
    raise ConfigError(f"{where} must be {shown}, not {value!r}")
