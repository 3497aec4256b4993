"""What a span student learns: which types are asked of a batch, what is right, and the loss."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, softplus

from uniner.corpus.taxonomy import Taxonomy
from uniner.training.examples import Example

Related = Callable[[str], frozenset[str]]


class FocalNegatives(torch.autograd.Function):
    """Sum of softplus(x) * sigmoid(x)**gamma, gamma 0 or 1: the loss of pairs that do not hold.

    Keeps one tensor for the way back instead of five: this is the widest tensor of a step.
    """

    @staticmethod
    def forward(ctx: Any, logits: Tensor, gamma: int) -> Tensor:
        sigmoid, rising = torch.sigmoid(logits), softplus(logits)
        if gamma == 0:
            ctx.save_for_backward(sigmoid)
            return rising.sum()
        loss = (sigmoid * rising).sum()
        ctx.save_for_backward(sigmoid.mul_(sigmoid + rising * (1 - sigmoid)))
        return loss

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return ctx.saved_tensors[0] * grads[0], None


def wrong_loss(logits: Tensor, gamma: int) -> Tensor:
    """The summed loss of logits whose pairs do not hold."""
    loss: Tensor = FocalNegatives.apply(logits, gamma)  # type: ignore[no-untyped-call]
    return loss


@dataclass(frozen=True, slots=True)
class Surfaces:
    """How often a type is asked by another name: an alias, or its definition."""

    taxonomy: Taxonomy
    alias: float
    definition: float

    def choose(self, name: str, rng: random.Random) -> str:
        """One wording of entity type `name`."""
        draw = rng.random()
        definition = self.taxonomy.definition(name)
        if draw < self.alias:
            aliases = self.taxonomy.aliases(name)
            return rng.choice(aliases) if aliases else name
        if draw < self.alias + self.definition and definition:
            return definition if rng.random() < 0.5 else f"{name}: {definition}"
        return name


class Targets(NamedTuple):
    """Where the gold stands in a batch's logits [spans, types]; all index lists run in parallel."""

    gold_rows: list[int]
    gold_columns: list[int]
    unknown_rows: list[int]
    unknown_columns: list[int]
    chosen_rows: list[int]
    chosen_columns: list[int]
    hidden: list[list[int]]
    gold_weights: list[float]
    chosen_weights: list[float]


def find_targets(
    examples: Sequence[Example],
    row_of: np.ndarray[Any, np.dtype[np.int64]],
    types: Sequence[str],
    related: Related,
    rng: random.Random,
) -> Targets:
    """Targets of a batch; `row_of` [B, W, K] numbers the spans that exist.

    A type that is related to one of the gold types (a more general, a more special, an alias) but
    was not given is unknown rather than wrong. Of each gold span one type of its ladder is chosen,
    at least half the time the most specific; the types above it are hidden, as if nobody had
    asked for them, so that the student learns to answer with the most specific type asked.
    """
    column = {name: index for index, name in enumerate(types)}
    asked = frozenset(types)
    targets = Targets([], [], [], [], [], [], [], [], [])
    for number, example in enumerate(examples):
        for (first, width), ladder in example.gold.items():
            row = int(row_of[number, first, width])
            columns = [column[name] for name in ladder]
            near = {other for name in ladder for other in related(name) & asked}
            unknown = sorted(column[name] for name in near.difference(ladder))
            targets.gold_rows.extend([row] * len(columns))
            targets.gold_columns.extend(columns)
            targets.unknown_rows.extend([row] * len(unknown))
            targets.unknown_columns.extend(unknown)
            step = rng.randrange(len(columns)) if rng.random() < 0.5 else 0
            targets.chosen_rows.append(row)
            targets.chosen_columns.append(columns[step])
            targets.hidden.append(columns[:step] + unknown)
            weight = example.weights.get((first, width), 1.0)
            targets.gold_weights.extend([weight] * len(columns))
            targets.chosen_weights.append(weight)
    return targets


def loss_of(logits: Tensor, targets: Targets, *, gamma: int, select: float) -> Tensor:
    """The loss of logits [spans, types], per gold pair.

    Focal binary cross-entropy over all pairs, unknown ones left out, plus `select` times the
    cross-entropy of the chosen type against all asked types at each gold span; what a gold span
    teaches counts by its weight.
    """
    rows, columns = targets.gold_rows, targets.gold_columns
    gold = logits[rows, columns]
    right = softplus(-gold) * torch.tensor(targets.gold_weights, dtype=gold.dtype).to(gold.device)
    if gamma:
        right = right * torch.sigmoid(-gold)
    left_out = logits[rows + targets.unknown_rows, columns + targets.unknown_columns]
    wrong = wrong_loss(logits, gamma) - wrong_loss(left_out, gamma)
    loss: Tensor = (right.sum() + wrong) / max(1, len(rows))
    if select and targets.chosen_rows:
        chosen = logits[targets.chosen_rows]
        at = [i for i, hidden in enumerate(targets.hidden) for _ in hidden]
        hidden = [c for columns_ in targets.hidden for c in columns_]
        mask = torch.zeros_like(chosen, dtype=torch.bool)
        mask[at, hidden] = True
        surprise = cross_entropy(
            chosen.masked_fill(mask, -1e4),
            torch.tensor(targets.chosen_columns, device=logits.device),
            reduction="none",
        )
        weights = torch.tensor(targets.chosen_weights, dtype=logits.dtype).to(logits.device)
        loss = loss + select * (surprise * weights).mean()
    return loss
