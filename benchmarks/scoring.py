"""Speed of scoring on one core: every policy, the four views and a bootstrap.

    python benchmarks/scoring.py
    python benchmarks/scoring.py --passages 2000 --repeat 1 --json

Passages, gold entities and predictions are made from a seed: few of the types are in a passage, and
a prediction keeps most of the gold entities, moves, renames or loses others, and makes some up.
seqeval and nervaluate score the same entities in the same process, in the form that each of them
reads, which is made outside the clock; they are left out where they are not installed. Seconds are
the process's own, the best of `--repeat` runs; what is compared takes turns.
"""

import argparse
import importlib
import json
import os
import random
import sys
import time
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from itertools import accumulate
from typing import Any, NamedTuple

from uniner.evaluation.intervals import bootstrap, tabulate
from uniner.evaluation.mentions import normalize_mention
from uniner.evaluation.score import (
    EntityPair,
    MentionPair,
    group_mentions,
    score_entities,
    score_mentions,
)
from uniner.evaluation.views import score_views
from uniner.records import Entity

TYPES = ("person", "organization", "location", "date", "event", "product", "award", "work of art")
CHANCES = (8, 7, 7, 4, 2, 2, 1, 1)
WORDS = 25
"""In a passage, on average."""

MOST = 3.0
"""Seconds that a policy may take for 25,000 passages, as wanted."""

PEERS = {"strict": "seqeval", "views": "nervaluate"}
"""What is set beside which of ours."""


class Marked(NamedTuple):
    """A flat mention in words [start, end)."""

    start: int
    end: int
    type: str


class Case(NamedTuple):
    """A passage as both sides read it."""

    words: list[str]
    gold: list[Marked]
    predicted: list[Marked]


def parse_args() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--passages", type=int, default=25_000, help="of eight queries each")
    parser.add_argument("--repeat", type=int, default=3, help="keep the best of so many runs")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print JSON in place of a table")
    return parser.parse_args()


def make_cases(count: int, seed: int) -> list[Case]:
    """Passages with gold and predicted mentions."""
    rng = random.Random(seed)
    vocabulary = make_vocabulary(rng, 30_000)
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(vocabulary))))
    cases = []
    for _ in range(count):
        size = max(3, min(80, round(rng.lognormvariate(0, 0.5) * WORDS)))
        words = [
            vocabulary[bisect(weights, rng.random() * weights[-1], hi=len(weights) - 1)]
            for _ in range(size)
        ]
        gold = list(make_mentions(rng, size, rng.choice((0, 0, 1, 1, 2, 2, 3, 4, 6))))
        cases.append(Case(words, gold, spoil(rng, gold, size)))
    return cases


def make_vocabulary(rng: random.Random, size: int) -> list[str]:
    """Words of one to four syllables, a third of them with a capital."""
    pieces = [c + v for c in "bdfgklmnprstvz" for v in ("a", "e", "i", "o", "u", "ar", "en", "ol")]
    words = ["".join(rng.choices(pieces, k=rng.randint(1, 4))) for _ in range(size)]
    return ["the", "of", "a", *(w.capitalize() if rng.random() < 0.33 else w for w in words)]


def make_mentions(rng: random.Random, size: int, count: int) -> Iterator[Marked]:
    """At most `count` mentions in reading order, none within another."""
    at = 0
    for start in sorted(rng.sample(range(size), min(count, size))):
        end = min(size, start + rng.choice((1, 1, 1, 2, 2, 3, 4)))
        if start >= at:
            yield Marked(start, end, rng.choices(TYPES, CHANCES)[0])
            at = end


def spoil(rng: random.Random, gold: Sequence[Marked], size: int) -> list[Marked]:
    """What a middling student finds; flat as well."""
    wanted = list(make_mentions(rng, size, rng.choice((0, 0, 0, 1, 1, 2))))
    for mention in gold:
        start, end, kind = mention
        match rng.choices(("kept", "moved", "renamed", "lost"), (70, 8, 8, 14))[0]:
            case "moved":
                wanted.append(Marked(max(0, start - rng.randint(0, 1)), min(size, end + 1), kind))
            case "renamed":
                wanted.append(Marked(start, end, rng.choice(TYPES)))
            case "kept":
                wanted.append(mention)
    flat: list[Marked] = []
    for mention in reversed(wanted):
        if all(m.end <= mention.start or mention.end <= m.start for m in flat):
            flat.append(mention)
    return sorted(flat)


def make_entities(words: Sequence[str], mentions: Sequence[Marked]) -> list[Entity]:
    """Mentions as entities of the words joined by blanks."""
    text, starts = " ".join(words), [0, *accumulate(len(word) + 1 for word in words)]
    spans = [(starts[m.start], starts[m.end] - 1, m.type) for m in mentions]
    return [Entity(start, end, text[start:end], kind) for start, end, kind in spans]


