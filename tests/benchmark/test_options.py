"""Options of readers are checked against their dataclass."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from uniner.benchmark.options import build_options
from uniner.records import ConfigError


@dataclass(frozen=True, slots=True)
class Toy:
    column: int
    unit: Literal["line", "text"] = "line"
    header: bool = False
    skip: tuple[str, ...] = ()
    fix: Mapping[str, str] = field(default_factory=dict)
    part: str | None = None


def test_every_kind_of_value_is_read() -> None:
    table = {"column": 2, "unit": "text", "header": True, "skip": ["a"], "fix": {"P": "O"}}
    assert build_options(Toy, {**table, "part": "dev"}, "x") == Toy(
        2, "text", True, ("a",), {"P": "O"}, "dev"
    )
    assert build_options(Toy, {"column": 0}, "x") == Toy(0)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"colour": 1}, r"x: unknown keys \['colour'\]; known are \['column', 'fix'"),
        ({"column": "2"}, "x: column must be int, not '2'"),
        ({"column": True}, "x: column must be int, not True"),
        ({"header": 1}, "x: header must be bool, not 1"),
        ({"unit": "page"}, r"x: unit must be .*'line', 'text'.*, not 'page'"),
        ({"skip": "a"}, r"x: skip must be .*, not 'a'"),
        ({"skip": [1]}, r"x: skip must be .*, not \[1\]"),
        ({"fix": {"P": 1}}, r"x: fix must be .*, not \{'P': 1\}"),
        ({"part": 1}, "x: part must be str, not 1"),
    ],
)
def test_a_wrong_value_is_named(change: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        build_options(Toy, {"column": 1, **change}, "x")


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ConfigError, match=r"x: .*'column'"):
        build_options(Toy, {}, "x")
