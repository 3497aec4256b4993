"""Passages are bounded slices of their document, and say where they stand in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.corpus.cutting import cut_document
from uniner.corpus.documents import Document
from uniner.corpus.drops import Drop
from uniner.text.tokens import TokenCounter
from uniner.text.words import split_words

TEXTS = st.text(st.sampled_from("abZé9 .,!\n\r中字。\u0301") | st.characters(codec="utf-8"))
BOUNDS = st.integers(1, 12).flatmap(lambda most: st.tuples(st.just(most), st.integers(1, most)))
COUNTER = TokenCounter.bundled()


@given(TEXTS, BOUNDS)
def test_passages_are_slices_within_bounds_when_counted_again(
    text: str, bounds: tuple[int, int]
) -> None:
    most, least = bounds
    passages, drops = cut_document(Document(text, "f", 7, "d", 100), COUNTER, most, least)
    ends = 0
    for passage in passages:
        start = int(passage.id.removeprefix("f:7:")) - 100
        assert ends <= start
        ends = start + len(passage.text)
        assert passage.text == text[start:ends] == passage.text.strip()
        assert least <= COUNTER.count(passage.text) <= most
        assert (passage.domain, passage.source) == ("d", "f:7")
    words = sum(len(split_words(passage.text)) for passage in passages)
    assert (words == len(split_words(text))) == (not drops.total())


@given(TEXTS.filter(str.strip))
def test_all_words_are_in_passages_where_none_is_too_short_or_long(text: str) -> None:
    passages, drops = cut_document(Document(text, "f", 1, ""), COUNTER, 64, 1)
    assert drops[Drop.SHORT] == 0
    if not drops:
        assert "".join("".join(p.text for p in passages).split()) == "".join(text.split())


def test_passages_end_at_sentences() -> None:
    text = "Dr. Ada met Bo in York. They spoke of e.g. Cy. It rained on J. Doe all day long."
    passages, _ = cut_document(Document(text, "f", 1, ""), COUNTER, 14, 1)
    assert [passage.text for passage in passages] == [
        "Dr. Ada met Bo in York.",
        "They spoke of e.g. Cy.",
        "It rained on J. Doe all day long.",
    ]


def test_what_is_too_short_or_one_word_too_long_is_counted() -> None:
    text = "Ada met Bo in York. " + "中" * 40 + " Cy."
    passages, drops = cut_document(Document(text, "f", 1, ""), COUNTER, 8, 4)
    assert [passage.text for passage in passages] == ["Ada met Bo in York."]
    assert drops == {Drop.LONG_WORD: 1, Drop.SHORT: 1}


@pytest.mark.parametrize(("lines", "line"), [(True, 13), (False, 10)])
def test_a_passage_of_a_file_of_text_says_its_line(lines: bool, line: int) -> None:
    text = "Ada met Bo in York.\n\n\nThey spoke of Cy."
    document = Document(text, "c/a.txt", 10, "c", 500, lines)
    first, second = cut_document(document, COUNTER, 8, 4).passages
    assert (first.source, first.id) == ("c/a.txt:10", "c/a.txt:10:500")
    assert (second.source, second.id) == (f"c/a.txt:{line}", f"c/a.txt:{line}:522")
