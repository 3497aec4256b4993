"""The paper's own figures, to stand beside ours."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias, get_args

Mode: TypeAlias = Literal["zero-shot", "supervised"]
"""Without a hint whose types are meant, or with the data set's name, after training on its kind."""

MODES: tuple[Mode, ...] = get_args(Mode)

SYSTEMS: Mapping[Mode, tuple[str, ...]] = {
    "zero-shot": ("Vicuna-7B", "Vicuna-13B", "ChatGPT", "UniNER-7B", "UniNER-13B"),
    "supervised": ("BERT-base", "InstructUIE-11B", "UniNER-7B"),
}
"""The systems that the paper gives figures of, in the order of its tables."""


def find_figures(row: str, mode: Mode, *, partial: bool = False) -> Mapping[str, float]:
    """The F1 in percent of each system on a row of the benchmark; empty where there is none.

    Strict are those of figure 9 and tables 2 and 3, partial those of table 5.
    """
    table = mode.replace("-", "_")
    return load_figures()[f"partial_{table}" if partial else table].get(row, {})


def find_domain(domain: str) -> Mapping[str, float]:
    """The mean zero-shot F1 of each system in a domain, or of all data sets as `average`."""
    return load_figures()["domains"][domain]


@cache
def load_figures() -> Mapping[str, Mapping[str, Mapping[str, float]]]:
    """All figures: table, then row of the benchmark or domain, then system."""
    return tomllib.loads(files("uniner.benchmark").joinpath("paper.toml").read_text("utf-8"))
