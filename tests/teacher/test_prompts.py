"""Prompts are what they are to the letter: a word more or less asks for something else."""

import pytest

from uniner.records import Passage
from uniner.teacher.prompts import Form, Mode, candidate_prompt, entity_prompt, verify_prompt
from uniner.teacher.teacher import Prompt

PASSAGE = Passage("p", 'Ada met "Bo".')
SYSTEM = "You are a helpful information extraction system."
TASKS = {
    "type": (
        "Given a passage, your task is to extract all entities and identify their entity types."
    ),
    "definition": (
        "Given a passage, your task is to extract all entities and define the type of each "
        "in one short sentence."
    ),
}
SELECTIONS = {
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
FORMATS = {
    ("type", "list"): (
        "The output should be in a list of tuples of the following format: "
        '[("entity 1", "type of entity 1"), ... ].'
    ),
    ("definition", "list"): (
        "The output should be in a list of tuples of the following format: "
        '[("entity 1", "definition of the type of entity 1"), ... ].'
    ),
    ("type", "json"): (
        "The output should be a JSON object of the following format: "
        '{"entities": [{"entity": "entity 1", "type": "type of entity 1"}, ... ]}.'
    ),
    ("definition", "json"): (
        "The output should be a JSON object of the following format: "
        '{"entities": [{"entity": "entity 1", '
        '"definition": "definition of the type of entity 1"}, ... ]}.'
    ),
}
SCHEMA = (
    '{"type": "object", "properties": {"entities": {"type": "array", "items": {"type": "object", '
    '"properties": {"entity": {"type": "string"}, "MODE": {"type": "string"}}, '
    '"required": ["entity", "MODE"], "additionalProperties": false}}}, '
    '"required": ["entities"], "additionalProperties": false}'
)
VERDICT = (
    '{"type": "object", "properties": {"correct": {"type": "array", "items": {"type": '
    '"integer"}}}, "required": ["correct"], "additionalProperties": false}'
)


def schema_of(mode: Mode, form: Form) -> str:
    return SCHEMA.replace("MODE", mode) if form == "json" else ""


def test_the_first_prompt_is_the_papers_word_for_word() -> None:
    assert entity_prompt(PASSAGE, "type", "list") == Prompt(
        "p",
        "You are a helpful information extraction system.",
        "Given a passage, your task is to extract all entities and identify their entity types. "
        "The output should be in a list of tuples of the following format: "
        '[("entity 1", "type of entity 1"), ... ].\n\nPassage: Ada met "Bo".',
    )


@pytest.mark.parametrize(("mode", "form"), sorted(FORMATS))
def test_entities_are_asked_for_in_every_mode_and_form(mode: Mode, form: Form) -> None:
    user = f'{TASKS[mode]} {FORMATS[mode, form]}\n\nPassage: Ada met "Bo".'
    expected = Prompt("p", SYSTEM, user, "entities", schema_of(mode, form), sample=3)
    assert entity_prompt(PASSAGE, mode, form, 3) == expected


@pytest.mark.parametrize(("mode", "form"), sorted(FORMATS))
def test_candidates_are_listed_under_the_passage(mode: Mode, form: Form) -> None:
    user = (
        f'{SELECTIONS[mode]} {FORMATS[mode, form]}\n\nPassage: Ada met "Bo".\n\n'
        'Phrases:\n1. "Ada"\n2. "\\"Bo\\"\\né"'
    )
    expected = Prompt("p", SYSTEM, user, "candidates", schema_of(mode, form))
    assert candidate_prompt(PASSAGE, ["Ada", '"Bo"\né'], mode, form) == expected


@pytest.mark.parametrize(
    ("form", "answer", "schema"),
    [
        (
            "list",
            "a list of the numbers of the right pairs of the following format: [1, 2, ... ].",
            "",
        ),
        ("json", 'a JSON object of the following format: {"correct": [1, 2, ... ]}.', VERDICT),
    ],
)
def test_pairs_are_numbered_for_verification(form: Form, answer: str, schema: str) -> None:
    user = (
        "Given a passage and numbered pairs of an entity and its type, your task is to decide "
        "which pairs are right: the passage mentions the entity, and in this passage it is of "
        f'that type. The output should be {answer}\n\nPassage: Ada met "Bo".\n\n'
        'Pairs:\n1. ("Ada", "person")\n2. ("Bo", "the \\"dog\\"")'
    )
    pairs = [("Ada", "person"), ("Bo", 'the "dog"')]
    assert verify_prompt(PASSAGE, pairs, form) == Prompt("p", SYSTEM, user, "verification", schema)
