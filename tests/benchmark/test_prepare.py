"""Documents become examples as the paper asks them: named, split into sentences, capped."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toy_bench import make_row
from uniner.benchmark.catalog import Dataset
from uniner.benchmark.document import Document, Reading
from uniner.benchmark.examples import (
    Example,
    example_from_json,
    example_to_json,
    read_run_examples,
)
from uniner.benchmark.prepare import Preparation, prepare, split_document
from uniner.records import ConfigError, Entity, InputError, RecordError, Span

TOY = make_row(
    labels={"PER": "person", "TEAM": "group", "ORG": "group"},
    drop={"MISC": "paper: no consistent meaning"},
)


def mention(text: str, name: str, label: str) -> Entity:
    start = text.index(name)
    return Entity(start, start + len(name), name, label)


def document(text: str, *named: tuple[str, str]) -> Document:
    return Document("d", text, tuple(mention(text, name, label) for name, label in named))


def made(*documents: Document, dataset: Dataset = TOY, **options: Any) -> list[Example]:
    return prepare(documents, dataset, Preparation(**options), Reading())


def test_labels_become_names_several_may_share_one_and_dropped_ones_are_gone() -> None:
    text = "Ada of Reds met the Union in May."
    read = document(text, ("Ada", "PER"), ("Reds", "TEAM"), ("Union", "ORG"), ("May", "MISC"))
    [example] = made(read)
    assert example.types == ("person", "group")
    assert example.mentions == (("Ada",), ("Reds", "Union"))
    assert [e.type for e in example.entities or ()] == ["person", "group", "group"]


@pytest.mark.parametrize(
    ("options", "types"),
    [
        ({"labels": "original"}, ("PER", "TEAM", "ORG")),
        ({"dropped": True}, ("person", "group", "MISC")),
        ({"labels": "original", "dropped": True}, ("PER", "TEAM", "ORG", "MISC")),
    ],
)
def test_deviations_from_the_paper_are_options(
    options: dict[str, Any], types: tuple[str, ...]
) -> None:
    [example] = made(document("Ada met May.", ("Ada", "PER"), ("May", "MISC")), **options)
    assert example.types == types
    assert len(example.entities or ()) == 1 + ("dropped" in options)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (Preparation(), "as in the paper"),
        (Preparation(labels="original", whole=True), "original labels, whole documents"),
        (
            Preparation(dropped=True, max_queries=10, seed=3),
            "dropped labels asked too, at most 10 queries a data set, seed 3",
        ),
        (Preparation(max_queries=None), "every query a data set"),
    ],
)
def test_a_preparation_says_how_it_differs_from_the_paper(how: Preparation, said: str) -> None:
    assert str(how) == said


def test_an_unknown_label_is_refused_or_counted() -> None:
    read = document("Ada met Bo.", ("Ada", "PER"), ("Bo", "DOG"))
    with pytest.raises(InputError, match=r"toy: d: label 'DOG' is not in the catalog.*--lenient"):
        made(read)
    reading = Reading(lenient=True)
    assert prepare([read], TOY, Preparation(), reading) == []
    assert reading.notes == {"malformed, skipped": 1}


def test_strings_without_offsets_are_renamed_and_every_type_is_asked() -> None:
    read = Document("d", "Ada met May.", None, {"PER": ("Ada",), "MISC": ("May",)})
    [example] = made(read)
    assert (example.types, example.mentions) == (("person", "group"), (("Ada",), ()))
    assert example.entities is None
    free = replace(TOY, labels={}, drop={})
    [example] = made(read, dataset=free)
    assert (example.types, example.mentions) == (("PER", "MISC"), (("Ada",), ("May",)))


def test_articles_are_split_into_sentences_with_offsets_kept() -> None:
    text = "  Ada left. Dr. Bo came.\nNo end"
    read = document(text, ("Ada", "PER"), ("Dr. Bo", "PER"), ("end", "ORG"))
    articles = replace(TOY, documents=True)
    examples = made(read, dataset=articles)
    assert [e.passage.text for e in examples] == ["Ada left.", "Dr. Bo came.", "No end"]
    assert [e.passage.id for e in examples] == ["d#0", "d#1", "d#2"]
    assert [[m.text for m in e.entities or ()] for e in examples] == [["Ada"], ["Dr. Bo"], ["end"]]
    assert len(made(read, dataset=articles, whole=True)) == 1
    assert len(made(read)) == 1


def test_sentences_that_an_entity_joins_stay_one() -> None:
    read = document("One. Two. Three. Four.", ("Two. Three", "ORG"))
    assert [d.text for d in split_document(read)] == ["One.", "Two. Three.", "Four."]


def test_known_sentences_go_before_the_rule() -> None:
    known = Document("d", "a b c d", (), sentences=(Span(0, 3), Span(4, 7)))
    assert [d.text for d in split_document(known)] == ["a b", "c d"]
    with pytest.raises(RecordError, match=r"sentence \[2, 7\) is misplaced"):
        Document("d", "a b c d", (), sentences=(Span(0, 3), Span(2, 7)))


@given(
    text=st.text("ab .\n", min_size=1, max_size=60),
    cuts=st.lists(st.tuples(st.integers(0, 59), st.integers(1, 12)), max_size=8),
)
def test_no_entity_is_lost_or_changed_by_splitting(
    text: str, cuts: Sequence[tuple[int, int]]
) -> None:
    spans = {(s, min(s + n, len(text))) for s, n in cuts if s < len(text)}
    entities = tuple(Entity(s, e, text[s:e], "PER") for s, e in sorted(spans) if text[s:e].strip())
    pieces = list(split_document(Document("d", text, entities)))
    found = sorted(e.text for piece in pieces for e in piece.entities or ())
    assert found == sorted(e.text for e in entities)
    whole = "".join("".join(piece.text.split()) for piece in pieces)
    assert whole == "".join(text.split())


def test_the_cap_draws_passages_by_its_seed_and_says_how_many_it_left() -> None:
    documents = [Document(str(n), f"text {n}", ()) for n in range(100)]
    reading = Reading()
    first = prepare(documents, TOY, Preparation(max_queries=20), reading)
    assert (len(first), sum(len(e.types) for e in first)) == (10, 20)
    assert reading.notes == {"passages beyond 20 queries": 90}
    assert first == made(*documents, max_queries=20)
    assert first != made(*documents, max_queries=20, seed=1)
    order = [int(e.passage.id) for e in first]
    assert order == sorted(order)
    assert len(made(*documents, max_queries=None)) == 100
    with pytest.raises(ConfigError, match="at most 0 queries"):
        Preparation(max_queries=0)


def test_empty_texts_are_left_out_and_counted() -> None:
    reading = Reading()
    assert len(prepare([document("  "), document("x")], TOY, Preparation(), reading)) == 1
    assert reading.notes == {"empty passages, left out": 1}


def test_examples_survive_their_file(tmp_path: Any) -> None:
    text = "Ada of Reds."
    whole = made(document(text, ("Ada", "PER"), ("Reds", "TEAM")))
    bare = made(Document("d", text, None, {"PER": ("Ada",)}))
    for example in [*whole, *bare]:
        assert example_from_json(example_to_json(example)) == example
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": "d", "text": "Ada", "types": "person"}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"x.jsonl:1: field 'types' must be a list"):
        read_run_examples(path)
