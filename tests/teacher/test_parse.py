"""Replies in the shapes that models send are read; nothing raises and nothing is invented."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.teacher.parse import Item, Malformed, Parsed, parse_reply

LANE = Item("Mill Lane", ("street", "location"))
ADA = Item("Ada", ("person",))
LADDERS = '[["Mill Lane", ["street", "location"]], ["Ada", "person"]]'


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(LADDERS, id="json"),
        pytest.param(f"```json\n{LADDERS}\n```", id="fence"),
        pytest.param(f"Sure! Here they are:\n\n{LADDERS}\nAnything else?", id="chatter"),
        pytest.param(f"The list [as you asked]: {LADDERS} [end]", id="bracketed chatter"),
        pytest.param("[('Mill Lane', ['street', 'location']), ('Ada', 'person')]", id="python"),
        pytest.param("[('Mill Lane', ('street', 'location')), ('Ada', 'person'),]", id="commas"),
        pytest.param(
            "[[“Mill Lane”, [“street”, “location”]], [“Ada”, “person”]]", id="typographic quotes"
        ),
        pytest.param('[{"entity": "Mill Lane", "type": ["street", "location"]},'
                     ' {"type": "person", "entity": "Ada"}]', id="objects"),
        pytest.param("[{'name': 'Mill Lane', 'types': ['street', 'location']},\n"
                     " {'text': 'Ada', 'label': 'person'}]", id="python dicts"),
        pytest.param(f'{{"entities": {LADDERS}}}', id="wrapped"),
        pytest.param('[("Mill Lane", ["street", "location"]) ("Ada", "person")]', id="no comma"),
    ],
)  # fmt: skip
def test_every_shape_reads_the_same(raw: str) -> None:
    assert parse_reply(raw) == Parsed((LANE, ADA))


@pytest.mark.parametrize(
    ("raw", "items"),
    [
        ("[('Children's Hospital', 'hospital')]", [("Children's Hospital", "hospital")]),
        ('[["the "big" one", "event"]]', [('the "big" one', "event")]),
        ('[["caf\\u00e9", "place"]]', [("café", "place")]),
        (r"[('caf\xe9', 'it\'s'), ('a\\b', 'path')]", [("café", "it's"), ("a\\b", "path")]),
        ('[["a\\nb", "x"]]', [("a\nb", "x")]),
        (r'[["\ud83d\ude00", "emoji"], ["cut', [("😀", "emoji")]),
        (r"[('\U0001f600', 'emoji'), ('\uZZ', 'x')]", [("😀", "emoji"), (r"\uZZ", "x")]),
        (
            "[[1994, 'year'], [1.50, 'price'], [1,200, 'count']]",
            [("1994", "year"), ("1.50", "price")],
        ),
        ('[["x", null]]', [("x", "none")]),
        ("[('x', None)]", [("x", "none")]),
    ],
)
def test_quotes_escapes_and_numbers_are_read_as_meant(
    raw: str, items: list[tuple[str, str]]
) -> None:
    parsed = parse_reply(raw)
    assert isinstance(parsed, Parsed)
    assert [(item.mention, *item.types) for item in parsed.items][: len(items)] == items


@pytest.mark.parametrize("raw", ["[]", "```json\n[]\n```", "There are none: []", "[ ]"])
def test_an_empty_list_is_an_answer(raw: str) -> None:
    assert parse_reply(raw) == Parsed(())


@pytest.mark.parametrize(
    ("raw", "unreadable"),
    [
        ('[["Ada", "person"], ["only"], ["a", "b", "c"], "x", {"entity": "y"}, ["z", [1, []]]]', 5),
        ('[["Ada", "person"], [broken, "thing"], ["Mill Lane", ["street", "location"]]]', 1),
        ("[('Ada', 'person'), ('Bo' 'person'), ('Mill Lane', ('street', 'location'))]", 1),
        ('[["Ada", "person"], [[[[[[["deep"]]]]]]] oops', 1),
    ],
)
def test_a_broken_item_is_counted_and_the_others_are_kept(raw: str, unreadable: int) -> None:
    parsed = parse_reply(raw)
    assert isinstance(parsed, Parsed)
    assert parsed.items[0] == ADA
    assert set(parsed.items) <= {ADA, LANE}
    assert parsed.unreadable == unreadable


@pytest.mark.parametrize("length", range(len('[["Ada", "person"]'), len(LADDERS) + 21))
def test_a_reply_that_breaks_off_keeps_what_is_whole(length: int) -> None:
    raw = ('[["Ada", "person"], ' + LADDERS[1:])[:length]
    parsed = parse_reply(raw)
    assert isinstance(parsed, Parsed)
    whole = raw.endswith("]]") and length > len('[["Ada", "person"], ["Mill Lane", ["street", ')
    assert parsed.items == (ADA, LANE, ADA)[: len(parsed.items)]
    assert parsed.truncated != (whole and raw.count("[") == raw.count("]"))


@pytest.mark.parametrize(
    "raw",
    ["", "None", "No entities were found.", "[", "[[", '[["Ada', "[1, 2, 3]", '["Ada", "person"]',
     '{"Ada": "person"}', "[as requested]", "]", '[["a"], []]', "[" * 5000, '["' * 5000],
)  # fmt: skip
def test_what_is_no_list_of_entities_is_malformed_and_says_so(raw: str) -> None:
    reading = parse_reply(raw)
    assert isinstance(reading, Malformed)
    assert reading.raw == raw
    assert reading.why


@pytest.mark.parametrize(
    "raw", ["[__import__('os').getcwd()]", "[('a', open('b'))]", "[('a','b'*9)]"]
)
def test_code_is_never_run(raw: str) -> None:
    assert isinstance(parse_reply(raw), Malformed)


NAMES = st.text(min_size=1, max_size=12).filter(lambda text: "\\" not in text)
ITEMS = st.lists(st.tuples(NAMES, st.lists(NAMES, max_size=3)), min_size=1, max_size=6)


@given(
    ITEMS,
    st.sampled_from([json.dumps, repr, lambda items: f"Here:\n```\n{json.dumps(items)}\n```"]),
)
def test_what_is_written_as_json_or_python_is_read_back(
    items: list[tuple[str, list[str]]], write: object
) -> None:
    assert callable(write)
    assert parse_reply(write(items)) == Parsed(tuple(Item(m, tuple(types)) for m, types in items))


@given(st.text(alphabet="[](){}\"'“”‘’,: \\xu0a1\n", max_size=60))
def test_no_text_makes_it_raise(raw: str) -> None:
    assert isinstance(parse_reply(raw), Parsed | Malformed)


def mutate(raw: str, rng: random.Random) -> str:
    """A reply with up to four small damages."""
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(raw) + 1)
        width = rng.choice([1, 1, 2, 8])
        match rng.randrange(4):
            case 0:
                raw = raw[:at] + raw[at + width :]
            case 1:
                raw = raw[:at] + rng.choice("[](){}\"'“”,:\n aN0`") * width + raw[at:]
            case 2:
                raw = raw[:at] + raw[max(0, at - 3 * width) :]
            case _:
                raw = raw[: max(at, len(raw) // 2)]
    return raw


def test_mutated_replies_never_raise_and_never_invent_a_mention() -> None:
    rng = random.Random(7)
    shapes = [
        LADDERS,
        f"```json\n{LADDERS}\n```",
        "[('Mill Lane', 'street'), ('It's', 'x')]",
        '[{"entity": "Mill Lane", "type": ["street"]}, {"entity": "Ada", "type": null}]',
    ]
    kept = 0
    for number in range(2000):
        raw = mutate(shapes[number % len(shapes)], rng)
        reading = parse_reply(raw)
        if isinstance(reading, Parsed):
            kept += bool(reading.items)
            for item in reading.items:
                assert item.mention in raw
                assert all(name in raw or name == "none" for name in item.types)
    assert kept > 1000
