"""Writes a trained network as a model folder: three ONNX graphs, tokenizer, settings."""

import json
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor, nn

from uniner.students.checkpoint import Settings
from uniner.students.encode import Encoder
from uniner.training.network import SpanNetwork
from uniner.training.rounding import round_graph


class EncoderGraph(nn.Module):
    """ids, shapes, mask [B, T] -> sub-word vectors [B, T, D]."""

    def __init__(self, network: SpanNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: Tensor, shapes: Tensor, mask: Tensor) -> Tensor:
        return self.network.embed(ids, shapes, mask)


class TypeGraph(nn.Module):
    """Sub-word vectors [N, T, D] and mask [N, T] of names -> type vectors [N, H + 1]."""

    def __init__(self, network: SpanNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        return self.network.types(hidden, mask)


class SpanGraph(nn.Module):
    """Sub-word vectors, each word's ends, type vectors -> logits [B, W, K, N]."""

    def __init__(self, network: SpanNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, hidden: Tensor, firsts: Tensor, lasts: Tensor, types: Tensor) -> Tensor:
        # Width by width, so that the span vectors of all widths are never in memory at once.
        parts = self.network.widths(hidden, firsts, lasts)
        return torch.stack([self.network.scores(part, types) for part in parts], 2)


def export(
    network: SpanNetwork,
    encoder: Encoder,
    settings: Settings,
    folder: Path,
    *,
    quantize: bool = True,
    notes: Mapping[str, Any] | None = None,
) -> None:
    """Write `network` to `folder` as a model that needs no torch; int8 weights if `quantize`."""
    folder.mkdir(parents=True, exist_ok=True)
    network = network.eval().to("cpu").float()
    size: int = network.encoder.config.hidden_size  # type: ignore[union-attr, assignment]
    ids = torch.randint(5, 50, (2, 9))
    mask = torch.ones(2, 9, dtype=torch.long)
    mask[1, 6:] = 0
    hidden = torch.randn(2, 9, size)
    ends = torch.tensor([[1, 2, 3, 4, 8], [1, 2, 3, 5, 5]])
    types = torch.randn(3, network.naming.out_features + 1)
    grid = {0: "windows", 1: "pieces"}
    with tempfile.TemporaryDirectory() as scratch:
        for name, graph, inputs, axes in (
            (
                "encoder",
                EncoderGraph(network),
                {"ids": ids, "shapes": torch.ones_like(ids), "mask": mask},
                {"ids": grid, "shapes": grid, "mask": grid},
            ),
            (
                "types",
                TypeGraph(network),
                {"hidden": hidden, "mask": mask},
                {"hidden": grid, "mask": grid},
            ),
            (
                "spans",
                SpanGraph(network),
                {"hidden": hidden, "firsts": ends, "lasts": ends, "types": types},
                {
                    "hidden": grid,
                    "firsts": {0: "windows", 1: "words"},
                    "lasts": {0: "windows", 1: "words"},
                    "types": {0: "types"},
                },
            ),
        ):
            plain = Path(scratch) / f"{name}.onnx"
            with warnings.catch_warnings(), torch.no_grad():
                warnings.simplefilter("ignore")
                torch.onnx.export(
                    graph.eval(),
                    tuple(inputs.values()),
                    str(plain),
                    input_names=list(inputs),
                    output_names=["out"],
                    dynamic_axes=axes,
                    opset_version=17,
                    dynamo=False,
                )
            target = folder / f"{name}.onnx"
            if quantize and name == "encoder":
                round_graph(plain, target)
            else:
                onnx.save(onnx.load(str(plain)), str(target))
    encoder.tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    if notes is not None:
        (folder / "training.json").write_text(
            json.dumps(notes, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    # Last, because a folder with settings counts as a whole model.
    (folder / "settings.json").write_text(settings.to_json(), encoding="utf-8")
