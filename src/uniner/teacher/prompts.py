"""The prompts that ask a teacher for entities (section 3.1, figure 1 of the paper)."""

from uniner.records import Passage
from uniner.teacher.teacher import Prompt

SYSTEM = "You are a helpful information extraction system."

TYPE = (
    "Given a passage, your task is to extract all entities and identify their entity types. "
    "The output should be in a list of tuples of the following format: "
    '[("entity 1", "type of entity 1"), ... ].\n'
    "\n"
    "Passage: "
)


def type_prompt(passage: Passage) -> Prompt:
    """Ask for all entities of a passage and the names of their types."""
    return Prompt(passage.id, SYSTEM, TYPE + passage.text)
