"""How near the evaluated types are to those of training."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from uniner.benchmark.familiarity import measure_familiarity, weigh
from uniner.benchmark.vocabulary import (
    Vocabulary,
    learn_bundled,
    load_embedding,
    read_vocabulary,
)
from uniner.records import Annotated, Entity, InputError, Passage
from uniner.records.store import write_records

ANGLES = {"person": 0, "human": 60, "robot": 90, "gene": 180, "protein": 180}


def embed(names: Sequence[str]) -> NDArray[np.float32]:
    angles = np.radians([ANGLES[name] for name in names])
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


TRAINED = Vocabulary({"human": 3, "gene": 1}, frozenset({"protein"}), "toy")


def test_a_name_is_seen_whatever_its_case_and_blanks() -> None:
    by_dataset, _ = measure_familiarity({"toy": {" Human ": 6, "robot": 2}}, TRAINED, embed)
    toy = by_dataset["toy"]
    assert [(kind.type, kind.seen) for kind in toy.types] == [("human", True), ("robot", False)]
    assert (toy.seen_types, toy.seen_mentions) == (0.5, 0.75)


def test_the_nearest_training_types_are_named_with_their_similarity() -> None:
    by_dataset, _ = measure_familiarity({"toy": {"person": 1}}, TRAINED, embed)
    [person] = by_dataset["toy"].types
    assert [name for name, _ in person.nearest] == ["human", "gene", "protein"]
    assert person.similarity == pytest.approx(0.5)
    assert person.nearest[1].similarity == pytest.approx(-1)
    assert person.typical == pytest.approx((0.5 - 1 - 1) / 3)


def test_familiarity_weighs_the_nearest_mentions_most_and_takes_no_negative_similarity() -> None:
    by_dataset, _ = measure_familiarity({"toy": {"person": 1}}, TRAINED, embed)
    ranks = [1, 1 / 2, 1 / 3, 1 / 4]
    assert by_dataset["toy"].value == pytest.approx(0.5 * sum(ranks[:3]) / sum(ranks))


def test_a_type_of_two_data_sets_counts_once_over_all() -> None:
    by_dataset, overall = measure_familiarity(
        {"one": {"human": 6}, "two": {"HUMAN": 2, "robot": 8}}, TRAINED, embed
    )
    assert [(kind.type, kind.gold) for kind in overall.types] == [("human", 8), ("robot", 8)]
    assert overall.seen_mentions == 0.5
    assert [kind.gold for kind in by_dataset["two"].types] == [2, 8]


def test_only_the_nearest_mentions_up_to_the_limit_count() -> None:
    similarities = np.array([1, 0.5, 0], dtype=np.float32)
    mentions = np.array([2, 5, 100])
    assert weigh(similarities, mentions, 2) == 1.0
    assert weigh(similarities, mentions, 3) == pytest.approx((1 + 1 / 2 + 0.5 / 3) * 6 / 11)


@given(
    st.lists(st.tuples(st.floats(-1, 1, width=32), st.integers(0, 50)), min_size=1, max_size=8),
    st.integers(1, 60),
)
def test_familiarity_lies_between_zero_and_the_greatest_similarity(
    pairs: list[tuple[float, int]], most: int
) -> None:
    pairs.sort(reverse=True)
    similarities = np.array([value for value, _ in pairs], dtype=np.float32)
    value = weigh(similarities, np.array([count for _, count in pairs]), most)
    assert 0 <= value <= max(0.0, pairs[0][0]) + 1e-6


def test_types_are_counted_in_annotated_passages(tmp_path: Path) -> None:
    text = "Ada met Bo"
    kinds = (Entity(0, 3, "Ada", "Person"), Entity(8, 10, "Bo", "person "))
    write_records(tmp_path / "train.jsonl", [Annotated(Passage("p", text), kinds)])
    assert read_vocabulary(tmp_path / "train.jsonl").counts == {"person": 2}


def test_types_are_counted_in_conversations_and_those_without_an_answer_are_kept(
    tmp_path: Path,
) -> None:
    turns = ["Text: Ada met Bo", "I've read this text."]
    for kind, answer in (("person", ["Ada", "Bo"]), ("place", [])):
        turns += [f"What describes {kind} in the text?", json.dumps(answer)]
    turns += ["What else?", "[]"]
    rows = [{"from": ("human", "gpt")[i % 2], "value": turn} for i, turn in enumerate(turns)]
    path = tmp_path / "train.json"
    path.write_text(json.dumps([{"id": "c", "conversations": rows}]), encoding="utf-8")
    vocabulary = read_vocabulary(path)
    assert (vocabulary.counts, vocabulary.others) == ({"person": 2}, frozenset({"place"}))


def test_training_data_without_types_is_refused(tmp_path: Path) -> None:
    write_records(tmp_path / "train.jsonl", [Annotated(Passage("p", "Ada"), ())])
    with pytest.raises(InputError, match=r"train\.jsonl: no entity types"):
        read_vocabulary(tmp_path / "train.jsonl")


def test_the_bundled_student_was_trained_on_the_samples_types_and_asked_by_aliases() -> None:
    vocabulary = learn_bundled()
    assert vocabulary.counts["person"] > 1_000
    assert not vocabulary.others & vocabulary.counts.keys()
    assert f"{len(vocabulary.others):,} aliases" in vocabulary.about


def test_synonyms_are_closer_in_the_bundled_embedding_than_unlike_types() -> None:
    names = ["drug", "medication", "politician", "programming language", "x" * 400]
    vectors = load_embedding()(names)
    similarities = vectors @ vectors.T
    assert np.diagonal(similarities) == pytest.approx(1, abs=1e-5)
    assert similarities[0, 1] > 0.9
    assert similarities[0, 2:4].max() < 0.7
