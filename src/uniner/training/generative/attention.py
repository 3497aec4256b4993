"""Attention that is computed unit by unit, so that packed rows cost no more than their units.

With one mask for a whole row, most of the work would be on pairs of tokens of which one does not
see the other; it grows with the square of the row.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

BY_UNIT = "sdpa_by_unit"


def attend_by_unit(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """Attention [B, T, H, D] of queries, keys and values [B, H, T, D].

    The option `units` has the lengths of the units of all rows one after another, padding counted
    as units too; where it is missing, everything is one.
    """
    units: Sequence[int] | None = options.get("units")
    if units is None or attention_mask is None:
        whole, _ = sdpa_attention_forward(module, query, key, value, attention_mask, **options)
        return whole, None
    rows, heads, tokens, size = query.shape
    parts = zip(
        *(split_rows(tensor, units) for tensor in (query, key, value)),
        cut_masks(attention_mask, units),
        strict=True,
    )
    found = [
        scaled_dot_product_attention(
            queries,
            keys,
            values,
            mask,
            dropout_p=options.get("dropout", 0.0),
            scale=options.get("scaling"),
            enable_gqa=key.shape[1] != heads,
        )
        for queries, keys, values, mask in parts
    ]
    together = torch.cat(found, dim=2).view(heads, rows, tokens, size)
    return together.permute(1, 2, 0, 3).contiguous(), None


def split_rows(tensor: torch.Tensor, units: Sequence[int]) -> tuple[torch.Tensor, ...]:
    """Units [1, H, t, D] of rows [B, H, T, D]."""
    flat = tensor.transpose(0, 1).flatten(1, 2).unsqueeze(0)
    return torch.split(flat, list(units), dim=2)


def cut_masks(mask: torch.Tensor, units: Sequence[int]) -> Iterator[torch.Tensor]:
    """Who sees whom within each unit, from who does within each row [B, 1, T, T]."""
    start = 0
    for length in units:
        row, first = divmod(start, mask.shape[-1])
        last = first + length
        yield mask[row : row + 1, :, first:last, first:last]
        start += length


AttentionInterface.register(BY_UNIT, attend_by_unit)
