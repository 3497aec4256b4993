"""How answers are decoded: the options of a run, and the choice of every next token."""

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from uniner.records import ConfigError
from uniner.students.generative.constraint import Options, Turn

Precision: TypeAlias = Literal["float32", "bfloat16", "float16"]


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a generative student is run.

    `grounded` holds answers to mentions that the passage has. An answer ends at `answer_tokens`.
    `cells` bounds the tokens (of passages, questions and answers, padding counted) whose keys and
    values are held at once; a passage that alone needs more is still read. `device` is one of
    torch's, or `auto`: a GPU where there is one.
    """

    grounded: bool = True
    answer_tokens: int = 128
    cells: int = 8192
    device: str = "auto"
    precision: Precision = "float32"

    def __post_init__(self) -> None:
        if self.answer_tokens < 1 or self.cells < 1:
            raise ConfigError(f"answer_tokens and cells must be at least 1, got {self!r}")

    @property
    def dtype(self) -> torch.dtype:
        """The type of the weights."""
        dtype: torch.dtype = getattr(torch, self.precision)
        return dtype


class Choice(NamedTuple):
    """A token by its place among options, how likely what it does was; if decided, going on."""

    place: int
    probability: float
    more: float | None = None


def choose(
    options: Options, chances: npt.NDArray[np.float64], threshold: float, *, undecided: bool
) -> Choice:
    """The next token: greedy, but for another mention, which comes if likely enough.

    A mention is closed where all tokens that close it are together likelier than the best that
    goes on with it. Whether another comes is then a matter of the tokens that decide it alone;
    one that leaves it open, such as a bracket by itself, is taken where it is the likeliest, or
    stands for the choice that no token makes.
    """
    if options.turns[Turn.COPY].size == len(chances):
        place = int(chances.argmax())
        return Choice(place, float(chances[place]))
    masses = [float(chances[places].sum()) if places.size else 0.0 for places in options.turns]
    copying, opening, more, end = masses
    said = min(1.0, opening + more + end)
    if copying:
        place = choose_among(options, chances, Turn.COPY)
        if chances[place] >= said:
            return Choice(place, float(chances[place]))
    goes_on, ends = Turn.MORE, Turn.END
    may_go_on, may_end = options.turns[goes_on].size > 0, options.turns[ends].size > 0
    if not undecided:
        turn = goes_on if may_go_on else ends
        return Choice(choose_among(options, chances, turn), said)
    if opening > max(more, end) or not (may_go_on or may_end):
        return Choice(choose_among(options, chances, Turn.OPEN), said)
    if not may_end:
        ends, end = Turn.OPEN, opening
    elif not may_go_on:
        goes_on, more = Turn.OPEN, opening
    share = more / (more + end) if more + end else 0.0
    turn = goes_on if share >= threshold else ends
    return Choice(choose_among(options, chances, turn), said, share)


def choose_among(options: Options, chances: npt.NDArray[np.float64], turn: Turn) -> int:
    """The place of the likeliest token that decides `turn`."""
    places = options.turns[turn]
    return int(places[chances[places].argmax()])
