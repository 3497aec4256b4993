"""The whole method, step by step, each step a file in the run folder that is not made twice."""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from uniner.chat.dialogue import read_dialogues
from uniner.construction.narrator import Narrator
from uniner.corpus import sample
from uniner.corpus.contamination import HeldOut
from uniner.corpus.split import Split, split_of
from uniner.evaluation.questions import Question, ask
from uniner.records import Annotated
from uniner.records.manifest import claim_folder, describe_run, hash_file, write_json
from uniner.students.checkpoint import Settings
from uniner.students.encode import Encoder
from uniner.training.base import load_base
from uniner.training.data import (
    CONVERSATIONS,
    annotate_passages,
    describe,
    describe_annotations,
    hash_inputs,
    read_data,
    write_passages,
)
from uniner.training.examples import Skipped, close_ladders, make_examples
from uniner.training.export import export
from uniner.training.generative.curve import CURVE, read_curve
from uniner.training.memory import keep_freed_memory
from uniner.training.network import SpanNetwork
from uniner.training.recipe import Recipe
from uniner.training.span import Progress, Trainer
from uniner.training.tune import tune

CHECKPOINT, LOSSES, MODEL = "training.pt", "losses.json", "model"

DEV_DIALOGUES, DEV_QUESTIONS = 200, 200
"""How much of the dev split a generative student is asked: its answers take longer."""


@dataclass(frozen=True, slots=True)
class Distilled:
    """What a distillation leaves: a model folder, and held-out questions to judge it by."""

    model: Path
    train: list[Annotated]
    test: list[Question]


def distill(
    recipe: Recipe,
    out: Path,
    narrator: Narrator,
    hold_out: Callable[[], HeldOut | None] = lambda: None,
) -> Distilled:
    """Run a recipe in the folder `out`; called again, it goes on where it was stopped.

    `hold_out` gives the test sets that no sampled passage may share words with. ConfigError where
    the folder holds another recipe's run or one with other inputs.
    """
    claim_folder(out, describe_run({"recipe": describe(recipe)}, hash_inputs(recipe)))
    write_passages(recipe, out, narrator, hold_out)
    annotate_passages(recipe, out, narrator)
    describe_annotations(recipe, out, narrator)
    records = list(read_data(recipe, out))
    train = choose(records, "train")[: recipe.corpus.limit or None]
    if recipe.corpus.types:
        train = keep_types(train, recipe.corpus.types)
    dev, test = choose(records, "dev"), choose(records, "test")
    narrator.say(f"{len(train):,} passages to train on, {len(dev):,} dev, {len(test):,} test")
    match recipe.family:
        case "span":
            if not (out / MODEL / "settings.json").is_file():
                train_student(recipe, out, (train, dev), narrator)
        case "generative":
            train_on_conversations(recipe, out, (train, dev), narrator)
    return Distilled(out / MODEL, train, make_questions(recipe, test))


def choose(records: Sequence[Annotated], split: Split) -> list[Annotated]:
    """The records of a split."""
    return [record for record in records if split_of(record.passage.id) == split]


def keep_types(records: Sequence[Annotated], most: int) -> list[Annotated]:
    """The records with the entities of their `most` frequent types alone."""
    counts = Counter(entity.type for record in records for entity in record.entities)
    kept = {name for name, _ in counts.most_common(most)}
    return [
        replace(record, entities=tuple(e for e in record.entities if e.type in kept))
        for record in records
    ]


def make_questions(recipe: Recipe, records: Sequence[Annotated]) -> list[Question]:
    """What the student is asked on held-out passages."""
    related = sample.load_taxonomy().related
    return ask(records, related, size=recipe.evaluation.types, seed=recipe.evaluation.seed)


