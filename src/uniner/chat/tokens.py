"""Rendered dialogues as token ids, with what is supervised."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple, NoReturn

from tokenizers import Tokenizer

from uniner.chat.template import Piece, Template, join
from uniner.records import ConfigError

PROBE = "What describes a city in the text?"


class Tokens(NamedTuple):
    """Token ids, and for each whether it is supervised."""

    ids: list[int]
    supervised: list[bool]


@dataclass(slots=True)
class ChatTokenizer:
    """Encodes the parts of dialogues; their ids in sequence are those of the whole text.

    ConfigError where the tokenizer lacks a special token of the template, where it cannot go on
    after one as it does within a text, or where a question's ids depend on the answer that follows,
    so that training and inference would differ.
    """

    tokenizer: Tokenizer
    template: Template
    inner: Tokenizer = field(init=False, repr=False)
    marks: dict[str, int] = field(init=False, repr=False)
    special: frozenset[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        description = self.tokenizer.to_str()
        self.marks = find_marks(self.tokenizer, self.template.marks)
        self.special = find_special(self.tokenizer, description)
        self.tokenizer = copy_tokenizer(description)
        # Many put a blank before a text, though not before what follows a special token in it.
        self.inner = copy_tokenizer(
            description.replace('"prepend_scheme":"first"', '"prepend_scheme":"never"')
        )
        query, end = self.template.render_query(PROBE), self.template.render_answer("")[-1]
        whole = self.tokenizer.encode(join((end, *query)), add_special_tokens=False).ids
        for tokenizer in (self.tokenizer, self.inner):
            tokenizer.encode_special_tokens = True  # from here on no text is taken for one
        asked = self.encode_query(PROBE)
        if whole[1:] != asked:
            self._refuse(f"after {end.text!r} it goes on in a way of its own")
        if self.encode_exchange(PROBE, '["Oslo"]').ids[: len(asked)] != asked:
            self._refuse("a question's last token depends on the answer")

    def _refuse(self, why: str) -> NoReturn:
        raise ConfigError(
            f"template {self.template.name!r} does not suit this tokenizer: {why}; "
            "choose another template"
        )

    def encode_prefix(self, text: str, dataset: str = "") -> list[int]:
        """The ids of a passage, up to where the first query starts."""
        pieces = self.template.render_prefix(text, dataset)
        return self._encode_pieces(pieces, self.tokenizer).ids

    def encode_query(self, question: str) -> list[int]:
        """The ids of a question, up to where its answer starts."""
        return self._encode_pieces(self.template.render_query(question), self.inner).ids

    def encode_exchange(self, question: str, answer: str) -> Tokens:
        """The ids of a question and its answer; the answer's and its end mark's are supervised."""
        query, said = self.template.render_query(question), self.template.render_answer(answer)
        return self._encode_pieces((*query, *said), self.inner)

    @property
    def end(self) -> int:
        """The id of the mark that ends an answer."""
        return self.marks[self.template.render_answer("")[-1].text]

    def _encode_pieces(self, pieces: Sequence[Piece], first: Tokenizer) -> Tokens:
        """The ids of pieces, text at their very beginning by `first`."""
        tokens = Tokens([], [])
        for mark, group in groupby(pieces, key=lambda piece: piece.mark):
            run = list(group)
            if mark:
                tokens.ids.extend(self.marks[piece.text] for piece in run)
                tokens.supervised.extend(piece.supervised for piece in run)
                continue
            text = "".join(piece.text for piece in run)
            ids, starts = self._encode(text, self.inner if tokens.ids else first)
            asked = sum(len(piece.text) for piece in run if not piece.supervised)
            tokens.ids.extend(ids)
            tokens.supervised.extend(start >= asked for start in starts)
        return tokens

    def _encode(self, text: str, tokenizer: Tokenizer) -> tuple[list[int], list[int]]:
        """Ids and, of each, the first character it stands for."""
        whole = tokenizer.encode(text, add_special_tokens=False)
        ids: list[int] = []
        starts: list[int] = []
        for number, (start, end) in zip(whole.ids, whole.offsets, strict=True):
            if number not in self.special:
                ids.append(number)
                starts.append(start)
                continue
            # A model that knows how its special tokens are spelled reads them in a text: spell out.
            for place in range(start, end):
                spelled = self.inner.encode(text[place], add_special_tokens=False).ids
                ids += spelled
                starts += [place] * len(spelled)
        return ids, starts


def copy_tokenizer(description: str) -> Tokenizer:
    """A tokenizer from its description that neither cuts nor pads."""
    tokenizer = Tokenizer.from_str(description)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def find_marks(tokenizer: Tokenizer, marks: Sequence[str]) -> dict[str, int]:
    """The id of each mark; ConfigError where the tokenizer lacks one."""
    numbers: dict[str, int] = {}
    for mark in marks:
        number = tokenizer.token_to_id(mark)
        if number is None:
            raise ConfigError(f"the tokenizer has no special token {mark!r}")
        numbers[mark] = number
    return numbers


def find_special(tokenizer: Tokenizer, description: str) -> frozenset[int]:
    """The ids of special tokens that a text must not spell: all but the one for what is unknown."""
    model = json.loads(description)["model"]
    unknown = {model.get("unk_id"), tokenizer.token_to_id(model.get("unk_token") or "")}
    added = tokenizer.get_added_tokens_decoder()
    return frozenset(
        number
        for number, token in added.items()
        if token.special and len(token.content) > 1 and number not in unknown
    )
