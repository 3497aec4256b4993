"""Chooses the threshold of a generative student on the dev split."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from uniner.construction.narrator import Narrator
from uniner.evaluation.questions import Question, pair_flat
from uniner.evaluation.score import score_entities
from uniner.records import Prediction
from uniner.records.manifest import write_json
from uniner.students.generative.extractor import load_generative
from uniner.students.generative.settings import read_settings, write_settings

GIVEN = "thresholds.json"
THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(2, 17))


def tune_threshold(folder: Path, questions: Sequence[Question], narrator: Narrator) -> None:
    """Write the threshold with the best strict F1 on the questions into a model folder.

    What each threshold gives is left beside it in `thresholds.json`; where that is, all is done.
    """
    if not questions or (folder / GIVEN).is_file():
        return
    student = load_generative(folder, threads=None)
    started = time.perf_counter()
    answers: dict[float, list[Prediction]] = {threshold: [] for threshold in THRESHOLDS}
    with narrator.progress("choosing a threshold", len(questions)) as advance:
        for question in questions:
            asked = student.for_dataset(question.dataset) if question.dataset else student
            found = asked.extract_at([question.passage], question.types, THRESHOLDS)
            for threshold, predictions in zip(THRESHOLDS, found, strict=True):
                answers[threshold] += predictions
            advance(1)
    f1 = {
        threshold: score_entities("strict", pair_flat(questions, predictions)).micro.f1
        for threshold, predictions in answers.items()
    }
    best = max(f1, key=f1.__getitem__)
    write_settings(folder, replace(read_settings(folder), threshold=best))
    write_json(folder / GIVEN, {"questions": len(questions), "strict_f1": f1})
    seconds = time.perf_counter() - started
    narrator.say(f"dev F1 {100 * f1[best]:.1f} at threshold {best} ({seconds:,.0f} s)")
