"""seqeval and nervaluate give the same figures wherever they are right."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nervaluate.evaluator import Evaluator
from seqeval.metrics.v1 import precision_recall_fscore_support
from seqeval.scheme import IOB2

from uniner.evaluation.score import EntityPair, score_entities
from uniner.evaluation.views import View, ViewCounts, score_views
from uniner.records import Entity

TEXT = "abcdefghijklmnopqrst"
KINDS = "xyz"
NAMES: dict[View, str] = {
    "strict": "strict", "exact": "exact", "partial": "partial", "type": "ent_type",
}  # fmt: skip


@st.composite
def draw_flat(draw: st.DrawFn, size: int = len(TEXT)) -> list[Entity]:
    """Entities in reading order, none within another; a character is a token."""
    entities, at = [], 0
    while at < size:
        at += draw(st.integers(0, 3))
        end = at + draw(st.integers(1, 3))
        if end <= size:
            entities.append(Entity(at, end, TEXT[at:end], draw(st.sampled_from(KINDS))))
        at = end
    return entities


FLAT = st.lists(st.builds(EntityPair, draw_flat(), draw_flat()), min_size=1, max_size=4)


def make_tags(entities: list[Entity]) -> list[str]:
    tags = ["O"] * len(TEXT)
    for e in entities:
        tags[e.start : e.end] = [f"B-{e.type}", *[f"I-{e.type}"] * (e.end - e.start - 1)]
    return tags


@pytest.mark.filterwarnings("ignore")  # seqeval warns of figures that have no denominator
@settings(max_examples=60, deadline=None)
@given(FLAT)
def test_strict_is_what_seqeval_says(pairs: list[EntityPair]) -> None:
    gold, found = ([make_tags(list(pair[side])) for pair in pairs] for side in (0, 1))
    options = {"scheme": IOB2, "zero_division": 0}
    scores = score_entities("strict", pairs)
    expected = precision_recall_fscore_support(gold, found, average="micro", **options)
    counts = scores.micro
    assert (counts.precision, counts.recall, counts.f1) == pytest.approx(expected[:3])
    columns = precision_recall_fscore_support(gold, found, average=None, **options)
    typed = [scores.by_type[kind] for kind in sorted(scores.by_type)]
    for name, column in zip(("precision", "recall", "f1", "gold"), columns, strict=True):
        assert [getattr(counts, name) for counts in typed] == pytest.approx(list(column))


def ask_nervaluate(pairs: list[EntityPair]) -> dict[View, ViewCounts]:
    """Its counts; its offsets are inclusive."""
    gold, found = (
        [[{"label": e.type, "start": e.start, "end": e.end - 1} for e in p[side]] for p in pairs]
        for side in (0, 1)
    )
    overall = Evaluator(gold, found, tags=list(KINDS), loader="dict").evaluate()["overall"]
    return {
        view: ViewCounts(r.correct, r.incorrect, r.partial, r.missed, r.spurious)
        for view, r in ((view, overall[name]) for view, name in NAMES.items())
    }


def ask_uniner(pairs: list[EntityPair]) -> dict[View, ViewCounts]:
    return {view: scores.micro for view, scores in score_views(pairs).items()}


def overlap(a: Entity, b: Entity) -> bool:
    return a.start < b.end and b.start < a.end


def thin(pair: EntityPair) -> EntityPair:
    """Without the predictions that make an overlap other than one to one."""
    kept: list[Entity] = []
    for found in pair.predicted:
        near = [gold for gold in pair.gold if overlap(gold, found)]
        if len(near) < 2 and not any(overlap(gold, k) for gold in near for k in kept):
            kept.append(found)
    return EntityPair(pair.gold, kept)


@settings(max_examples=60, deadline=None)
@given(FLAT, st.randoms())
def test_views_are_what_nervaluate_says_where_overlaps_are_one_to_one(
    pairs: list[EntityPair], order: random.Random
) -> None:
    thinned = [thin(pair) for pair in pairs]
    shuffled = [
        EntityPair(p.gold, order.sample(list(p.predicted), len(p.predicted))) for p in thinned
    ]
    assert ask_uniner(shuffled) == ask_nervaluate(shuffled)


def test_nervaluate_takes_the_first_overlap_and_loses_a_match_that_stands_after_it() -> None:
    gold = [Entity(0, 5, TEXT[0:5], "x")]
    found = [Entity(0, 3, TEXT[0:3], "x"), Entity(0, 5, TEXT[0:5], "x")]
    early, late = [EntityPair(gold, found)], [EntityPair(gold, found[::-1])]
    right = ViewCounts(correct=1, spurious=1)
    assert ask_uniner(early)["strict"] == ask_uniner(late)["strict"] == right
    assert ask_nervaluate(late)["strict"] == right
    assert ask_nervaluate(early)["strict"] == ViewCounts(incorrect=1, spurious=1)


def test_nervaluate_counts_a_repeat_as_spurious() -> None:
    entity = Entity(0, 5, TEXT[0:5], "x")
    pairs = [EntityPair([entity], [entity, entity])]
    assert ask_uniner(pairs)["strict"] == ViewCounts(correct=1)
    assert ask_nervaluate(pairs)["strict"] == ViewCounts(correct=1, spurious=1)


def test_nervaluate_pairs_greedily_where_both_could_be_paired() -> None:
    gold = [Entity(0, 6, TEXT[0:6], "x"), Entity(6, 9, TEXT[6:9], "x")]
    found = [Entity(4, 8, TEXT[4:8], "x"), Entity(0, 2, TEXT[0:2], "x")]
    pairs = [EntityPair(gold, found)]
    assert ask_uniner(pairs)["partial"] == ViewCounts(partial=2)
    assert ask_nervaluate(pairs)["partial"] == ViewCounts(partial=1, missing=1, spurious=1)
