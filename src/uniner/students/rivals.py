"""What students are compared with: instructed models, each in the form that it was made for.

None of them is held to the passage while it answers, so what they make up is counted.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from uniner.chat.answer import Answer, Item, Malformed, Parsed
from uniner.chat.template import ALPACA, VICUNA
from uniner.records import Fault
from uniner.students.backend import Prompt, Turn
from uniner.students.ground import CUT_OFF, NOT_A_MENTION, NOT_ASKED
from uniner.students.styles import Reading, Style, name_all
from uniner.teacher import parse
from uniner.teacher.literal import Group, Value, read_value
from uniner.text.normalize import normalize_type

Rival: TypeAlias = Literal["chatgpt", "vicuna", "alpaca", "instructuie"]

EACH = (
    "Read the text and list everything in it that is of the type {type}. Copy each mention from "
    "the text exactly as it stands there. Answer with nothing but a JSON list of strings, such as "
    '["first mention", "second mention"]; answer [] if the text has none.'
)
ALL = (
    "Read the text and list every entity in it that is of one of these types: {types}. Copy each "
    "entity from the text exactly as it stands there. Answer with nothing but a JSON list of "
    'pairs, each an entity and its type, such as [["first entity", "its type"]]; answer [] if the '
    "text has none."
)
ALPACA_INPUT = ALPACA.replace(
    "describes a task.",
    "describes a task, paired with an input that provides further context.",
)
INSTRUCTUIE = (
    "Please list all entity words in the text that fit the category. Output format is "
    '"type1: word1; type2: word2". \nOption: {types} \nText: {text} \nAnswer:'
)
"""The published format of InstructUIE (Wang et al., 2023) for named entities."""

NO_LIST = "has no list in it"
NOT_A_PAIR = "lists something that is not a mention and its type"
UNTYPED = "gives a mention without its type"
SILENT = "is empty"
NOTHING = "none"


def write_chat(text: str, types: Sequence[str]) -> Prompt:
    """One message about all types."""
    instruction = ALL.replace("{types}", name_all(types))
    return (
        Turn("system", "You find the entities in texts."),
        Turn("user", f"{instruction}\n\nText: {text}"),
    )


def write_vicuna(text: str, types: Sequence[str]) -> Prompt:
    """Vicuna's conversation, begun with one instruction about one type."""
    return f"{VICUNA} USER: {ask_each(types)}\n\nText: {text} ASSISTANT:"


def write_alpaca(text: str, types: Sequence[str]) -> Prompt:
    """Alpaca's single turn: an instruction about one type, and the text as its input."""
    return (
        f"{ALPACA_INPUT}\n\n### Instruction:\n{ask_each(types)}\n\n"
        f"### Input:\n{text}\n\n### Response:\n"
    )


def ask_each(types: Sequence[str]) -> str:
    """The instruction about one type."""
    return EACH.replace("{type}", types[0])


def write_instructuie(text: str, types: Sequence[str]) -> Prompt:
    """InstructUIE's instruction, with all types as options."""
    before, after = INSTRUCTUIE.split("{text}")
    return before.replace("{types}", name_all(types)) + text + after


def read_strings(raw: str, text: str, types: Sequence[str]) -> Reading:
    """The list in an answer about one type, whatever stands around it; the longest of several."""
    lists = find_lists(raw)
    if not lists:
        return Reading({types[0]: Malformed(raw, NO_LIST)})
    chosen = max(reversed(lists), key=lambda value: len(parse.get_values(value)))
    values = parse.get_values(chosen)
    faults = [Fault(types[0], NOT_A_MENTION, show(v)) for v in values if not isinstance(v, str)]
    if isinstance(chosen, Group) and chosen.junk:
        faults.append(Fault(types[0], NOT_A_MENTION, raw))
    if not parse.is_whole(chosen):
        faults.append(Fault(types[0], CUT_OFF, raw))
    mentions: tuple[Item, ...] = tuple(value for value in values if isinstance(value, str))
    return Reading({types[0]: Parsed(mentions)}, tuple(faults))


