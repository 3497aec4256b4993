"""Data sets keep to themselves, and the sentences of a passage together."""

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs the extra train")

from toy_model import export_network, jitter, make_encoder, make_network, make_records, save_base
from uniner.chat.dialogue import read_dialogues
from uniner.chat.queries import list_queries
from uniner.construction.narrator import Silent
from uniner.corpus.split import split_of
from uniner.corpus.taxonomy import Taxonomy
from uniner.records import Annotated, ConfigError, Entity, Passage
from uniner.records.store import read_annotated, write_records
from uniner.training.config import SpanConfig
from uniner.training.data import (
    describe_annotations,
    hash_inputs,
    make_annotations,
    read_data,
    read_data_sets,
)
from uniner.training.distill import distill, open_student
from uniner.training.examples import make_examples
from uniner.training.recipe import CorpusConfig, Recipe
from uniner.training.restore import read_network
from uniner.training.span import Source, Trainer
from uniner.training.splits import group, make_questions, split_data, take_turns

SILENT = Silent()


def make_boats() -> list[Annotated]:
    """Another data set, in which a city is a ship."""
    records = []
    for number in range(30):
        text = f"The Oslo left {number}."
        records.append(Annotated(Passage(f"boat {number}", text), (Entity(4, 8, "Oslo", "ship"),)))
    return records


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    write_records(tmp_path / "trips.jsonl", make_records())
    write_records(tmp_path / "boats.jsonl", make_boats())
    save_base(tmp_path / "base")
    files = (str(tmp_path / "trips.jsonl"), str(tmp_path / "boats.jsonl"))
    student = SpanConfig(base=str(tmp_path / "base"), epochs=1, hidden=8, max_width=4, batch=4)
    return Recipe("both", corpus=CorpusConfig(annotated=files), student=student)


def test_a_data_set_is_asked_for_its_own_types_alone(recipe: Recipe, tmp_path: Path) -> None:
    result = distill(recipe, tmp_path / "run", SILENT)
    own = {"trips": {"person", "city", "location"}, "boats": {"ship"}}
    asked = {question.passage.source: {*question.types} for question in result.test}
    assert asked == own
    for _, dialogue in read_dialogues(tmp_path / "run" / "conversations.json"):
        name = "boats" if dialogue.id.startswith("boat") else "trips"
        assert {query.type for query in list_queries(dialogue)} <= own[name]
        assert dialogue.dataset == ""
    assert (tmp_path / "run" / "model" / "spans.onnx").is_file()
    sources = {r.passage.source for r in read_annotated(tmp_path / "run" / "annotated.jsonl")}
    assert sources == {"trips", "boats"}


def test_a_student_may_be_told_which_data_set_is_meant(recipe: Recipe, tmp_path: Path) -> None:
    corpus = replace(recipe.corpus, told=True)
    told = replace(recipe, family="generative", corpus=corpus)
    make_annotations(told, tmp_path, SILENT)
    describe_annotations(told, tmp_path, SILENT)
    named = {d.id: d.dataset for _, d in read_dialogues(tmp_path / "conversations.json")}
    assert {*named.values()} == {"trips", "boats"}
    assert all((name == "boats") == id.startswith("boat") for id, name in named.items())


def test_held_out_questions_are_of_each_data_set_in_turn(recipe: Recipe) -> None:
    records = [replace(r, passage=replace(r.passage, source="trips")) for r in make_records()]
    records += [replace(r, passage=replace(r.passage, source="boats")) for r in make_boats()]
    questions = make_questions(recipe, records)
    assert [q.passage.source for q in questions[:4]] == ["trips", "boats", "trips", "boats"]
    assert {q.passage for q in questions} == {record.passage for record in records}
    assert {q.dataset for q in questions} == {""}
    told = replace(recipe, family="generative", corpus=replace(recipe.corpus, told=True))
    assert all(q.dataset == q.passage.source for q in make_questions(told, records))
    assert take_turns([[1, 2, 3], [], [4]]) == [1, 4, 2, 3]


def test_a_limit_is_of_each_data_set(recipe: Recipe) -> None:
    limited = replace(recipe, corpus=replace(recipe.corpus, limit=5))
    records = [replace(r, passage=replace(r.passage, source="trips")) for r in make_records()]
    records += [replace(r, passage=replace(r.passage, source="boats")) for r in make_boats()]
    train = split_data(limited, records).train
    assert {name: len(part) for name, part in group(limited, train).items()} == {
        "trips": 5,
        "boats": 5,
    }


