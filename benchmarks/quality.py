"""What each optional quality step changes: counts, how right the annotations are, a student's F1.

    python benchmarks/quality.py --passages 800 --epochs 4 --out runs/quality
    python benchmarks/quality.py --only once,verify

A teacher of known faults stands in for a live one: it knows the sample's recorded replies and
leaves out, mistypes, cuts wrong and invents entities at fixed rates. A half of the faults is its
own in every answer about a passage, the other half differs from answer to answer; another teacher
has other faults of its own. So a step can be judged by how near it comes to the recorded replies.
Students are trained on the annotations and asked the test questions of the recorded ones.
"""

import argparse
import asyncio
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from uniner.construction.narrator import Silent
from uniner.corpus import sample
from uniner.corpus.naming import propose_renamings, rename
from uniner.corpus.split import split_of
from uniner.evaluation.score import EntityPair, score_entities
from uniner.records import Annotated, Passage
from uniner.students.load import load_extractor
from uniner.teacher.annotate import Method, annotate
from uniner.teacher.candidates import find_capitalised, learn_gazetteer
from uniner.teacher.clean import Drops
from uniner.teacher.recorded import recorded
from uniner.teacher.teacher import Answer, Prompt, Reply, Teacher
from uniner.training.distill import train_student
from uniner.training.judge import judge
from uniner.training.recipe import load_recipe
from uniner.training.splits import make_questions

LEFT_OUT, MISTYPED, MISCUT, INVENTED = 0.25, 0.1, 0.05, 0.15
"""Shares of the entities of a passage that the teacher gets wrong in each way."""
OWN = 0.5
"""The share of faults that a teacher makes in every answer about a passage."""
STANDS_BY_RIGHT, STANDS_BY_WRONG = 0.95, 0.3
"""How often it says of its right and of its wrong entities that they are right."""
SECOND_LOOK, SECOND_INVENTED = 0.7, 0.1
"""How often it takes a phrase that is an entity, and one that is none, where asked again."""


class Truth(NamedTuple):
    """The recorded entities of a passage: mention and ladder of types."""

    items: dict[str, tuple[str, ...]]
    words: list[str]


@dataclass
class Faulty:
    """A teacher that knows the truth and gets some of it wrong, always in the same way."""

    truths: dict[str, Truth]
    types: list[str]
    name: str = "first"

    def key_of(self, prompt: Prompt) -> str:
        """Nothing is journalled here."""
        return repr((self.name, prompt))

    async def answer(self, prompt: Prompt) -> Answer:
        """A reply with faults."""
        truth = self.truths[prompt.id]
        rng = random.Random(f"{self.name} {prompt.id} {prompt.kind} {prompt.sample}")
        listed = prompt.user.rpartition("\n\n")[2]  # the phrases or pairs, after the passage
        lines = re.findall(r"^\d+\. (.*)$", listed, re.MULTILINE)
        match prompt.kind:
            case "entities":
                said: object = self.tell(prompt.id, truth, rng)
            case "candidates":
                said = [
                    (phrase, list(truth.items.get(phrase) or [rng.choice(self.types)]))
                    for phrase in map(json.loads, lines)
                    if rng.random() < (SECOND_LOOK if phrase in truth.items else SECOND_INVENTED)
                ]
            case "verification":
                said = [
                    number
                    for number, (mention, name) in enumerate(map(read_pair, lines), start=1)
                    if rng.random()
                    < (STANDS_BY_RIGHT if name in truth.items.get(mention, ()) else STANDS_BY_WRONG)
                ]
        return Reply(prompt.id, json.dumps(said), self.name)

    def tell(self, id: str, truth: Truth, rng: random.Random) -> list[tuple[str, list[str]]]:
        """The entities of a passage, with faults."""
        own = random.Random(f"{self.name} {id}")

        def errs(rate: float) -> bool:
            always, now = own.random() < OWN * rate, rng.random() < (1 - OWN) * rate
            return always or now

        said: list[tuple[str, list[str]]] = []
        for mention, ladder in truth.items.items():
            missed, mistyped, miscut = errs(LEFT_OUT), errs(MISTYPED), errs(MISCUT)
            invented, stranger = errs(INVENTED), own.choice(self.types)
            if invented and truth.words:
                said.append((own.choice(truth.words), [own.choice(self.types)]))
            if missed:
                continue
            cut = mention.rsplit(" ", 1)[0] if miscut else mention
            said.append((cut, [stranger] if mistyped else list(ladder)))
        return said


def read_pair(line: str) -> tuple[str, str]:
    """A numbered pair of a verification prompt."""
    mention, name = json.loads(f"[{line[1:-1]}]")
    return mention, name


@cache
def load_truth() -> dict[str, Annotated]:
    """The sample as its recorded teacher annotates it."""
    return {
        record.passage.id: record
        for record in annotate_all(sample.read_passages(), [recorded(sample.read_replies())])[0]
    }


def annotate_all(
    passages: Iterable[Passage], teachers: Sequence[Teacher], method: Method | None = None
) -> tuple[list[Annotated], Drops]:
    """Annotated passages, and what was dropped in all."""
    drops: Drops = Drops()

    async def work() -> list[Annotated]:
        found = []
        for passage in passages:
            annotation = await annotate(passage, teachers, method or Method())
            drops.update(annotation.drops)
            if annotation.annotated is not None:
                found.append(annotation.annotated)
        return found

    return asyncio.run(work()), drops


