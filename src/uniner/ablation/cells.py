"""One student of a grid: trained, asked, and its figures written, once."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from uniner.ablation.grid import Cell
from uniner.benchmark.run import BenchConfig, run_bench
from uniner.construction.narrator import Narrator
from uniner.corpus import sample
from uniner.corpus.taxonomy import Taxonomy
from uniner.evaluation.counts import Scores
from uniner.evaluation.questions import Question
from uniner.evaluation.score import Policy
from uniner.records import ConfigError
from uniner.records.manifest import hash_tree, write_json
from uniner.students.load import load_extractor
from uniner.training.distill import CHECKPOINT, Distilled, distill
from uniner.training.judge import judge

RESULT, RUN, BENCH = "result.json", "run", "bench"
HELD_OUT, ALIASES = "held out", "held out, by aliases"


@dataclass(frozen=True, slots=True)
class Figure:
    """One score: of which test, which of its data sets, by which policy; in percent."""

    test: str
    dataset: str
    policy: Policy
    passages: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a cell: its figures, on how many passages it was trained, for how long.

    `seconds` are those of the run that finished it, data and training, not of one stopped before.
    """

    key: str
    passages: int
    seconds: float
    figures: tuple[Figure, ...]


def run_cell(cell: Cell, folder: Path, data: Path | None, narrator: Narrator) -> Outcome:
    """Train and ask a student in `folder`/key; a run that was stopped goes on.

    Without `data` no suite is asked.
    """
    home = folder / cell.key
    started = time.perf_counter()
    trained = distill(cell.recipe, home / RUN, narrator)
    seconds = time.perf_counter() - started
    figures = [*ask_held_out(cell, trained, narrator)]
    if data is not None and cell.probe.suite:
        figures += ask_suite(cell, trained.model, home / BENCH, data, narrator)
    outcome = Outcome(cell.key, len(trained.train), round(seconds, 1), tuple(figures))
    described = {"recipe": cell.recipe.to_json(), "probe": asdict(cell.probe)}
    write_json(home / RESULT, {**described, **asdict(outcome)})
    (home / RUN / CHECKPOINT).unlink(missing_ok=True)  # as large as the rest, and of no more use
    return outcome


def is_finished(folder: Path, cell: Cell) -> bool:
    """Whether a cell has been trained and asked."""
    return (folder / cell.key / RESULT).is_file()


def read_outcome(folder: Path, cell: Cell) -> Outcome:
    """What became of a finished cell; ConfigError where its file does not say."""
    path = folder / cell.key / RESULT
    try:
        row: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        figures = tuple(Figure(**figure) for figure in row["figures"])
        return Outcome(row["key"], row["passages"], row["seconds"], figures)
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path}: not the result of a cell ({error}); remove it") from None


def ask_held_out(cell: Cell, trained: Distilled, narrator: Narrator) -> Iterator[Figure]:
    """The held-out questions of the student's own corpus."""
    student = load_extractor(str(trained.model))
    tests = {HELD_OUT: trained.test}
    if cell.probe.aliases:
        tests[ALIASES] = [*rename(trained.test, sample.load_taxonomy())]
    for name, questions in tests.items():
        with narrator.progress(f"asking what is {name}", len(questions)) as advance:
            verdict = judge(cell.title, student, questions, advance)
        yield from list_figures(name, name, len(questions), verdict.scores)


def rename(questions: Iterable[Question], taxonomy: Taxonomy) -> Iterator[Question]:
    """The same questions with each type called by its first alias, where it has one to itself."""
    for question in questions:
        names = dict.fromkeys(question.types, "")
        taken = set(question.types)
        for name in names:
            free = [alias for alias in taxonomy.aliases(name) if alias not in taken]
            names[name] = free[0] if free else name
            taken.add(names[name])
        entities = tuple(replace(entity, type=names[entity.type]) for entity in question.entities)
        yield Question(question.passage, tuple(names.values()), entities)


def ask_suite(
    cell: Cell, model: Path, out: Path, data: Path, narrator: Narrator
) -> Iterator[Figure]:
    """The data sets of a suite that are there, zero-shot, prepared as in the paper."""
    student = load_extractor(str(model))
    probe = cell.probe
    config = BenchConfig(
        suite=probe.suite, data=data, out=out, limit=probe.limit, fingerprint=hash_tree(model)
    )
    for result in run_bench(lambda _: student, config, narrator.progress).results:
        yield from list_figures(probe.suite, result.dataset.name, result.passages, result.scores)


def list_figures(
    test: str, dataset: str, passages: int, scores: Mapping[Policy, Scores]
) -> Iterator[Figure]:
    """A figure a policy."""
    for policy, found in scores.items():
        micro = found.micro
        parts = (100 * part for part in (micro.precision, micro.recall, micro.f1))
        yield Figure(test, dataset, policy, passages, *parts)
