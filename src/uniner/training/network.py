"""The span student as a torch module: one encoder, for text and types; one score for each pair."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, pad, relu

from uniner.students.encode import SHAPES


class Dropout(nn.Module):
    """Dropout that on a CPU draws its mask from random bytes, far faster than torch does there."""

    def __init__(self, share: float, rng: np.random.Generator) -> None:
        super().__init__()
        self.cut = round(share * 256)
        self.rng = rng

    def forward(self, values: Tensor) -> Tensor:
        if not self.training or self.cut == 0:
            return values
        if values.device.type != "cpu":
            return dropout(values, self.cut / 256)
        drawn = bytearray(self.rng.bytes(values.numel()))
        kept = torch.frombuffer(drawn, dtype=torch.uint8).view(values.shape) >= self.cut
        return values * kept.to(values.dtype).mul_(256 / (256 - self.cut))


def replace_dropout(module: nn.Module, share: float, rng: np.random.Generator) -> None:
    """Give a base encoder this dropout after its layers, and none within its attention."""
    for name, child in module.named_children():
        if not isinstance(child, nn.Dropout):
            replace_dropout(child, share, rng)
        elif "Attention" in type(module).__name__ and "SelfOutput" not in type(module).__name__:
            child.p = 0.0
        else:
            setattr(module, name, Dropout(share, rng))


class SpanNetwork(nn.Module):
    """Scores every span of up to `max_width` words against every type vector.

    A span is described by its first and last sub-word, the mean over its words, the words on
    either side and its width; a type by the mean of its name's sub-words. Both come from the same
    encoder but never meet in it, so type vectors can be computed once and kept.
    """

    def __init__(self, encoder: nn.Module, *, max_width: int, hidden: int, drop: float) -> None:
        super().__init__()
        size: int = encoder.config.hidden_size  # type: ignore[union-attr, assignment]
        self.encoder = encoder
        self.max_width = max_width
        self.shape = nn.Embedding(SHAPES, size)
        nn.init.zeros_(self.shape.weight)
        self.first = nn.Linear(size, hidden)
        self.last = nn.Linear(size, hidden, bias=False)
        self.mean = nn.Linear(size, hidden, bias=False)
        self.before = nn.Linear(size, hidden, bias=False)
        self.after = nn.Linear(size, hidden, bias=False)
        self.width = nn.Embedding(max_width, hidden)
        nn.init.normal_(self.width.weight, std=0.02)
        self.naming = nn.Linear(size, hidden)
        self.prior = nn.Linear(size, 1)
        nn.init.zeros_(self.prior.weight)
        nn.init.constant_(self.prior.bias, -4.0)
        self.rng = np.random.Generator(np.random.SFC64(0))
        self.dropout = Dropout(drop, self.rng)
        replace_dropout(encoder, drop, self.rng)

    def reseed(self, seed: int) -> None:
        """Start the stream of dropout masks anew."""
        self.rng.bit_generator.state = np.random.SFC64(seed).state

    def embed(self, ids: Tensor, shapes: Tensor, mask: Tensor) -> Tensor:
        """Sub-word vectors [B, T, D]; type names carry shape 0 everywhere."""
        vectors = self.encoder.get_input_embeddings()(ids)  # type: ignore[operator]
        vectors = vectors + self.shape(shapes) * (shapes > 0).unsqueeze(-1)
        hidden: Tensor = self.encoder(inputs_embeds=vectors, attention_mask=mask).last_hidden_state
        return hidden

    def widths(self, hidden: Tensor, firsts: Tensor, lasts: Tensor) -> Iterator[Tensor]:
        """Span vectors [B, W, H] of one width after the other, one word wide first.

        `hidden` is [B, T, D], each word's first and last sub-word [B, W + 1]: the column past a
        window's last word points at the closing special token, which stands for what comes after.
        """
        hidden = self.dropout(hidden)
        size, count = hidden.shape[-1], self.max_width
        first = hidden.gather(1, firsts.unsqueeze(-1).expand(-1, -1, size))
        last = hidden.gather(1, lasts.unsqueeze(-1).expand(-1, -1, size))
        words = firsts.shape[1] - 1
        mean = self.mean((first + last) / 2)[:, :words].float()
        sums = pad(torch.cumsum(pad(mean, (0, 0, 1, 0)), 1), (0, 0, 0, count - 1))
        starts = self.first(first)[:, :words] + pad(self.before(last), (0, 0, 1, 0))[:, :words]
        ends = self.last(last)[:, :words] + self.after(first)[:, 1:]
        ends = pad(ends, (0, 0, 0, count - 1))
        for k in range(count):
            inner = (sums[:, k + 1 : k + 1 + words] - sums[:, :words]) / (k + 1)
            edges = starts + ends[:, k : k + words]
            yield relu(edges + inner.to(edges.dtype) + self.width.weight[k].to(edges.dtype))

    def spans(self, hidden: Tensor, firsts: Tensor, lasts: Tensor) -> Tensor:
        """Span vectors [B, W, K, H] of all widths; see `widths`."""
        return torch.stack(list(self.widths(hidden, firsts, lasts)), 2)

    def types(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Type vectors [N, H + 1] from sub-word vectors of names; the last column is the prior."""
        weights = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * weights).sum(1) / weights.sum(1)
        scale = 1 / math.sqrt(self.naming.out_features)
        return torch.cat([self.naming(mean) * scale, self.prior(mean)], -1)

    @staticmethod
    def scores(spans: Tensor, types: Tensor) -> Tensor:
        """Logits [..., N] of span vectors [..., H] against type vectors [N, H + 1]."""
        return spans @ types[:, :-1].T + types[:, -1]
