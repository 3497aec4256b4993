"""Tags become spans by the rule of the CoNLL evaluation, and spans become tags again."""

from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from uniner.records import RecordError
from uniner.text.tags import TagSpan, WrittenScheme, decode, encode, opens_unmarked, split_tag

LABELS = ("x", "y", "p-q", "L/A")
TAGS = st.lists(st.sampled_from(["O", *(f"{p}-{label}" for p in "BIESLU" for label in "xy")]))


@st.composite
def draw_spans(draw: st.DrawFn) -> tuple[list[TagSpan], int]:
    """Disjoint spans in order, neighbours of one label among them, and how many tokens."""
    spans, at = [], 0
    for _ in range(draw(st.integers(0, 5))):
        first = at + draw(st.integers(0, 2))
        at = first + draw(st.integers(1, 4))
        spans.append(TagSpan(first, at, draw(st.sampled_from(LABELS))))
    return spans, at + draw(st.integers(0, 2))


def evaluate_conll(tags: list[str]) -> list[tuple[int, int, str]]:
    """`startOfChunk` and `endOfChunk` of conlleval.pl, with L as E and U as S."""
    found, first = [], 0
    before, kind = "O", ""
    for index, tag in enumerate([*tags, "O"]):
        now, label = (tag[0], tag[2:]) if tag != "O" else ("O", "")
        now = {"L": "E", "U": "S"}.get(now, now)
        ends = before in "ES" or (before in "BI" and now in "BSO")
        starts = now in "BS" or (before in "ESO" and now in "EI")
        ends = ends or (before != "O" and kind != label)
        starts = starts or (now != "O" and kind != label)
        if ends:
            found.append((first, index, kind))
        if starts:
            first = index
        before, kind = now, label
    return found


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("", []),
        ("O O", []),
        ("B-x I-x O B-x", [(0, 2, "x"), (3, 4, "x")]),
        ("B-x B-x I-x", [(0, 1, "x"), (1, 3, "x")]),
        ("I-x I-x B-x I-y", [(0, 2, "x"), (2, 3, "x"), (3, 4, "y")]),
        ("S-x B-x I-x E-x S-y", [(0, 1, "x"), (1, 4, "x"), (4, 5, "y")]),
        ("U-x B-x L-x", [(0, 1, "x"), (1, 3, "x")]),
        ("O I-x E-x I-x", [(1, 3, "x"), (3, 4, "x")]),
        ("E-x E-x", [(0, 1, "x"), (1, 2, "x")]),
        ("S-x I-x", [(0, 1, "x"), (1, 2, "x")]),
        ("B-x E-y", [(0, 1, "x"), (1, 2, "y")]),
        ("B-p-q I-p-q B-L/A", [(0, 2, "p-q"), (2, 3, "L/A")]),
    ],
)
def test_one_rule_reads_every_scheme(tags: str, spans: list[tuple[int, int, str]]) -> None:
    assert decode(tags.split()) == spans


@given(TAGS)
@example(["B-x", "E-x", "E-x", "U-x", "I-x"])
def test_strays_are_read_as_the_conll_evaluation_reads_them(tags: list[str]) -> None:
    assert decode(tags) == evaluate_conll(tags)


@pytest.mark.parametrize("scheme", [name for name in get_args(WrittenScheme) if name != "bare"])
@given(drawn=draw_spans())
def test_written_spans_come_back(scheme: WrittenScheme, drawn: tuple[list[TagSpan], int]) -> None:
    spans, length = drawn
    tags = encode(spans, length, scheme)
    assert len(tags) == length
    assert decode(tags) == spans


@given(draw_spans())
def test_bare_labels_come_back_but_for_neighbours_of_one_label(
    drawn: tuple[list[TagSpan], int],
) -> None:
    spans, length = drawn
    joined: list[TagSpan] = []
    for span in spans:
        if joined and joined[-1][1:] == (span.first, span.label):
            joined[-1] = TagSpan(joined[-1].first, span.last, span.label)
        else:
            joined.append(span)
    assert decode(encode(spans, length, "bare"), "bare") == joined


@pytest.mark.parametrize(
    ("scheme", "tags"),
    [
        ("BIO", "B-x I-x I-x B-x O B-y"),
        ("IOB1", "I-x I-x I-x B-x O I-y"),
        ("BIOES", "B-x I-x E-x S-x O S-y"),
        ("BILOU", "B-x I-x L-x U-x O U-y"),
        ("bare", "x x x x O y"),
    ],
)
def test_spans_are_written_in_each_scheme(scheme: WrittenScheme, tags: str) -> None:
    spans = [TagSpan(5, 6, "y"), TagSpan(0, 3, "x"), TagSpan(3, 4, "x")]
    assert encode(spans, 6, scheme) == tags.split()


@pytest.mark.parametrize(
    ("tag", "unmarked"),
    [("B-x", False), ("S-x", False), ("U-x", False), ("I-x", True), ("E-x", True), ("L-x", True)],
)
def test_a_mention_can_open_without_an_opening_tag(tag: str, unmarked: bool) -> None:
    assert opens_unmarked(tag) == unmarked
    assert opens_unmarked(tag, "bare")


@pytest.mark.parametrize("tag", ["", "P", "B", "B-", "B- ", "-x", "O-x", "b-x", "BI-x", "person"])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(RecordError, match="expected a tag such as 'O', 'B-person'"):
        decode(["O", tag])


def test_a_label_that_cannot_be_a_type_is_refused() -> None:
    with pytest.raises(RecordError, match="has 401 characters"):
        split_tag("B-" + "x" * 401)
    with pytest.raises(RecordError, match="expected a tag"):
        split_tag(" ", "bare")


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ([TagSpan(0, 3, "x")], "not within 2 tokens"),
        ([TagSpan(1, 1, "x")], "is empty or"),
        ([TagSpan(-1, 1, "x")], "not within"),
        ([TagSpan(0, 2, "x"), TagSpan(1, 2, "y")], "overlaps another"),
    ],
)
def test_spans_that_tags_cannot_hold_are_refused(spans: list[TagSpan], message: str) -> None:
    with pytest.raises(RecordError, match=message):
        encode(spans, 2)
