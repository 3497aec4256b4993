"""int8 weights: near the floats, and the same for a text whatever is scored with it."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toy_model import CITIES, PEOPLE, WHOLE, export_toy
from uniner.students.span import SpanStudent

WORDS = st.lists(st.sampled_from([*WHOLE, *PEOPLE, *CITIES, "zq", "9"]), min_size=1, max_size=20)
TEXTS = st.lists(WORDS.map(" ".join), min_size=1, max_size=6)
TYPES = ["person", "city"]


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> SpanStudent:
    folder = tmp_path_factory.mktemp("student")
    export_toy(folder, quantize=True)
    return SpanStudent(folder, threads=1)


@settings(max_examples=60)
@given(TEXTS)
def test_what_is_found_in_a_text_does_not_hang_on_the_texts_beside_it(
    student: SpanStudent, texts: list[str]
) -> None:
    together = student.extract(texts, TYPES, 0.0, nested=True)
    for text, prediction in zip(texts, together, strict=True):
        [alone] = student.extract([text], TYPES, 0.0, nested=True)
        assert [(e.start, e.end, e.type) for e in prediction.entities] == [
            (e.start, e.end, e.type) for e in alone.entities
        ]
        assert [e.score for e in prediction.entities] == pytest.approx(
            [e.score for e in alone.entities], abs=1e-6
        )


def test_a_type_means_the_same_whichever_are_asked_with_it(student: SpanStudent) -> None:
    names = ["person", "a city, or a town with a name of its own", "9"]
    together = student.embed_names(names)
    alone = [student.embed_names([name])[0] for name in names]
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_products_are_of_whole_numbers_and_near_those_of_floats(tmp_path: Path) -> None:
    export_toy(tmp_path / "bytes", quantize=True)
    export_toy(tmp_path / "floats", quantize=False)
    nodes = onnx.load(str(tmp_path / "bytes" / "encoder.onnx")).graph.node
    assert sum(node.op_type == "MatMulInteger" for node in nodes) == 6  # of the one layer
    ids = np.arange(30).reshape(2, 15) + 4
    feeds = {"ids": ids, "shapes": np.ones_like(ids), "mask": np.ones_like(ids)}
    whole, exact = (
        onnxruntime.InferenceSession(str(tmp_path / kind / "encoder.onnx")).run(None, feeds)[0]
        for kind in ("bytes", "floats")
    )
    assert 0 < np.abs(whole - exact).mean() < 0.02 * np.abs(exact).mean()
