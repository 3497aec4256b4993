"""The exported student answers as its network does, whatever else is asked at the same time."""

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toy_model import make_encoder
from uniner.records import Entity, InputError, Passage, Prediction, RecordError
from uniner.students.encode import Batch, cut_words
from uniner.students.load import load_extractor
from uniner.students.span import SpanStudent
from uniner.text.words import split_words
from uniner.training.network import SpanNetwork
from uniner.training.span import encode_types, tensors

TEXT = "Mira and Ivo left Oslo for Rome in 1999."
TYPES = ["person", "city", "year of birth"]
LONG = " ".join(f"{TEXT} Ada saw {number} in the town, or Bo." for number in range(40))

Scores = dict[tuple[int, int, str], float]


def scores_of(entities: tuple[Entity, ...]) -> Scores:
    return {(e.start, e.end, e.type): e.score or 0.0 for e in entities}


def score_by_network(network: SpanNetwork, text: str, types: list[str]) -> Scores:
    """The probability of every span of `text` and type, by torch."""
    encoder = make_encoder()
    words = split_words(text)
    batch = Batch([encoder.window(cut_words(text, words))], encoder.pad)
    arrays = tensors(batch, "cpu")
    with torch.no_grad():
        vectors = encode_types(network, encoder, types, "cpu")
        hidden = network.embed(arrays["ids"], arrays["shapes"], arrays["mask"])
        spans = network.spans(hidden, arrays["firsts"], arrays["lasts"])
        chances = torch.sigmoid(0.8 * network.scores(spans, vectors) + 0.1)[0]
    return {
        (words[first].start, words[first + width].end, name): float(chances[first, width, column])
        for first in range(len(words))
        for width in range(min(4, len(words) - first))
        for column, name in enumerate(types)
    }


def test_scores_are_those_of_the_network(
    student: SpanStudent, toy: tuple[Path, SpanNetwork]
) -> None:
    expected = score_by_network(toy[1], TEXT, TYPES)
    assert np.std(list(expected.values())) > 0.02
    for nested in (False, True):
        [prediction] = student.extract([TEXT], TYPES, 0.0, nested=nested)
        scores = scores_of(prediction.entities)
        assert len(scores) == len(prediction.entities) > 0
        for key, score in scores.items():
            assert score == pytest.approx(expected[key], abs=1e-4)
    best = max(expected, key=expected.__getitem__)
    assert best in scores


def test_int8_weights_answer_nearly_alike(student: SpanStudent, small_student: SpanStudent) -> None:
    whole, small = (
        scores_of(one.extract([TEXT], TYPES, 0.0, nested=True)[0].entities)
        for one in (student, small_student)
    )
    both = whole.keys() & small.keys()
    assert len(both) > 30
    assert max(abs(whole[key] - small[key]) for key in both) < 0.1


def test_a_text_scores_the_same_alone_and_among_others(student: SpanStudent) -> None:
    texts = ["Bo", TEXT, LONG[:700], "", "Ada saw Ivo."]
    together = student.extract(texts, TYPES, 0.3, nested=True)
    for text, among in zip(texts, together, strict=True):
        [alone] = student.extract([text], TYPES, 0.3, nested=True)
        assert scores_of(alone.entities) == pytest.approx(scores_of(among.entities), abs=1e-5)


def test_other_types_do_not_change_the_scores_of_a_type(student: SpanStudent) -> None:
    alone = student.extract([TEXT], ["city"], 0.0, nested=True)[0].entities
    among = student.extract([TEXT], [*TYPES, "a long name of a type"], 0.0, nested=True)[0].entities
    of_city = tuple(entity for entity in among if entity.type == "city")
    assert scores_of(alone) == pytest.approx(scores_of(of_city), abs=1e-5)


def test_a_long_document_is_read_to_its_end(student: SpanStudent) -> None:
    [prediction] = student.extract([LONG], TYPES, 0.3)
    check(prediction, LONG)
    starts = [entity.start for entity in prediction.entities]
    assert max(starts) > len(LONG) * 0.95
    assert max(b - a for a, b in pairwise(starts)) < 200


def test_reading_in_chunks_changes_nothing(
    student: SpanStudent, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [LONG[:900], "", TEXT, LONG[300:1200]]
    whole = student.extract(texts, TYPES, 0.3)
    monkeypatch.setattr("uniner.students.span.CHUNK_WINDOWS", 3)
    for one, other in zip(whole, student.extract(texts, TYPES, 0.3), strict=True):
        assert one.passage == other.passage
        assert scores_of(one.entities) == pytest.approx(scores_of(other.entities), abs=1e-5)


def check(prediction: Prediction, text: str) -> None:
    """Flat entities: verbatim, in reading order, without overlap."""
    for entity in prediction.entities:
        assert text[entity.start : entity.end] == entity.text
    for one, other in pairwise(prediction.entities):
        assert one.end <= other.start


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("aB9 .\n\u200b\ud83d\ude00\u00e9\ud800", max_size=150))
def test_any_text_comes_back_grounded(student: SpanStudent, text: str) -> None:
    [prediction] = student.extract([text], TYPES, 0.2)
    assert prediction.passage.text == text
    check(prediction, text)


