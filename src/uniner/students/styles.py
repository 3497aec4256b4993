"""How a prompted extractor asks for types, and how what a model says is read.

`student_style` asks as generative students were trained to be; rivals have ways of their own.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from uniner.chat.answer import Answer, Malformed, parse_answer, parse_list
from uniner.chat.dialogue import READ, frame_context
from uniner.chat.queries import ask_type
from uniner.chat.template import Template, join
from uniner.records import Fault
from uniner.students.backend import Prompt, Said, Turn
from uniner.students.grammar import build_grammar

LIST = json.JSONDecoder()


class Reading(NamedTuple):
    """The lists of mentions that an answer gives, by type, and what of it belongs to none."""

    answers: Mapping[str, Answer]
    faults: tuple[Fault, ...] = ()


Write: TypeAlias = Callable[[str, Sequence[str]], Prompt]
"""The prompt that asks for types in a text."""

Read: TypeAlias = Callable[[str, str, Sequence[str]], Reading]
"""What a raw answer says of a text and the types that were asked; any string at all is read."""


@dataclass(frozen=True, slots=True)
class Style:
    """A form of prompts and of answers.

    `grouping` says whether a prompt asks for each type by itself or for all of them. `grammar`
    gives what answers about a text must follow; `stop` ends one wherever it stands.
    """

    write: Write
    read: Read
    grouping: Literal["each", "all"] = "each"
    grammar: Callable[[str], str] = lambda _: ""
    stop: tuple[str, ...] = ()

    def group(self, types: Sequence[str]) -> list[tuple[str, ...]]:
        """The types that each prompt asks for."""
        return [tuple(types)] if self.grouping == "all" else [(name,) for name in types]


def student_style(template: Template, dataset: str = "") -> Style:
    """The published conversation, one question a type.

    `base` is sent as a chat, for the server to render; the other templates, bound to the model's
    marks, are rendered here. Answers are held to the passage where the server can do that.
    """
    lead, _, end = template.answer.partition("{answer}")

    def render(text: str, types: Sequence[str]) -> Prompt:
        question = template.render_query(ask_type(types[0]))
        return join((*template.render_prefix(text, dataset), *question))

    def converse(text: str, types: Sequence[str]) -> Prompt:
        context = Turn("user", frame_context(text, dataset))
        return (context, Turn("assistant", READ), Turn("user", ask_type(types[0])))

    if template.name == "base":
        return Style(converse, read_student, grammar=build_grammar)
    return Style(
        render,
        read_student,
        grammar=lambda text: lead_grammar(build_grammar(text), lead),
        stop=(end,) if end.strip() else (),
    )


def lead_grammar(grammar: str, lead: str) -> str:
    """The grammar of the same answers, also after a `lead` such as the blank after `ASSISTANT:`.

    Without it the first token could not be the one with which models learn to begin an answer.
    """
    if not lead:
        return grammar
    return grammar.replace("start:", f"start: {json.dumps(lead)}? list\nlist:", 1)


def read_student(raw: str, text: str, types: Sequence[str]) -> Reading:
    """A JSON list; what a model that did not stop goes on to say after a whole one is not seen."""
    answer = parse_answer(raw)
    if isinstance(answer, Malformed):
        start = len(raw) - len(raw.lstrip())
        try:
            _, end = LIST.raw_decode(raw, start)
        except (ValueError, RecursionError):
            return Reading({types[0]: answer})
        answer = parse_list(raw, raw[start:end])
    return Reading({types[0]: answer})


def score_mentions(said: Said, answer: Answer) -> dict[str, float]:
    """The mean probability of the tokens of each mention; of the whole answer, if it is not found.

    Empty where the probabilities are not known.
    """
    if isinstance(answer, Malformed) or not said.tokens:
        return {}
    whole, ends = "", []
    for token in said.tokens:
        whole += token.text
        ends.append(len(whole))
    starts = [0, *ends[:-1]]
    scores: dict[str, float] = {}
    for mention in (item for item in answer.items if isinstance(item, str)):
        first, last = find_written(mention, whole)
        held = [
            token.probability
            for token, start, end in zip(said.tokens, starts, ends, strict=True)
            if start < last and first < end
        ]
        held = held or [token.probability for token in said.tokens]
        scores[mention] = sum(held) / len(held)
    return scores


def find_written(mention: str, answer: str) -> tuple[int, int]:
    """Where an answer says a mention, as JSON writes it or plain; (0, 0) where it does not."""
    for ascii in (False, True):
        written = json.dumps(mention, ensure_ascii=ascii)
        at = answer.find(written)
        if at >= 0:
            return at + 1, at + len(written) - 1
    at = answer.find(mention)
    return (at, at + len(mention)) if at >= 0 else (0, 0)


def name_all(types: Sequence[str]) -> str:
    """Types in a row: as prompts name them, and what a fault of a whole answer is counted under."""
    return ", ".join(types)
