"""Questions like a user's, made from annotated passages: some types that are there, some not."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from uniner.evaluation.score import EntityPair
from uniner.records import Annotated, Entity, Passage, Prediction


@dataclass(frozen=True, slots=True)
class Question:
    """Types asked of a passage, and every entity of these types; the most specific type first.

    Whose idea of these types is meant, `dataset` says, where a student is to be told.
    """

    passage: Passage
    types: tuple[str, ...]
    entities: tuple[Entity, ...]
    dataset: str = ""

    @property
    def flat(self) -> tuple[Entity, ...]:
        """The right flat answer: of the entities of one span, that of the most specific type."""
        first: dict[tuple[int, int], Entity] = {}
        for entity in self.entities:
            first.setdefault(entity.span, entity)
        return tuple(first.values())


def ask(
    records: Sequence[Annotated],
    related: Callable[[str], frozenset[str]],
    *,
    size: int = 12,
    seed: int = 1,
) -> list[Question]:
    """One question per passage: about half of its own types, filled up to `size` with others.

    The others are drawn as often as they occur, and none is related to a type that is present.
    """
    rng = random.Random(seed)
    counts = Counter(entity.type for record in records for entity in record.entities)
    names, weights = list(counts), list(counts.values())
    questions = []
    for record in records:
        present = list(dict.fromkeys(entity.type for entity in record.entities))
        asked = [name for name in present if rng.random() < 0.5][:size]
        barred = set(present).union(*(related(name) for name in present))
        for name in rng.choices(names, weights, k=size * 20) if names else ():
            if len(asked) >= size:
                break
            if name not in barred and name not in asked:
                asked.append(name)
        if asked and record.passage.text.strip():
            kept = tuple(entity for entity in record.entities if entity.type in asked)
            questions.append(Question(record.passage, tuple(asked), kept))
    return questions


def list_types(records: Iterable[Annotated]) -> tuple[str, ...]:
    """Every type that occurs, in alphabetical order."""
    return tuple(sorted({entity.type for record in records for entity in record.entities}))


def ask_all(records: Iterable[Annotated], types: tuple[str, ...]) -> list[Question]:
    """Every passage that has text, asked for all of `types`, which were looked for in it."""
    return [Question(r.passage, types, r.entities) for r in records if r.passage.text.strip()]


def pair_flat(questions: Sequence[Question], answers: Sequence[Prediction]) -> list[EntityPair]:
    """Gold beside predicted, ready to be scored."""
    return [
        EntityPair(question.flat, prediction.entities)
        for question, prediction in zip(questions, answers, strict=True)
    ]
