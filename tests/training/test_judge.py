from collections.abc import Sequence
from dataclasses import replace

from uniner.evaluation.questions import Question
from uniner.records import Entity, Passage, Prediction
from uniner.serving.distilled import distilled_page
from uniner.training.judge import judge, verdict_to_json


class Parrot:
    """Finds one word, as the first type asked."""

    name = "parrot"

    def __init__(self, word: str) -> None:
        self.word = word

    def extract(
        self,
        texts: Sequence[str | Passage],
        types: Sequence[str],
        threshold: float | None = None,
        *,
        nested: bool = False,
    ) -> list[Prediction]:
        found = []
        for text in texts:
            assert isinstance(text, Passage)
            at = text.text.find(self.word)
            spans = [(at, at + len(self.word))] if at >= 0 else []
            entities = [Entity(start, end, self.word, types[0], 0.9) for start, end in spans]
            found.append(Prediction(text, tuple(entities)))
        return found


QUESTIONS = [
    Question(Passage("1", "Mira rows."), ("person", "city"), (Entity(0, 4, "Mira", "person"),)),
    Question(Passage("2", "Oslo <b>waits</b>."), ("city",), (Entity(0, 4, "Oslo", "city"),)),
]


def test_an_extractor_is_judged_by_every_question() -> None:
    verdict = judge("parrot", Parrot("Mira"), QUESTIONS)
    counts = verdict.micro("strict")
    assert (counts.gold, counts.predicted, counts.correct) == (2, 1, 1)
    assert [len(answer.entities) for answer in verdict.answers] == [1, 0]
    assert verdict_to_json(verdict)["scores"]["strict"]["micro"]["recall"] == 50.0


class ParrotOf(Parrot):
    """Finds the name of the data set that it was told, or nothing."""

    def for_dataset(self, name: str) -> Parrot:
        return Parrot(name)


def test_a_student_that_can_be_told_is_asked_in_the_context_of_each_question() -> None:
    told = [replace(QUESTIONS[0], dataset="Mira"), replace(QUESTIONS[1], dataset="Oslo")]
    assert judge("told", ParrotOf("?"), told).micro("strict").correct == 2
    assert judge("not told", ParrotOf("?"), QUESTIONS).micro("strict").predicted == 0
    assert judge("cannot be told", Parrot("Mira"), told).micro("strict").correct == 1


def test_the_page_shows_each_extractor_and_escapes_the_texts() -> None:
    verdicts = [judge("new", Parrot("Oslo"), QUESTIONS), judge("old", Parrot("?"), QUESTIONS)]
    html = distilled_page("toy", verdicts, QUESTIONS, {"epoch 1": 2.5}, {"no reply": 3})
    assert "new" in html
    assert "old" in html
    assert "epoch 1" in html
    assert "no reply" in html
    assert "<b>waits" not in html
    assert "&lt;b&gt;waits" in html


def test_the_flat_gold_of_a_span_is_its_most_specific_asked_type() -> None:
    spans = (Entity(0, 4, "Mira", "rower"), Entity(0, 4, "Mira", "person"))
    question = Question(Passage("1", "Mira rows."), ("person", "rower"), spans)
    assert [entity.type for entity in question.flat] == ["rower"]
