"""Attention unit by unit is the attention of whole rows, where no unit sees another."""

import random

import pytest

pytest.importorskip("torch", reason="training needs the extra train")
import torch

from uniner.chat.tokens import Tokens
from uniner.training.generative.attention import attend_by_unit
from uniner.training.generative.packing import (
    Encoded,
    Layout,
    build_row,
    collate,
    plan_epoch,
)

SAID = Tokens([2, 3, 4], [False, True, True])
ENCODED = [Encoded([1] * size, (SAID, SAID)) for size in (3, 9, 5, 7)]


@pytest.mark.parametrize("shared", [1, 2], ids=["each head has keys", "two heads share keys"])
@pytest.mark.parametrize("prefix", [True, False])
def test_units_by_themselves_give_what_whole_rows_give(shared: int, prefix: bool) -> None:
    units = plan_epoch(ENCODED, Layout(32), 0, random.Random(0))
    rows = [build_row(row, ENCODED, isolated=True) for row in units]
    assert max(len(row) for row in units) > 1, "a row has several units"
    batch = collate(rows, 0, prefix=prefix)
    assert sum(batch.units) == batch.ids.size
    generator = torch.Generator().manual_seed(0)
    mask = torch.from_numpy(batch.mask)
    size = (len(rows), 4, batch.ids.shape[1], 8)
    queries = torch.randn(size, generator=generator, requires_grad=True)
    keys, values = (
        torch.randn((size[0], 4 // shared, *size[2:]), generator=generator, requires_grad=True)
        for _ in range(2)
    )
    module = torch.nn.Module()
    module.num_key_value_groups = shared  # type: ignore[assignment]

    whole, _ = attend_by_unit(module, queries, keys, values, mask)
    parts, _ = attend_by_unit(module, queries, keys, values, mask, units=batch.units)

    assert parts.shape == (size[0], size[2], 4, 8)
    torch.testing.assert_close(parts, whole)
    towards = torch.randn(whole.shape, generator=generator)
    for tensor in (queries, keys, values):
        one, other = (
            torch.autograd.grad(found, tensor, towards, retain_graph=True)[0]
            for found in (whole, parts)
        )
        torch.testing.assert_close(one, other)
