"""The prompt is the paper's, word for word."""

from uniner.records import Passage
from uniner.teacher.prompts import type_prompt


def test_the_type_prompt_is_the_papers() -> None:
    prompt = type_prompt(Passage("p", "Ada met Charles."))
    assert prompt.id == "p"
    assert prompt.system == "You are a helpful information extraction system."
    assert prompt.user == (
        "Given a passage, your task is to extract all entities and identify their entity types. "
        "The output should be in a list of tuples of the following format: "
        '[("entity 1", "type of entity 1"), ... ].\n\nPassage: Ada met Charles.'
    )
