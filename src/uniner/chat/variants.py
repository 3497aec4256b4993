"""How types are asked for: each in a question of its own or all in one, by name or by meaning.

A question is made here for training and for inference alike, and what is answered is read here.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias, assert_never, get_args

from uniner.chat.answer import Item, Parsed, parse_answer
from uniner.chat.dialogue import Exchange
from uniner.chat.queries import ask_type, read_type
from uniner.text.normalize import normalize_type

Variant: TypeAlias = Literal["per-type", "all-in-one", "ner", "definition", "name-definition"]
"""`per-type`: each type by its name, as published. `definition`, `name-definition`: by what it
means, alone or after its name. `all-in-one`: all types in one question. `ner`: none is named."""

VARIANTS: tuple[Variant, ...] = get_args(Variant)

Define: TypeAlias = Callable[[str], str | None]
"""What a type means, where that is known."""

PAIRS = "Answer with pairs of mention and type."
ALL = ("What describes these types in the text: ", f"? {PAIRS}")
NER = f"What entities does the text name, and of what types? {PAIRS}"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and the types it is asked for.

    An answer lists mentions, of each of `types`; or (`paired`) pairs of a mention and its type.
    """

    text: str
    types: tuple[str, ...]
    paired: bool

    @property
    def label(self) -> str:
        """The types, for a person to read."""
        return ", ".join(self.types)


class Reading(NamedTuple):
    """The mentions of each type of a question that has any, and what else the answer lists.

    `others` are pairs with a type that was not asked for, `wrong` is neither mention nor pair.
    """

    mentions: dict[str, tuple[str, ...]]
    others: tuple[tuple[str, str], ...]
    wrong: tuple[Item, ...]


def ask(variant: Variant, types: Sequence[str], define: Define) -> list[Question]:
    """The questions that ask for `types`, in their order; types worded alike share a question."""
    match variant:
        case "ner":
            return [Question(NER, tuple(types), paired=True)]
        case "all-in-one":
            return [Question(ask_all(types), tuple(types), paired=True)] if types else []
        case "per-type" | "definition" | "name-definition":
            alike: dict[str, list[str]] = {}
            for name in types:
                alike.setdefault(ask_type(word_type(variant, name, define)), []).append(name)
            return [Question(text, tuple(names), paired=False) for text, names in alike.items()]
        case _:
            assert_never(variant)


def word_type(
    variant: Literal["per-type", "definition", "name-definition"], name: str, define: Define
) -> str:
    """A type as a question words it: `city`, `a large settlement`, `city (a large settlement)`.

    A type whose definition is not known goes by its name.
    """
    meaning = "" if variant == "per-type" else (define(name) or "").strip().removesuffix(".")
    match variant:
        case "definition" if meaning:
            return meaning
        case "name-definition" if meaning:
            return f"{name} ({meaning})"
        case _:
            return name


def ask_all(types: Sequence[str]) -> str:
    """One question for all of `types`, which it names as a JSON list, for they may have commas."""
    return json.dumps(types, ensure_ascii=False).join(ALL)


def read_all(question: str) -> tuple[str, ...] | None:
    """The types that a question for many names; None where it is another question."""
    before, after = ALL
    if not (question.startswith(before) and question.endswith(after)):
        return None
    answer = parse_answer(question[len(before) : -len(after)])
    if not isinstance(answer, Parsed):
        return None
    return tuple(item for item in answer.items if isinstance(item, str))


def say(question: Question, found: Iterable[tuple[str, str]]) -> str:
    """The right answer, given the pairs of mention and type in order of appearance.

    As published it is a JSON list in ASCII, and has nothing twice.
    """
    asked = [(mention, kind) for mention, kind in found if kind in question.types]
    items = asked if question.paired else [mention for mention, _ in asked]
    return json.dumps(list(dict.fromkeys(items)))


def read_answer(question: Question, answer: Parsed) -> Reading:
    """What an answer says of each asked type, whose case and white space do not matter."""
    spelled: dict[str, list[str]] = {}
    for name in question.types:
        spelled.setdefault(normalize_type(name), []).append(name)
    mentions: dict[str, dict[str, None]] = {}
    others: list[tuple[str, str]] = []
    wrong: list[Item] = []
    for item in answer.items:
        match item:
            case str() if not question.paired:
                mention, names = item, list(question.types)
            case (str(mention), str(kind)) if question.paired:
                names = spelled.get(normalize_type(kind), [])
                others += [] if names else [(mention, kind)]
            case _:
                wrong.append(item)
                continue
        for name in names:
            mentions.setdefault(name, {})[mention] = None
    kept = {name: tuple(mentions[name]) for name in question.types if name in mentions}
    return Reading(kept, tuple(others), tuple(wrong))


def list_types(exchange: Exchange) -> tuple[str, ...]:
    """The types that a question words or, where it words none, those of its answer."""
    if exchange.question == NER:
        answer = parse_answer(exchange.answer)
        items = answer.items if isinstance(answer, Parsed) else ()
        pairs = [item for item in items if isinstance(item, tuple) and len(item) == 2]
        return tuple(dict.fromkeys(kind for _, kind in pairs))
    every = read_all(exchange.question)
    if every is not None:
        return every
    kind = read_type(exchange.question)
    return (kind,) if kind else ()
