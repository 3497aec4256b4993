"""Annotated passages as windows and ladders; what no span of words can stand for is counted."""

from tokenizers import normalizers

from toy_model import make_encoder, make_tokenizer
from uniner.corpus.taxonomy import Taxonomy
from uniner.records import Annotated, Entity, Passage
from uniner.students.encode import Encoder
from uniner.training.examples import close_ladders, make_examples

ENCODER = make_encoder()
TEXT = "Mira saw New York in Rome."


def annotate(text: str, *named: tuple[str, str]) -> Annotated:
    places = [(text.index(mention), mention, kind) for mention, kind in named]
    return Annotated(
        Passage("p", text), tuple(Entity(at, at + len(m), m, kind) for at, m, kind in places)
    )


def test_each_span_carries_its_types_in_the_order_given() -> None:
    record = annotate(
        TEXT, ("Mira", "poet"), ("New York", "city"), ("Mira", "person"), ("Mira", "poet")
    )
    [example], skipped = make_examples([record], ENCODER, 4)
    assert example.gold == {(0, 0): ("poet", "person"), (2, 1): ("city",)}
    assert example.window == ENCODER.window(["Mira", "saw", "New", "York", "in", "Rome", "."])
    assert example.lowered == ENCODER.window(["mira", "saw", "new", "york", "in", "rome", "."])
    assert (skipped.too_wide, skipped.inside_a_word, skipped.across_windows) == (0, 0, 0)


def test_the_highest_score_of_a_span_is_its_weight_in_the_window_that_holds_it() -> None:
    entities = (
        Entity(0, 4, "Mira", "poet", 0.25),
        Entity(0, 4, "Mira", "person", 0.75),
        Entity(21, 25, "Rome", "city"),
    )
    [example], _ = make_examples([Annotated(Passage("p", TEXT), entities)], ENCODER, 4)
    assert example.gold.keys() == {(0, 0), (5, 0)}
    assert example.weights == {(0, 0): 0.75}


def test_spans_that_are_too_wide_or_no_words_are_counted_once() -> None:
    record = annotate(
        TEXT, ("New York in", "a"), ("New York in", "b"), ("ork", "c"), ("Rom", "d"), ("Rome", "e")
    )
    [example], skipped = make_examples([record], ENCODER, 2)
    assert example.gold == {(5, 0): ("e",)}
    assert (skipped.too_wide, skipped.inside_a_word) == (1, 2)


def test_a_passage_without_words_is_no_example() -> None:
    assert make_examples([annotate(" \n")], ENCODER, 4)[0] == []


def test_a_long_passage_is_several_examples_and_loses_only_what_is_cut() -> None:
    text = " ".join(f"Mira saw Oslo {number}." for number in range(20))
    words = [(m.start, m.end) for m in (e for e in spans_of(text, "Oslo"))]
    entities = [Entity(start, end, "Oslo", "city") for start, end in words]
    entities.append(Entity(0, len(text), text, "chronicle"))
    record = Annotated(Passage("p", text), tuple(entities))
    examples, skipped = make_examples([record], ENCODER, 1000, max_pieces=32)
    assert len(examples) > 3
    assert all(len(example.window.ids) <= 32 for example in examples)
    assert sum(len(example.gold) for example in examples) == 20
    assert skipped.across_windows == 1
    oslo = ENCODER.pieces(["Oslo"])[0][0]
    for example in examples:
        for (first, _), ladder in example.gold.items():
            assert ladder == ("city",)
            assert example.window.ids[example.window.firsts[first]] == oslo


def test_a_window_has_room_for_its_words_in_lower_case_too() -> None:
    tokenizer = make_tokenizer()
    tokenizer.normalizer = normalizers.NFC()
    cased = Encoder(tokenizer)  # it knows no capitals: one piece each, but many in lower case
    record = annotate(" ".join(["MIRABELLE"] * 40))
    examples, _ = make_examples([record], cased, 4, max_pieces=32)
    assert len(examples[0].window.ids) < len(examples[0].lowered.ids) <= 32


def spans_of(text: str, mention: str) -> list[Entity]:
    """Every place of `mention`."""
    parts = text.split(mention)[:-1]
    found, at = [], 0
    for part in parts:
        at += len(part)
        found.append(Entity(at, at + len(mention), mention, "x"))
        at += len(mention)
    return found


def test_closing_a_ladder_adds_what_its_types_imply() -> None:
    taxonomy = Taxonomy({"poet": ("artist",), "artist": ("person",)}, {})
    examples, _ = make_examples([annotate(TEXT, ("Mira", "poet"), ("Rome", "city"))], ENCODER, 4)
    [closed] = close_ladders(examples, taxonomy)
    assert closed.gold == {(0, 0): ("poet", "artist", "person"), (5, 0): ("city",)}
    assert (closed.window, closed.lowered) == (examples[0].window, examples[0].lowered)
