"""Goes on training a span student on a user's own texts, without forgetting what it knew."""

import json
import os
import random
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from uniner.construction.narrator import Narrator
from uniner.corpus import sample
from uniner.corpus.split import split_of
from uniner.evaluation.questions import Question
from uniner.records import Annotated, ConfigError
from uniner.records.manifest import claim_folder, describe_run, hash_file, hash_model, write_json
from uniner.records.store import read_annotated
from uniner.students.checkpoint import Settings, read_settings
from uniner.students.encode import Encoder
from uniner.training.config import SpanConfig
from uniner.training.data import annotate_passages, read_data, write_passages
from uniner.training.distill import CHECKPOINT, choose, learn, make_questions, say_skipped
from uniner.training.examples import make_examples
from uniner.training.export import export
from uniner.training.memory import keep_freed_memory
from uniner.training.recipe import Recipe
from uniner.training.restore import read_base, read_network
from uniner.training.span import Replay, Trainer
from uniner.training.tune import Tuning, tune

WORK, EPOCHS, BEST = "training", "epochs.json", "best.pt"
"""Where a run keeps what it needs to go on, and what is in there; it is gone in the end."""

HEAD = 6
"""How much faster than the encoder the span head learns, as when the student was made."""


@dataclass(frozen=True, slots=True)
class AdaptConfig:
    """How to go on training; `replay` old passages are rehearsed for each of the user's."""

    epochs: int = 8
    rate: float = 5e-5
    batch: int = 16
    replay: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch"):
            if getattr(self, name) < 1:
                raise ConfigError(f"--{name} must be at least 1, not {getattr(self, name)!r}")
        if not 0 < self.rate < 1:
            raise ConfigError(f"--rate must be above 0 and below 1, not {self.rate!r}; try 5e-5")
        if not 0 <= self.replay <= 100:
            raise ConfigError(f"--replay must be within [0, 100], not {self.replay!r}; try 1")


@dataclass(frozen=True, slots=True)
class Texts:
    """A user's labelled texts, every one labelled with all of `types`."""

    train: Sequence[Annotated]
    dev: Sequence[Annotated]

    @property
    def types(self) -> tuple[str, ...]:
        """Every type that occurs, in alphabetical order."""
        records = (*self.train, *self.dev)
        return tuple(sorted({entity.type for record in records for entity in record.entities}))

    @property
    def questions(self) -> list[Question]:
        """All types asked of each held-out text."""
        return [Question(r.passage, self.types, r.entities) for r in self.dev if r.passage.text]


@dataclass(frozen=True, slots=True)
class Adapted:
    """What adapting leaves: questions to judge by, the user's and the sample's, and how it went.

    `epochs` holds the tuning on dev after each epoch, the first before any; `chosen` is one of it.
    """

    dev: list[Question]
    test: list[Question]
    epochs: tuple[Tuning, ...]
    chosen: int


def read_texts(path: Path, dev: Path | None) -> Texts:
    """The texts of a file and those held out: a tenth by id, or another file's."""
    train = list(read_annotated(path))
    if dev is not None:
        texts = Texts(train, list(read_annotated(dev)))
    else:
        held_out = choose(train, "dev")
        texts = Texts([r for r in train if split_of(r.passage.id) != "dev"], held_out)
    if not any(record.entities for record in texts.dev):
        where = dev or f"{path} (the tenth of it that is held out, {len(texts.dev)} of {len(train)})"
        raise ConfigError(f"{where}: no text has an entity; give labelled texts with --dev")
    return texts


def adapt(texts: Texts, model: Path, config: AdaptConfig, out: Path, narrator: Narrator) -> Adapted:
    """Make `out` a model folder: `model`, trained on the texts; called again, it goes on.

    ConfigError where the folder holds another run.
    """
    work = out / WORK
    recipe = Recipe(out.name, student=plan_training(model, config))
    if not (out / "settings.json").is_file():
        work.mkdir(parents=True, exist_ok=True)
        known = read_sample(recipe, work, narrator)
        train(texts, known, model, config, recipe, out, narrator)
    ...
