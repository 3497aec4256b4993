"""The published scorer's semantics, held against a naive reference and a table of its quirks."""

import json
import re
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.evaluation.counts import Counts
from uniner.evaluation.mentions import normalize_items, normalize_mention
from uniner.evaluation.score import AnswerPair, MentionPair, score_answers, score_mentions


def simplify(mention: str) -> str:
    """The reference: one step after the other, slowly."""
    kept = [c for c in mention.lower() if c not in string.punctuation]
    words = re.split(r"\b(?:a|an|the)\b", "".join(kept))
    return " ".join(" ".join(words).split())


def list_answer(raw: str) -> list[Any]:
    """The reference: distinct items up to the first `]`, or nothing."""
    cut = re.match(r"\[[^\]\n]*\]", raw)
    distinct: list[Any] = []
    try:
        for item in json.loads(cut[0]) if cut else []:
            simple = tuple(map(simplify, item)) if isinstance(item, list) else simplify(item)
            if simple not in distinct:
                distinct.append(simple)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return []
    return distinct


def count(gold: str, predicted: str) -> Counts:
    golds, found = list_answer(gold), list_answer(predicted)
    return Counts(len(golds), len(found), sum(item in golds for item in found))


PIECES = ["the", "The", "a", "An", "rose", "Rose", "R.O.S.E", "-", "’", " ", "\t", "İ", "2", ""]
MENTION = st.lists(st.sampled_from(PIECES), max_size=5).map(" ".join) | st.text(max_size=6)
ITEM = MENTION | st.lists(MENTION, max_size=2) | st.none() | st.integers() | st.floats()
WRITTEN = st.lists(MENTION, max_size=5).map(json.dumps)
TAINTED = st.lists(ITEM, max_size=4).map(json.dumps)
BROKEN = st.tuples(WRITTEN, st.sampled_from(["", " ", "]", "\n", " and more", '["x"]'])).flatmap(
    lambda parts: st.sampled_from([parts[0] + parts[1], parts[1] + parts[0], parts[0][:-1]])
)
NOISE = st.text(alphabet='[]", \nathe1', max_size=16)
ANSWER = WRITTEN | TAINTED | BROKEN | NOISE
PAIRS = st.lists(st.builds(AnswerPair, st.sampled_from(["x", "y"]), ANSWER, ANSWER), max_size=8)


@given(st.text() | MENTION)
def test_mentions_are_normalised_as_the_reference_does(mention: str) -> None:
    assert normalize_mention(mention) == simplify(mention)


@given(PAIRS)
def test_answers_are_counted_as_the_reference_does(pairs: list[AnswerPair]) -> None:
    scores = score_answers(pairs)
    assert scores.micro == sum((count(gold, found) for _, gold, found in pairs), Counts())
    for kind, counts in scores.by_type.items():
        rows = [count(gold, found) for name, gold, found in pairs if name == kind]
        assert counts == sum(rows, Counts())


@given(PAIRS, st.randoms())
def test_the_order_of_queries_never_matters(pairs: list[AnswerPair], random: Any) -> None:
    shuffled = random.sample(pairs, len(pairs))
    assert score_answers(shuffled).by_type == score_answers(pairs).by_type


@given(st.lists(MENTION), st.lists(MENTION), st.randoms())
def test_the_order_and_number_of_mentions_never_matters(
    gold: list[str], found: list[str], random: Any
) -> None:
    again = random.sample(found + found, 2 * len(found))
    plain = score_mentions([MentionPair("x", gold, found)])
    assert score_mentions([MentionPair("x", gold, again)]) == plain


@given(st.lists(MENTION, min_size=1))
def test_a_perfect_answer_scores_one(gold: list[str]) -> None:
    assert score_mentions([MentionPair("x", gold, gold)]).micro.f1 == 1


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        pytest.param('["Ada"]', '["ada"]', (1, 1, 1), id="case is ignored"),
        pytest.param('["U.S."]', '["us"]', (1, 1, 1), id="punctuation is ignored"),
        pytest.param('["The Hague"]', '["Hague"]', (1, 1, 1), id="articles are ignored"),
        pytest.param('["Theo"]', '["o"]', (1, 1, 0), id="an article is a whole word"),
        pytest.param('["a-team"]', '["team"]', (1, 1, 0), id="punctuation goes before articles"),
        pytest.param('["x–the–y"]', '["x– –y"]', (1, 1, 1), id="other dashes part words"),
        pytest.param('["New  York"]', '["New\\tYork"]', (1, 1, 1), id="white space is one"),
        pytest.param('["İ"]', '["i̇"]', (1, 1, 1), id="lower case may grow"),
        pytest.param('["Ada", "ADA"]', '["ada."]', (1, 1, 1), id="repeats are dropped"),
        pytest.param('["The"]', '["!"]', (1, 1, 1), id="what becomes empty still matches"),
        pytest.param('[""]', "[]", (1, 0, 0), id="an empty mention counts"),
        pytest.param('["Ada"]', '["Ada"] ["Bob"]', (1, 1, 1), id="the rest is not seen"),
        pytest.param('["Ada"]', ' ["Ada"]', (1, 0, 0), id="a leading blank hides it all"),
        pytest.param('["Ada"]', '[\n"Ada"]', (1, 0, 0), id="so does a line break"),
        pytest.param('["Ada"]', '["Ada", "x]"]', (1, 0, 0), id="a bracket in a mention too"),
        pytest.param('["Ada"]', '["Ada", 1]', (1, 0, 0), id="one number spoils the answer"),
        pytest.param('["Ada"]', '[["Ada", "person"]]', (1, 0, 0), id="nested lists are cut"),
        pytest.param("[oops]", '["Ada"]', (0, 1, 0), id="a broken gold answer is empty too"),
        pytest.param("[]", "nothing", (0, 0, 0), id="no list and an empty list are one"),
    ],
)
def test_quirks_of_the_published_scorer_are_kept(
    gold: str, predicted: str, expected: tuple[int, int, int]
) -> None:
    assert count(gold, predicted) == Counts(*expected)
    assert score_answers([AnswerPair("x", gold, predicted)]).micro == Counts(*expected)


def test_an_item_that_is_a_tuple_is_compared_part_by_part() -> None:
    assert normalize_items([("The Ada", "Person."), ("ada", "person")]) == {("ada", "person")}
    assert normalize_items([("Ada",)]) != normalize_items(["Ada"])


def test_answers_that_cannot_be_read_are_counted_by_reason() -> None:
    raws = ["none", "nobody", "[oops]", "[]"]
    scores = score_answers([AnswerPair("x", "oops", raw) for raw in raws])
    assert scores.malformed == {"does not start with [": 2, "is not JSON": 1}


def test_every_asked_type_is_listed() -> None:
    scores = score_mentions([MentionPair("y", ["a b"], ["a b"])], types=["x", "y"])
    assert scores.by_type == {"x": Counts(), "y": Counts(1, 1, 1)}
