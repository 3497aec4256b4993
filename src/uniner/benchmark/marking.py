"""One split of one system, marked anew from its examples and predictions."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from uniner.benchmark.examples import Example, example_to_json
from uniner.benchmark.gather import SplitFiles
from uniner.benchmark.mistakes import Mistakes, find_mistakes
from uniner.benchmark.run import pair_mentions
from uniner.evaluation.counts import Counts, Scores, add_scores
from uniner.evaluation.faults import count_faults
from uniner.evaluation.intervals import Table, tabulate
from uniner.evaluation.score import POLICIES, EntityPair, Policy, score_entities, score_mentions
from uniner.evaluation.views import View, ViewScores, score_views
from uniner.records import Prediction


@dataclass(frozen=True, slots=True)
class Marked:
    """What a system did on a split; `digest` is the same for the same examples.

    `tables` holds, of each policy that fits, the counts of each passage. Policies that compare
    positions, and the four views, fit where every example has offsets.
    """

    files: SplitFiles
    digest: str
    passages: int
    queries: int
    tables: Mapping[Policy, Table]
    scores: Mapping[Policy, Scores]
    views: Mapping[View, ViewScores]
    mistakes: Mistakes
    faults: Mapping[str, int]

    @property
    def gold(self) -> dict[str, int]:
        """The gold mentions of each type that was asked."""
        return {name: counts.gold for name, counts in self.scores["uniner2023"].by_type.items()}

    def micro(self, policy: Policy) -> Counts | None:
        """All types together, or None where the policy does not fit."""
        return self.scores[policy].micro if policy in self.scores else None


def mark_split(files: SplitFiles, cases: int = 0, seed: int = 0) -> Marked:
    """Read and score one split; of its texts only those of `cases` errors of each kind are kept."""
    examples, predictions = files.read()
    pairs = [
        EntityPair(example.entities, prediction.entities)
        for example, prediction in zip(examples, predictions, strict=True)
        if example.entities is not None
    ]
    grounded = len(pairs) == len(examples)
    types = list(dict.fromkeys(name for example in examples for name in example.types))
    tables: dict[Policy, Table] = {}
    scores: dict[Policy, Scores] = {}
    for policy in POLICIES if grounded else POLICIES[:1]:
        each = [mark_passage(policy, e, p) for e, p in zip(examples, predictions, strict=True)]
        tables[policy], scores[policy] = tabulate(each), add_scores(each, types)
    return Marked(
        files,
        digest(examples),
        len(examples),
        sum(len(example.types) for example in examples),
        tables,
        scores,
        score_views(pairs, types) if grounded else {},
        find_mistakes(files.title, examples, predictions, cases, seed),
        count_faults(predictions),
    )


def mark_passage(policy: Policy, example: Example, prediction: Prediction) -> Scores:
    """The scores of one passage."""
    if policy == "uniner2023" or example.entities is None:
        return score_mentions(pair_mentions([example], [prediction]))
    return score_entities(policy, [EntityPair(example.entities, prediction.entities)])


def digest(examples: Sequence[Example]) -> str:
    """A hash of everything that examples are."""
    content = hashlib.sha256()
    for example in examples:
        content.update(json.dumps(example_to_json(example)).encode())
    return content.hexdigest()