def know(record: Annotated) -> Truth:
    """What a faulty teacher knows of a passage."""
    items: dict[str, dict[str, None]] = {}
    for entity in record.entities:
        items.setdefault(entity.text, {})[entity.type] = None
    words = [w for w in re.findall(r"[A-Za-z]{4,}", record.passage.text) if w not in items]
    return Truth({mention: tuple(names) for mention, names in items.items()}, words)


@dataclass(frozen=True)
class Step:
    """A way to annotate."""

    method: Method = field(default_factory=Method)
    teachers: int = 1
    faulty: bool = True
    after: Callable[[list[Annotated]], list[Annotated]] = list


def normalize(records: list[Annotated]) -> list[Annotated]:
    """The records through the table of type names that is proposed for them."""
    counts = Counter(entity.type for record in records for entity in record.entities)
    definitions = sample.load_taxonomy().definitions.values()
    table = {row.type: row.name for row in propose_renamings(counts, definitions)}
    return [rename(record, table) for record in records]


def list_steps() -> dict[str, Step]:
    """Every way that is compared."""
    others = [r for id, r in load_truth().items() if split_of(id) == "train"][3000:]
    return {
        "recorded": Step(faulty=False),
        "recorded: names normalised": Step(faulty=False, after=normalize),
        "once": Step(),
        "5 samples: weights": Step(Method(samples=5)),
        "5 samples: agreement 0.5": Step(Method(samples=5, agreement=0.5)),
        "3 teachers: weights": Step(teachers=3),
        "3 teachers: agreement 0.5": Step(Method(agreement=0.5), teachers=3),
        "verify": Step(Method(verify=True)),
        "candidates: capitals": Step(Method(candidates=find_capitalised)),
        "candidates: gazetteer": Step(Method(candidates=learn_gazetteer(others))),
        "candidates: gazetteer + verify": Step(
            Method(candidates=learn_gazetteer(others), verify=True)
        ),
    }


def measure(name: str, step: Step, args: argparse.Namespace) -> dict[str, Any]:
    """One line of the table."""
    truth = load_truth()
    rng = random.Random(args.seed)
    train = sorted(id for id in truth if split_of(id) == "train")[:3000]
    dev = [id for id in sorted(truth) if split_of(id) == "dev"]
    chosen = [*sorted(rng.sample(train, args.passages)), *dev]
    types = [entity.type for id in train for entity in truth[id].entities]
    truths = {id: know(truth[id]) for id in chosen}
    faulty = [Faulty(truths, types, f"teacher {n}") for n in range(step.teachers)]
    teachers = faulty if step.faulty else [recorded(sample.read_replies())]
    records, drops = annotate_all((truth[id].passage for id in chosen), teachers, step.method)
    records = step.after(records)
    pairs = [
        EntityPair(truth[r.passage.id].entities, r.entities)
        for r in records
        if split_of(r.passage.id) == "train"
    ]
    counts = score_entities("strict", pairs).micro
    row: dict[str, Any] = {
        "step": name,
        "entities": counts.predicted,
        "types": len({e.type for r in records for e in r.entities}),
        "precision": round(100 * counts.precision, 1),
        "recall": round(100 * counts.recall, 1),
        "drops": {str(reason): n for reason, n in drops.most_common()},
    }
    if args.epochs:
        row["student"] = train_and_judge(name, records, args)
    return row


def train_and_judge(name: str, records: list[Annotated], args: argparse.Namespace) -> float:
    """A student's strict F1 on the recorded test questions, in percent."""
    recipe = load_recipe("mini", [f"student.epochs={args.epochs}", f"student.seed={args.seed}"])
    out = args.out / re.sub(r"\W+", "-", f"{name} {args.passages} {args.seed}")
    out.mkdir(parents=True, exist_ok=True)
    train = [r for r in records if split_of(r.passage.id) == "train"]
    dev = [r for r in records if split_of(r.passage.id) == "dev"]
    train_student(replace(recipe, name="quality"), out, (train, dev), Silent())
    test = [r for id, r in load_truth().items() if split_of(id) == "test"]
    questions = make_questions(recipe, test)
    verdict = judge(name, load_extractor(str(out / "model")), questions, lambda _: None)
    return round(100 * verdict.micro("strict").f1, 1)


def main() -> None:
    """Measure every step, and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--passages", type=int, default=800, help="to annotate and train on")
    parser.add_argument("--epochs", type=int, default=4, help="of the student; 0 trains none")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="names of steps, between commas")
    parser.add_argument("--out", type=Path, default=Path("runs/quality"))
    args = parser.parse_args()
    print(
        "| step | entities | types | precision | recall | student F1 |\n|---|--:|--:|--:|--:|--:|"
    )
    for name, step in list_steps().items():
        if args.only and name not in args.only.split(","):
            continue
        row = measure(name, step, args)
        figures = [f"{row[key]:,}" for key in ("entities", "types", "precision", "recall")]
        print(f"| {name} | {' | '.join(figures)} | {row.get('student', '')} |", flush=True)
        print(json.dumps(row), file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
