"""One student of a grid: trained, asked, and its figures written, once."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from uniner.ablation.data import hand_over, prepare
from uniner.ablation.grid import Cell, Probe
from uniner.benchmark.results import DatasetResult
from uniner.benchmark.run import BenchConfig, run_bench
from uniner.construction.narrator import Narrator
from uniner.corpus import sample
from uniner.corpus.taxonomy import Taxonomy
from uniner.evaluation.counts import Scores, add_scores
from uniner.evaluation.questions import Question
from uniner.evaluation.score import POLICIES, Policy
from uniner.records import ConfigError
from uniner.records.manifest import hash_tree, write_json
from uniner.students.extractor import Extractor, in_context
from uniner.students.load import load_extractor
from uniner.training.distill import CHECKPOINT, Distilled, distill
from uniner.training.judge import judge
from uniner.training.recipe import Recipe

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

    Without the folder `data` of the benchmark's files no suite is asked.
    """
    home = folder / cell.key
    materials = prepare(cell, folder, data, narrator)
    hand_over(materials, home / RUN)
    started = time.perf_counter()
    trained = distill(materials.recipe, home / RUN, narrator)
    seconds = time.perf_counter() - started
    figures = [*ask_held_out(cell, trained, narrator)]
    if data is not None:
        for number, (test, suite) in enumerate(cell.probe.tests.items()):
            asked = Asked(test, suite, home / f"{BENCH}-{number}", cell.probe)
            figures += ask_suite(materials.recipe, trained.model, asked, data, narrator)
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
    questions = trained.test[: cell.probe.held_out or None]
    tests = {HELD_OUT: questions}
    if cell.probe.aliases:
        tests[ALIASES] = [*rename(questions, sample.load_taxonomy())]
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
        yield replace(question, types=tuple(names.values()), entities=entities)


@dataclass(frozen=True, slots=True)
class Asked:
    """A suite: what it is called, its data sets, the folder for what is answered, and how much."""

    test: str
    suite: str
    out: Path
    probe: Probe


def ask_suite(
    recipe: Recipe, model: Path, asked: Asked, data: Path, narrator: Narrator
) -> Iterator[Figure]:
    """The data sets of a suite that are there, prepared as in the paper.

    A student that was told which data set it learnt from is told again.
    """
    student, corpus = load_extractor(str(model)), recipe.corpus
    known = {Path(name).stem for name in corpus.annotated} if corpus.told else set()

    def choose(name: str) -> Extractor:
        return in_context(student, name if name in known else "")

    config = BenchConfig(
        suite=asked.suite,
        data=data,
        out=asked.out,
        split=asked.probe.split,
        mode="supervised" if corpus.told else "zero-shot",
        limit=asked.probe.limit,
        fingerprint=hash_tree(model),
    )
    results = run_bench(choose, config, narrator.progress).results
    for result in results:
        yield from list_figures(asked.test, result.dataset.name, result.passages, result.scores)
    if asked.probe.types:
        yield from list_types(f"{asked.test}, by type", results)


def list_types(test: str, results: Sequence[DatasetResult]) -> Iterator[Figure]:
    """A figure a type and policy, over all data sets together."""
    passages = sum(result.passages for result in results)
    for policy in POLICIES:
        parts = [result.scores[policy] for result in results if policy in result.scores]
        if len(parts) == len(results):
            for name, counts in add_scores(parts).by_type.items():
                yield from list_figures(test, name, passages, {policy: Scores({name: counts})})


def list_figures(
    test: str, dataset: str, passages: int, scores: Mapping[Policy, Scores]
) -> Iterator[Figure]:
    """A figure a policy."""
    for policy, found in scores.items():
        micro = found.micro
        parts = (100 * part for part in (micro.precision, micro.recall, micro.f1))
        yield Figure(test, dataset, policy, passages, *parts)
