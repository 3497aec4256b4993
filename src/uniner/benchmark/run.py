"""Run an extractor over a suite: journalled as it goes, resumed after a kill, scored at the end."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from uniner.benchmark.catalog import Dataset, load_catalog
from uniner.benchmark.examples import Example, choose_examples
from uniner.benchmark.journal import append, open_journal, read_journal
from uniner.benchmark.readers import list_files, read_examples
from uniner.benchmark.report import BenchReport, DatasetResult, report_to_json
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
from uniner.records.manifest import claim_folder, describe_run, hash_file, write_json
from uniner.students.extractor import Extractor

Progress: TypeAlias = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
"""Given a label and a total, what shows how much of it is done."""

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
    limit: int | None = None
    seed: int = 0
    threshold: float | None = None
    nested: bool = False
    fingerprint: str = ""
    batch: int = 32

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 1:
            raise ConfigError(f"a limit of {self.limit} passages leaves nothing to run")
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise ConfigError(f"threshold {self.threshold} is not within [0, 1]")
        if self.batch < 1:
            raise ConfigError(f"a batch of {self.batch} passages is impossible")


def run_bench(
    extractor: Extractor, config: BenchConfig, progress: Progress = lambda *_: nullcontext(ignore)
) -> BenchReport:
    """Run what is not yet done, score all of it, and write `results.json`.

    The folder `config.out` then holds `manifest.json`, a prediction journal for each data set and
    the results. Called again with the same model and settings it goes on where it stopped;
    ConfigError where the folder belongs to a different run.
    """
    datasets = load_catalog().list_suite(config.suite)
    examples = [read_examples(dataset, config.data) for dataset in datasets]
    settings = {
        "model": extractor.name,
        "fingerprint": config.fingerprint,
        "suite": config.suite,
        "limit": config.limit,
        "seed": config.seed if config.limit is not None else None,
        "threshold": config.threshold,
        "nested": config.nested,
    }
    inputs = {
        path.relative_to(config.data).as_posix(): hash_file(path)
        for dataset in datasets
        for path in list_files(dataset, config.data)
    }
    claim_folder(config.out, describe_run(settings, inputs))
    results = []
    for dataset, rows in zip(datasets, examples, strict=True):
        chosen = choose_examples(rows, config.limit, config.seed)
        predictions = predict(extractor, dataset, chosen, config, progress)
        queries = sum(len(example.types) for example in chosen)
        scores = score_examples(chosen, predictions)
        faults = count_faults(predictions)
        results.append(DatasetResult(dataset, len(chosen), len(rows), queries, scores, faults))
    report = BenchReport(
        extractor.name,
        config.suite,
        config.limit,
        config.seed,
        config.threshold,
        config.nested,
        tuple(results),
    )
    write_json(config.out / RESULTS, report_to_json(report))
    return report


def predict(
    extractor: Extractor,
    dataset: Dataset,
    examples: Sequence[Example],
    config: BenchConfig,
    progress: Progress,
) -> list[Prediction]:
    """One prediction for each example, in order; those in the journal are not made again."""
    path = config.out / f"{dataset.name}.predictions.jsonl"
    done = {prediction.passage.id: prediction for prediction in read_journal(path)}
    if strange := done.keys() - {example.passage.id for example in examples}:
        raise InputError(f"{path}: passage {min(strange)!r} is not in this run; remove the file")
    todo = [example for example in examples if example.passage.id not in done]
    with open_journal(path) as stream, progress(dataset.title, len(todo)) as advance:
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
