"""Errors are counted by kind and shown where they happened."""

from dataclasses import replace

import pytest

from toy_runs import toy_examples, toy_predictions
from uniner.benchmark.examples import Example
from uniner.benchmark.mistakes import AROUND, KINDS, Case, choose_cases, find_mistakes
from uniner.evaluation.errors import Kind
from uniner.records import Entity, Fault, Passage, Prediction

TEXT = "Ada met Bo in York."


def entity(word: str, kind: str, text: str = TEXT) -> Entity:
    start = text.index(word)
    return Entity(start, start + len(word), word, kind)


def example(*entities: Entity, text: str = TEXT) -> Example:
    kinds = ("person", "place")
    mentions = tuple(tuple(e.text for e in entities if e.type == kind) for kind in kinds)
    return Example(Passage("p", text), kinds, mentions, entities)


GOLD = example(entity("Ada", "person"), entity("York", "place"))


@pytest.mark.parametrize(
    ("found", "kind", "what"),
    [
        (
            [entity("Ada met", "person"), entity("York", "place")],
            "boundary",
            "“Ada” (person) was found as “Ada met” (person)",
        ),
        (
            [entity("Ada", "person"), entity("York", "person")],
            "type",
            "“York” (place) was found as “York” (person)",
        ),
        ([entity("York", "place")], "missed", "“Ada” (person) was not found"),
        (
            [entity("Ada", "person"), entity("Bo", "person"), entity("York", "place")],
            "spurious",
            "“Bo” (person) is none",
        ),
    ],
)
def test_an_error_is_named_and_shown_with_its_text(
    found: list[Entity], kind: Kind, what: str
) -> None:
    prediction = Prediction(GOLD.passage, tuple(found))
    mistakes = find_mistakes("Toy", [GOLD], [prediction], 5, 0)
    assert mistakes.counts == {k: int(k == kind) for k in KINDS}
    [case] = mistakes.cases
    assert (case.kind, case.dataset, case.what, case.text) == (kind, "Toy", what, TEXT)
    assert (case.gold, case.predicted) == (GOLD.entities, tuple(found))


def test_a_malformed_answer_is_shown_as_it_came_but_not_all_of_it() -> None:
    faults = (Fault("person", "is not JSON", "[" * 300), Fault("place", "is not a list", "{}"))
    prediction = Prediction(GOLD.passage, GOLD.entities or (), faults)
    mistakes = find_mistakes("Toy", [GOLD], [prediction], 5, 0)
    whats = sorted(case.what for case in mistakes.cases)
    assert whats[0] == f"asked for person, an answer that is not JSON: “{'[' * 200}…”"
    assert whats[1] == "asked for place, an answer that is not a list: “{}”"


def test_a_long_text_is_cut_around_the_error_and_offsets_stay_right() -> None:
    text = "x " * 300 + "Ada met Bo" + " y" * 300
    gold = example(entity("Ada", "person", text), text=text)
    [case] = find_mistakes("Toy", [gold], [Prediction(gold.passage, ())], 1, 0).cases
    assert len(case.text) == 2 * AROUND + len("Ada") + 2
    [shown] = case.gold
    assert case.text[shown.start : shown.end] == "Ada"
    assert case.text.startswith("…")
    assert case.text.endswith("…")


def test_gold_strings_without_offsets_are_marked_where_they_first_stand() -> None:
    bare = replace(GOLD, entities=None)
    mistakes = find_mistakes("Toy", [bare], [Prediction(bare.passage, ())], 5, 0)
    assert mistakes.counts["missed"] == 2
    assert {case.gold for case in mistakes.cases} == {GOLD.entities}


def test_no_text_is_kept_where_no_example_is_wanted() -> None:
    examples = toy_examples("conllpp", 30)
    mistakes = find_mistakes("Toy", examples, toy_predictions(examples, 0.3), 0, 0)
    assert mistakes.cases == ()
    assert sum(mistakes.counts.values()) > 20


def test_which_errors_are_drawn_depends_on_the_seed() -> None:
    examples = toy_examples("conllpp", 60)
    predictions = toy_predictions(examples, 0.3)
    drawn = [find_mistakes("Toy", examples, predictions, 3, seed).cases for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert all(sum(c.kind == kind for c in drawn[0]) <= 3 for kind in KINDS)


def case(kind: Kind, dataset: str) -> Case:
    return Case(kind, dataset, "", "text", (), ())


def test_examples_are_spread_over_data_sets() -> None:
    groups = [[case("missed", name)] * 5 for name in ("a", "b", "c")]
    chosen = choose_cases(groups, 3, 0)
    assert sorted(case.dataset for case in chosen) == ["a", "b", "c"]


def test_each_of_few_data_sets_with_errors_shows_one() -> None:
    groups = [[case("missed", name)] * 5 for name in "abcdefg"]
    assert {case.dataset for case in choose_cases([*groups, []], 2, 0)} == set("abcdefg")
    many = [[case("missed", f"{number}")] for number in range(40)]
    assert len(choose_cases(many, 2, 0)) == 2
    assert choose_cases(groups, 0, 0) == []
