"""Trains on epoch by epoch, and keeps the one that is best on a user's held-out texts."""

import json
import math
from collections.abc import Sequence
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

    @property
    def golds(self) -> int:
        """How many mentions there are to find in the user's."""
        return sum(len(question.flat) for question in self.own)


class Course(NamedTuple):
    """The tuning before the first epoch and after each, and the epoch that is chosen."""

    tunings: list[Tuning]
    best: int


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
    f1 = flat_f1(asked, questions.golds, scores, chance)[tuning.threshold]
    return tuning._replace(f1=f1)


def learn_best(
    trainer: Trainer, questions: Beside, max_pieces: int, work: Path, narrator: Narrator
) -> Course:
    """Train to the last epoch; the chosen one's weights are left as `BEST` in the folder `work`."""
    tunings = read_tunings(work / EPOCHS)

    def end_epoch(trainer: Trainer) -> None:
        with trainer.averaged() as network:
            tunings.append(tune_beside(network, trainer.encoder, questions, max_pieces))
            if find_best(tunings, questions.golds) == len(tunings) - 1:
                save(network, work / BEST)
        narrator.say(f"epoch {trainer.epoch}: dev F1 {100 * tunings[-1].f1:.1f}")
        write_json(work / EPOCHS, {"epochs": [tuning._asdict() for tuning in tunings]})

    if (work / CHECKPOINT).is_file():
        trainer.restore(work / CHECKPOINT)
    if len(tunings) <= trainer.epoch:  # the first of all, or one that a stop came before
        end_epoch(trainer)
    learn(trainer, work, narrator, end_epoch)
    return Course(tunings, find_best(tunings, questions.golds))


def find_best(tunings: Sequence[Tuning], golds: int) -> int:
    """The last epoch whose F1 is within the best's standard error on `golds` mentions; 0: none.

    So few held-out texts as a user has cannot tell epochs apart, and there more training is better
    than an early stroke of luck. Where no epoch beats the start, that is the best.
    """
    best = max(range(len(tunings)), key=lambda epoch: tunings[epoch].f1)
    if best == 0:
        return 0
    top = tunings[best].f1
    least = max(tunings[0].f1, top - math.sqrt(top * (1 - top) / max(1, golds)))
    return max(epoch for epoch in range(1, len(tunings)) if tunings[epoch].f1 >= least)


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
