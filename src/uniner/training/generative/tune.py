"""Chooses the threshold of a generative student on the dev split."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from uniner.construction.narrator import Narrator
from uniner.evaluation.questions import Question, pair_flat
from uniner.evaluation.score import score_entities
from uniner.students.generative.extractor import load_generative
from uniner.students.generative.settings import read_settings, write_settings

THRESHOLDS = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6)


def tune_threshold(folder: Path, questions: Sequence[Question], narrator: Narrator) -> None:
    """Write the threshold with the best strict F1 on the questions into a model folder."""
    if not questions:
        return
    student = load_generative(folder, threads=None)
    started = time.perf_counter()
    f1: dict[float, float] = {}
    with narrator.progress("choosing a threshold", len(THRESHOLDS) * len(questions)) as advance:
        for threshold in THRESHOLDS:
            answers = []
            for question in questions:
                answers += student.extract([question.passage], question.types, threshold)
                advance(1)
            f1[threshold] = score_entities("strict", pair_flat(questions, answers)).micro.f1
    best = max(f1, key=f1.__getitem__)
    write_settings(folder, replace(read_settings(folder), threshold=best))
    seconds = time.perf_counter() - started
    narrator.say(f"dev F1 {100 * f1[best]:.1f} at threshold {best} ({seconds:,.0f} s)")
