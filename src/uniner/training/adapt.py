"""Goes on training a span student on a user's own texts, without forgetting what it knew."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from uniner.construction.narrator import Narrator
from uniner.corpus import sample
from uniner.records import Annotated
from uniner.records.manifest import claim_folder, describe_run, hash_tree, write_json
from uniner.students.checkpoint import read_settings
from uniner.students.encode import Encoder
from uniner.students.span import SpanStudent
from uniner.training.choice import BEST, Beside, find_best, learn_best, tune_beside
from uniner.training.config import SpanConfig
from uniner.training.data import annotate_passages, read_data, write_passages
from uniner.training.distill import say_skipped
from uniner.training.examples import make_examples
from uniner.training.export import export
from uniner.training.judge import judge, verdict_to_json
from uniner.training.memory import keep_freed_memory
from uniner.training.network import SpanNetwork
from uniner.training.recipe import Recipe
from uniner.training.restore import read_network, read_origin
from uniner.training.span import Source, Trainer
from uniner.training.splits import Splits, make_questions, split_data
from uniner.training.texts import AdaptConfig, Texts
from uniner.training.tune import Tuning

RESULTS, WORK = "results.json", "training"

HEAD = 6
"""How much faster than the encoder the span head learns, as when the student was made."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to do: the model in folder `model`, trained on the texts, becomes the folder `out`."""

    texts: Texts
    model: Path
    config: AdaptConfig
    out: Path

    @property
    def work(self) -> Path:
        """Where a run keeps what it needs to go on; it is gone in the end."""
        return self.out / WORK

    @property
    def recipe(self) -> Recipe:
        """The training as a recipe: what of it is not the student's is as for the sample."""
        config, settings = self.config, read_settings(self.model)
        base, layers = read_origin(self.model)
        student = SpanConfig(
            base=base,
            layers=layers,
            max_width=settings.max_width,
            epochs=config.epochs,
            batch=config.batch,
            encoder_rate=config.rate,
            head_rate=HEAD * config.rate,
            warmup=0.1,
            alias=0.0,  # by the user's types the user's words are meant, not the sample's aliases
            definition=0.0,
            seed=config.seed,
        )
        return Recipe(self.out.name, student=student)


def read_sample(job: Job, narrator: Narrator) -> list[Annotated]:
    """The bundled sample with its recorded teacher's annotations."""
    write_passages(job.recipe, job.work, narrator, lambda: None)
    annotate_passages(job.recipe, job.work, narrator)
    return list(read_data(job.recipe, job.work))


def adapt(
    job: Job,
    inputs: Mapping[str, str],
    narrator: Narrator,
    read_known: Callable[[Job, Narrator], list[Annotated]] = read_sample,
) -> dict[str, Any]:
    """Do a job and return its results; called again, it goes on where it was stopped.

    `inputs` are the hashes of the files that the texts are from; `read_known` gives what the model
    learnt from, to rehearse and to be asked about. ConfigError where the folder holds another run.
    """
    settings = {"adapt": asdict(job.config), "recipe": job.recipe.to_json()}
    inputs = {**inputs, "model": hash_tree(job.model)}
    claim_folder(job.out, describe_run(settings, inputs))
    if not (job.out / RESULTS).is_file():
        known = split_data(job.recipe, read_known(job, narrator))
        if not (job.out / "settings.json").is_file():
            job.work.mkdir(exist_ok=True)
            train(job, known, narrator)
        write_json(job.out / RESULTS, compare(job, known.test, narrator))
    shutil.rmtree(job.work, ignore_errors=True)
    results: dict[str, Any] = json.loads((job.out / RESULTS).read_text(encoding="utf-8"))
    return results


def train(job: Job, known: Splits, narrator: Narrator) -> None:
    """Train on the texts and rehearse a part of the `known`; write the best epoch's model."""
    keep_freed_memory()
    settings, student = read_settings(job.model), job.recipe.student
    encoder = Encoder(Tokenizer.from_file(str(job.model / "tokenizer.json")))
    sizes = (encoder, settings.max_width, settings.max_pieces)
    examples, skipped = make_examples(job.texts.train, *sizes)
    say_skipped(skipped, settings.max_width, narrator)
    old = make_examples(known.train, *sizes)[0]
    replayed = min(len(old), round(job.config.replay * len(examples)))
    torch.manual_seed(student.seed)
    network = read_network(job.model, drop=student.dropout)
    sources = [Source(examples), *([Source(old, replayed)] if replayed else [])]
    trainer = Trainer(network, encoder, student, sample.load_taxonomy(), sources)
    narrator.say(
        f"{len(examples):,} texts to learn from and {replayed:,} of {len(old):,} sample "
        f"passages an epoch, {len(job.texts.dev):,} texts held out, {len(job.texts.types)} types"
    )
    texts = Beside(job.texts.questions, make_questions(job.recipe, known.dev))

    def tune_now(network: SpanNetwork) -> Tuning:
        return tune_beside(network, encoder, texts, settings.max_pieces)

    tunings = learn_best(trainer, tune_now, job.work, narrator)
    network.load_state_dict(torch.load(job.work / BEST, weights_only=True))
    write_model(job, network, encoder, tunings, replayed)


def write_model(
    job: Job, network: SpanNetwork, encoder: Encoder, tunings: Sequence[Tuning], replayed: int
) -> None:
    """Write the network of the best epoch as a model folder that says where it is from."""
    best, old = find_best(tunings), read_settings(job.model)
    tuned = tunings[best]
    settings = replace(
        old,
        name=job.out.name,
        threshold=tuned.threshold,
        slope=tuned.slope,
        offset=tuned.offset,
    )
    notes = {
        "recipe": job.recipe.to_json(),
        "adapted": {"from": old.name, **asdict(job.config)},
        "texts": len(job.texts.train),
        "replayed": replayed,
        "epoch": best,
        "epochs": [tuning._asdict() for tuning in tunings],
    }
    export(network, encoder, settings, job.out, notes=notes)


def compare(job: Job, known: Sequence[Annotated], narrator: Narrator) -> dict[str, Any]:
    """The model before and after, asked about the held-out texts and about the sample's."""
    students = {"before": SpanStudent(job.model), "after": SpanStudent(job.out)}
    results: dict[str, Any] = {
        "texts": {"train": len(job.texts.train), "dev": len(job.texts.dev)},
        "types": list(job.texts.types),
    }
    for name, questions in (
        ("dev", job.texts.questions),
        ("sample", make_questions(job.recipe, known)),
    ):
        results[name] = {}
        for when, student in students.items():
            with narrator.progress(f"asking {name}, {when}", len(questions)) as advance:
                verdict = judge(student.name, student, questions, advance)
            results[name][when] = verdict_to_json(verdict)
    return results
