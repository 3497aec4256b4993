"""Chooses a student's calibration and threshold on the dev split, with questions like a user's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from uniner.evaluation.questions import Question
from uniner.records import Annotated
from uniner.students.decode import choose, find
from uniner.students.encode import Batch, Encoded, Encoder, by_length
from uniner.training.device import Device
from uniner.training.examples import make_examples
from uniner.training.network import SpanNetwork
from uniner.training.span import encode_types, existing_spans, tensors

Array = npt.NDArray[Any]


THRESHOLDS = tuple(round(0.05 + 0.025 * step, 3) for step in range(37))


class Tuning(NamedTuple):
    """Calibration and threshold (see `Settings`), with the F1 and calibration error they give."""

    slope: float
    offset: float
    threshold: float
    f1: float
    error: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as arrays; `gold` maps (first word, width - 1) to columns, best first."""

    window: Encoded
    types: tuple[str, ...]
    gold: dict[tuple[int, int], list[int]]


def read_questions(
    questions: Sequence[Question], encoder: Encoder, max_width: int, max_pieces: int = 512
) -> list[Asked]:
    """Questions as arrays; gold that no span of words can stand for still counts as missed."""
    asked = []
    for question in questions:
        record = Annotated(question.passage, question.entities)
        column = {name: index for index, name in enumerate(question.types)}
        for example in make_examples([record], encoder, max_width, max_pieces)[0]:
            gold = {
                span: [column[name] for name in ladder] for span, ladder in example.gold.items()
            }
            asked.append(Asked(example.window, question.types, gold))
    return asked


@torch.no_grad()
def score_questions(
    network: SpanNetwork, encoder: Encoder, questions: Sequence[Asked]
) -> list[Array]:
    """Logits [W, K, types] of each question; spans past a window's end are -inf."""
    device = Device.best()
    network = network.to(device.name).eval()
    names = list(dict.fromkeys(name for question in questions for name in question.types))
    row = {name: index for index, name in enumerate(names)}
    results: list[Array] = [np.empty(0)] * len(questions)
    with device.autocast():
        vectors = encode_types(network, encoder, names, device.name).float()
        for group in by_length([len(question.window.ids) for question in questions], 2048):
            batch = Batch([questions[index].window for index in group], encoder.pad)
            arrays = tensors(batch, device.name)
            hidden = network.embed(arrays["ids"], arrays["shapes"], arrays["mask"])
            spans = network.spans(hidden, arrays["firsts"], arrays["lasts"])
            _, rows = existing_spans(batch.words, spans.shape[1], network.max_width)
            for place, index in enumerate(group):
                asked = [row[name] for name in questions[index].types]
                with torch.autocast(device.name, enabled=False):
                    logits = network.scores(spans[place].float(), vectors[asked]).cpu().numpy()
                logits[rows[place] < 0] = -np.inf
                words = len(questions[index].window.firsts)
                results[index] = logits[:words]
    return results


def pairs(questions: Sequence[Asked], scores: Sequence[Array]) -> tuple[Array, Array]:
    """All (span, type) logits of the questions and whether each holds (1.0) or not (0.0)."""
    logits, labels = [], []
    for question, score in zip(questions, scores, strict=True):
        truth = np.zeros(score.shape)
        for (first, width), columns in question.gold.items():
            truth[first, width, columns] = 1.0
        finite = np.isfinite(score)
        logits.append(score[finite])
        labels.append(truth[finite])
    return np.concatenate(logits).astype(np.float64), np.concatenate(labels)


def calibrate(logits: Array, labels: Array, *, steps: int = 50) -> tuple[float, float]:
    """Slope and offset of the likeliest logistic curve through the pairs (Platt scaling).

    (1, 0), which changes nothing, where higher logits do not mean that more pairs hold.
    """
    features = np.stack([logits, np.ones_like(logits)], 1)
    weights = np.array([1.0, 0.0])
    for _ in range(steps):
        chance = 1 / (1 + np.exp(-np.clip(features @ weights, -40, 40)))
        gradient = features.T @ (chance - labels)
        curvature = (features * (chance * (1 - chance))[:, None]).T @ features
        change = np.linalg.solve(curvature + 1e-6 * np.eye(2), gradient)
        weights = weights - np.clip(change, -0.5, 0.5)
        if np.abs(change).max() < 1e-6:
            break
    slope, offset = map(float, weights)
    return (slope, offset) if slope > 0 else (1.0, 0.0)


def calibration_error(chances: Array, labels: Array, *, bins: int = 15) -> float:
    """Expected calibration error over pairs that the student gives at least a 1 % chance."""
    kept = chances >= 0.01
    chances, labels = chances[kept], labels[kept]
    if not len(chances):
        return 0.0
    bin_of = np.minimum((chances * bins).astype(int), bins - 1)
    error = 0.0
    for number in range(bins):
        inside = bin_of == number
        if inside.any():
            error += abs(chances[inside].mean() - labels[inside].mean()) * inside.mean()
    return float(error)


def flat_f1(
    questions: Sequence[Asked],
    golds: int,
    scores: Sequence[Array],
    chance: Callable[[Array], Array],
) -> dict[float, float]:
    """Strict micro F1 of flat answers at each threshold; `golds` is how many there are to find."""
    found: list[tuple[float, bool]] = []
    for question, score in zip(questions, scores, strict=True):
        chances = np.where(np.isfinite(score), chance(score), 0.0).astype(np.float32)[None]
        words = np.array([len(question.window.firsts)])
        for span in choose(find(chances, words, THRESHOLDS[0]), nested=False):
            columns = question.gold.get((span.first, span.last - span.first), [-1])
            found.append((span.logit, columns[0] == span.type))
    results = {}
    for threshold in THRESHOLDS:
        kept = [right for value, right in found if value >= threshold]
        results[threshold] = 2 * sum(kept) / max(1, len(kept) + golds)
    return results


def tune(
    network: SpanNetwork, encoder: Encoder, questions: Sequence[Question], max_pieces: int = 512
) -> Tuning:
    """Calibrate on the questions, then take the threshold with the best F1; no question: as is."""
    if not questions:
        return Tuning(1.0, 0.0, 0.5, 0.0, 0.0)
    asked = read_questions(questions, encoder, network.max_width, max_pieces)
    scores = score_questions(network, encoder, asked)
    logits, labels = pairs(asked, scores)
    slope, offset = calibrate(logits, labels)

    def chance(values: Array) -> Array:
        return np.asarray(1 / (1 + np.exp(-np.clip(slope * values + offset, -50, 50))))

    golds = sum(len(question.flat) for question in questions)
    by_threshold = flat_f1(asked, golds, scores, chance)
    best = max(by_threshold, key=lambda threshold: by_threshold[threshold])
    error = calibration_error(chance(logits), labels)
    return Tuning(slope, offset, best, by_threshold[best], error)
