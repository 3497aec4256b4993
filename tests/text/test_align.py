"""Mentions are found on word boundaries, the longest first, whatever order they come in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.text.align import in_word, locate, on_boundaries

TEXTS = st.text(alphabet="abA é_1.,£+ -'\n", max_size=60)


def found(mentions: list[str], text: str) -> dict[str, list[str]]:
    """Places as `start-end`, which reads well in a failure."""
    return {m: [f"{s.start}-{s.end}" for s in spans] for m, spans in locate(mentions, text).items()}


@pytest.mark.parametrize(
    ("mention", "text", "places"),
    [
        ("York", "York, Yorkshire and York.", ["0-4", "20-24"]),
        ("Ann", "Ann's Ann-Marie Anna", ["0-3", "6-9"]),
        ("£1.8m", "cost £1.8m to mend", ["5-10"]),
        ("C++", "C++ and C++11", ["0-3", "8-11"]),
        ("@handle", "hi @handle, x@handle", ["3-10", "13-20"]),
        ("95%", "95% of 95%", ["0-3", "7-10"]),
        ("caf", "cafe\u0301 caf", ["6-9"]),
        ("tt̄", "tt̄Z, tt̄", ["6-9"]),  # the mark belongs to its letter, so tt̄Z is one word
        ("aa", "aaaa aa", ["5-7"]),
        ("a a", "a a a a", ["0-3", "4-7"]),
        ("snake", "snake_case", []),
        ("", "anything", []),
        (" ", "a b", []),
    ],
)
def test_a_mention_stands_where_its_word_does_not_go_on(
    mention: str, text: str, places: list[str]
) -> None:
    assert found([mention], text) == {mention: places}


@pytest.mark.parametrize(
    ("mentions", "text", "places"),
    [
        (["York", "New York"], "York and New York", {"York": ["0-4"], "New York": ["9-17"]}),
        (["kidney", "kidney stone"], "a kidney stone", {"kidney": ["2-8"]}),
        (["5 mg", "2.5 mg"], "5 mg, then 2.5 mg", {"5 mg": ["0-4"], "2.5 mg": ["11-17"]}),
        (["b c", "a b"], "a b c", {"a b": ["0-3"], "b c": ["2-5"]}),
        (["c d", "a b c"], "a b c d, c d", {"a b c": ["0-5"], "c d": ["9-12"]}),
    ],
)
def test_inside_a_longer_mention_counts_only_what_stands_nowhere_else(
    mentions: list[str], text: str, places: dict[str, list[str]]
) -> None:
    assert found(mentions, text).items() >= places.items()


@pytest.mark.parametrize(
    ("mention", "text", "places"),
    [
        ("1", "rose 1.5 in 1 day", ["12-13"]),
        ("18", "at 18:05, aged 18", ["15-17"]),
        ("5432", "on db-2:5432", ["8-12"]),  # nowhere else, so it was meant
        ("1", "in 1, 2", ["3-4"]),
    ],
)
def test_a_part_of_a_number_counts_only_where_there_is_no_other(
    mention: str, text: str, places: list[str]
) -> None:
    assert found([mention], text) == {mention: places}


@pytest.mark.parametrize(
    ("mention", "text", "places"),
    [
        ("new york", "New\n York", ["0-9"]),
        ("Paris", "PARIS and paris", ["0-5", "10-15"]),
        ("Paris", "PARIS and Paris", ["10-15"]),
        ("US", "ask us", []),
        ("AT&T INC", "AT&T\nINC", ["0-8"]),
    ],
)
def test_other_case_and_white_space_count_only_where_nothing_is_verbatim(
    mention: str, text: str, places: list[str]
) -> None:
    assert found([mention], text) == {mention: places}


@st.composite
def texts_with_mentions(draw: st.DrawFn) -> tuple[str, list[str]]:
    text = draw(TEXTS)
    cuts = st.tuples(st.integers(0, len(text)), st.integers(0, 12))
    pieces = draw(st.lists(cuts, max_size=8))
    return text, [text[start : start + length] for start, length in pieces]


@given(texts_with_mentions())
def test_every_place_reads_as_its_mention_and_respects_boundaries(
    given_: tuple[str, list[str]],
) -> None:
    text, mentions = given_
    for mention, spans in locate(mentions, text).items():
        for span in spans:
            assert text[span.start : span.end] == mention
            before = text[span.start - 1 : span.start]
            after = text[span.end : span.end + 1]
            assert not (before and in_word(before) and in_word(mention[0]))
            assert not (after and in_word(after) and in_word(mention[-1]))


@given(texts_with_mentions(), st.randoms(use_true_random=False))
def test_order_and_repetition_of_the_mentions_change_nothing(
    given_: tuple[str, list[str]], random: st.DataObject
) -> None:
    text, mentions = given_
    shuffled = mentions * 2
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert locate(shuffled, text) == locate(mentions, text)


@given(texts_with_mentions())
def test_a_mention_on_word_boundaries_is_never_lost(given_: tuple[str, list[str]]) -> None:
    text, mentions = given_
    places = locate(mentions, text)
    for mention in mentions:
        start = text.find(mention)
        if mention.strip() and on_boundaries((start, start + len(mention)), text):
            assert places[mention]
