"""A span student small enough to be made, trained and exported within a test."""

import string
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from uniner.records import Annotated, Entity, Passage
from uniner.students.checkpoint import Settings
from uniner.students.encode import Encoder
from uniner.training.export import export
from uniner.training.network import SpanNetwork

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
LETTERS = string.ascii_lowercase + string.digits
WHOLE = ["mira", "oslo", "ivo", "rome", "in", "met", "saw", "left", "for", "the", "person", "city"]
VOCABULARY = [*SPECIAL, *LETTERS, *(f"##{letter}" for letter in LETTERS), *".,!?-", *WHOLE]

PEOPLE = ["Mira", "Ivo", "Ada", "Bo", "Cy"]
CITIES = ["Oslo", "Rome", "Bern"]


def make_tokenizer() -> Tokenizer:
    """A WordPiece tokenizer like BERT's, with a few whole words and every letter."""
    numbers = {piece: number for number, piece in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(
        models.WordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=300)
    )
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[("[CLS]", numbers["[CLS]"]), ("[SEP]", numbers["[SEP]"])],
    )
    return tokenizer


def make_encoder() -> Encoder:
    """The encoder of text that goes with it."""
    return Encoder(make_tokenizer())


def make_bert(layers: int = 1) -> BertModel:
    """A BERT of 16 dimensions that reads at most 80 sub-words."""
    config = BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=16,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=80,
    )
    config._attn_implementation = "eager"
    return BertModel(config)


def make_network(seed: int = 0, *, drop: float = 0.0, lively: bool = False) -> SpanNetwork:
    """A network with random weights; `lively` also where training would start from zero."""
    torch.manual_seed(seed)
    network = SpanNetwork(make_bert(), max_width=4, hidden=8, drop=drop)
    if lively:
        with torch.no_grad():
            for weights in (network.shape.weight, network.prior.weight, network.naming.weight):
                weights.normal_()
            network.prior.bias.fill_(-1.0)
    return network


def jitter(network: SpanNetwork) -> SpanNetwork:
    """Make all weights differ, as training does: the exporter keeps equal ones only once."""
    torch.manual_seed(1)
    with torch.no_grad():
        for value in network.parameters():
            value.add_(0.1 * torch.randn_like(value))
    return network.eval()


def export_toy(folder: Path, *, quantize: bool) -> SpanNetwork:
    """Write a lively network as a model folder; return the network."""
    network = make_network(lively=True)
    export_network(network, make_encoder(), folder, quantize=quantize)
    return network.eval()


def export_network(network: SpanNetwork, encoder: Encoder, folder: Path, *, quantize: bool) -> None:
    """Write a network as a model folder with windows of 32 sub-words."""
    settings = Settings("toy", max_width=4, max_pieces=32, threshold=0.4, slope=0.8, offset=0.1)
    export(network, encoder, settings, folder, quantize=quantize)


def save_base(folder: Path, layers: int = 1) -> None:
    """Write a BERT and its tokenizer as a hub would offer them."""
    make_bert(layers).save_pretrained(folder)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=make_tokenizer())  # type: ignore[no-untyped-call]
    tokenizer.save_pretrained(folder)


def make_records() -> list[Annotated]:
    """Thirty passages of who went where."""
    records = []
    for number, (person, city) in enumerate((p, c) for p in PEOPLE for c in CITIES):
        for verb in ("left for", "saw"):
            text = f"{person} {verb} {city}."
            start = text.index(city)
            entities = (
                Entity(0, len(person), person, "person"),
                Entity(start, start + len(city), city, "city"),
                Entity(start, start + len(city), city, "location"),
            )
            records.append(Annotated(Passage(f"{number} {verb}", text), entities))
    return records
