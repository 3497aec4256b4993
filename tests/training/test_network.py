"""The network scores all spans at once as if it took them one by one."""

import numpy as np
import pytest
import torch
from torch import Tensor

from toy_model import make_encoder, make_network
from uniner.students.encode import Batch
from uniner.training.network import Dropout
from uniner.training.span import encode_types, tensors

ENCODER = make_encoder()
LONG = ENCODER.window(["Mira", "and", "Ivo", "left", "Oslo", "for", "xyz", ",", "12", "."])
SHORT = ENCODER.window(["Bo", "saw", "Rome"])


def embed(windows: list[object]) -> tuple[Batch, dict[str, Tensor], Tensor]:
    batch = Batch(windows, ENCODER.pad)  # type: ignore[arg-type]
    arrays = tensors(batch, "cpu")
    return batch, arrays, NETWORK.embed(arrays["ids"], arrays["shapes"], arrays["mask"])


NETWORK = make_network(lively=True).eval()


@torch.no_grad()
def test_span_vectors_are_those_of_a_loop_over_spans() -> None:
    _, arrays, hidden = embed([LONG, SHORT])
    vectors = NETWORK.spans(hidden, arrays["firsts"], arrays["lasts"])
    assert vectors.shape == (2, 10, 4, 8)
    for row, window in enumerate((LONG, SHORT)):
        states, count = hidden[row], len(window.firsts)
        words = [
            (states[f] + states[e]) / 2 for f, e in zip(window.firsts, window.lasts, strict=True)
        ]
        for start in range(count):
            for width in range(min(4, count - start)):
                end = start + width
                expected = (
                    NETWORK.first(states[window.firsts[start]])
                    + NETWORK.last(states[window.lasts[end]])
                    + NETWORK.mean(torch.stack(words[start : end + 1]).mean(0))
                    + NETWORK.width.weight[width]
                )
                if start:
                    expected = expected + NETWORK.before(states[window.lasts[start - 1]])
                after = window.firsts[end + 1] if end + 1 < count else len(window.ids) - 1
                expected = expected + NETWORK.after(states[after])
                assert torch.allclose(vectors[row, start, width], expected.relu(), atol=1e-5)


@torch.no_grad()
def test_type_vectors_are_means_with_a_prior_and_do_not_depend_on_order() -> None:
    names = ["city", "a year of birth", "person"]
    vectors = encode_types(NETWORK, ENCODER, names, "cpu")
    assert vectors.shape == (3, 9)
    for name, vector in zip(names, vectors, strict=True):
        batch = Batch([ENCODER.type_name(name)], ENCODER.pad)
        arrays = tensors(batch, "cpu")
        mean = NETWORK.embed(arrays["ids"], arrays["shapes"], arrays["mask"])[0].mean(0)
        assert torch.allclose(vector[:-1], NETWORK.naming(mean) / 8**0.5, atol=1e-5)
        assert torch.allclose(vector[-1:], NETWORK.prior(mean), atol=1e-5)
    scores = NETWORK.scores(torch.ones(2, 8), vectors)
    assert torch.allclose(scores, vectors.sum(1), atol=1e-5)


@torch.no_grad()
def test_padding_leaves_no_trace() -> None:
    _, one, alone = embed([SHORT])
    _, two, among = embed([LONG, SHORT])
    spans = NETWORK.spans(alone, one["firsts"], one["lasts"])[0]
    padded = NETWORK.spans(among, two["firsts"], two["lasts"])[1]
    for width in range(3):
        assert torch.allclose(spans[: 3 - width, width], padded[: 3 - width, width], atol=1e-5)


@torch.no_grad()
def test_letter_case_is_seen_in_texts_and_not_in_types() -> None:
    upper, lower = ENCODER.window(["ROME"]), ENCODER.window(["rome"])
    assert upper.ids == lower.ids
    _, _, hidden = embed([upper, lower])
    assert not torch.allclose(hidden[0], hidden[1], atol=1e-3)
    names = encode_types(NETWORK, ENCODER, ["CITY", "city"], "cpu")
    assert torch.allclose(names[0], names[1])


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_dropout_drops_its_share_and_keeps_the_mean(share: float) -> None:
    dropout = Dropout(share, np.random.default_rng(0))
    ones = torch.ones(200, 200)
    dropped = dropout(ones)
    assert float((dropped == 0).float().mean()) == pytest.approx(share, abs=0.01)
    assert float(dropped.mean()) == pytest.approx(1, abs=0.02)
    assert torch.equal(dropout.eval()(ones), ones)


def test_dropout_masks_start_anew_from_a_seed() -> None:
    network = make_network(drop=0.3)
    values = torch.ones(50, 8)
    network.reseed(7)
    first = network.dropout(values)
    assert not torch.equal(network.dropout(values), first)
    network.reseed(7)
    assert torch.equal(network.dropout(values), first)
