"""What is right, wrong and unknown in a batch, and the loss of it."""

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy, logsigmoid, softplus

from toy_model import make_encoder
from uniner.corpus.taxonomy import Definition, Taxonomy
from uniner.records import Passage
from uniner.training.examples import Example
from uniner.training.objective import (
    Surfaces,
    Targets,
    find_targets,
    loss_of,
    wrong_loss,
)

TYPES = ["poet", "person", "artist", "city"]
RELATED = {"poet": frozenset({"person", "artist"}), "person": frozenset({"poet", "artist"})}
WINDOW = make_encoder().window(["Mira", "left", "Rome"])
ROWS = np.array([[[0, 1], [2, 3], [4, -1]]])


def make_example(gold: dict[tuple[int, int], tuple[str, ...]]) -> Example:
    return Example(Passage("p", "Mira left Rome"), WINDOW, WINDOW, gold)


EXAMPLE = make_example({(0, 0): ("poet", "person"), (2, 0): ("city",)})


def find(seed: int = 0) -> Targets:
    return find_targets(
        [EXAMPLE], ROWS, TYPES, lambda name: RELATED.get(name, frozenset()), random.Random(seed)
    )


@pytest.mark.parametrize("gamma", [0, 1])
def test_the_loss_of_wrong_pairs_is_focal_and_so_is_its_gradient(gamma: int) -> None:
    logits = torch.linspace(-8, 8, 23, dtype=torch.double, requires_grad=True)
    naive = (-logsigmoid(-logits) * torch.sigmoid(logits) ** gamma).sum()
    assert torch.allclose(wrong_loss(logits, gamma), naive)
    assert torch.autograd.gradcheck(lambda x: wrong_loss(x, gamma), (logits,))
    assert torch.autograd.gradcheck(lambda x: 3 * wrong_loss(2 * x, gamma), (logits,))


def test_gold_pairs_are_right_and_related_types_that_were_not_given_unknown() -> None:
    targets = find()
    assert list(zip(targets.gold_rows, targets.gold_columns, strict=True)) == [
        (0, 0),
        (0, 1),
        (4, 3),
    ]
    assert list(zip(targets.unknown_rows, targets.unknown_columns, strict=True)) == [(0, 2)]


def test_of_each_ladder_one_type_is_chosen_as_if_no_more_special_one_were_asked() -> None:
    chosen: Counter[int] = Counter()
    for seed in range(400):
        targets = find(seed)
        assert targets.chosen_rows == [0, 4]
        first, second = targets.chosen_columns
        assert targets.hidden == [[0, 2] if first == 1 else [2], []]
        assert second == 3
        chosen[first] += 1
    assert chosen.keys() == {0, 1}
    assert 240 < chosen[0] < 360  # half the time the first, otherwise either


@pytest.mark.parametrize("gamma", [0, 1])
@pytest.mark.parametrize("select", [0.0, 0.7])
def test_the_loss_is_what_its_parts_say(gamma: int, select: float) -> None:
    torch.manual_seed(0)
    logits, targets = torch.randn(5, 4, dtype=torch.double), find(1)
    truth = torch.zeros_like(logits)
    truth[targets.gold_rows, targets.gold_columns] = 1
    known = torch.ones_like(logits)
    known[targets.unknown_rows, targets.unknown_columns] = 0
    right = softplus(-logits) * torch.sigmoid(-logits) ** gamma * truth
    wrong = softplus(logits) * torch.sigmoid(logits) ** gamma * (1 - truth)
    expected = ((right + wrong) * known).sum() / 3
    choices = [
        cross_entropy(
            torch.tensor([value for c, value in enumerate(logits[row]) if c not in hidden]),
            torch.tensor(column - sum(c < column for c in hidden)),
        )
        for row, column, hidden in zip(
            targets.chosen_rows, targets.chosen_columns, targets.hidden, strict=True
        )
    ]
    expected = expected + select * torch.stack(choices).mean()
    assert torch.allclose(loss_of(logits, targets, gamma=gamma, select=select), expected)


@pytest.mark.parametrize("gamma", [0, 1])
def test_unknown_pairs_carry_no_loss(gamma: int) -> None:
    logits = torch.randn(5, 4, requires_grad=True)
    loss_of(logits, find(), gamma=gamma, select=1.0).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert logits.grad[0, 2] == 0
    assert (logits.grad != 0).sum() == 19


def test_what_a_gold_span_teaches_counts_by_its_weight() -> None:
    def loss(weight: float, select: float = 1.0) -> torch.Tensor:
        example = replace(EXAMPLE, weights={(0, 0): weight})
        targets = find_targets([example], ROWS, TYPES, lambda _: frozenset(), random.Random(0))
        return loss_of(logits, targets, gamma=0, select=select)

    logits = torch.randn(5, 4, dtype=torch.double)
    assert torch.allclose(loss(1.0), loss_of(logits, find_plain(), gamma=0, select=1.0))
    assert torch.allclose(loss(0.5), (loss(0.0) + loss(1.0)) / 2)
    lost = loss(1.0, 0.0) - loss(0.0, 0.0)
    assert torch.allclose(lost, softplus(-logits[0, :2]).sum() / 3)


def find_plain() -> Targets:
    return find_targets([EXAMPLE], ROWS, TYPES, lambda _: frozenset(), random.Random(0))


def test_a_batch_without_gold_has_a_loss() -> None:
    targets = find_targets([make_example({})], ROWS, TYPES, lambda _: frozenset(), random.Random(0))
    assert loss_of(torch.zeros(5, 4), targets, gamma=0, select=1.0) == pytest.approx(20 * np.log(2))


def test_a_type_is_asked_by_its_name_an_alias_or_its_definition() -> None:
    taxonomy = Taxonomy({}, {"poet": Definition("poet", "who writes verse", ("bard",))})
    surfaces, rng = Surfaces(taxonomy, alias=0.3, definition=0.2), random.Random(0)
    seen = Counter(surfaces.choose("poet", rng) for _ in range(2000))
    assert seen.keys() == {"poet", "bard", "who writes verse", "poet: who writes verse"}
    assert 540 < seen["bard"] < 660
    assert 930 < seen["poet"] < 1070
    assert {surfaces.choose("stranger", rng) for _ in range(50)} == {"stranger"}
