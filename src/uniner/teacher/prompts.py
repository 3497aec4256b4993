"""The prompts that ask a teacher for entities, and about them (section 3.1 of the paper)."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias

from uniner.records import Passage
from uniner.teacher.teacher import Prompt

Mode: TypeAlias = Literal["type", "definition"]
"""What an entity is given: the name of its type, or a sentence that defines the type."""

Form: TypeAlias = Literal["list", "json"]
"""How to answer: a list of tuples, as in the paper, or a JSON object that follows a schema."""

SYSTEM = "You are a helpful information extraction system."

ENTITIES: dict[Mode, str] = {
    "type": (
        "Given a passage, your task is to extract all entities and identify their entity types."
    ),
    "definition": (
        "Given a passage, your task is to extract all entities and define the type of each "
        "in one short sentence."
    ),
}
CANDIDATES: dict[Mode, str] = {
    "type": (
        "Given a passage and phrases from it, your task is to select the phrases that are "
        "entities and identify their entity types. Leave out every phrase that is no entity."
    ),
    "definition": (
        "Given a passage and phrases from it, your task is to select the phrases that are "
        "entities and define the type of each in one short sentence. "
        "Leave out every phrase that is no entity."
    ),
}
VERIFICATION = (
    "Given a passage and numbered pairs of an entity and its type, your task is to decide which "
    "pairs are right: the passage mentions the entity, and in this passage it is of that type."
)

TUPLES: dict[Mode, str] = {
    "type": '[("entity 1", "type of entity 1"), ... ]',
    "definition": '[("entity 1", "definition of the type of entity 1"), ... ]',
}
OBJECTS: dict[Mode, str] = {
    "type": '{"entities": [{"entity": "entity 1", "type": "type of entity 1"}, ... ]}',
    "definition": (
        '{"entities": [{"entity": "entity 1", "definition": "definition of the type of entity 1"}, '
        "... ]}"
    ),
}


def entity_prompt(passage: Passage, mode: Mode, form: Form, sample: int = 0) -> Prompt:
    """Ask for all entities of a passage and their types; mode type as a list is the paper's."""
    user = f"{ENTITIES[mode]} {describe_answer(mode, form)}\n\nPassage: {passage.text}"
    return Prompt(passage.id, SYSTEM, user, "entities", entity_schema(mode, form), sample)


def candidate_prompt(passage: Passage, candidates: Sequence[str], mode: Mode, form: Form) -> Prompt:
    """Ask which phrases of a passage are entities; the answer is like that to `entity_prompt`."""
    user = (
        f"{CANDIDATES[mode]} {describe_answer(mode, form)}\n\nPassage: {passage.text}\n\n"
        f"Phrases:\n{enumerate_lines(map(quote, candidates))}"
    )
    return Prompt(passage.id, SYSTEM, user, "candidates", entity_schema(mode, form))


def verify_prompt(passage: Passage, pairs: Sequence[tuple[str, str]], form: Form) -> Prompt:
    """Ask which pairs of a mention and its type are right, by their numbers from 1 on."""
    lines = enumerate_lines(f"({quote(mention)}, {quote(name)})" for mention, name in pairs)
    match form:
        case "list":
            answer = (
                "a list of the numbers of the right pairs of the following format: [1, 2, ... ]"
            )
            schema = ""
        case "json":
            answer = 'a JSON object of the following format: {"correct": [1, 2, ... ]}'
            schema = write_schema({"correct": {"type": "array", "items": {"type": "integer"}}})
    user = (
        f"{VERIFICATION} The output should be {answer}.\n\n"
        f"Passage: {passage.text}\n\nPairs:\n{lines}"
    )
    return Prompt(passage.id, SYSTEM, user, "verification", schema)


def describe_answer(mode: Mode, form: Form) -> str:
    """The sentence that says what form the entities should come in."""
    match form:
        case "list":
            return (
                f"The output should be in a list of tuples of the following format: {TUPLES[mode]}."
            )
        case "json":
            return f"The output should be a JSON object of the following format: {OBJECTS[mode]}."


def entity_schema(mode: Mode, form: Form) -> str:
    """The JSON schema of an answer with entities, or nothing where a list is asked for."""
    if form == "list":
        return ""
    item = describe_object({"entity": {"type": "string"}, mode: {"type": "string"}})
    return write_schema({"entities": {"type": "array", "items": item}})


def write_schema(properties: dict[str, Any]) -> str:
    """The schema of an object with just these properties, as JSON text."""
    return json.dumps(describe_object(properties))


def describe_object(properties: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object as servers that enforce one want it: nothing left open."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def enumerate_lines(entries: Iterable[str]) -> str:
    """Entries one a line, numbered from 1 on."""
    return "\n".join(f"{number}. {entry}" for number, entry in enumerate(entries, start=1))


def quote(text: str) -> str:
    """A text in double quotes and on one line, as JSON writes it."""
    return json.dumps(text, ensure_ascii=False)
