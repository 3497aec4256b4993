"""Calibration and threshold from questions like a user's."""

import numpy as np
import pytest

from toy_model import make_encoder, make_network, make_records
from uniner.corpus.taxonomy import Taxonomy
from uniner.evaluation.questions import Question, ask
from uniner.records import Entity, Passage
from uniner.training.tune import (
    THRESHOLDS,
    Array,
    Asked,
    calibrate,
    calibration_error,
    flat_f1,
    pairs,
    read_questions,
    score_questions,
    tune,
)

ENCODER = make_encoder()
TAXONOMY = Taxonomy({"city": ("location",)}, {})


def sigmoid(values: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-values)))


@pytest.mark.parametrize(("slope", "offset"), [(0.7, -0.5), (1.6, 1.0), (1.0, 0.0)])
def test_calibration_recovers_a_known_curve(slope: float, offset: float) -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(-2, 3, 40_000)
    labels = (rng.random(40_000) < sigmoid(slope * logits + offset)).astype(float)
    assert calibrate(logits, labels) == pytest.approx((slope, offset), abs=0.06)
    assert calibration_error(sigmoid(slope * logits + offset), labels) < 0.02
    assert calibration_error(sigmoid(3 * logits + 2), labels) > 0.05


def test_chances_below_one_in_a_hundred_have_no_calibration_error() -> None:
    assert calibration_error(np.array([0.001, 0.002]), np.array([1.0, 1.0])) == 0


def naive_f1(asked: list[Asked], golds: int, scores: list[Array], threshold: float) -> float:
    """Strict F1 of greedy flat answers, span by span."""
    right = found = 0
    for question, score in zip(asked, scores, strict=True):
        spans = [
            (float(np.float32(sigmoid(score[first, width, kind]))), first, first + width, kind)
            for first, width, kind in np.ndindex(score.shape)
            if first + width < len(question.window.firsts)
        ]
        taken: set[int] = set()
        for chance, first, last, kind in sorted(spans, reverse=True):
            words = set(range(first, last + 1))
            if chance >= threshold and not words & taken:
                taken |= words
                found += 1
                right += question.gold.get((first, last - first), [-1])[0] == kind
    return 2 * right / (found + golds) if found + golds else 0.0


def test_f1_is_that_of_answering_span_by_span() -> None:
    rng = np.random.default_rng(1)
    asked, scores = [], []
    for count in (1, 3, 6, 9):
        score = rng.normal(-1, 2, (count, 4, 3))
        for first in range(count):
            score[first, max(0, count - first) :] = -np.inf
        first = int(rng.integers(count))
        gold = {(first, 0): [2, 0], (0, 0): [int(score[0, 0].argmax())]}
        asked.append(Asked(ENCODER.window(["a"] * count), ("x", "y", "z"), gold))
        scores.append(score)
    by_threshold = flat_f1(asked, 8, scores, sigmoid)
    assert by_threshold.keys() == set(THRESHOLDS)
    assert max(by_threshold.values()) > 0
    for threshold, value in by_threshold.items():
        assert value == pytest.approx(naive_f1(asked, 8, scores, threshold))


def test_every_pair_of_a_span_and_a_type_is_a_right_or_a_wrong_one() -> None:
    window = ENCODER.window(["Bo", "left"])
    score = np.array([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [-np.inf, -np.inf]]])
    logits, labels = pairs([Asked(window, ("a", "b"), {(0, 1): [1]})], [score])
    assert logits.tolist() == [1, 2, 3, 4, 5, 6]
    assert labels.tolist() == [0, 0, 0, 1, 0, 0]


def test_scores_do_not_depend_on_what_else_is_asked() -> None:
    questions = ask(make_records(), TAXONOMY.related, size=3)
    network = make_network(lively=True)
    asked = read_questions(questions, ENCODER, 4)
    assert len(asked) == len(questions)
    together = score_questions(network, ENCODER, asked)
    for question, scores in zip(asked[:5], together, strict=False):
        assert scores.shape == (len(question.window.firsts), 4, len(question.types))
        [alone] = score_questions(network, ENCODER, [question])
        finite = np.isfinite(scores)
        assert (finite == np.isfinite(alone)).all()
        assert np.abs(scores[finite] - alone[finite]).max() < 0.1  # bfloat16, where there is some


def test_gold_of_a_question_is_in_columns_of_its_types() -> None:
    text = "Mira left Oslo."
    entities = (Entity(10, 14, "Oslo", "city"), Entity(10, 14, "Oslo", "location"))
    question = Question(Passage("p", text), ("location", "person", "city"), entities)
    [asked] = read_questions([question], ENCODER, 4)
    assert asked.gold == {(2, 0): [2, 0]}


def test_a_long_passage_is_read_to_its_end() -> None:
    text = " ".join(["Mira left Oslo."] * 80)
    last = text.rindex("Oslo")
    question = Question(Passage("p", text), ("city",), (Entity(last, last + 4, "Oslo", "city"),))
    asked = read_questions([question], ENCODER, 4, max_pieces=64)
    assert len(asked) > 1
    assert [len(part.gold) for part in asked] == [0] * (len(asked) - 1) + [1]


def test_tuning_chooses_what_it_reports() -> None:
    questions = ask(make_records(), TAXONOMY.related, size=3)
    tuning = tune(make_network(lively=True), ENCODER, questions)
    assert tuning.threshold in THRESHOLDS
    assert 0 <= tuning.f1 <= 1
    assert tuning.slope > 0
    assert tune(make_network(), ENCODER, []) == (1.0, 0.0, 0.5, 0.0, 0.0)


def test_logits_that_say_nothing_are_left_as_they_are() -> None:
    logits = np.linspace(-4, 4, 200)
    assert calibrate(logits, (logits < 0).astype(float)) == (1.0, 0.0)
