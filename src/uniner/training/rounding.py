"""int8 arithmetic that rounds each row by itself, so that no text's scores depend on another's.

onnxruntime's own dynamic quantization rounds by the largest number of a whole batch: what is found
in a text would change with the texts, and with the padding, that it happens to be scored with.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process

Array: TypeAlias = npt.NDArray[np.float32]

MOST = 127
"""The largest whole number that a float becomes; it is stored with 128 added."""

LEAST = 1e-8
"""The largest float of a row of noughts, so that there is something to divide by."""


def round_graph(source: Path, target: Path) -> None:
    """Write a graph with int8 weights: linear layers with a scale a column, embeddings with one."""
    simple = target.with_suffix(".simple.onnx")
    quant_pre_process(str(source), str(simple), skip_symbolic_shape=True)
    quantize_dynamic(
        str(simple), str(target), op_types_to_quantize=["Gather"], weight_type=QuantType.QInt8
    )
    simple.unlink()
    model = onnx.load(str(target))
    round_rows(model.graph)
    onnx.save(model, str(target))


def round_rows(graph: Any) -> None:
    """Replace each product with constant weights [K, N] by one of whole numbers, in place."""
    weights = {tensor.name: tensor for tensor in graph.initializer}
    add_constants(graph)
    nodes: list[NodeProto] = []
    rounded: set[str] = set()
    stored: set[str] = set()
    for node in graph.node:
        if node.op_type != "MatMul" or node.input[1] not in weights:
            nodes.append(node)
            continue
        rows, name = node.input
        if rows not in rounded:
            nodes += round_input(rows)
            rounded.add(rows)
        if name not in stored:
            store(graph, name, numpy_helper.to_array(weights[name]))
            graph.initializer.remove(weights[name])
            stored.add(name)
        nodes += multiply(node, rows, name)
    del graph.node[:]
    graph.node.extend(nodes)


def add_constants(graph: Any) -> None:
    """What every rounding shares."""
    for name, value in (
        ("rows_least", np.float32(LEAST)),
        ("rows_most", np.float32(MOST)),
        ("rows_middle", np.uint8(MOST + 1)),
        ("rows_flat", np.array([-1], np.int64)),
    ):
        graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))


def store(graph: Any, name: str, weight: Array) -> None:
    """Keep weights as bytes with a scale for each column, under the names that onnxruntime uses."""
    scale = np.maximum(np.abs(weight).max(axis=0), LEAST) / MOST
    for end, value in (
        ("quantized", np.rint(weight / scale).astype(np.int8)),
        ("scale", scale.astype(np.float32)),
        ("zero_point", np.int8(0)),
    ):
        graph.initializer.append(numpy_helper.from_array(np.asarray(value), f"{name}_{end}"))


def round_input(rows: str) -> Iterator[NodeProto]:
    """Floats [..., K] as bytes of the same shape, with a scale [..., 1] for each row."""

    def name(part: str) -> str:
        return f"{rows}_{part}"

    yield helper.make_node("Abs", [rows], [name("sizes")])
    yield helper.make_node("ReduceMax", [name("sizes")], [name("largest")], axes=[-1])
    yield helper.make_node("Max", [name("largest"), "rows_least"], [name("top")])
    # Divided, not multiplied: onnxruntime mistakes a product of scales for its own pattern, and
    # takes the first row's scale for every row.
    yield helper.make_node("Div", [name("top"), "rows_most"], [name("scale")])
    yield helper.make_node("Reshape", [name("scale"), "rows_flat"], [name("scales")])
    yield helper.make_node("Shape", [name("scales")], [name("count")])
    yield helper.make_node("Expand", ["rows_middle", name("count")], [name("middles")])
    yield helper.make_node("Flatten", [rows], [name("table")], axis=-1)
    yield helper.make_node(
        "QuantizeLinear",
        [name("table"), name("scales"), name("middles")],
        [name("bytes")],
        axis=0,
    )
    yield helper.make_node("Shape", [rows], [name("shape")])
    yield helper.make_node("Reshape", [name("bytes"), name("shape")], [name("quantized")])


def multiply(node: NodeProto, rows: str, name: str) -> Iterator[NodeProto]:
    """The product of rounded rows and weights, as floats again."""
    [out] = node.output
    yield helper.make_node(
        "MatMulInteger",
        [f"{rows}_quantized", f"{name}_quantized", "rows_middle", f"{name}_zero_point"],
        [f"{out}_whole"],
        name=node.name,
    )
    yield helper.make_node("Cast", [f"{out}_whole"], [f"{out}_float"], to=TensorProto.FLOAT)
    yield helper.make_node("Mul", [f"{out}_float", f"{rows}_scale"], [f"{out}_scaled"])
    yield helper.make_node("Mul", [f"{out}_scaled", f"{name}_scale"], [out])
