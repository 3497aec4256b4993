"""From a file of passages to a file of annotated ones, with everything that was replied."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from uniner.construction.cost import estimate, show_cost
from uniner.construction.desk import Desk, Plan, open_desk
from uniner.construction.narrator import Advance, Narrator
from uniner.construction.ordered import iterate
from uniner.construction.parquet import PARQUET, Row, list_inputs, read_input, render, write_rows
from uniner.records import ConfigError, InputError
from uniner.records.manifest import write_json
from uniner.records.store import read_passages, remove_leftovers, to_json
from uniner.teacher.annotate import Annotation
from uniner.teacher.clean import Drops, Reason
from uniner.teacher.recorded import reply_to_json


class Files(NamedTuple):
    """What a run leaves: `NAME.jsonl`, and beside it replies, drops and live teachers' journal."""

    annotated: Path
    replies: Path
    drops: Path
    journal: Path


def list_files(out: Path) -> Files:
    """The files of a run that writes `out`; replies are Parquet where it is."""
    stem = out.name.removesuffix(out.suffix)
    replies = f"replies{PARQUET if out.suffix == PARQUET else '.jsonl'}"
    names = (f"{stem}.{kind}" for kind in (replies, "drops.json", "journal"))
    return Files(out, *(out.with_name(name) for name in names))


@dataclass(slots=True)
class Tally:
    """Counts what came of passages."""

    passages: int = 0
    replied: int = 0
    annotated: int = 0
    mentions: int = 0
    entities: int = 0
    drops: Drops = field(default_factory=Counter)

    def count(self, annotation: Annotation) -> None:
        """Count one passage."""
        self.passages += 1
        self.replied += bool(annotation.replies)
        self.drops.update(annotation.drops)
        if annotation.annotated is not None:
            entities = annotation.annotated.entities
            self.annotated += 1
            self.mentions += len({entity.span for entity in entities})
            self.entities += len(entities)

    def add(self, other: "Tally") -> None:
        """Count what came of other passages too."""
        self.passages += other.passages
        self.replied += other.replied
        self.annotated += other.annotated
        self.mentions += other.mentions
        self.entities += other.entities
        self.drops.update(other.drops)


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of some passages, ready to be written."""

    tally: Tally = field(default_factory=Tally)
    annotated: list[Row] = field(default_factory=list)
    replies: list[Row] = field(default_factory=list)


def make_batch(annotations: Iterable[Annotation], suffix: str) -> Batch:
    """The rows of annotations for files of this suffix, and what they amount to."""
    batch = Batch()
    for annotation in annotations:
        batch.tally.count(annotation)
        if annotation.annotated is not None:
            row = to_json(annotation.annotated)
            batch.annotated.append(render(row, "annotated", suffix))
        for asked, reply in annotation.replies:
            batch.replies.append(render(reply_to_json(asked, reply), "replies", suffix))
    return batch


def annotate_file(passages: Path, out: Path, plan: Plan, narrator: Narrator) -> Tally:
    """Annotate every passage of a file and write the `Files` of `out`, whole or not at all.

    Stopped at any moment, it goes on from the journal when called again. InputError where no
    passage gets a reply.
    """
    check_lines(passages, out)
    files = list_files(out)
    # A file is read once before anything is asked, so that a bad line costs no replies.
    total = sum(1 for _ in read_passages(passages)) if passages.is_file() else None
    with open_desk(plan, files.journal, narrator.say) as desk:
        if desk.journal is not None:  # which no other run has
            for path in files:
                remove_leftovers(path)
        if plan.live and total is not None:
            narrator.say(str(estimate(desk, read_passages(passages))))
        with narrator.progress("annotating", total) as advance:
            found = iterate(desk.annotate(read_passages(passages)), desk.close)
            batches = (make_batch([annotation], out.suffix) for annotation in found)
            tally = write_batches(files, batches, desk, advance)
    say_rest(tally, desk, narrator)
    return tally


def check_lines(passages: Path, out: Path) -> None:
    """ConfigError where an input or output is not JSONL, which is all that one process takes."""
    for path in (passages, out):
        if path.suffix == PARQUET or path.is_dir():
            raise ConfigError(f"{path}: folders and Parquet are for --engine ray; give JSONL")


def say_rest(tally: Tally, desk: Desk, narrator: Narrator) -> None:
    """Say what was not answered and why."""
    for why, count in desk.failures().most_common():
        narrator.say(f"{count:,} prompts were not answered ({why}); run again to ask them again")
    if unasked := tally.drops[Reason.BUDGET]:
        narrator.say(
            f"stopped asking at the cost limit of {desk.plan.max_cost:g}: {unasked:,} prompts "
            "were not sent; raise it and run again to go on"
        )


def describe_cost(passages: Path, out: Path, plan: Plan) -> str:
    """What annotating a file would still take, in one line, for what the journal does not hold."""
    if not plan.live:
        return "nothing to ask: every teacher is recorded"
    passages_of = (read_input(part) for part in list_inputs(passages))
    with open_desk(plan, list_files(out).journal, lambda line: None) as desk:
        return str(estimate(desk, chain.from_iterable(passages_of)))


def write_batches(files: Files, batches: Iterable[Batch], desk: Desk, advance: Advance) -> Tally:
    """Write annotations, replies and drops as they come; they appear together at the end."""
    tally = Tally()
    with (
        write_rows(files.replies, "replies") as put_reply,
        write_rows(files.annotated, "annotated") as put_annotated,
    ):
        for batch in batches:
            tally.add(batch.tally)
            for row in batch.annotated:
                put_annotated(row)
            for row in batch.replies:
                put_reply(row)
            advance(batch.tally.passages, show_cost(desk.budget.spent))
        check_replies(tally, desk)
        write_json(files.drops, {str(reason): n for reason, n in tally.drops.most_common()})
    return tally


def check_replies(tally: Tally, desk: Desk) -> None:
    """InputError where no passage had a reply."""
    if tally.replied or not tally.passages:
        return
    why = next(iter(desk.failures()), "")
    if not desk.plan.live:
        why = "give the replies to them with --replies FILE"
    elif tally.drops[Reason.BUDGET]:
        why = "the cost limit allows none; raise --max-cost"
    raise InputError(f"none of the {tally.passages:,} passages has a reply; {why}")
