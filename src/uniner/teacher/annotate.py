"""Passages and a teacher in, annotated passages and counted drops out."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from uniner.records import Annotated, Entity, Passage
from uniner.teacher.clean import Drops, Reason, clean
from uniner.teacher.parse import parse_reply
from uniner.teacher.prompts import type_prompt
from uniner.teacher.teacher import Answer, Failure, Teacher


class Annotation(NamedTuple):
    """A passage annotated, or None where no reply could be read; and what was dropped."""

    annotated: Annotated | None
    drops: Drops


def annotate(passages: Iterable[Passage], teacher: Teacher) -> Iterator[Annotation]:
    """Ask the teacher for the entities of each passage; one annotation a passage, in order."""
    for passage in passages:
        yield annotate_passage(passage, teacher.answer(type_prompt(passage)))


def annotate_passage(passage: Passage, answer: Answer) -> Annotation:
    """Ground a teacher's answer in its passage (section 3.1 of the paper).

    Entities come in the order of (start, end); those of one span, one a type, in the teacher's
    order: the most specific type first, the most general last.
    """
    if isinstance(answer, Failure):
        return Annotation(None, Counter([Reason.NO_REPLY]))
    types, drops = clean(parse_reply(answer.raw), passage.text)
    if types is None:
        return Annotation(None, drops)
    entities = tuple(
        Entity(start, end, passage.text[start:end], name)
        for (start, end), names in types.items()
        for name in names
    )
    return Annotation(Annotated(passage, entities), drops)
