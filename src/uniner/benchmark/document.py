"""What a reader makes of a file: texts and their mentions, labelled as they are there."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from uniner.records import Entity, InputError, Passage, RecordError, Span
from uniner.records.types import check_grounded


@dataclass(frozen=True, slots=True)
class Document:
    """A text of a data set, be it a sentence or an article; the types of `entities` are raw labels.

    Where a format gives strings and no offsets, `entities` is None and `mentions` holds the strings
    of every label that was asked of this text. `sentences` are known sentences in reading order,
    disjoint; without them the text is taken for one sentence or is cut by rule, as its data set is.
    """

    id: str
    text: str
    entities: tuple[Entity, ...] | None
    mentions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sentences: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if self.entities is not None:
            check_grounded(Passage(self.id, self.text), self.entities)
        reach = 0
        for start, end in self.sentences:
            if not reach <= start < end <= len(self.text):
                raise RecordError(f"document {self.id!r}: sentence [{start}, {end}) is misplaced")
            reach = end


@dataclass(slots=True)
class Reading:
    """One pass over files: what happens to malformed input, and what was met on the way.

    `notes` count, by a fixed phrase, what was repaired (always) or skipped (where lenient).
    """

    lenient: bool = False
    notes: Counter[str] = field(default_factory=Counter)

    def refuse(self, where: str, expected: str) -> None:
        """Malformed input at `where` ("FILE:LINE"): InputError, or where lenient a count.

        After a call that returns, the reader leaves out the smallest whole thing that is wrong.
        """
        if not self.lenient:
            raise InputError(f"{where}: {expected}; --lenient skips what is malformed")
        self.notes["malformed, skipped"] += 1

    def note(self, what: str) -> None:
        """Count a repair or an oddity that is no error."""
        self.notes[what] += 1