def find_lists(raw: str) -> list[Value]:
    """The outermost lists of an answer, and what is left of broken ones; no [remarks]."""
    _, answer = parse.cut_thoughts(raw)
    lists: list[Value] = []
    at = answer.find("[")
    while at >= 0:
        value, end = read_value(answer, at)
        if isinstance(value, list) or parse.get_values(value):
            lists.append(value)
        at = answer.find("[", end)
    return lists


def show(value: Value) -> str:
    """A value that is no mention, as a fault keeps it."""
    return repr(value.values) if isinstance(value, Group) else repr(value)


def read_pairs(raw: str, text: str, types: Sequence[str]) -> Reading:
    """Mentions and their types, in any of the forms in which models list them."""
    reading = parse.parse_reply(raw)
    if isinstance(reading, parse.Malformed):
        return Reading({}, (Fault(name_all(types), NO_LIST, raw),))
    asked = {normalize_type(name): name for name in types}
    found: dict[str, list[str]] = {name: [] for name in types}
    faults = [Fault(name_all(types), NOT_A_PAIR, raw)] * (reading.unreadable > 0)
    if reading.truncated:
        faults.append(Fault(name_all(types), CUT_OFF, raw))
    for mention, kinds in reading.items:
        for kind in kinds or ("",):
            name = asked.get(normalize_type(kind))
            if name is None:
                faults.append(Fault(kind, NOT_ASKED if kind else UNTYPED, mention))
            else:
                found[name].append(mention)
    return Reading(to_answers(found), tuple(faults))


def read_instructuie(raw: str, text: str, types: Sequence[str]) -> Reading:
    """Mentions after their types, as in `type1: word1; type2: word2`; `None` is none.

    A `;` or a `:` belongs to a mention where the text says the mention with it.
    """
    if not raw.strip():
        return Reading({}, (Fault(name_all(types), SILENT, raw),))
    if raw.strip().rstrip(".").casefold() == NOTHING:
        return Reading({})
    found: list[tuple[str | None, str]] = []
    for part in raw.split(";"):
        kind, mention = split_type(part, types)
        if kind is None and found:
            joined = f"{found[-1][1]};{part}"
            if joined.strip() in text:
                found[-1] = (found[-1][0], joined)
                continue
        if part.strip():
            found.append((kind, mention))
    lists: dict[str, list[str]] = {name: [] for name in types}
    faults = []
    for kind, mention in found:
        if kind is not None:
            lists[kind].append(mention.strip())
            continue
        said, colon, rest = mention.partition(":")
        if colon:
            faults.append(Fault(said.strip(), NOT_ASKED, rest.strip()))
        else:
            faults.append(Fault("", UNTYPED, mention.strip()))
    return Reading(to_answers(lists), tuple(faults))


def split_type(part: str, types: Sequence[str]) -> tuple[str | None, str]:
    """The asked type that a part begins with, the longest if several do, and what follows it."""
    folded = part.lstrip()
    for name in sorted(types, key=len, reverse=True):
        head, colon, rest = (
            folded[: len(name)],
            folded[len(name) :].lstrip()[:1],
            folded[len(name) :],
        )
        if normalize_type(head) == normalize_type(name) and colon == ":":
            return name, rest.lstrip()[1:]
    return None, part


def to_answers(found: dict[str, list[str]]) -> dict[str, Answer]:
    """Lists of mentions as answers."""
    return {name: Parsed(tuple(mentions)) for name, mentions in found.items() if mentions}


RIVALS: dict[Rival, Style] = {
    "chatgpt": Style(write_chat, read_pairs, "all"),
    "vicuna": Style(write_vicuna, read_strings, stop=("</s>",)),
    "alpaca": Style(write_alpaca, read_strings, stop=("</s>", "### Instruction:")),
    "instructuie": Style(write_instructuie, read_instructuie, "all"),
}
