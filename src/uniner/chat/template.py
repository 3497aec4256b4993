"""How a dialogue becomes text, for training and for inference alike.

A dialogue is a prefix (the passage), then queries, each followed by its answer. The prefix ends in
a mark, so that it can be read once and shared by every query about the passage.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

from uniner.chat.dialogue import READ, frame_context
from uniner.chat.queries import read_type
from uniner.records import ConfigError

TemplateName: TypeAlias = Literal["uniner", "vicuna", "alpaca", "bare", "base"]
"""`uniner`: the published models'. `vicuna`, `alpaca`: these models' own. `bare`: the passage and
the name of the type alone, for small encoders. `base`: the chat template of the base model."""

TEMPLATE_NAMES: tuple[TemplateName, ...] = get_args(TemplateName)


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of a rendered dialogue, or (`mark`) a special token by its name."""

    text: str
    supervised: bool = False
    mark: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """The three parts of a dialogue, with {context}, {question} and {answer} where these go.

    `marks` are special tokens: what they spell is one wherever it stands in a part, but never in
    what is put in. `{start}` and `{end}` stand for the base model's own, see `bind`.
    """

    name: TemplateName
    prefix: str
    query: str
    answer: str
    marks: tuple[str, ...] = ()

    def bind(self, start: str, end: str) -> "Template":
        """The template with the special tokens that begin a text and end a turn."""
        prefix, query, answer = (
            part.replace("{start}", start).replace("{end}", end)
            for part in (self.prefix, self.query, self.answer)
        )
        marks = tuple(dict.fromkeys(mark for mark in (*self.marks, start, end) if mark))
        return replace(self, prefix=prefix, query=query, answer=answer, marks=marks)

    def render_prefix(self, text: str, dataset: str = "") -> tuple[Piece, ...]:
        """The passage, up to where the first query starts."""
        context = frame_context(text, dataset)
        if self.name == "bare":
            context = f"{dataset}: {text}" if dataset else text
        return tuple(self._fill(self.prefix, "{context}", context))

    def render_query(self, question: str) -> tuple[Piece, ...]:
        """A question, up to where its answer starts."""
        if self.name == "bare":
            question = read_type(question) or question
        return tuple(self._fill(self.query, "{question}", question))

    def render_answer(self, answer: str) -> tuple[Piece, ...]:
        """An answer and its end mark, which are what is supervised."""
        pieces = self._fill(self.answer, "{answer}", answer)
        return tuple(replace(piece, supervised=True) for piece in pieces)

    def _fill(self, part: str, name: str, value: str) -> Iterator[Piece]:
        before, _, after = part.partition(name)
        text = ""
        for piece in (*self._split(before), Piece(value), *self._split(after)):
            if piece.mark:
                yield from [Piece(text)] * bool(text)
                yield piece
                text = ""
            else:
                text += piece.text
        yield from [Piece(text)] * bool(text)

    def _split(self, text: str) -> Iterator[Piece]:
        if not self.marks:
            yield Piece(text)
            return
        marks = sorted(self.marks, key=len, reverse=True)
        for index, part in enumerate(re.split(f"({'|'.join(map(re.escape, marks))})", text)):
            if part:
                yield Piece(part, mark=index % 2 == 1)


UNINER = "A virtual assistant answers questions from a user based on the provided text."
VICUNA = (
    "A chat between a curious user and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the user's questions."
)
ALPACA = (
    "Below is an instruction that describes a task. "
    "Write a response that appropriately completes the request."
)

TEMPLATES: dict[TemplateName, Template] = {
    "uniner": Template(
        "uniner",
        f"{{start}}{UNINER} USER: {{context}} ASSISTANT: {READ}{{end}}",
        "USER: {question} ASSISTANT:",
        " {answer}{end}",
    ),
    "vicuna": Template(
        "vicuna",
        f"{{start}}{VICUNA} USER: {{context}} ASSISTANT: {READ}{{end}}",
        "USER: {question} ASSISTANT:",
        " {answer}{end}",
    ),
    "alpaca": Template(
        "alpaca",
        f"{{start}}{ALPACA}\n\n### Instruction:\n{{context}}\n\n### Response:\n{READ}{{end}}",
        "\n\n### Instruction:\n{question}\n\n### Response:\n",
        "{answer}{end}",
    ),
    "bare": Template("bare", "{start}{context}{end}", "{question}{end}", "{answer}{end}"),
}


def find_template(name: TemplateName, start: str, end: str) -> Template:
    """A template that does not depend on the base model, with that model's special tokens."""
    if name not in TEMPLATES:
        raise ConfigError(f"template {name!r} is not one of {', '.join(TEMPLATES)}")
    return TEMPLATES[name].bind(start, end)


def join(pieces: tuple[Piece, ...]) -> str:
    """The rendered text, marks spelled out, as a server of completions reads it."""
    return "".join(piece.text for piece in pieces)
