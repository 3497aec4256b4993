"""The data half of a distillation: passages, annotations, conversations and what is in them."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from uniner.construction.annotating import annotate_file, list_files
from uniner.construction.building import build_conversations
from uniner.construction.narrator import Narrator
from uniner.construction.planning import CAPITALS, SAMPLE, make_plan
from uniner.corpus import sample
from uniner.corpus.collect import collect, counts_to_json
from uniner.corpus.contamination import HeldOut
from uniner.corpus.documents import read_sources
from uniner.corpus.files import check_sources
from uniner.corpus.files import list_files as list_sources
from uniner.corpus.naming import read_table, rename
from uniner.corpus.statistics import count_annotated, statistics_to_json
from uniner.records import Annotated, ConfigError
from uniner.records.manifest import (
    claim_folder,
    describe_run,
    hash_file,
    hash_tree,
    write_json,
)
from uniner.records.store import read_annotated, read_passages, write_records
from uniner.students.checkpoint import read_settings
from uniner.students.load import annotate_sample
from uniner.students.names import locate_model
from uniner.teacher.clean import Reason
from uniner.text.sentences import cut_sentences
from uniner.training.recipe import Recipe

PASSAGES, CORPUS, ANNOTATED = "passages.jsonl", "passages.corpus.json", "annotated.jsonl"
CONVERSATIONS, STATISTICS = "conversations.json", "statistics.json"
PART = "#"
"""Between the id of a passage and the number of its sentence."""
PACE = ("workers", "rpm", "tpm", "timeout", "attempts", "max_cost", "price_in", "price_out")
"""What of a teacher's configuration no result depends on."""


def describe(recipe: Recipe) -> dict[str, Any]:
    """All of a recipe that results depend on: not how fast a teacher is asked, nor for how much."""
    row = recipe.to_json()
    row["teacher"] = {name: value for name, value in row["teacher"].items() if name not in PACE}
    return row


def claim(recipe: Recipe, out: Path) -> None:
    """Make `out` the run folder of a recipe; ConfigError where it holds another run."""
    claim_folder(out, describe_run({"recipe": describe(recipe)}, hash_inputs(recipe)))


def hash_inputs(recipe: Recipe) -> dict[str, str]:
    """The hashes of the files a recipe reads; the sample is part of uniner's version.

    Of the sources of a corpus, which may be large, the names and sizes have to do.
    """
    sources = {
        f"source {file.name}": f"{file.size} bytes"
        for source in recipe.corpus.sources
        for file in list_sources(source)
    }
    named = {
        "passages": recipe.corpus.passages,
        "replies": recipe.teacher.replies,
        "rename": recipe.rename,
        "candidates": recipe.teacher.candidates,
        "definitions": recipe.conversations.definitions,
    }
    built_in = ("", SAMPLE, CAPITALS)
    files = {name: Path(value) for name, value in named.items() if value not in built_in}
    annotated = [Path(value) for value in recipe.corpus.annotated if value != SAMPLE]
    files |= {f"annotated {path.stem}": path for path in annotated}
    for name, path in files.items():
        if not path.is_file():
            raise ConfigError(f"{path}: no such file; the recipe names it as its {name}")
    start = {}
    if recipe.student.start:
        folder = locate_model(recipe.student.start)
        read_settings(folder)
        start = {"start": hash_tree(folder)}
    return {**sources, **start, **{name: hash_file(path) for name, path in files.items()}}


def make_annotations(
    recipe: Recipe,
    out: Path,
    narrator: Narrator,
    hold_out: Callable[[], HeldOut | None] = lambda: None,
) -> None:
    """Annotated passages in a run folder, from a teacher or as they are given.

    `hold_out` gives the test sets that no sampled passage may share words with.
    """
    if recipe.corpus.annotated:
        if not (out / ANNOTATED).is_file():
            write_records(out / ANNOTATED, read_data_sets(recipe.corpus.annotated))
    else:
        write_passages(recipe, out, narrator, hold_out)
        annotate_passages(recipe, out, narrator)


