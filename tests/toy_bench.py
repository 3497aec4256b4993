"""Small data sets in the benchmark's formats, written for these tests."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from uniner.benchmark.catalog import Dataset, Split
from uniner.benchmark.run import Student
from uniner.records import Entity, Passage, Prediction
from uniner.students.extractor import Extractor

AI = "official_conversations/CrossNER_AI.json"
MUSIC = "ie_instructions/CrossNER_music/test.json"

PASSAGES = [("Ada met Bo.", ["Ada", "Bo"]), ("It rained.", []), ("Cy left York.", ["Cy"])]


def make_row(**changes: Any) -> Dataset:
    """A row of the catalog with a test split, for a data set of our own."""
    plain: dict[str, Any] = {
        "name": "toy",
        "title": "Toy",
        "domain": "general",
        "licence": "none",
        "access": "open",
        "source": "here",
        "reader": "ie_instructions",
        "row": "toy",
        "types": 2,
        "splits": {"test": Split(("test.json",))},
    }
    return Dataset(**{**plain, **changes})


def write(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def query(name: str, text: str, kind: str, answer: Sequence[str]) -> dict[str, Any]:
    values = [
        f"Text: {text}",
        "I've read this text.",
        f"What describes {kind} in the text?",
        json.dumps(answer),
    ]
    turns = [{"from": ("human", "gpt")[i % 2], "value": value} for i, value in enumerate(values)]
    return {"id": name, "conversations": turns}


def write_conversations(data: Path) -> Path:
    rows: list[dict[str, object]] = []
    for text, people in PASSAGES:
        for kind, answer in (("person", people), ("place", [w for w in ["York"] if w in text])):
            rows.append(query(f"q{len(rows)}", text, kind, answer))
    return write(data / AI, rows)


def instruct(sentence: str, *named: tuple[str, str]) -> dict[str, Any]:
    entities = [
        {
            "name": name,
            "type": kind,
            "pos": [sentence.index(name), sentence.index(name) + len(name)],
        }
        for name, kind in named
    ]
    return {"sentence": sentence, "entities": entities}


def write_instructions(data: Path, *extra: object) -> Path:
    rows = [
        instruct("The Owls left Acme in May.", ("The Owls", "album"), ("Acme", "organisation")),
        instruct("Nobody sang in May.", ("May", "misc")),
        *extra,
    ]
    return write(data / MUSIC, rows)


def always(extractor: Extractor) -> Student:
    """The same extractor for every data set."""
    return lambda _: extractor


@dataclass
class Capitals:
    """Finds capitalised words as the first asked type; stops after `budget` calls if it has one."""

    name: str = "capitals"
    budget: int | None = None
    calls: list[list[str]] = field(default_factory=list)

    def extract(
        self,
        texts: Sequence[str | Passage],
        types: Sequence[str],
        threshold: float | None = None,
        *,
        nested: bool = False,
    ) -> list[Prediction]:
        if self.budget is not None and len(self.calls) >= self.budget:
            raise KeyboardInterrupt
        passages = [text for text in texts if isinstance(text, Passage)]
        self.calls.append([passage.id for passage in passages])
        return [Prediction(p, tuple(find(p.text, types[0]))) for p in passages]


def find(text: str, kind: str) -> list[Entity]:
    words = [word.strip(".") for word in text.split()]
    starts = [(text.index(word), word) for word in words if word[:1].isupper()]
    return [Entity(start, start + len(word), word, kind, 0.9) for start, word in starts]
