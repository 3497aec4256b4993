"""The whole method, step by step, each step a file in the run folder that is not made twice."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tokenizers import Tokenizer

from uniner.chat.dialogue import read_dialogues
from uniner.construction.narrator import Narrator
from uniner.corpus import sample
from uniner.corpus.contamination import HeldOut
from uniner.evaluation.questions import Question
from uniner.records import Annotated
from uniner.records.manifest import hash_file, write_json
from uniner.students.checkpoint import Settings
from uniner.students.encode import Encoder
from uniner.students.names import locate_model
from uniner.training.base import load_base
from uniner.training.config import SpanConfig
from uniner.training.data import (
    CONVERSATIONS,
    claim,
    describe_annotations,
    make_annotations,
    read_data,
)
from uniner.training.examples import Skipped, close_ladders, make_examples
from uniner.training.export import export
from uniner.training.generative.curve import CURVE, read_curve
from uniner.training.memory import keep_freed_memory
from uniner.training.network import SpanNetwork
from uniner.training.recipe import Recipe
from uniner.training.restore import read_network, read_origin
from uniner.training.span import Progress, Source, Trainer
from uniner.training.splits import group, make_questions, split_data, take_turns
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
    claim(recipe, out)
    make_annotations(recipe, out, narrator, hold_out)
    describe_annotations(recipe, out, narrator)
    train, dev, test = split_data(recipe, read_data(recipe, out))
    unit = "passages and sentences" if recipe.corpus.unit == "both" else f"{recipe.corpus.unit}s"
    narrator.say(f"{len(train):,} {unit} to train on, {len(dev):,} dev, {len(test):,} test")
    match recipe.family:
        case "span":
            if not (out / MODEL / "settings.json").is_file():
                train_student(recipe, out, (train, dev), narrator)
        case "generative":
            train_on_conversations(recipe, out, (train, dev), narrator)
    return Distilled(out / MODEL, train, make_questions(recipe, test))


def train_student(
    recipe: Recipe,
    out: Path,
    records: tuple[Sequence[Annotated], Sequence[Annotated]],
    narrator: Narrator,
) -> None:
    """Train on the first records, tune on the second, and write the model folder."""
    taxonomy = sample.load_taxonomy()
    keep_freed_memory()
    config, network, encoder = open_student(recipe.student)
    positions = getattr(network.encoder.config, "max_position_embeddings", 512)
    limit = min(512, int(positions))
    sources, count = [], 0
    for part in group(recipe, records[0]).values():
        examples, skipped = make_examples(part, encoder, config.max_width, limit)
        say_skipped(skipped, config.max_width, narrator)
        if config.closure:
            examples = close_ladders(examples, taxonomy)
        sources.append(Source(examples))
        count += len(examples)
    trainer = Trainer(network, encoder, config, taxonomy, sources)
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
        "recipe": replace(recipe, student=config).to_json(),
        "passages": count,
        "dev": {
            "f1": round(100 * tuning.f1, 2),
            "threshold": tuning.threshold,
            "calibration_error": round(tuning.error, 4),
        },
    }
    export(network, encoder, settings, out / MODEL, notes=notes)
    narrator.say(f"dev F1 {100 * tuning.f1:.1f} at threshold {tuning.threshold}")


class Beginning(NamedTuple):
    """What a training begins with, and its configuration, which says what that was made with."""

    config: SpanConfig
    network: SpanNetwork
    encoder: Encoder


def open_student(config: SpanConfig) -> Beginning:
    """A fresh student on its base, or the one to go on from; its seed is set."""
    torch.manual_seed(config.seed)
    if config.start:
        folder = locate_model(config.start)
        network, origin = read_network(folder, drop=config.dropout), read_origin(folder)
        made = replace(
            config,
            base=origin.base,
            layers=origin.layers,
            max_width=network.max_width,
            hidden=network.naming.out_features,
        )
        return Beginning(
            made, network, Encoder(Tokenizer.from_file(str(folder / "tokenizer.json")))
        )
    base, tokenizer = load_base(config.base, config.layers)
    torch.manual_seed(config.seed)
    network = SpanNetwork(
        base, max_width=config.max_width, hidden=config.hidden, drop=config.dropout
    )
    return Beginning(config, network, Encoder(tokenizer))


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
        for part in (records[0], take_turns(group(recipe, records[1]).values()))
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
