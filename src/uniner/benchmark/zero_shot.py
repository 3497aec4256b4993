"""Which types a run's student was trained on, and how near they are to what it was asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from uniner.benchmark.comparison import Comparison
from uniner.benchmark.familiarity import Embed, Familiarity, measure_familiarity
from uniner.benchmark.gather import System
from uniner.benchmark.vocabulary import (
    Vocabulary,
    learn_bundled,
    load_embedding,
    read_vocabulary,
)
from uniner.records.manifest import hash_tree
from uniner.students.names import BUNDLED, locate_model

UNKNOWN = (
    "its training types are not known here, so how zero-shot it was cannot be said; "
    "--trained-on FILE names the data it was trained on"
)


@dataclass(frozen=True, slots=True)
class ZeroShot:
    """How near training was to what the first system was asked, by row and over all types.

    `about` says where the training types are from, or why they are unknown.
    """

    about: str
    rows: Mapping[str, Familiarity] = field(default_factory=dict)
    overall: Familiarity | None = None


def judge_zero_shot(
    comparison: Comparison, trained_on: Path | None = None, embed: Embed | None = None
) -> ZeroShot:
    """The first system against the types of `trained_on`, or of the sample for the bundled student.

    `embed` None is the bundled student's own vectors of type names.
    """
    system = comparison.systems[0]
    vocabulary = find_vocabulary(system, trained_on)
    if vocabulary is None:
        return ZeroShot(UNKNOWN)
    evaluated = {row.title: row.marks[system.name].gold for row in comparison.rows_of(system.name)}
    rows, overall = measure_familiarity(evaluated, vocabulary, embed or load_embedding())
    return ZeroShot(vocabulary.about, rows, overall)


def find_vocabulary(system: System, trained_on: Path | None) -> Vocabulary | None:
    """The types of training, or None where nobody says."""
    if trained_on is not None:
        return read_vocabulary(trained_on)
    return learn_bundled() if is_bundled(system) else None


def is_bundled(system: System) -> bool:
    """Whether it is the bundled student, and no other model of its name."""
    if system.settings["model"] != BUNDLED:
        return False
    return system.settings.get("fingerprint") in ("", hash_tree(locate_model(BUNDLED)))
