"""What is found in a text that is read window by window, and what of it the text then has."""

from dataclasses import dataclass, field, replace

from uniner.records import Entity, Fault, Passage, Prediction
from uniner.students.ground import Grounded, flatten
from uniner.text.passages import Window, merge, shift


@dataclass(slots=True)
class Findings:
    """The entities of each window of a passage, in its own offsets, and all faults."""

    passage: Passage
    windows: list[Window] = field(default_factory=list)
    entities: list[list[Entity]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def add(self, window: Window, grounded: Grounded) -> None:
        """Take in what a window has; windows come in order, one more than once in a row."""
        if not self.windows or self.windows[-1] != window:
            self.windows.append(window)
            self.entities.append([])
        text = self.passage.text
        # Halves of characters were read as others: what counts is what the text has.
        self.entities[-1] += [
            replace(entity, text=text[entity.start : entity.end])
            for entity in shift(grounded.entities, window.start)
        ]
        self.faults += grounded.faults

    def predict(self, least: float = 0.0, *, nested: bool) -> Prediction:
        """The windows as one, without entities whose score is known to be below `least`."""
        kept = [
            [entity for entity in entities if entity.score is None or entity.score >= least]
            for entities in self.entities
        ]
        lists = kept if nested else [flatten(entities) for entities in kept]
        return Prediction(
            self.passage, merge(self.windows, lists, nested=nested), tuple(self.faults)
        )