def make_tags(words: Sequence[str], mentions: Sequence[Marked]) -> list[str]:
    """Mentions as IOB2 tags."""
    tags = ["O"] * len(words)
    for start, end, kind in mentions:
        tags[start:end] = [f"B-{kind}", *[f"I-{kind}"] * (end - start - 1)]
    return tags


def ask_all(pairs: Sequence[EntityPair]) -> list[MentionPair]:
    """Every type asked of every passage, as the paper does."""
    queries = []
    for gold, predicted in pairs:
        golds, found = group_mentions(gold), group_mentions(predicted)
        queries += [MentionPair(kind, golds.get(kind, ()), found.get(kind, ())) for kind in TYPES]
    return queries


def score_cold(queries: Sequence[MentionPair]) -> float:
    """`uniner2023` without what earlier runs have remembered."""
    normalize_mention.cache_clear()
    return score_mentions(queries, TYPES).micro.f1


def list_ours(pairs: Sequence[EntityPair]) -> dict[str, Callable[[], object]]:
    """What is measured of this package; each returns a figure for a check."""
    queries = ask_all(pairs)
    table = tabulate(score_entities("strict", [pair]) for pair in pairs)
    return {
        "uniner2023": lambda: score_cold(queries),
        "strict": lambda: score_entities("strict", pairs, TYPES).micro.f1,
        "partial": lambda: score_entities("partial", pairs, TYPES).micro.f1,
        "views": lambda: score_views(pairs, TYPES)["strict"].micro.f1,
        "by passage": lambda: tabulate(score_entities("strict", [pair]) for pair in pairs).sum(),
        "bootstrap": lambda: bootstrap(table),
    }


def list_peers(cases: Sequence[Case]) -> dict[str, Callable[[], float]]:
    """The peers that are installed; each returns its strict micro F1."""
    peers: dict[str, Callable[[], float]] = {}
    if find_spec("seqeval"):
        metrics: Any = importlib.import_module("seqeval.metrics")
        scheme: Any = importlib.import_module("seqeval.scheme")
        gold = [make_tags(case.words, case.gold) for case in cases]
        found = [make_tags(case.words, case.predicted) for case in cases]
        peers["seqeval"] = lambda: metrics.f1_score(
            gold, found, mode="strict", scheme=scheme.IOB2, average="micro"
        )
    if find_spec("nervaluate"):
        evaluator: Any = importlib.import_module("nervaluate.evaluator").Evaluator
        true, guess = (
            [
                [{"label": m.type, "start": m.start, "end": m.end - 1} for m in side]
                for side in sides
            ]
            for sides in zip(*((case.gold, case.predicted) for case in cases), strict=True)
        )

        def run_nervaluate() -> float:
            judged = evaluator(true, guess, tags=list(TYPES), loader="dict").evaluate()
            return float(judged["overall"]["strict"].f1)

        peers["nervaluate"] = run_nervaluate
    return peers


def measure(runs: dict[str, Callable[[], Any]], repeat: int) -> tuple[dict[str, float], Any]:
    """Each run's best seconds of its process, and what it returned."""
    seconds, results = dict.fromkeys(runs, float("inf")), {}
    for _ in range(repeat):
        for name, run in runs.items():
            print(f"measuring {name}…", file=sys.stderr)
            started = time.process_time()
            results[name] = run()
            seconds[name] = min(seconds[name], time.process_time() - started)
    return seconds, results


def main() -> None:
    """Measure, then print a Markdown table."""
    args = parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-1:])
    cases = make_cases(args.passages, args.seed)
    pairs = [
        EntityPair(make_entities(c.words, c.gold), make_entities(c.words, c.predicted))
        for c in cases
    ]
    ours = list_ours(pairs)
    seconds, results = measure({**ours, **list_peers(cases)}, args.repeat)
    for peer in set(PEERS.values()) & set(seconds):
        if abs(results[peer] - results["strict"]) > 1e-9:
            raise SystemExit(f"{peer} has F1 {results[peer]}, uniner {results['strict']}")
    if args.json:
        print(json.dumps({"passages": args.passages, "seconds": seconds}))
        return
    most = MOST * args.passages / 25_000
    mentions = sum(len(case.gold) for case in cases)
    print(f"{args.passages:,} passages, {len(TYPES) * args.passages:,} queries, {mentions:,} gold")
    print(f"entities, strict F1 {100 * results['strict']:.1f}, one core\n")
    print("| | seconds | wanted | peer | seconds | ratio |\n|---|--:|--:|---|--:|--:|")
    for name in ours:
        peer = PEERS.get(name, "")
        row = f"| {name} | {seconds[name]:.2f} | {most:.1f} |"
        if peer in seconds:
            ratio = seconds[peer] / seconds[name]
            print(f"{row} {peer} | {seconds[peer]:.2f} | {ratio:.1f}× |")
        else:
            print(f"{row} | | |")


if __name__ == "__main__":
    main()