def test_the_sample_is_a_data_set_like_any_other(recipe: Recipe) -> None:
    names = ["sample", recipe.corpus.annotated[1]]
    found = Counter(record.passage.source for record in read_data_sets(names))
    assert found == {"sample": 6685, "boats": 30}
    corpus = replace(recipe.corpus, annotated=tuple(names))
    assert [*hash_inputs(replace(recipe, corpus=corpus))] == ["annotated boats"]


def test_an_id_in_two_files_is_refused(recipe: Recipe, tmp_path: Path) -> None:
    write_records(tmp_path / "boats.jsonl", make_records()[:1])
    with pytest.raises(ConfigError, match=r"boats\.jsonl: passage id '0 left for' occurs twice"):
        distill(recipe, tmp_path / "run", SILENT)
    assert not (tmp_path / "run" / "annotated.jsonl").exists()


def test_sentences_go_where_their_passage_goes(tmp_path: Path) -> None:
    records = [
        Annotated(Passage(str(n), "Bo ate. Cy slept."), (Entity(8, 10, "Cy", "person"),))
        for n in range(40)
    ]
    write_records(tmp_path / "annotated.jsonl", records)
    recipe = Recipe("cut", corpus=CorpusConfig(unit="sentence"))
    parts = list(read_data(recipe, tmp_path))
    assert [part.passage.text for part in parts[:2]] == ["Bo ate.", "Cy slept."]
    assert parts[1].entities == (Entity(0, 2, "Cy", "person"),)
    splits = split_data(recipe, parts)
    for name, split in zip(("train", "dev", "test"), splits, strict=True):
        found = [record.passage.id.partition("#")[0] for record in split]
        expected = [str(n) for n in range(40) if split_of(str(n)) == name]
        assert [*dict.fromkeys(found)] == expected
        assert len(found) == 2 * len(expected)


def test_passages_of_several_sentences_are_learnt_whole_and_in_parts() -> None:
    texts = ["Bo ate. Cy slept.", "Di sang."]
    records = [
        Annotated(Passage(f"{n}", texts[n % 2]), (Entity(0, 2, texts[n % 2][:2], "person"),))
        for n in range(40)
    ]
    splits = split_data(Recipe("both", corpus=CorpusConfig(unit="both", limit=6)), records)
    whole = [r for r in records if split_of(r.passage.id) == "train"][:6]
    several = [r.passage.id for r in whole if r.passage.text == texts[0]]
    assert splits.train[:6] == whole
    assert [r.passage.id for r in splits.train[6:]] == [f"{n}#{i}" for n in several for i in (0, 1)]
    assert splits.test == [r for r in records if split_of(r.passage.id) == "test"]


def test_zero_epochs_leave_a_student_as_it_was(recipe: Recipe, tmp_path: Path) -> None:
    network = jitter(make_network(lively=True))
    export_network(network, make_encoder(), tmp_path / "toy", quantize=False)
    training = tmp_path / "toy" / "training.json"
    base = str(tmp_path / "base")
    training.write_text(f'{{"recipe": {{"student": {{"base": "{base}", "layers": 0}}}}}}')
    student = SpanConfig(start=str(tmp_path / "toy"), epochs=0)
    started = open_student(student)
    assert (started.config.base, started.config.max_width, started.config.hidden) == (base, 4, 8)
    for name, value in started.network.named_parameters():
        assert value.equal(dict(network.named_parameters())[name]) or "pooler" in name
    result = distill(replace(recipe, student=student), tmp_path / "run", SILENT)
    after = dict(read_network(result.model, drop=0.0).named_parameters())
    for name, value in network.named_parameters():
        if "pooler" not in name:  # int8 keeps seven bits of each weight
            assert (after[name] - value).abs().max() <= value.detach().abs().max() / 127


def test_further_types_are_drawn_from_ones_own_data_set(recipe: Recipe) -> None:
    config = SpanConfig(max_width=4, batch=4, negatives="uniform", negative_count=9)
    sources = [
        Source(make_examples(r, make_encoder(), 4)[0]) for r in (make_records(), make_boats())
    ]
    trainer = Trainer(make_network(), make_encoder(), config, Taxonomy({}, {}), sources)
    for lesson in trainer._plan(random.Random(0)):
        present = {n for e in lesson.examples for ladder in e.gold.values() for n in ladder}
        assert present <= {*lesson.sampler.names}
        assert {*lesson.sampler.names} in ({"ship"}, {"person", "city", "location"})
