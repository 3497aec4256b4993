"""What each token of a vocabulary writes, as bytes, whatever the kind of its tokenizer."""

import json
import re
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from tokenizers import Tokenizer

from uniner.records import ConfigError

Kind: TypeAlias = Literal["bytes", "blanks", "words"]
"""`bytes`: tokens of bytes (GPT-2, Llama 3). `blanks`: tokens of characters, a blank written as `▁`
(Llama 2, T5). `words`: WordPiece, where every word and every mark follows a blank (BERT)."""

UNKNOWN = b"\xff"
"""What the unknown token writes; no UTF-8 has this byte."""


@dataclass(frozen=True, slots=True)
class Surface:
    """Tokens by what they write, and what each writes; special tokens write nothing.

    `longest` is the length of the longest token that begins with certain two bytes (or is one).
    `lossless` says that any text can be written; otherwise only what the tokenizer makes of it.
    """

    kind: Kind
    lossless: bool
    tokens: dict[bytes, int]
    written: dict[int, bytes]
    longest: dict[bytes, int]

    @property
    def complete(self) -> bool:
        """Whether any bytes can be written."""
        return self.lossless and all(bytes([byte]) in self.tokens for byte in range(0x100))

    @property
    def blank(self) -> bytes:
        """What stands before a bracket or a quotation mark."""
        return b" " if self.kind == "words" else b""


def read_surface(tokenizer: Tokenizer) -> Surface:
    """The surface of a tokenizer; ConfigError where it is of no known kind."""
    spec = json.loads(tokenizer.to_str())
    model = spec["model"]
    kind = find_kind(spec)
    special = {token["id"]: token["special"] for token in spec["added_tokens"]}
    written: dict[int, bytes] = {}
    for token, number in tokenizer.get_vocab(with_added_tokens=True).items():
        if number not in special:
            written[number] = write_token(token, kind, model)
        elif not special[number]:
            written[number] = token.encode()
    lossless = kind == "bytes" or bool(model.get("byte_fallback"))
    unknown = find_unknown(tokenizer, model)
    if unknown is not None and not lossless:
        written[unknown] = b" " * (kind == "words") + UNKNOWN
    tokens: dict[bytes, int] = {}
    for number in sorted(written):  # bare bytes come first, and are only for what nothing else says
        tokens[written[number]] = number
    tokens.pop(b"", None)
    longest: dict[bytes, int] = {}
    for writes in tokens:
        longest[writes[:2]] = max(len(writes), longest.get(writes[:2], 1))
    return Surface(kind, lossless, tokens, written, longest)


def find_kind(spec: dict[str, Any]) -> Kind:
    """How a tokenizer's tokens are to be read, from its description."""
    if spec["model"]["type"] == "WordPiece":
        return "words"
    parts = json.dumps([spec["pre_tokenizer"], spec["decoder"]])
    if '"ByteLevel"' in parts:
        return "bytes"
    if '"Metaspace"' in parts or "\\u2581" in parts:
        return "blanks"
    raise ConfigError(
        f"answers cannot be held to the passage with a {spec['model']['type']} tokenizer of "
        "neither bytes, blanks nor word pieces; switch grounding off"
    )


def write_token(token: str, kind: Kind, model: dict[str, Any]) -> bytes:
    """The bytes of an ordinary token, given by its name in the vocabulary."""
    match kind:
        case "words":
            prefix = model["continuing_subword_prefix"]
            return (
                token.removeprefix(prefix).encode()
                if token.startswith(prefix)
                else (f" {token}".encode())
            )
        case "bytes":
            return bytes(BYTES[letter] for letter in token if letter in BYTES)
        case "blanks":
            if model.get("byte_fallback") and BYTE_TOKEN.fullmatch(token):
                return bytes([int(token[3:5], 16)])
            return token.replace("\u2581", " ").encode()


def find_unknown(tokenizer: Tokenizer, model: dict[str, Any]) -> int | None:
    """The id of the token for what the vocabulary lacks."""
    number = model.get("unk_id")
    if number is None and model.get("unk_token") is not None:
        number = tokenizer.token_to_id(model["unk_token"])
    return number


def list_bytes() -> dict[str, int]:
    """The byte behind each letter that byte-level tokenizers write it as."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    letters = {chr(byte): byte for byte in plain}
    others = (byte for byte in range(0x100) if byte not in plain)
    return letters | {chr(0x100 + number): byte for number, byte in enumerate(others)}


BYTES = list_bytes()
BYTE_TOKEN = re.compile("<0x[0-9A-F]{2}>")
