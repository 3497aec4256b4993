"""What is repeated is there, begins with the word that is asked, and is the same for a seed."""

import json

from hypothesis import given
from hypothesis import strategies as st

from uniner.chat.repeating import QUESTIONS, make_repetitions
from uniner.records import Passage


@given(st.text("ab é.!\n", max_size=60), st.integers(0, 3))
def test_answers_are_verbatim_and_begin_with_the_question(text: str, seed: int) -> None:
    passage = Passage("p", text)
    found = list(make_repetitions([passage], seed))
    assert found == list(make_repetitions([passage], seed))
    for dialogue in found:
        assert dialogue.text in text
        assert 1 <= len(dialogue.exchanges) <= QUESTIONS
        questions = [exchange.question for exchange in dialogue.exchanges]
        assert len({*questions}) == len(questions)
        for exchange in dialogue.exchanges:
            (answer,) = json.loads(exchange.answer)
            assert answer in dialogue.text
            assert answer.startswith(exchange.question)


def test_a_word_that_is_there_twice_is_not_asked() -> None:
    (dialogue,) = make_repetitions([Passage("p", "go go on")], 0)
    assert [exchange.question for exchange in dialogue.exchanges] == ["on"]
    assert not list(make_repetitions([Passage("p", "go go")], 0))