def test_predictions_come_in_the_order_of_the_texts(student: SpanStudent) -> None:
    passage = Passage("mine", "Rome", domain="d")
    texts: list[str | Passage] = [LONG[:500], passage, "Bo"]
    predictions = student.extract(texts, TYPES)
    assert [p.passage.text for p in predictions] == [LONG[:500], "Rome", "Bo"]
    assert predictions[1].passage is passage


@pytest.mark.parametrize("text", ["", " \n\t", "\u00a0"])
def test_a_text_without_words_has_no_entities(student: SpanStudent, text: str) -> None:
    assert student.extract([text], TYPES, 0.0)[0].entities == ()


def test_no_texts_have_no_predictions(student: SpanStudent) -> None:
    assert student.extract([], TYPES) == []


def test_a_type_asked_twice_is_answered_once(student: SpanStudent) -> None:
    once = student.extract([TEXT], ["city", "person"], 0.2)
    assert student.extract([TEXT], ["city", "person", "city"], 0.2) == once


def test_a_higher_threshold_keeps_the_surest(student: SpanStudent) -> None:
    low, high = (student.extract([LONG], TYPES, at)[0].entities for at in (0.3, 0.5))
    assert 0 < len(high) < len(low)
    assert all((entity.score or 0) >= 0.5 for entity in high)
    default = student.extract([LONG], TYPES)[0].entities
    assert min(entity.score or 0 for entity in default) >= student.settings.threshold - 1e-6


def test_nested_answers_hold_one_mention_in_another(student: SpanStudent) -> None:
    entities = student.extract([TEXT], TYPES, 0.2, nested=True)[0].entities
    assert any(
        one is not other and one.start <= other.start and other.end <= one.end
        for one in entities
        for other in entities
    )


@pytest.mark.parametrize(
    ("types", "threshold", "message"),
    [
        ([], None, "no entity types"),
        ([""], None, "type is empty"),
        (["t" * 10_000], None, "10,000 characters"),
        (["\ud800"], None, "half a character"),
        (["city"], 1.5, r"1\.5 is not within"),
        (["city"], -0.1, r"-0\.1 is not within"),
        (["city"], math.nan, "nan is not within"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    student: SpanStudent, types: list[str], threshold: float | None, message: str
) -> None:
    with pytest.raises(RecordError, match=message):
        student.extract([TEXT], types, threshold)


def test_a_bare_string_is_not_a_list_of_texts(student: SpanStudent) -> None:
    with pytest.raises(RecordError, match="must be a list"):
        student.extract(TEXT, TYPES)


class Counting:
    """A session that counts how many names it is given."""

    def __init__(self, session: object) -> None:
        self.session, self.rows = session, 0

    def run(self, outputs: object, feeds: dict[str, np.ndarray]) -> object:
        self.rows += len(feeds["mask"])
        return self.session.run(outputs, feeds)  # type: ignore[attr-defined]


def test_a_type_is_encoded_once(toy: tuple[Path, SpanNetwork]) -> None:
    student = SpanStudent(toy[0], threads=1)
    counting = Counting(student._types)
    student._types = counting
    first = student.extract([TEXT], TYPES, 0.2)
    assert counting.rows == 3
    assert student.extract([TEXT], TYPES[::-1], 0.2)[0].passage == first[0].passage
    assert counting.rows == 3
    student.extract([TEXT], [*TYPES, "song"])
    assert counting.rows == 4


def test_a_folder_is_loaded_by_its_name(toy: tuple[Path, SpanNetwork]) -> None:
    assert load_extractor(str(toy[0]), threads=1).name == "toy"


@pytest.mark.parametrize(
    ("model", "message"),
    [("gone", "no such model"), ("http://localhost:1", "no connection"), (".", "not a model")],
)
def test_what_is_no_model_is_named(
    model: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        load_extractor(model)


def test_a_broken_graph_is_named(toy: tuple[Path, SpanNetwork], tmp_path: Path) -> None:
    for path in toy[0].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "spans.onnx").write_bytes(b"not a graph")
    with pytest.raises(InputError, match="the model does not load"):
        SpanStudent(tmp_path)


def test_a_type_longer_than_a_window_is_refused_rather_than_cut(student: SpanStudent) -> None:
    with pytest.raises(RecordError, match="shorten it"):
        student.extract(["Mira met Ivo."], ["person " * 50])


def test_scores_do_not_depend_on_which_types_were_asked_before() -> None:
    text = "Marie Curie left Warsaw for Paris in 1891 and studied at the Sorbonne."
    types = ["person", "city", "year", "university"]
    fresh, used = load_extractor("mini", threads=1), load_extractor("mini", threads=1)
    used.extract([text], ["an institution of higher education", "year", "drug"])
    used.extract([text], ["city"])
    assert used.extract([text], types) == fresh.extract([text], types)
