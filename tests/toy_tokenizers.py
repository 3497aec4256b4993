"""Tokenizers of each family that models come with, small enough to be made within a test."""

import json
import string
from collections.abc import Callable
from functools import cache

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from uniner.chat.template import TEMPLATES, join

START, END = "<s>", "</s>"
SPECIAL = ["<unk>", START, END]
BYTES = [f"<0x{number:02X}>" for number in range(256)]


def texts() -> list[str]:
    """What byte pairs are learnt from: the templates' own words, and white space of all kinds."""
    rendered = [
        join(
            (
                *template.render_prefix("Ada met Bo in Oslo.\n\nIt rained."),
                *template.render_query("What describes a city in the text?"),
                *template.render_answer('["Oslo", "Bo"] []'),
            )
        )
        for template in TEMPLATES.values()
    ]
    return [text.replace("{start}", "").replace("{end}", "\n") for text in rendered] * 3


def learn(tokenizer: Tokenizer, alphabet: list[str], known: list[str]) -> Tokenizer:
    """The tokenizer with some hundred byte pairs."""
    trainer = trainers.BpeTrainer(
        vocab_size=len(known) + len(alphabet) + 200,
        special_tokens=known,
        initial_alphabet=alphabet,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts(), trainer)
    return tokenizer


@cache
def byte_level() -> Tokenizer:
    """As GPT-2's: bytes, white space with the word that follows."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return learn(tokenizer, sorted(pre_tokenizers.ByteLevel.alphabet()), SPECIAL)


@cache
def single_bytes() -> Tokenizer:
    """Every byte a token."""
    pieces = [*SPECIAL, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    numbers = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.BPE(numbers, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(SPECIAL)
    return tokenizer


def metaspace(scheme: str) -> Tokenizer:
    """As SentencePiece's byte pairs: one blank before every section, or only before the first."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme)
    learned = learn(tokenizer, [], [*SPECIAL, *BYTES])
    # As the models that have it: learnt within words, applied to whole texts.
    learned.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=False)
    learned.decoder = decoders.Metaspace(prepend_scheme=scheme)
    return strip_special(learned)


def strip_special(tokenizer: Tokenizer) -> Tokenizer:
    """The tokenizer with its bytes as plain tokens, for only the first three are special."""
    row = json.loads(tokenizer.to_str())
    row["added_tokens"] = row["added_tokens"][: len(SPECIAL)]
    return Tokenizer.from_str(json.dumps(row))


@cache
def metaspace_always() -> Tokenizer:
    """The legacy of Llama's."""
    return metaspace("always")


@cache
def metaspace_first() -> Tokenizer:
    """Llama's that is not legacy."""
    return metaspace("first")


@cache
def normalizing() -> Tokenizer:
    """As the files of older Llamas: the blank is put there by a normaliser."""
    tokenizer = metaspace("always")
    tokenizer.pre_tokenizer = None
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    return tokenizer


@cache
def unigram() -> Tokenizer:
    """As T5's: its vocabulary holds the special tokens as they are spelled."""
    letters = [*string.printable.strip(), "▁"]
    pieces = [(token, 0.0) for token in SPECIAL] + [(letter, -3.0) for letter in letters]
    tokenizer = Tokenizer(models.Unigram(pieces, 0, False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.add_special_tokens(SPECIAL)
    return tokenizer


@cache
def word_piece() -> Tokenizer:
    """As BERT's, with every letter and a few words."""
    letters = string.ascii_lowercase + string.digits
    words = ["what", "describes", "the", "text", "in", "user", "assistant", "ada", "oslo", "city"]
    known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    vocabulary = [*known, *letters, *(f"##{letter}" for letter in letters), *words]
    vocabulary += list(string.punctuation)
    numbers = {piece: number for number, piece in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=99))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(known)
    return tokenizer


FAMILIES: dict[str, Callable[[], Tokenizer]] = {
    "byte-level": byte_level,
    "single-bytes": single_bytes,
    "metaspace-always": metaspace_always,
    "metaspace-first": metaspace_first,
    "normalizing": normalizing,
    "unigram": unigram,
    "word-piece": word_piece,
}


def marks_of(family: str) -> tuple[str, str]:
    """The special tokens that begin a text and end a turn."""
    return ("[CLS]", "[SEP]") if family == "word-piece" else (START, END)
