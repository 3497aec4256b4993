"""The whole method, step by step, each step a file in the run folder that is not made twice."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch

from uniner.corpus import sample
from uniner.corpus.split import Split, split_of
from uniner.evaluation.questions import Question, ask
from uniner.records import Annotated, ConfigError
from uniner.records.manifest import claim_folder, describe_run, hash_file, write_json
from uniner.records.store import read_annotated, read_passages, write_records
from uniner.students.checkpoint import Settings
from uniner.students.encode import Encoder
from uniner.teacher.annotate import annotate
from uniner.teacher.journal import open_journal
from uniner.teacher.recorded import read_recorded, recorded
from uniner.teacher.teacher import Teacher
from uniner.training.base import load_base
from uniner.training.examples import Skipped, close_ladders, make_examples
from uniner.training.export import export
from uniner.training.memory import keep_freed_memory
from uniner.training.network import SpanNetwork
from uniner.training.recipe import SAMPLE, Recipe
from uniner.training.span import Progress, Trainer
from uniner.training.tune import tune

PASSAGES, ANNOTATED, DROPS = "passages.jsonl", "annotated.jsonl", "drops.json"
REPLIES, CHECKPOINT, LOSSES, MODEL = "replies.jsonl", "training.pt", "losses.json", "model"


class Narrator(Protocol):
    """Who is told how a distillation goes on."""

    def say(self, line: str) -> None:
        """One line about a step."""

    def progress(self, label: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """What shows how much of `total` is done."""


@dataclass(frozen=True, slots=True)
class Distilled:
    """What a distillation leaves: a model folder, and held-out questions to judge it by."""

    model: Path
    train: list[Annotated]
    test: list[Question]


def distill(recipe: Recipe, out: Path, narrator: Narrator) -> Distilled:
    """Run a recipe in the folder `out`; called again, it goes on where it was stopped.

    ConfigError where the folder holds another recipe's run or one with other inputs.
    """
    claim_folder(out, describe_run({"recipe": recipe.to_json()}, hash_inputs(recipe)))
    write_passages(recipe, out / PASSAGES)
    annotate_passages(recipe, out, narrator)
    records = list(read_annotated(out / ANNOTATED))
    train = choose(records, "train")[: recipe.corpus.limit or None]
    dev, test = choose(records, "dev"), choose(records, "test")
    narrator.say(f"{len(train):,} passages to train on, {len(dev):,} dev, {len(test):,} test")
    if not (out / MODEL / "settings.json").is_file():
        train_student(recipe, out, (train, dev), narrator)
    return Distilled(out / MODEL, train, make_questions(recipe, test))


def hash_inputs(recipe: Recipe) -> dict[str, str]:
    """The hashes of the files a recipe reads; the sample is part of uniner's version."""
    named = {"passages": recipe.corpus.passages, "replies": recipe.teacher.replies}
    files = {name: Path(value) for name, value in named.items() if value != SAMPLE}
    for name, path in files.items():
        if not path.is_file():
            raise ConfigError(f"{path}: no such file; the recipe names it as its {name}")
    return {name: hash_file(path) for name, path in files.items()}


def write_passages(recipe: Recipe, path: Path) -> None:
    """The passages a run is about."""
    if path.is_file():
        return
    source = recipe.corpus.passages
    passages = list(sample.read_passages() if source == SAMPLE else read_passages(source))
    repeated = [name for name, count in Counter(p.id for p in passages).items() if count > 1]
    if repeated:
        raise ConfigError(f"{source}: passage id {repeated[0]!r} occurs twice; make ids unique")
    write_records(path, passages)


def choose_teacher(recipe: Recipe) -> Teacher:
    """The teacher a recipe names."""
    replies = recipe.teacher.replies
    return recorded(sample.read_replies()) if replies == SAMPLE else read_recorded(replies)


def annotate_passages(recipe: Recipe, out: Path, narrator: Narrator) -> None:
    """Ask the teacher, journal what it says, keep what is grounded, count what is not."""
    path = out / ANNOTATED
    if path.is_file():
        narrator.say(f"annotations: {path} is there")
        return
    passages = list(read_passages(out / PASSAGES))
    drops: Counter[str] = Counter()

    def keep(advance: Callable[[int], None]) -> Iterator[Annotated]:
        for annotation in annotate(passages, journalled):
            advance(1)
            drops.update({str(reason): n for reason, n in annotation.drops.items()})
            if annotation.annotated is not None:
                yield annotation.annotated

    name = f"recorded {recipe.teacher.replies}"
    with (
        open_journal(out / REPLIES, choose_teacher(recipe), name) as journalled,
        narrator.progress("annotating", len(passages)) as advance,
    ):
        kept = write_records(path, keep(advance))
    write_json(out / DROPS, dict(drops))
    narrator.say(
        f"{kept:,} of {len(passages):,} passages annotated, {drops.total():,} items dropped"
    )


def choose(records: Sequence[Annotated], split: Split) -> list[Annotated]:
    """The records of a split."""
    return [record for record in records if split_of(record.passage.id) == split]


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
    base, tokenizer = load_base(config.base)
    encoder = Encoder(tokenizer)
    limit = min(512, int(getattr(base.config, "max_position_embeddings", 512)))
    examples, skipped = make_examples(records[0], encoder, config.max_width, limit)
    if skipped != Skipped():
        narrator.say(
            f"gold spans the student cannot stand for: {skipped.too_wide} wider than "
            f"{config.max_width} words, {skipped.inside_a_word} inside a word, "
            f"{skipped.across_windows} across two windows"
        )
    if config.closure:
        examples = close_ladders(examples, taxonomy)
    torch.manual_seed(config.seed)
    network = SpanNetwork(
        base, max_width=config.max_width, hidden=config.hidden, drop=config.dropout
    )
    trainer = Trainer(network, encoder, config, taxonomy, examples)
    losses = read_losses(out / LOSSES)
    started = time.perf_counter()

    with narrator.progress("training", trainer.steps) as advance:
        seen = 0

        def on_step(progress: Progress) -> None:
            nonlocal seen
            advance(progress.step - seen)
            seen = progress.step
            losses[str(progress.epoch + 1)] = round(progress.loss, 4)

        trainer.run(
            checkpoint=out / CHECKPOINT,
            on_step=on_step,
            on_epoch=lambda _: write_json(out / LOSSES, losses),
        )
    seconds = time.perf_counter() - started
    narrator.say(f"trained {trainer.step:,} steps; this run took {seconds:,.0f} s of it")
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


def read_losses(path: Path) -> dict[str, float]:
    """The mean loss of each epoch so far."""
    losses: dict[str, float] = json.loads(path.read_text()) if path.is_file() else {}
    return losses


def read_drops(out: Path) -> dict[str, int]:
    """What annotation dropped, by reason."""
    path = out / DROPS
    drops: dict[str, int] = json.loads(path.read_text()) if path.is_file() else {}
    return drops
