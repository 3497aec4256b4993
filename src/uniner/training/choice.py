"""Trains on epoch by epoch, and keeps the one that is best on a user's held-out texts."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from uniner.construction.narrator import Narrator
from uniner.evaluation.questions import Question
from uniner.records.manifest import write_json
from uniner.students.encode import Encoder
from uniner.training.distill import CHECKPOINT, learn
from uniner.training.network import SpanNetwork
from uniner.training.span import Trainer
from uniner.training.tune import Array, Tuning, flat_f1, read_questions, score_questions, tune

EPOCHS, BEST = "epochs.json", "best.pt"

ANCHORS = 100
"""Questions of the sample beside those of the user, which may be too few to set a threshold by."""


class Beside(NamedTuple):
    """Questions on a user's held-out texts, and on the sample's."""

    own: Sequence[Question]
    sample: Sequence[Question]


def tune_beside(
    network: SpanNetwork, encoder: Encoder, questions: Beside, max_pieces: int
) -> Tuning:
    """Calibration and threshold for the user's questions and ANCHORS others; F1 on the user's."""
    both = [*questions.own, *questions.sample[:ANCHORS]]
    tuning = tune(network, encoder, both, max_pieces)

    def chance(logits: Array) -> Array:
        scaled = tuning.slope * logits + tuning.offset
        return np.asarray(1 / (1 + np.exp(-np.clip(scaled, -50, 50))))

    asked = read_questions(questions.own, encoder, network.max_width, max_pieces)
    scores = score_questions(network, encoder, asked)
    golds = sum(len(question.flat) for question in questions.own)
    return tuning._replace(f1=flat_f1(asked, golds, scores, chance)[tuning.threshold])


def learn_best(
    trainer: Trainer, tune_now: Callable[[SpanNetwork], Tuning], work: Path, narrator: Narrator
) -> list[Tuning]:
    """Train to the last epoch; the tuning before the first and after each, in order.

    The best one's weights are left as `BEST` in the folder `work`.
    """
    tunings = read_tunings(work / EPOCHS)

    def end_epoch(trainer: Trainer) -> None:
        with trainer.averaged() as network:
            tunings.append(tune_now(network))
            if find_best(tunings) == len(tunings) - 1:
                save(network, work / BEST)
        narrator.say(f"epoch {trainer.epoch}: dev F1 {100 * tunings[-1].f1:.1f}")
        write_json(work / EPOCHS, {"epochs": [tuning._asdict() for tuning in tunings]})

    if (work / CHECKPOINT).is_file():
        trainer.restore(work / CHECKPOINT)
    if len(tunings) <= trainer.epoch:  # the first of all, or one that a stop came before
        end_epoch(trainer)
    learn(trainer, work, narrator, end_epoch)
    return tunings


def find_best(tunings: Sequence[Tuning]) -> int:
    """The epoch with the best F1, of several the first: less training forgets less."""
    return max(range(len(tunings)), key=lambda epoch: tunings[epoch].f1)


def read_tunings(path: Path) -> list[Tuning]:
    """The tunings that an earlier start of the run came to."""
    if not path.is_file():
        return []
    return [Tuning(**row) for row in json.loads(path.read_text(encoding="utf-8"))["epochs"]]


def save(network: SpanNetwork, path: Path) -> None:
    """Write the weights of a network, whole or not at all."""
    part = path.with_suffix(".part")
    torch.save(network.state_dict(), part)
    part.replace(path)
