"""From documents with raw labels to examples as the paper asks them (section 4.1, appendix A)."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from uniner.benchmark.catalog import Dataset
from uniner.benchmark.document import Document, Reading
from uniner.benchmark.examples import Example
from uniner.records import ConfigError, Passage, RecordError
from uniner.text.sentences import cut_sentences

Labels: TypeAlias = Literal["natural", "original"]
"""Types are asked by a name in natural language, or by the label as the file has it."""

MAX_QUERIES = 200_000
"""Passage-query pairs of a data set that the paper evaluates at most."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """How documents become examples; the defaults are the paper's."""

    labels: Labels = "natural"
    dropped: bool = False
    """Ask the labels too that the paper leaves out."""
    whole: bool = False
    """Ask whole documents instead of their sentences."""
    max_queries: int | None = MAX_QUERIES
    seed: int = 0
    """Of the passages kept where there are more queries than that."""

    def __post_init__(self) -> None:
        if self.max_queries is not None and self.max_queries < 1:
            raise ConfigError(f"at most {self.max_queries} queries leave nothing to ask")

    def __str__(self) -> str:
        """What differs from the paper, for people."""
        cap = "every query" if self.max_queries is None else f"at most {self.max_queries:,} queries"
        parts = {
            "original labels": self.labels == "original",
            "dropped labels asked too": self.dropped,
            "whole documents": self.whole,
            f"{cap} a data set": self.max_queries != MAX_QUERIES,
            f"seed {self.seed}": bool(self.seed),
        }
        return ", ".join(name for name, said in parts.items() if said) or "as in the paper"


def prepare(
    documents: Sequence[Document], dataset: Dataset, how: Preparation, reading: Reading
) -> list[Example]:
    """The examples of a split: named, split into sentences and capped; oddities are noted."""
    names = name_labels(dataset, how)
    types = tuple(dict.fromkeys(names.values()))
    examples = []
    for document in documents:
        pieces = [document]
        if dataset.documents and not how.whole:
            pieces = list(split_document(document))
        for piece in pieces:
            if not piece.text.strip():
                reading.note("empty passages, left out")
                continue
            try:
                examples.append(build_example(piece, dataset, names, types))
            except RecordError as error:
                reading.refuse(f"{dataset.name}: {piece.id}", str(error))
    return cap_queries(examples, how, reading)


def name_labels(dataset: Dataset, how: Preparation) -> dict[str, str]:
    """The type that each label is asked as, in the order of asking."""
    names = dict(dataset.labels)
    if how.dropped:
        names |= {label: label for label in dataset.drop}
    return {label: label for label in names} if how.labels == "original" else names


def build_example(
    document: Document, dataset: Dataset, names: Mapping[str, str], types: tuple[str, ...]
) -> Example:
    """One document as an example; RecordError where a label is unknown to the catalog."""
    passage = Passage(document.id, document.text, dataset.domain, dataset.name)
    if document.entities is None:
        asked: dict[str, list[str]] = {name: [] for name in types}
        for label, strings in document.mentions.items():
            if (kind := choose_name(label, names, dataset)) is not None:
                asked.setdefault(kind, []).extend(strings)
        return Example(passage, tuple(asked), tuple(map(tuple, asked.values())))
    entities = tuple(
        replace(entity, type=kind)
        for entity in document.entities
        if (kind := choose_name(entity.type, names, dataset)) is not None
    )
    found: dict[str, list[str]] = {name: [] for name in types or (e.type for e in entities)}
    for entity in entities:
        found[entity.type].append(entity.text)
    return Example(passage, tuple(found), tuple(map(tuple, found.values())), entities)


def choose_name(label: str, names: Mapping[str, str], dataset: Dataset) -> str | None:
    """The type that a label is asked as, or None where it is dropped."""
    if label in names:
        return names[label]
    if label in dataset.drop:
        return None
    if not dataset.labels:
        return label
    raise RecordError(f"label {label!r} is not in the catalog, which has {list(dataset.labels)}")


def split_document(document: Document) -> Iterator[Document]:
    """The sentences of a document, each with its entities; see `cut_sentences`."""
    if document.entities is None:
        yield document
        return
    sentences = cut_sentences(document.text, document.entities, document.sentences)
    for number, (text, entities) in enumerate(sentences):
        yield Document(f"{document.id}#{number}", text, entities)


def cap_queries(examples: list[Example], how: Preparation, reading: Reading) -> list[Example]:
    """As many passages as the cap allows, drawn by the seed, in file order."""
    total = sum(len(example.types) for example in examples)
    if how.max_queries is None or total <= how.max_queries:
        return examples
    order = list(range(len(examples)))
    random.Random(how.seed).shuffle(order)
    kept, spent = [], 0
    for index in order:
        spent += len(examples[index].types)
        if spent > how.max_queries:
            break
        kept.append(index)
    reading.notes[f"passages beyond {how.max_queries:,} queries"] += len(examples) - len(kept)
    return [examples[index] for index in sorted(kept)]
