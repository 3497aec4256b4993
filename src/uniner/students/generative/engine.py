"""Many questions about many passages at once, each passage read once; for decoder-only models."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import torch

from uniner.students.generative.answers import Voice
from uniner.students.generative.memory import BRANCHES, NOBODY, PASSAGE, Layer, Memory

QUERY_TOKENS = 512
"""Tokens of the queries about one passage that are read at once."""


class Branch(NamedTuple):
    """A question and its answer in the making: its row, its owner's number, where it is."""

    answer: int
    row: int
    owner: int
    position: int
    token: int


@dataclass(frozen=True, slots=True)
class Engine:
    """A decoder-only model; `bidirectional` lets the tokens of a passage see one another."""

    model: Any
    bidirectional: bool

    @torch.inference_mode()
    def answer(
        self, passages: Sequence[Sequence[int]], queries: Sequence[Sequence[int]], voice: Voice
    ) -> None:
        """Have `voice` answer every query about every passage, given their tokens.

        Answer `p * len(queries) + q` is that of passage p to query q.
        """
        prefixes = self._read(passages)
        for group in group_queries(queries):
            memory = prefixes.fork()
            live = self._ask(memory, passages, queries, group, voice)
            slots = 0
            while live:
                if not slots or 2 * len(live) <= slots:
                    live = self._pack(memory, live)
                    slots = (1 + live[-1].row) * max(Counter(b.row for b in live).values())
                live = self._step(memory, live, voice)

    def _read(self, passages: Sequence[Sequence[int]]) -> Memory:
        """Read every passage, one a row, padded behind."""
        lengths = [len(passage) for passage in passages]
        ids = torch.zeros(len(passages), max(lengths), dtype=torch.long)
        owners = torch.full(ids.shape, NOBODY)
        for row, passage in enumerate(passages):
            ids[row, : len(passage)] = torch.tensor(passage)
            owners[row, : len(passage)] = PASSAGE
        ids, owners = ids.to(self._device), owners.to(self._device)
        layers = self.model.config.get_text_config().num_hidden_layers
        memory = Memory([Layer() for _ in range(layers)], owners[:, :0])
        memory.extend(owners)
        # Padding is behind: who sees only what is before it does not see any, mask or not.
        mask = (owners == PASSAGE)[:, None, None, :].expand(-1, -1, ids.shape[1], -1)
        positions = torch.arange(ids.shape[1], device=self._device).expand(ids.shape)
        self._run(memory, ids, positions, mask if self.bidirectional else None, 1)
        return memory

    def _ask(
        self,
        memory: Memory,
        passages: Sequence[Sequence[int]],
        queries: Sequence[Sequence[int]],
        group: Sequence[int],
        voice: Voice,
    ) -> list[Branch]:
        """Read a group of queries behind every passage; the answers that go on."""
        asked = [queries[number] for number in group]
        shared = count_shared(asked)
        joint = [*asked[0][:shared], *(token for query in asked for token in query[shared:])]
        owners, places = [PASSAGE] * shared, [*range(shared)]
        for owner, query in enumerate(asked, start=BRANCHES):
            owners += [owner] * (len(query) - shared)
            places += range(shared, len(query))
        rows, device = len(passages), self._device
        lengths = torch.tensor([[len(passage)] for passage in passages])
        mask = memory.extend(torch.tensor([owners] * rows, device=device))
        ends = torch.tensor([len(query) - shared for query in asked], device=device).cumsum(0)
        logits = self._run(
            memory,
            torch.tensor([joint], device=device).expand(rows, -1),
            (torch.tensor([places]) + lengths).to(device),
            mask,
            ends + (shared - 1),
        )
        which = [row * len(queries) + number for row in range(rows) for number in group]
        said = voice.say(logits.flatten(0, 1), which)
        return [
            Branch(
                answer=row * len(queries) + number,
                row=row,
                owner=BRANCHES + place,
                position=len(passages[row]) + len(queries[number]),
                token=token,
            )
            for (row, (place, number)), token in zip(
                product(range(rows), enumerate(group)), said, strict=True
            )
            if token is not None
        ]

    def _step(self, memory: Memory, live: Sequence[Branch], voice: Voice) -> list[Branch]:
        """Have every live answer say one more token; those that are not over then."""
        places: Counter[int] = Counter()
        slots = []
        for branch in live:
            slots.append(places[branch.row])
            places[branch.row] += 1
        shape = len(memory.owners), max(places.values())
        ids, positions, owners = torch.zeros(3, *shape, dtype=torch.long)
        owners.fill_(NOBODY)
        at = torch.tensor([branch.row for branch in live]), torch.tensor(slots)
        ids[at] = torch.tensor([branch.token for branch in live])
        positions[at] = torch.tensor([branch.position for branch in live])
        owners[at] = torch.tensor([branch.owner for branch in live])
        mask = memory.extend(owners.to(self._device))
        logits = self._run(memory, ids.to(self._device), positions.to(self._device), mask, 0)
        said = voice.say(logits[at], [branch.answer for branch in live])
        return [
            branch._replace(position=branch.position + 1, token=token)
            for branch, token in zip(live, said, strict=True)
            if token is not None
        ]

    def _pack(self, memory: Memory, live: Sequence[Branch]) -> list[Branch]:
        """Forget what no live answer needs, and even out how many a row has; where these are now.

        A passage with many more live answers than others comes to have several rows.
        """
        rows: dict[int, list[Branch]] = {}
        for branch in live:
            rows.setdefault(branch.row, []).append(branch)
        width = choose_width([len(branches) for branches in rows.values()])
        parts = [
            branches[first : first + width]
            for branches in rows.values()
            for first in range(0, len(branches), width)
        ]
        needed = torch.full((len(parts), 1 + width), PASSAGE)
        for place, part in enumerate(parts):
            needed[place, 1 : 1 + len(part)] = torch.tensor([branch.owner for branch in part])
        memory.keep(
            torch.tensor([part[0].row for part in parts], device=self._device),
            needed.to(self._device),
        )
        return [b._replace(row=place) for place, part in enumerate(parts) for b in part]

    def _run(
        self,
        memory: Memory,
        ids: torch.Tensor,
        positions: torch.Tensor,
        mask: torch.Tensor | None,
        keep: int | torch.Tensor,
    ) -> torch.Tensor:
        """The logits at the places to keep (0: all) after reading `ids` into the memory."""
        output = self.model(
            input_ids=ids,
            position_ids=positions,
            attention_mask=mask,
            cache=memory.cache,
            use_cache=True,
            logits_to_keep=keep,
        )
        logits: torch.Tensor = output.logits
        return logits

    @property
    def _device(self) -> torch.device:
        device: torch.device = self.model.device
        return device


def group_queries(queries: Sequence[Sequence[int]]) -> list[list[int]]:
    """The numbers of the queries, in groups that are read at once."""
    groups: list[list[int]] = []
    spent = 0
    for number, query in enumerate(queries):
        if not groups or spent + len(query) > QUERY_TOKENS:
            groups.append([])
            spent = 0
        groups[-1].append(number)
        spent += len(query)
    return groups


def choose_width(counts: Sequence[int]) -> int:
    """How many answers a row is to hold at most, given how many each passage has.

    Every place for one costs as much as a token, and every row about as much again.
    """

    def cost(width: int) -> int:
        return sum(-(-count // width) for count in counts) * (width + 1)

    return min(range(1, max(counts) + 1), key=cost)


def count_shared(queries: Sequence[Sequence[int]]) -> int:
    """How many tokens all queries begin with, each keeping at least one of its own."""
    least = min(map(len, queries)) - 1
    first = queries[0]
    differ = (at for at in range(least) if any(query[at] != first[at] for query in queries))
    return next(differ, least)
