"""Generative students small enough to be made within a test, with random weights."""

from pathlib import Path
from typing import Any, Literal, TypeAlias

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import (
    BertConfig,
    BertLMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

from toy_model import SPECIAL, VOCABULARY, make_tokenizer
from uniner.students.generative.settings import GenerativeSettings, write_settings

Toy: TypeAlias = Literal["llama", "bert", "t5"]

WORDS = ["▁Mira", "▁Os", "lo", "▁met", "▁in", "▁text", "Mira", '["', '▁["', '"]', "▁[]", "[]"]
PIECES = ["<pad>", "</s>", "<unk>", "▁", *WORDS, *(chr(code) for code in range(0x21, 0x7F))]


def make_bytes() -> Tokenizer:
    """A byte-level BPE tokenizer whose few merges join what answers are made of."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [("[", "]"), ("[", '"'), ('"', "]"), ('"', ","), ("Ġ", "["), (".", '"')]
    merges += [("Ġ", '"'), ("o", "n"), ("Ġ", "M"), ("ĠM", "i"), ("M", "i"), ("Ġ[", "]")]
    merges += [("Ġ[", '"'), ('."', "]"), ("Ġ[]", "x")]
    vocabulary = ["</s>", "<s>", *letters, *("".join(pair) for pair in merges)]
    tokenizer = Tokenizer(
        models.BPE({token: number for number, token in enumerate(vocabulary)}, merges)
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["</s>", "<s>"])
    return tokenizer


def make_unigram() -> Tokenizer:
    """A tokenizer like T5's: blanks within tokens, no bytes to fall back on."""
    scored = [(piece, -1.0 - 3.0 * (len(piece) == 1)) for piece in PIECES]
    tokenizer = Tokenizer(models.Unigram(scored, unk_id=2, byte_fallback=False))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


def wrap(toy: Toy) -> Any:
    """The Hugging Face tokenizer of a toy."""
    made: Any = PreTrainedTokenizerFast
    match toy:
        case "llama":
            return made(tokenizer_object=make_bytes(), eos_token="</s>", bos_token="<s>")
        case "bert":
            cls, sep, pad, unk = "[CLS]", "[SEP]", "[PAD]", "[UNK]"
            tokenizer = make_wordpiece()
            return made(
                tokenizer_object=tokenizer,
                cls_token=cls,
                sep_token=sep,
                pad_token=pad,
                unk_token=unk,
            )
        case "t5":
            tokens = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
            return made(tokenizer_object=make_unigram(), **tokens)


def make_wordpiece() -> Tokenizer:
    """The span toy's tokenizer with all the marks that answers need."""
    marks = [mark for mark in map(chr, range(0x21, 0x7F)) if not mark.isalnum()]
    pieces = [*VOCABULARY, *(mark for mark in marks if mark not in VOCABULARY)]
    tokenizer = Tokenizer(
        models.WordPiece(
            {piece: number for number, piece in enumerate(pieces)},
            unk_token="[UNK]",
            max_input_chars_per_word=300,
        )
    )
    bert = make_tokenizer()
    tokenizer.normalizer, tokenizer.pre_tokenizer = bert.normalizer, bert.pre_tokenizer
    tokenizer.decoder = bert.decoder
    tokenizer.add_special_tokens(SPECIAL)
    return tokenizer


def make_model(toy: Toy, seed: int = 0) -> Any:
    """A model of two layers with random weights."""
    torch.manual_seed(seed)
    size = len(wrap(toy))
    match toy:
        case "llama":
            return LlamaForCausalLM(
                LlamaConfig(
                    vocab_size=size,
                    hidden_size=32,
                    intermediate_size=64,
                    num_hidden_layers=2,
                    num_attention_heads=4,
                    num_key_value_heads=2,
                    max_position_embeddings=4096,
                    initializer_range=0.3,
                    bos_token_id=1,
                    eos_token_id=0,
                )
            )
        case "bert":
            config = BertConfig(
                vocab_size=size,
                hidden_size=32,
                num_hidden_layers=2,
                num_attention_heads=2,
                intermediate_size=64,
                max_position_embeddings=256,
                initializer_range=0.3,
                is_decoder=True,
            )
            return BertLMHeadModel(config)
        case "t5":
            t5 = T5Config(vocab_size=size, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4)
            t5.decoder_start_token_id, t5.pad_token_id, t5.eos_token_id = 0, 0, 1
            return T5ForConditionalGeneration(t5)


def save_student(folder: Path, toy: Toy, settings: GenerativeSettings, seed: int = 0) -> None:
    """Write a toy as a model folder."""
    make_model(toy, seed).eval().save_pretrained(folder)
    wrap(toy).save_pretrained(folder)
    write_settings(folder, settings)
