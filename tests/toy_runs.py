"""Folders as `uniner bench run` leaves them, small and written by hand for these tests."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from uniner.benchmark.catalog import Catalog, Dataset, Domain, Split, SplitName
from uniner.benchmark.examples import Example, write_examples
from uniner.records import Entity, Passage, Prediction
from uniner.records.manifest import describe_run, write_json
from uniner.records.store import write_records

NAMES = ("Ada", "Bo", "Cy", "York", "Oslo", "Acme")
KINDS = {"Ada": "person", "Bo": "person", "Cy": "person", "York": "place", "Oslo": "place"}
WORDS = ("met", "left", "saw", "in", "for", "again")
TYPES = ("person", "place", "company")


def toy_dataset(name: str, domain: Domain = "general", row: str | None = None) -> Dataset:
    return Dataset(
        name=name,
        title=name.replace("_", " ").title(),
        domain=domain,
        licence="none",
        access="open",
        source="nowhere",
        reader="conversations",
        row=name if row is None else row,
        types=len(TYPES),
        splits={"test": Split(("test.json",))},
    )


CATALOG = Catalog(
    {
        row.name: row
        for row in (
            toy_dataset("crossner_ai"),
            toy_dataset("conllpp"),
            toy_dataset("mit_movie", "social"),
            toy_dataset("genia", "biomedical"),
            toy_dataset("own", "law", row=""),
        )
    },
    {},
)


def toy_examples(name: str, size: int, *, grounded: bool = True, seed: int = 0) -> list[Example]:
    """Sentences with two names each; their mentions have offsets where `grounded`."""
    rng = random.Random(f"{name} {seed}")
    examples = []
    for number in range(size):
        one, other = rng.sample(NAMES, 2)
        text = f"{one} {rng.choice(WORDS)} {other} {rng.choice(WORDS)}."
        entities = tuple(find(text, name, KINDS.get(name, "company")) for name in (one, other))
        mentions = tuple(tuple(e.text for e in entities if e.type == kind) for kind in TYPES)
        passage = Passage(f"{name}-{number}", text, "", name)
        examples.append(Example(passage, TYPES, mentions, entities if grounded else None))
    return examples


def find(text: str, name: str, kind: str) -> Entity:
    start = text.index(name)
    return Entity(start, start + len(name), name, kind, 0.9)


def toy_predictions(examples: Sequence[Example], skill: float, seed: int = 0) -> list[Prediction]:
    """Each name is found with a chance of `skill`; else with a wrong end or type, or not at all."""
    rng = random.Random(seed)
    predictions = []
    for example in examples:
        text = example.passage.text
        found = []
        for name in NAMES:
            if name in text:
                right = find(text, name, KINDS.get(name, "company"))
                longer = text[right.start : right.end + 2]
                wrong = (
                    Entity(right.start, right.start + len(longer), longer, right.type, 0.6),
                    Entity(*right.span, name, TYPES[(TYPES.index(right.type) + 1) % 3], 0.5),
                    None,
                )
                entity = right if rng.random() < skill else rng.choice(wrong)
                found += [entity] if entity else []
        predictions.append(Prediction(example.passage, tuple(sorted(found, key=lambda e: e.start))))
    return predictions


@dataclass(frozen=True)
class ToySplit:
    """One split that a run has asked."""

    name: str
    examples: list[Example]
    predictions: list[Prediction]
    available: int | None = None
    split: SplitName = "test"


def write_run(folder: Path, *splits: ToySplit, **settings: object) -> Path:
    """A finished run of these splits; `settings` replace those of a plain run of `toy`."""
    plain = {
        "model": "toy",
        "fingerprint": "",
        "suite": "toys",
        "split": "test",
        "mode": "zero-shot",
        "preparation": "as in the paper",
        "limit": None,
        "seed": None,
        "threshold": None,
        "nested": False,
    }
    rows = {}
    for part in splits:
        stem = f"{part.name}.{part.split}"
        folder.mkdir(parents=True, exist_ok=True)
        write_examples(folder / f"{stem}.examples.jsonl", part.examples)
        write_records(folder / f"{stem}.predictions.jsonl", part.predictions)
        rows[stem] = {
            "dataset": part.name,
            "split": part.split,
            "available": part.available or len(part.examples),
            "notes": {"empty passages, left out": 2} if part.name == "conllpp" else {},
        }
    write_json(folder / "manifest.json", describe_run({**plain, **settings}, {"a.json": "f00"}))
    write_json(folder / "results.json", {"absent": ["ace04"], "datasets": rows})
    return folder


def toy_split(name: str, size: int = 40, skill: float = 0.7, seed: int = 0) -> ToySplit:
    """A split of `size` passages, answered with this skill."""
    examples = toy_examples(name, size)
    return ToySplit(name, examples, toy_predictions(examples, skill, seed))
