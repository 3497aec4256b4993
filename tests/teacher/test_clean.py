"""What is kept of a reply, and why the rest is not."""

from collections import Counter

import pytest

from uniner.records import Span
from uniner.records.types import MAX_TYPE_CHARACTERS
from uniner.teacher.clean import Cleaned, Reason, clean
from uniner.teacher.parse import Item, Malformed, Parsed

TEXT = "Ada met Bo in York; Ada left Yorkshire."
ADA = [Span(0, 3), Span(20, 23)]


def cleaned(*items: tuple[str, list[str]]) -> Cleaned:
    return clean(Parsed(tuple(Item(mention, tuple(types)) for mention, types in items)), TEXT)


def test_every_place_of_a_mention_gets_its_types_in_the_teachers_order() -> None:
    types, drops = cleaned(("Ada", ["Mathematician", "person"]), ("York", ["city"]))
    assert types == dict.fromkeys(ADA, ("mathematician", "person")) | {Span(14, 18): ("city",)}
    assert not drops


def test_a_mention_listed_again_adds_what_is_new() -> None:
    types, drops = cleaned(("Ada", ["person"]), ("Ada", ["name", "person"]), (" Ada ", ["x"]))
    assert types == dict.fromkeys(ADA, ("person", "name", "x"))
    assert not drops


@pytest.mark.parametrize(
    ("mention", "types", "reason"),
    [
        ("", ["person"], Reason.EMPTY),
        ("  ", ["person"], Reason.EMPTY),
        ("Charles", ["person"], Reason.ABSENT),
        ("shire", ["place"], Reason.INSIDE_WORD),
        ("Bo", [], Reason.UNTYPED),
        *(
            ("Bo", [name], Reason.PLACEHOLDER)
            for name in ("None", "NA", "N.A.", "N/A", "MISC", "Miscellaneous", "ELSE", "other", " ")
        ),
        ("Bo", ["x" * (MAX_TYPE_CHARACTERS + 1)], Reason.OVERLONG),
        ("Bo", ["per\ud800son"], Reason.UNPRINTABLE),
    ],
)
def test_what_is_dropped_is_counted_with_its_reason(
    mention: str, types: list[str], reason: Reason
) -> None:
    kept, drops = cleaned((mention, types), ("Ada", ["person"]))
    assert kept == dict.fromkeys(ADA, ("person",))
    assert drops == {reason: 1}


def test_a_placeholder_does_not_cost_the_mention_its_other_types() -> None:
    types, drops = cleaned(("Bo", ["other", "person"]))
    assert types == {Span(8, 10): ("person",)}
    assert drops == {Reason.PLACEHOLDER: 1}


def test_broken_items_and_a_broken_end_are_counted() -> None:
    kept, drops = clean(Parsed((), unreadable=3, truncated=True), TEXT)
    assert kept == {}
    assert drops == {Reason.UNREADABLE: 3, Reason.TRUNCATED: 1}


def test_a_malformed_reply_says_nothing_about_its_passage() -> None:
    expected = Cleaned(None, Counter([Reason.MALFORMED]))
    assert clean(Malformed("hm", "there is no list in it"), TEXT) == expected


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("A Bantu  language\nof East Africa.", "A Bantu language of East Africa"),
        ("A dog", "A dog"),
        ("A dog. Or a cat.", "A dog. Or a cat"),
        ("x" * MAX_TYPE_CHARACTERS + ".", "x" * MAX_TYPE_CHARACTERS),
    ],
)
def test_a_definition_keeps_its_case_and_loses_its_full_stop(said: str, kept: str) -> None:
    reading = Parsed((Item("Bo", (said,)), Item("Bo", (kept,))))
    assert clean(reading, TEXT, "definition") == Cleaned({Span(8, 10): (kept,)}, Counter())


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("None.", Reason.PLACEHOLDER),
        (".", Reason.PLACEHOLDER),
        ("x" * (MAX_TYPE_CHARACTERS + 1), Reason.OVERLONG),
        ("a \ud800", Reason.UNPRINTABLE),
    ],
)
def test_a_definition_that_says_nothing_usable_is_dropped(said: str, reason: Reason) -> None:
    reading = Parsed((Item("Bo", (said,)),))
    assert clean(reading, TEXT, "definition") == Cleaned({}, Counter([reason]))
