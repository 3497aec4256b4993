"""How good extractors are at held-out questions, side by side."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uniner.evaluation.counts import Counts, Scores
from uniner.evaluation.faults import count_faults
from uniner.evaluation.questions import Question, pair_flat
from uniner.evaluation.report import scores_to_json
from uniner.evaluation.score import POLICIES, Policy, score_entities
from uniner.records import Prediction
from uniner.students.extractor import Extractor, in_context


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one extractor answered to each question, flat and at its own threshold."""

    name: str
    answers: tuple[Prediction, ...]
    scores: Mapping[Policy, Scores]
    seconds: float

    def micro(self, policy: Policy) -> Counts:
        """All types together."""
        return self.scores[policy].micro

    @property
    def faults(self) -> dict[str, int]:
        """What of the answers was of no use, by reason."""
        return count_faults(self.answers)


def judge(
    name: str,
    extractor: Extractor,
    questions: Sequence[Question],
    advance: Callable[[int], None] = lambda _: None,
) -> Verdict:
    """Ask an extractor every question; the first is asked once more before, to warm it up."""

    def answer(question: Question) -> Prediction:
        asked = in_context(extractor, question.dataset)
        return asked.extract([question.passage], question.types)[0]

    for question in questions[:1]:
        answer(question)
    started = time.perf_counter()
    answers = []
    for question in questions:
        answers.append(answer(question))
        advance(1)
    seconds = time.perf_counter() - started
    pairs = pair_flat(questions, answers)
    scores = {policy: score_entities(policy, pairs) for policy in POLICIES}
    return Verdict(name, tuple(answers), scores, seconds)


def verdict_to_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict as it is written to `results.json`."""
    count = len(verdict.answers)
    return {
        "name": verdict.name,
        "passages": count,
        "milliseconds_per_passage": round(1000 * verdict.seconds / max(1, count), 2),
        "scores": {policy: scores_to_json(scores) for policy, scores in verdict.scores.items()},
        "faults": verdict.faults,
    }
