"""A run's annotated data by what it is for: to learn from, to tune on, to be asked about."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from uniner.corpus import sample
from uniner.corpus.split import Split, split_of
from uniner.evaluation.questions import Question, ask, ask_all, list_types
from uniner.records import Annotated
from uniner.training.data import find_parent, list_sentences
from uniner.training.recipe import Recipe

Item = TypeVar("Item")


class Splits(NamedTuple):
    """What is learnt from, what is tuned on, and what is asked in the end."""

    train: list[Annotated]
    dev: list[Annotated]
    test: list[Annotated]


def split_data(recipe: Recipe, records: Iterable[Annotated]) -> Splits:
    """The records of a run by their split; of those to train on, what the recipe's limits leave."""
    found: dict[Split, list[Annotated]] = {"train": [], "dev": [], "test": []}
    for record in records:
        found[split_of(find_parent(recipe, record.passage.id))].append(record)
    train = []
    for part in group(recipe, found["train"]).values():
        train += part[: recipe.corpus.limit or None]
    if recipe.corpus.unit == "both":
        train += [part for record in train for part in cut_up(record)]
    if recipe.corpus.types or recipe.corpus.without:
        train = keep_types(train, recipe.corpus.types, recipe.corpus.without)
    return Splits(train, found["dev"], found["test"])


def cut_up(record: Annotated) -> list[Annotated]:
    """The sentences of a passage that has several."""
    parts = list(list_sentences(record))
    return parts if len(parts) > 1 else []


def group(recipe: Recipe, records: Iterable[Annotated]) -> dict[str, list[Annotated]]:
    """The records of each data set; there is one where the recipe names none."""
    groups: dict[str, list[Annotated]] = {}
    for record in records:
        groups.setdefault(recipe.corpus.find_dataset(record.passage), []).append(record)
    return groups


def keep_types(
    records: Sequence[Annotated], most: int, without: Collection[str] = ()
) -> list[Annotated]:
    """The records with the entities of their `most` (0: all) frequent types, none of `without`."""
    counts = Counter(entity.type for record in records for entity in record.entities)
    allowed = {name: count for name, count in counts.items() if name not in without}
    kept = {name for name, _ in Counter(allowed).most_common(most or None)}
    return [
        replace(record, entities=tuple(e for e in record.entities if e.type in kept))
        for record in records
    ]


def make_questions(recipe: Recipe, records: Sequence[Annotated]) -> list[Question]:
    """What the student is asked on held-out passages, those of several data sets in turn.

    Of a data set with no more types than a passage is asked for, these are all of them.
    """
    related, questions = sample.load_taxonomy().related, []
    size, seed = recipe.evaluation.types, recipe.evaluation.seed
    for name, part in group(recipe, records).items():
        types = list_types(part)
        if name and types and len(types) <= size:
            asked = ask_all(part, types)
        else:
            asked = ask(part, related, size=size, seed=seed)
        told = name if recipe.corpus.told else ""
        questions.append([replace(question, dataset=told) for question in asked])
    return take_turns(questions)


def take_turns(parts: Collection[Sequence[Item]]) -> list[Item]:
    """One of each part in turn, so that the first few are of all parts."""
    longest = max(map(len, parts), default=0)
    return [part[turn] for turn in range(longest) for part in parts if turn < len(part)]
