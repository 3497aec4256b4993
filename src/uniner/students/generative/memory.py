"""Keys and values of passages and of what branches off them, each computed and held once.

A row is a passage and every question about it, one behind the other. Each of its cells belongs to
the passage, which all may see, or to one branch (a question and its answer), which sees only itself
and the passage. So a passage is never repeated for its questions.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from transformers.cache_utils import Cache, CacheLayerMixin

NOBODY, PASSAGE, BRANCHES = -1, 0, 1
"""Owners of cells: padding, the passage, and from 1 on its branches."""


class Layer(CacheLayerMixin):  # type: ignore[no-untyped-call]
    """Keys and values of one layer, written in place; [rows, heads, cells, size] each."""

    is_sliding = False

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.used = 0

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """Nothing is made ahead: the first keys say how large it must be."""
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: object, **kwargs: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Append cells; all keys and values so far, as views."""
        fresh = key_states.shape[2]
        needed = self.used + fresh
        if self.keys is None or self.values is None or self.keys.shape[2] < needed:
            self.keys = self._grow(self.keys, key_states, needed)
            self.values = self._grow(self.values, value_states, needed)
        self.keys[:, :, self.used : needed] = key_states
        self.values[:, :, self.used : needed] = value_states
        self.used = needed
        return self.keys[:, :, :needed], self.values[:, :, :needed]

    def fork(self) -> "Layer":
        """A layer that goes on from these cells; one fork must be done with before the next."""
        layer = Layer()
        layer.keys, layer.values, layer.used = self.keys, self.values, self.used
        layer.is_initialized = self.is_initialized
        return layer

    def keep(self, rows: torch.Tensor, cells: torch.Tensor) -> None:
        """Keep only some rows [r], and in each of them some cells [r, c]."""
        assert self.keys is not None, "nothing was held yet"
        assert self.values is not None, "nothing was held yet"
        at = cells[:, None, :, None]
        self.keys = self._choose(self.keys, rows, at)
        self.values = self._choose(self.values, rows, at)
        self.used = cells.shape[1]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """How many cells a mask is over, and where it starts."""
        return self.used + query_length, 0

    def get_seq_length(self) -> int:
        """How many cells are used."""
        return self.used

    def get_max_length(self) -> int:
        """No maximum."""
        return -1

    @staticmethod
    def _grow(held: torch.Tensor | None, fresh: torch.Tensor, needed: int) -> torch.Tensor:
        rows, heads, _, size = fresh.shape
        # An eighth more than needed: what is decoded comes a few cells at a time.
        grown = fresh.new_empty(rows, heads, needed + needed // 8 + 16, size)
        if held is not None:
            grown[:, :, : held.shape[2]] = held
        return grown

    @staticmethod
    def _choose(held: torch.Tensor, rows: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
        _, heads, _, size = held.shape
        return held[rows].gather(2, at.expand(-1, heads, -1, size))


@dataclass(slots=True)
class Memory:
    """The cells of several passages, and who owns each of them: `owners` [rows, cells]."""

    layers: Sequence[Layer]
    owners: torch.Tensor
    cache: Cache = field(init=False)

    def __post_init__(self) -> None:
        self.cache = Cache(layers=[*self.layers])

    def fork(self) -> "Memory":
        """A memory that goes on from these cells; one fork must be done with before the next."""
        return Memory([layer.fork() for layer in self.layers], self.owners)

    def extend(self, owners: torch.Tensor) -> torch.Tensor:
        """Append cells of `owners` [rows, n]; which cells each may see, bool [rows, 1, n, cells].

        They see the earlier cells of the passage and of their own branch.
        """
        before = self.owners.shape[1]
        self.owners = torch.cat([self.owners, owners], dim=1)
        seen = owners[:, :, None] == self.owners[:, None, :]
        seen |= (self.owners == PASSAGE)[:, None, :]
        places = torch.arange(self.owners.shape[1], device=owners.device)
        seen &= places <= places[before:, None]
        return seen[:, None]

    def keep(self, rows: torch.Tensor, needed: torch.Tensor) -> None:
        """Keep some rows [r] (more than once, where named so), and the cells of `needed` owners
        [r, n] in each."""
        kept = (self.owners[rows][:, :, None] == needed[:, None, :]).any(dim=2)
        width = int(kept.sum(dim=1).max())
        order = torch.argsort((~kept).to(torch.int8), dim=1, stable=True)[:, :width]
        self.owners = self.owners[rows].masked_fill(~kept, NOBODY).gather(1, order)
        for layer in self.layers:
            layer.keep(rows, order)