def train_student(
    recipe: Recipe,
    out: Path,
    records: tuple[Sequence[Annotated], Sequence[Annotated]],
    narrator: Narrator,
) -> None:
    """Train on the first records, tune on the second, and write the model folder."""
    config, taxonomy = recipe.student, sample.load_taxonomy()
    keep_freed_memory()
    base, tokenizer = load_base(config.base, config.layers)
    encoder = Encoder(tokenizer)
    limit = min(512, int(getattr(base.config, "max_position_embeddings", 512)))
    examples, skipped = make_examples(records[0], encoder, config.max_width, limit)
    say_skipped(skipped, config.max_width, narrator)
    if config.closure:
        examples = close_ladders(examples, taxonomy)
    torch.manual_seed(config.seed)
    network = SpanNetwork(
        base, max_width=config.max_width, hidden=config.hidden, drop=config.dropout
    )
    trainer = Trainer(network, encoder, config, taxonomy, examples)
    learn(trainer, out, narrator)
    trainer.use_average()
    tuning = tune(network, encoder, make_questions(recipe, records[1]), limit)
    settings = Settings(
        name=recipe.name,
        max_width=config.max_width,
        max_pieces=min(256, limit),
        threshold=tuning.threshold,
        slope=tuning.slope,
        offset=tuning.offset,
    )
    notes: dict[str, Any] = {
        "recipe": recipe.to_json(),
        "passages": len(examples),
        "dev": {
            "f1": round(100 * tuning.f1, 2),
            "threshold": tuning.threshold,
            "calibration_error": round(tuning.error, 4),
        },
    }
    export(network, encoder, settings, out / MODEL, notes=notes)
    narrator.say(f"dev F1 {100 * tuning.f1:.1f} at threshold {tuning.threshold}")


def say_skipped(skipped: Skipped, max_width: int, narrator: Narrator) -> None:
    """Say which gold spans a student cannot learn, where there are any."""
    if skipped != Skipped():
        narrator.say(
            f"gold spans the student cannot stand for: {skipped.too_wide} wider than "
            f"{max_width} words, {skipped.inside_a_word} inside a word, "
            f"{skipped.across_windows} across two windows"
        )


def learn(
    trainer: Trainer,
    out: Path,
    narrator: Narrator,
    on_epoch: Callable[[Trainer], None] = lambda _: None,
) -> None:
    """Train to the last epoch, with a checkpoint and the losses of each epoch in `out`."""
    losses = read_losses(out / LOSSES)
    started = time.perf_counter()

    with narrator.progress("training", trainer.steps) as advance:
        seen = 0

        def on_step(progress: Progress) -> None:
            nonlocal seen
            advance(progress.step - seen)
            seen = progress.step
            losses[str(progress.epoch + 1)] = round(progress.loss, 4)

        def end_epoch(trainer: Trainer) -> None:
            write_json(out / LOSSES, losses)
            on_epoch(trainer)

        trainer.run(checkpoint=out / CHECKPOINT, on_step=on_step, on_epoch=end_epoch)
    seconds = time.perf_counter() - started
    narrator.say(f"trained {trainer.step:,} steps; this run took {seconds:,.0f} s of it")


def train_on_conversations(
    recipe: Recipe,
    out: Path,
    records: tuple[Sequence[Annotated], Sequence[Annotated]],
    narrator: Narrator,
) -> None:
    """Train on the conversations over the first records, tune on the second."""
    # What only generative students need takes longer to import than all else together.
    from uniner.training.generative.data import Source
    from uniner.training.generative.trainer import train_generative
    from uniner.training.generative.tune import tune_threshold

    path = out / CONVERSATIONS
    dialogues = {dialogue.id: dialogue for _, dialogue in read_dialogues(path)}
    train, dev = (
        [dialogues[record.passage.id] for record in part if record.passage.id in dialogues]
        for part in records
    )
    started = time.perf_counter()
    source = Source(train, hash_file(path))
    config = replace(recipe.generative, variant=recipe.conversations.variant)
    train_generative([source], dev[:DEV_DIALOGUES], config, out, narrator)
    narrator.say(f"this run took {time.perf_counter() - started:,.0f} s of the training")
    tune_threshold(out / MODEL, make_questions(recipe, records[1])[:DEV_QUESTIONS], narrator)


def read_losses(path: Path) -> dict[str, float]:
    """The mean loss of each epoch so far."""
    losses: dict[str, float] = json.loads(path.read_text()) if path.is_file() else {}
    return losses


def list_losses(out: Path) -> dict[str, float]:
    """How the loss of a run fell, for a person to read."""
    if (out / CURVE).is_file():
        return {f"step {step:,}": loss for step, loss in read_curve(out / CURVE).train.items()}
    return {f"epoch {epoch}": loss for epoch, loss in read_losses(out / LOSSES).items()}
