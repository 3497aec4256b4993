"""Reads a model folder back as a network that can be trained on; int8 weights become floats."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper

from uniner.records import ConfigError
from uniner.students.checkpoint import read_settings
from uniner.training.base import load_base
from uniner.training.network import SpanNetwork

Array = npt.NDArray[Any]

GRAPHS = ("encoder", "types", "spans")
OWNER = "network."
"""What the graphs of `export` call the network that they are made of."""

UNUSED = "encoder.pooler."
"""What a base encoder brings along and no graph holds."""


def read_network(folder: Path, *, drop: float) -> SpanNetwork:
    """The network of a span student's folder; ConfigError where its weights cannot be read back."""
    settings, (base, layers) = read_settings(folder), read_origin(folder)
    weights: dict[str, Array] = {}
    for name in GRAPHS:
        weights.update(read_weights(onnx.load(str(folder / f"{name}.onnx")).graph))
    if "naming.weight" not in weights:
        raise ConfigError(f"{folder}: has no weights of a span student; make it again with uniner")
    hidden = len(weights["naming.weight"])
    network = SpanNetwork(
        load_base(base, layers)[0], max_width=settings.max_width, hidden=hidden, drop=drop
    )
    known = dict(network.named_parameters())
    missing = [n for n in known if n not in weights and not n.startswith(UNUSED)]
    wrong = [n for n in weights if n not in known or weights[n].shape != known[n].shape]
    if missing or wrong:
        raise ConfigError(
            f"{folder}: does not fit its base {base!r} ({[*missing, *wrong][0]!r} differs); "
            "only students that this uniner exported can be trained on"
        )
    with torch.no_grad():
        for name, value in weights.items():
            known[name].copy_(torch.from_numpy(value))
    return network


class Origin(NamedTuple):
    """A base model, and how many of its layers were taken, 0 for all."""

    base: str
    layers: int


def read_origin(folder: Path) -> Origin:
    """The base model that a student was made of."""
    path = folder / "training.json"
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        student = row["recipe"]["student"]
        base, layers = student["base"], student.get("layers", 0)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        base, layers = None, 0
    if not isinstance(base, str) or not isinstance(layers, int):
        raise ConfigError(f"{path}: does not name the base model; give a folder that uniner wrote")
    return Origin(base, layers)


def read_weights(graph: Any) -> Iterator[tuple[str, Array]]:
    """The parameters that a graph of `export` holds, by their names in the network."""
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for name in arrays:
        if name.startswith(OWNER) and not name.endswith(("_scale", "_zero_point")):
            whole = name.removesuffix("_quantized")
            yield whole.removeprefix(OWNER), read_array(arrays, whole)
    for node in graph.node:
        # A linear layer's weights lie transposed and without a name; the node has the layer's.
        if node.op_type in ("MatMul", "MatMulInteger") and node.input[1] in arrays:
            path = node.name.strip("/").rpartition("/")[0].replace("/", ".")
            weight = read_array(arrays, node.input[1].removesuffix("_quantized"))
            yield f"{path}.weight", weight.T
    if widths := list(list_widths(graph, arrays)):
        yield "width.weight", np.stack(widths)


def read_array(arrays: dict[str, Array], name: str) -> Array:
    """The floats of an array, whether they are stored as such or as bytes with a scale."""
    if name in arrays:
        return np.array(arrays[name])  # a copy: what onnx gives cannot be written to
    stored = arrays[f"{name}_quantized"].astype(np.float32)
    zero = arrays[f"{name}_zero_point"].astype(np.float32)
    return np.asarray((stored - zero) * arrays[f"{name}_scale"])


def list_widths(graph: Any, arrays: dict[str, Array]) -> Iterator[Array]:
    """The vector of each width, the narrowest first: what is added last before each `relu`."""
    made = {name: node for node in graph.node for name in node.output}
    for node in graph.node:
        if node.op_type == "Relu":
            yield from (arrays[name] for name in made[node.input[0]].input if name in arrays)
