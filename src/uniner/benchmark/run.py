"""Run a student over a suite: journalled as it goes, resumed after a kill, scored at the end."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from uniner.benchmark.catalog import Dataset, SplitChoice, SplitName, load_catalog
from uniner.benchmark.examples import (
    Example,
    choose_examples,
    read_run_examples,
    write_examples,
)
from uniner.benchmark.journal import append, open_journal, read_journal
from uniner.benchmark.paper import Mode
from uniner.benchmark.prepare import Preparation
from uniner.benchmark.reading import AS_PAPER, Examples, list_present, read_examples
from uniner.benchmark.results import BenchReport, DatasetResult, report_to_json
from uniner.evaluation.counts import Scores
from uniner.evaluation.faults import count_faults
from uniner.evaluation.score import (
    EntityPair,
    MentionPair,
    Policy,
    group_mentions,
    score_entities,
    score_mentions,
)
from uniner.records import ConfigError, InputError, Prediction
from uniner.records.manifest import claim_folder, describe_run, hash_tree, write_json
from uniner.students.extractor import Extractor

Progress: TypeAlias = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
"""Given a label and a total, what shows how much of it is done."""

Student: TypeAlias = Callable[[str], Extractor]
"""The extractor for a data set, which is told its name, or nothing in zero-shot runs."""

RESULTS = "results.json"


def ignore(amount: int) -> None:
    """Show nothing."""


@dataclass(frozen=True, slots=True)
class BenchConfig:
    """What is asked of a model; `threshold` None is the model's own, `limit` None is everything.

    `fingerprint` tells models apart that share a name, such as a hash of the model's files.
    """

    suite: str
    data: Path
    out: Path
    split: SplitChoice = "test"
    mode: Mode = "zero-shot"
    preparation: Preparation = AS_PAPER
    lenient: bool = False
    limit: int | None = None
    seed: int = 0
    threshold: float | None = None
    nested: bool = False
    fingerprint: str = ""
    batch: int = 64

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 1:
            raise ConfigError(f"a limit of {self.limit} passages leaves nothing to run")
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise ConfigError(f"threshold {self.threshold} is not within [0, 1]")
        if self.batch < 1:
            raise ConfigError(f"a batch of {self.batch} passages is impossible")


def run_bench(
    student: Student, config: BenchConfig, progress: Progress = lambda *_: nullcontext(ignore)
) -> BenchReport:
    """Run what is not yet done, score all of it, and write `results.json`.

    The folder `config.out` then holds `manifest.json`, and of each split the examples and the
    journal of predictions. Called again with the same model and settings it goes on where it
    stopped; ConfigError where the folder belongs to a different run. Data sets of a suite that are
    not there are named in the report; InputError where none is there.
    """
    suite = load_catalog().list_suite(config.suite)
    plan = [(row, split) for row in suite for split in choose_splits(row, config)]
    absent = tuple(row.name for row in suite if row not in [there for there, _ in plan])
    if not plan:
        raise InputError(
            f"{config.data}: no {config.split} split of {', '.join(absent)} is there; "
            "see `uniner bench list --data` and `uniner bench fetch`"
        )
    name = student("").name
    claim_folder(config.out, describe_run(list_settings(name, config), hash_inputs(plan, config)))
    results = [run_split(student, row, split, config, progress) for row, split in plan]
    report = BenchReport(
        name,
        config.mode,
        config.suite,
        str(config.preparation),
        config.limit,
        config.seed,
        config.threshold,
        config.nested,
        tuple(results),
        absent,
    )
    write_json(config.out / RESULTS, report_to_json(report))
    return report


def choose_splits(dataset: Dataset, config: BenchConfig) -> list[SplitName]:
    """The splits of a data set to run, of those that are there."""
    present = list_present(dataset, config.data)
    match config.split:
        case "all":
            return present[::-1]
        case "any":
            return present[-1:]
        case split:
            return [split] if split in present else []


def list_settings(model: str, config: BenchConfig) -> dict[str, object]:
    """What must be the same for a run to go on."""
    return {
        "model": model,
        "fingerprint": config.fingerprint,
        "suite": config.suite,
        "split": config.split,
        "mode": config.mode,
        "preparation": str(config.preparation),
        "limit": config.limit,
        "seed": config.seed if config.limit is not None else None,
        "threshold": config.threshold,
        "nested": config.nested,
    }


def hash_inputs(plan: Sequence[tuple[Dataset, SplitName]], config: BenchConfig) -> dict[str, str]:
    """A hash of every file or folder that is read."""
    paths = {path for row, split in plan for path in row.splits[split].find(config.data)}
    return {path.relative_to(config.data).as_posix(): hash_tree(path) for path in sorted(paths)}


def run_split(
    student: Student, dataset: Dataset, split: SplitName, config: BenchConfig, progress: Progress
) -> DatasetResult:
    """Read, ask and score one split of a data set."""
    read = read_examples(dataset, split, config.data, config.preparation, lenient=config.lenient)
    chosen = choose_examples(read.rows, config.limit, config.seed)
    stem = dataset.file_split(split)
    claim_examples(config.out / f"{stem}.examples.jsonl", chosen)
    extractor = student((dataset.row or dataset.name) if config.mode == "supervised" else "")
    predictions = predict(extractor, stem, chosen, config, progress)
    return judge_split(dataset, split, Examples(chosen, read.notes), predictions, len(read.rows))


def claim_examples(path: Path, examples: Sequence[Example]) -> None:
    """Write the examples, or see that those there are the same: the catalog may have changed."""
    if not path.exists():
        write_examples(path, examples)
    elif read_run_examples(path) != list(examples):
        raise ConfigError(
            f"{path}: other examples than the catalog makes now; choose another --out or remove it"
        )


def judge_split(
    dataset: Dataset,
    split: SplitName,
    read: Examples,
    predictions: Sequence[Prediction],
    available: int,
) -> DatasetResult:
    """The result of a split from its examples and predictions, in the same order."""
    queries = sum(len(example.types) for example in read.rows)
    scores = score_examples(read.rows, predictions)
    faults = count_faults(predictions)
    return DatasetResult(
        dataset, split, len(read.rows), available, queries, scores, faults, read.notes
    )


def predict(
    extractor: Extractor,
    stem: str,
    examples: Sequence[Example],
    config: BenchConfig,
    progress: Progress,
) -> list[Prediction]:
    """One prediction for each example, in order; those in the journal are not made again."""
    path = config.out / f"{stem}.predictions.jsonl"
    done = {prediction.passage.id: prediction for prediction in read_journal(path)}
    if strange := done.keys() - {example.passage.id for example in examples}:
        raise InputError(f"{path}: passage {min(strange)!r} is not in this run; remove the file")
    todo = [example for example in examples if example.passage.id not in done]
    with open_journal(path) as stream, progress(stem, len(todo)) as advance:
        for types, batch in split_batches(todo, config.batch):
            passages = [example.passage for example in batch]
            found = extractor.extract(passages, types, config.threshold, nested=config.nested)
            predictions = [
                Prediction(passage, prediction.entities, prediction.faults)
                for passage, prediction in zip(passages, found, strict=True)
            ]
            append(stream, predictions)
            done.update((prediction.passage.id, prediction) for prediction in predictions)
            advance(len(batch))
    return [done[example.passage.id] for example in examples]


def split_batches(
    examples: Sequence[Example], size: int
) -> Iterator[tuple[tuple[str, ...], list[Example]]]:
    """Neighbouring examples that are asked the same types, at most `size` at a time."""
    for types, group in groupby(examples, key=lambda example: example.types):
        rows = list(group)
        for start in range(0, len(rows), size):
            yield types, rows[start : start + size]


def score_examples(
    examples: Sequence[Example], predictions: Sequence[Prediction]
) -> dict[Policy, Scores]:
    """`uniner2023` always; the policies that compare positions where every example has offsets."""
    types = list(dict.fromkeys(name for example in examples for name in example.types))
    scores: dict[Policy, Scores] = {
        "uniner2023": score_mentions(pair_mentions(examples, predictions), types)
    }
    pairs = [
        EntityPair(example.entities, prediction.entities)
        for example, prediction in zip(examples, predictions, strict=True)
        if example.entities is not None
    ]
    if len(pairs) == len(examples):
        scores["strict"] = score_entities("strict", pairs, types)
        scores["partial"] = score_entities("partial", pairs, types)
    return scores


def pair_mentions(
    examples: Sequence[Example], predictions: Sequence[Prediction]
) -> Iterator[MentionPair]:
    """Gold and predicted mentions of every asked type, and of any type predicted unasked."""
    for example, prediction in zip(examples, predictions, strict=True):
        golds = dict(zip(example.types, example.mentions, strict=True))
        found = group_mentions(prediction.entities)
        for kind in dict.fromkeys((*golds, *found)):
            yield MentionPair(kind, golds.get(kind, ()), found.get(kind, ()))
