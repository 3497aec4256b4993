"""Conversations that ask for each type by its name; back from them by where mentions stand."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from uniner.benchmark.document import Reading
from uniner.chat.answer import parse_answer
from uniner.chat.compose import list_pairs
from uniner.chat.dialogue import Dialogue, Exchange, dialogue_from_json, dialogue_to_json, read_list
from uniner.chat.queries import Query, list_queries
from uniner.chat.variants import ask, say
from uniner.conversion.losses import Loss, Names, note_origin, note_scores
from uniner.conversion.output import write_list
from uniner.records import Annotated, Entity, Passage, RecordError
from uniner.records.types import check_characters
from uniner.students.ground import NOT_IN_TEXT, ground, in_order


class Asked(NamedTuple):
    """A passage, the types it was asked for, and the entities that the answers name."""

    passage: Passage
    types: tuple[str, ...]
    entities: tuple[Entity, ...]
    lone: bool
    """Whether each of its records asked for one type, as the published test files do."""

    def continues(self, other: "Asked") -> bool:
        """Whether this goes on asking about the passage of `other`."""
        same = self.passage.text == other.passage.text
        return same and self.lone and other.lone and not set(self.types) & set(other.types)

    def join(self, other: "Asked") -> "Asked":
        """Both as one, named by the first."""
        entities = in_order(self.entities + other.entities)
        return Asked(self.passage, self.types + other.types, entities, lone=True)


def read(path: Path, reading: Reading) -> Iterator[Annotated]:
    """A passage for each record, or for a run of records that ask one type each of one text."""
    waiting: Asked | None = None
    for number, row in read_list(path):
        where = f"{path}: record {number}"
        try:
            asked = read_asked(row, where, reading)
        except RecordError as error:
            reading.refuse(where, str(error))
            continue
        if waiting and asked.continues(waiting):
            reading.note(Loss.JOINED)
            waiting = waiting.join(asked)
            continue
        if waiting:
            yield Annotated(waiting.passage, waiting.entities)
        waiting = asked
    if waiting:
        yield Annotated(waiting.passage, waiting.entities)


def read_asked(row: object, where: str, reading: Reading) -> Asked:
    """What one record asks and answers; RecordError says what was expected of it."""
    dialogue = dialogue_from_json(row)
    queries = list_queries(dialogue)
    check_characters(dialogue.text, "the text")
    found: dict[tuple[int, int, str], Entity] = {}
    for query in queries:
        for entity in place_answer(query, where, reading):
            found.setdefault((entity.start, entity.end, entity.type), entity)
    types = tuple(query.type for query in queries)
    passage = Passage(dialogue.id, dialogue.text)
    return Asked(passage, types, in_order(found.values()), len(queries) == 1)


def place_answer(query: Query, where: str, reading: Reading) -> tuple[Entity, ...]:
    """The mentions of an answer wherever they stand in the text."""
    entities, faults = ground(parse_answer(query.answer), query.text, query.type)
    for fault in faults:
        if fault.why == NOT_IN_TEXT:
            reading.note(Loss.ABSENT)
        else:
            reading.refuse(
                where, f"expected a JSON list of mentions as answer, which {fault.raw!r:.80} is not"
            )
    if not entities and not faults:
        reading.note(Loss.NEGATIVE)
    return entities


def write(path: Path, records: Iterable[Annotated], notes: Counter[str]) -> None:
    """Keeps ids, texts and the mentions of each type; where they stand only as far as these tell.

    Nothing is asked in vain: `uniner build` makes conversations with negative types.
    """
    write_list(path, map(dialogue_to_json, make_dialogues(records, notes)))


def make_dialogues(records: Iterable[Annotated], notes: Counter[str]) -> Iterator[Dialogue]:
    """A conversation for each passage that has an entity."""
    names = Names(notes)
    for record in records:
        passage = record.passage
        if not record.entities:
            notes[Loss.UNASKED] += 1
            continue
        note_origin(passage, notes)
        note_scores(record.entities, notes)
        found = list_pairs(record)
        types = list(dict.fromkeys(kind for _, kind in found))
        questions = ask("per-type", types, lambda _: None)
        exchanges = tuple(Exchange(asked.text, say(asked, found)) for asked in questions)
        dialogue = Dialogue(names.give(passage.id, passage.id), passage.text, exchanges)
        note_places(record, dialogue, notes)
        yield dialogue


def note_places(record: Annotated, dialogue: Dialogue, notes: Counter[str]) -> None:
    """Count what will not be where it was when the conversation is read again."""
    again = read_asked(dialogue_to_json(dialogue), dialogue.id, Reading(lenient=True)).entities
    after = {(entity.span, entity.type) for entity in again}
    before = {(entity.span, entity.type) for entity in record.entities}
    for loss, lost in (
        (Loss.REPEATED, len(record.entities) - len(before)),
        (Loss.PLACE, len(before - after)),
        (Loss.ELSEWHERE, len(after - before)),
    ):
        if lost:
            notes[loss] += lost