def write_passages(
    recipe: Recipe, out: Path, narrator: Narrator, hold_out: Callable[[], HeldOut | None]
) -> None:
    """The passages a run is about, sampled where the recipe names sources."""
    path = out / PASSAGES
    if path.is_file():
        return
    corpus = recipe.corpus
    if corpus.sources:
        check_sources(corpus.sources)
        held_out = hold_out()
        with narrator.progress("bytes read", None) as advance:
            documents = read_sources(corpus.sources, corpus.layout, advance)
            passages, counts = collect(documents, corpus.sampling, held_out)
            write_records(path, passages)
        write_json(out / CORPUS, counts_to_json(counts))
        narrator.say(
            f"{counts.sampled:,} passages sampled from {counts.passages:,} "
            f"of {counts.documents:,} documents"
        )
        return
    source = corpus.passages
    given = list(sample.read_passages() if source == SAMPLE else read_passages(source))
    repeated = [name for name, count in Counter(p.id for p in given).items() if count > 1]
    if repeated:
        raise ConfigError(f"{source}: passage id {repeated[0]!r} occurs twice; make ids unique")
    write_records(path, given)


def read_data_sets(names: Iterable[str]) -> Iterator[Annotated]:
    """The passages of annotated files, or of `sample`, each with its file's name as its source.

    ConfigError where two of them share an id.
    """
    ids: set[str] = set()
    for name in names:
        for record in annotate_sample(None) if name == SAMPLE else read_annotated(name):
            if record.passage.id in ids:
                raise ConfigError(
                    f"{name}: passage id {record.passage.id!r} occurs twice; make ids unique"
                )
            ids.add(record.passage.id)
            yield replace(record, passage=replace(record.passage, source=Path(name).stem))


def annotate_passages(recipe: Recipe, out: Path, narrator: Narrator) -> None:
    """Ask the teacher, keep what is grounded, count what is not."""
    path = out / ANNOTATED
    if path.is_file():
        narrator.say(f"annotations: {path} is there")
        return
    tally = annotate_file(out / PASSAGES, path, make_plan([recipe.teacher]), narrator)
    if tally.drops[Reason.BUDGET]:
        path.unlink()
        raise ConfigError(
            f"{out}: teacher.max_cost is spent before all passages are annotated; "
            "the replies are kept: raise it and run again"
        )
    narrator.say(
        f"{tally.annotated:,} of {tally.passages:,} passages annotated, "
        f"{tally.drops.total():,} items dropped"
    )


def describe_annotations(recipe: Recipe, out: Path, narrator: Narrator) -> None:
    """Conversations for a generative student, and what is in the annotations."""
    if not (out / CONVERSATIONS).is_file():
        build_conversations(
            lambda _: read_data(recipe, out),
            out / CONVERSATIONS,
            recipe.conversations,
            sample.load_taxonomy(),
            recipe.corpus.find_dataset,
            told=recipe.corpus.told,
        )
    if not (out / STATISTICS).is_file():
        statistics = count_annotated(read_data(recipe, out))
        write_json(out / STATISTICS, statistics_to_json(statistics, read_drops(out)))
        narrator.say(
            f"{statistics.entities:,} entities of {len(statistics.types):,} types "
            f"in {statistics.pairs:,} passages"
        )


def read_data(recipe: Recipe, out: Path) -> Iterator[Annotated]:
    """The annotations of a run, in the recipe's unit, types renamed where the recipe says so."""
    table = read_table(recipe.rename) if recipe.rename else {}
    records = (rename(annotated, table) for annotated in read_annotated(out / ANNOTATED))
    match recipe.corpus.unit:
        case "passage" | "both":
            return records
        case "sentence":
            return (part for record in records for part in list_sentences(record))


def list_sentences(record: Annotated) -> Iterator[Annotated]:
    """The sentences of a passage, each as a passage; see `find_parent`."""
    sentences = cut_sentences(record.passage.text, record.entities)
    for number, (text, entities) in enumerate(sentences):
        passage = replace(record.passage, id=f"{record.passage.id}{PART}{number}", text=text)
        yield Annotated(passage, entities)


def find_parent(recipe: Recipe, id: str) -> str:
    """The id of the passage that a unit is, or is a sentence of: all of one go into one split."""
    return id.rpartition(PART)[0] if recipe.corpus.unit == "sentence" else id


def read_drops(out: Path) -> dict[str, int]:
    """What annotation dropped, by reason."""
    path = list_files(out / ANNOTATED).drops
    drops: dict[str, int] = json.loads(path.read_text()) if path.is_file() else {}
    return drops
