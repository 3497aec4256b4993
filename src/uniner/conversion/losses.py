"""What a conversion cannot keep, counted by a fixed phrase, so that nothing is lost in silence."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from uniner.records import Annotated, Entity, Passage


class Loss(StrEnum):
    """Something that is not in the result as it was in the source, or not at all."""

    FAULT = "fault of an answer left out"
    SCORE = "score left out"
    OVERLAP = "mention that overlaps another left out"
    REPEATED = "mention given twice kept once"
    STRETCHED = "mention stretched to whole words"
    TRIMMED = "white space around a mention cut off"
    BLANK = "mention of white space left out"
    TYPE = "type spelled without blanks"
    SPACING = "passage whose white space is not kept"
    WORDLESS = "passage without a word left out"
    UNASKED = "passage without an entity left out"
    PLACE = "place of a mention that its text does not tell left out"
    ELSEWHERE = "place added, where a mention's text stands too"
    ABSENT = "mention that the text does not say left out"
    REGION = "region that is no labelled span of text left out"
    FURTHER = "further annotation of a task left out"
    ID = "id left out or spelled otherwise"
    ORIGIN = "domain or source left out"
    JOINED = "record joined to the one before, as their texts are the same"
    NEGATIVE = "question answered with nothing left out"


HARMLESS = frozenset({Loss.ID, Loss.ORIGIN, Loss.JOINED, Loss.NEGATIVE})
"""What leaves every text and every entity as it was."""


def name_serious(notes: Mapping[str, int]) -> dict[str, int]:
    """Those of the counts that `--strict` forbids: whatever is not known to be harmless."""
    return {what: count for what, count in notes.items() if count and what not in HARMLESS}


def describe(notes: Mapping[str, int]) -> str:
    """The counts on one line, the largest first."""
    ranked = sorted(notes.items(), key=lambda row: (-row[1], row[0]))
    return ", ".join(f"{what} ({count:,})" for what, count in ranked)


def note_scores(entities: Iterable[Entity], notes: Counter[str]) -> None:
    """Count the scores that a format has no room for."""
    if lost := sum(entity.score is not None for entity in entities):
        notes[Loss.SCORE] += lost


def note_origin(passage: Passage, notes: Counter[str]) -> None:
    """Count a passage whose domain or source a format has no room for."""
    if passage.domain or passage.source:
        notes[Loss.ORIGIN] += 1


def number(records: Iterable[Annotated], notes: Counter[str]) -> Iterator[Annotated]:
    """The records for a format that knows passages by their place alone."""
    for index, record in enumerate(records):
        if record.passage.id != str(index):
            notes[Loss.ID] += 1
        note_origin(record.passage, notes)
        yield record


@dataclass(slots=True)
class Names:
    """Names given so far, for a format in which each must be another."""

    notes: Counter[str]
    taken: set[str] = field(default_factory=set)

    def give(self, wanted: str, spelled: str) -> str:
        """`spelled`, or with a number after it where it is taken; counted unless it is `wanted`."""
        name, times = spelled, 1
        while name in self.taken:
            times += 1
            name = f"{spelled}~{times}"
        self.taken.add(name)
        if name != wanted:
            self.notes[Loss.ID] += 1
        return name
