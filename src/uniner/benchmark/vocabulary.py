"""The type names that a student saw in training, and vectors that say which names are alike."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from uniner.chat.answer import Parsed, parse_answer
from uniner.chat.dialogue import is_conversations, read_dialogues
from uniner.chat.queries import read_type
from uniner.corpus import sample
from uniner.records import ConfigError, Entity, InputError
from uniner.records.store import read_annotated
from uniner.students.load import BUNDLED, annotate_sample, load_extractor
from uniner.text.normalize import normalize_type

LONGEST = 200
"""Characters of a type that are embedded: of a definition the start will do."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Normalised type names of training, with how many mentions each had.

    `others` were shown too, as a name for something else's mentions or for none; `about` says where
    all of it is from.
    """

    counts: Mapping[str, int]
    others: frozenset[str] = frozenset()
    about: str = ""

    def __post_init__(self) -> None:
        if not self.counts:
            raise InputError(f"{self.about}: no entity types; name the data that training had")


def read_vocabulary(path: Path) -> Vocabulary:
    """The types of annotated passages (JSONL) or of conversations that ask for one type each."""
    counts: Counter[str] = Counter()
    asked: set[str] = set()
    if is_conversations(path):
        for kind, mentions in list_questions(path):
            asked.add(kind)
            counts[kind] += mentions
    else:
        counts = count_types(e for record in read_annotated(path) for e in record.entities)
    found = {kind: count for kind, count in counts.items() if count}
    return Vocabulary(found, frozenset(asked - found.keys()), str(path))


def list_questions(path: Path) -> Iterator[tuple[str, int]]:
    """Each type asked for, and how many mentions its answer lists; other questions are left out."""
    for _, dialogue in read_dialogues(path):
        for question, raw in dialogue.exchanges:
            kind, answer = read_type(question), parse_answer(raw)
            if kind is not None:
                yield normalize_type(kind), len(answer.items) if isinstance(answer, Parsed) else 0


def count_types(entities: Iterable[Entity]) -> Counter[str]:
    """How many entities each normalised type has."""
    return Counter(normalize_type(entity.type) for entity in entities)


def learn_bundled() -> Vocabulary:
    """What the bundled student saw: the types of the sample's train split, and their aliases.

    It was also asked by definitions, which are not names and are left out here.
    """
    found = annotate_sample()
    counts = count_types(entity for record in found for entity in record.entities)
    taxonomy = sample.load_taxonomy()
    aliases = {alias for name in counts for alias in taxonomy.aliases(name)}
    others = frozenset(map(normalize_type, aliases)) - counts.keys()
    return Vocabulary(
        dict(counts),
        others,
        f"the bundled sample's train split, on which {BUNDLED} was trained ({len(found):,} "
        f"passages), and {len(others):,} aliases that it was also asked by",
    )


def load_embedding() -> Callable[[Sequence[str]], NDArray[np.float32]]:
    """What turns names into vectors [n, 512] of length 1, in which similar names are close.

    They are what the bundled student itself makes of a type's name, without the last component,
    which only says how frequent the type is. They fill a cone: two types that have nothing in
    common have a cosine of about 0.5, synonyms one above 0.95.
    """
    from uniner.students.span import SpanStudent

    student = load_extractor(BUNDLED)
    if not isinstance(student, SpanStudent):
        raise ConfigError(f"{BUNDLED} is not a span student here, so it cannot compare types")

    def embed(names: Sequence[str]) -> NDArray[np.float32]:
        vectors = student.embed_names([name[:LONGEST] for name in names])[:, :-1]
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)

    return embed
