"""Speed and memory of data construction, on one core: corpus, replies, journal.

    python benchmarks/construction.py
    python benchmarks/construction.py --memory 10000,1000000

Texts are made from the sentences of the bundled sample; nothing is downloaded. Every measurement
is a process of its own, bound to one core. `--memory` samples and annotates corpora of so many
passages, made by repetition, and reports the most memory that each process ever held.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

from timing import peak_memory, time_best
from uniner.construction.annotating import annotate_file
from uniner.construction.narrator import Silent
from uniner.construction.planning import TeacherConfig, make_plan
from uniner.corpus import sample
from uniner.corpus.collect import SampleConfig, collect
from uniner.corpus.documents import Document
from uniner.records import Passage
from uniner.records.store import write_records
from uniner.teacher.clean import clean
from uniner.teacher.journal import open_journal
from uniner.teacher.parse import parse_reply
from uniner.teacher.teacher import Reply
from uniner.text.tokens import TokenCounter

TOKENS = 256
DOCUMENTS, REPLIES = 20_000, 20_000


class Target(NamedTuple):
    """What a measurement is called, its unit, and what is wanted of it."""

    title: str
    unit: str
    least: float


TARGETS = {
    "sample": Target("cut, tell the language, drop duplicates", "passages/s", 2_000),
    "sample_n": Target("the same, and draw 5,000", "passages/s", 2_000),
    "replies": Target("parse, clean and align replies", "replies/s", 5_000),
    "journal": Target("journal replies, each by itself", "replies/s", 1_000),
    "look_up": Target("look replies up in a journal of 20,000", "replies/s", 1_000),
}


def make_documents(count: int) -> Iterator[Document]:
    """Distinct documents that fill a passage of TOKENS almost to the last one."""
    rng = random.Random(0)
    texts = [passage.text for passage in sample.read_passages()]
    sentences = [s for text in texts for s in re.split(r"(?<=[.!?])\s+", text) if len(s) > 20]
    counter = TokenCounter.bundled()
    costs = [counter.count(sentence) for sentence in sentences]
    for number in range(count):
        chosen, room = [], TOKENS
        while room > 0:
            at = rng.randrange(len(sentences))
            room -= costs[at]
            if room >= 0:
                chosen.append(sentences[at])
        yield Document(" ".join(chosen), "made", number + 1, "made")


def run_sample(n: int) -> dict[str, float]:
    """Passages a second through `collect`."""
    documents = list(make_documents(DOCUMENTS))
    counter = TokenCounter.bundled()
    found = collect(islice(documents, 2_000), SampleConfig(n=n))  # once, to warm up
    assert list(found.passages)
    started = time.perf_counter()
    found = collect(documents, SampleConfig(n=n))
    kept = list(found.passages)
    seconds = time.perf_counter() - started
    tokens = sum(counter.count(passage.text) for passage in kept) / len(kept)
    return {"speed": found.counts.passages / seconds, "tokens": tokens}


def run_replies() -> dict[str, float]:
    """Replies a second through parsing, cleaning and alignment."""
    texts = {passage.id: passage.text for passage in sample.read_passages()}
    pairs = [(row["reply"], texts[row["id"]]) for row in sample.read_replies()]

    def read_all() -> None:
        for raw, text in pairs:
            clean(parse_reply(raw), text)

    return {"speed": len(pairs) / time_best(read_all, 3)}


def run_journal(*, look_up: bool) -> dict[str, float]:
    """Replies a second into a journal, or out of it."""
    raws = [row["reply"] for row in islice(cycle(sample.read_replies()), REPLIES)]
    with tempfile.TemporaryDirectory() as folder, open_journal(Path(folder) / "j") as journal:
        started = time.perf_counter()
        for number, raw in enumerate(raws):
            journal.add(f"{number:032d}", Reply(str(number), raw, "m", 400, 300))
        written = time.perf_counter()
        for number in range(REPLIES):
            assert journal.find(f"{number:032d}") is not None
        read = time.perf_counter()
    return {"speed": REPLIES / (read - written if look_up else written - started)}


def run_memory(kind: str, count: int) -> dict[str, float]:
    """The peak memory of sampling or annotating so many passages, made by repetition."""
    started = time.perf_counter()
    if kind == "sample":
        documents = islice(cycle(list(make_documents(10_000))), count)
        found = collect(documents, SampleConfig(n=5_000))
        assert len(list(found.passages)) == 5_000
        assert found.counts.passages == count
    else:
        with tempfile.TemporaryDirectory() as folder:
            passages = Path(folder) / "passages.jsonl"
            write_records(passages, repeat_passages(count))
            plan = make_plan([TeacherConfig()])
            tally = annotate_file(passages, Path(folder) / "annotated.jsonl", plan, Silent())
            assert tally.annotated == count
    return {"memory": peak_memory(), "speed": count / (time.perf_counter() - started)}


def repeat_passages(count: int) -> Iterator[Passage]:
    """The sample's passages again and again."""
    return islice(cycle(list(sample.read_passages())), count)


def work(job: str) -> dict[str, float]:
    """One measurement."""
    match job.split(":"):
        case ["sample"]:
            return run_sample(0)
        case ["sample_n"]:
            return run_sample(5_000)
        case ["replies"]:
            return run_replies()
        case ["journal"]:
            return run_journal(look_up=False)
        case ["look_up"]:
            return run_journal(look_up=True)
        case ["memory", kind, count]:
            return run_memory(kind, int(count))
        case _:
            raise SystemExit(f"{job}: no such measurement")


def measure(job: str) -> dict[str, Any]:
    """Run a measurement in a process of its own on one core."""
    print(f"measuring {job}…", file=sys.stderr)
    environment = os.environ | {"OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, __file__, "--job", job], capture_output=True, text=True, env=environment,
        check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(f"{job} failed:\n{done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    """Measure, then print Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--memory", help="numbers of passages, between commas")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.job:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-1:])
        print(json.dumps(work(args.job)))
        return
    print("| | measured | wanted | times |\n|---|--:|--:|--:|")
    for job, target in TARGETS.items():
        speed = measure(job)["speed"]
        print(
            f"| {target.title} | {speed:,.0f} {target.unit} | {target.least:,.0f} "
            f"| {speed / target.least:.1f}× |",
            flush=True,
        )
    if args.memory:
        print("\n| | passages | peak memory | passages/s |\n|---|--:|--:|--:|")
        for kind in ("sample", "annotate"):
            for count in map(int, args.memory.split(",")):
                row = measure(f"memory:{kind}:{count}")
                print(
                    f"| {kind} | {count:,} | {row['memory']:,.0f} MB | {row['speed']:,.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
