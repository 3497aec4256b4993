"""Replies in the shapes that models send are read; nothing raises and nothing is invented."""

import pytest

from uniner.teacher.parse import Item, Malformed, Parsed, parse_numbers, parse_reply

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
        pytest.param('("Mill Lane", ["street", "location"])\n("Ada", "person")', id="by line"),
        pytest.param('["Mill Lane", ["street", "location"]]\n["Ada", "person"]', id="by json line"),
        pytest.param("(“Mill Lane”, [“street”, “location”]), (“Ada”, “person”)", id="by comma"),
        pytest.param("It has:\n- ('Mill Lane', ['street', 'location'])\n- ('Ada', 'person')\n",
                     id="bullets"),
        pytest.param('1. ("Mill Lane", ["street", "location"]) - a street\n'
                     '2. ("Ada", "person") - she\'s (probably) a "poet"', id="numbered"),
        pytest.param('{"entity": "Mill Lane", "type": ["street", "location"]}\n'
                     '{"entity": "Ada", "type": "person"}', id="json lines"),
        pytest.param('{"ok": true, "n": 2, "entities": [{"entity": "Mill Lane", "type": '
                     '["street", "location"]}, {"entity": "Ada", "type": "person"}]}', id="object"),
        pytest.param('{"entity": "Mill Lane", "type": "street", "type": "location",'
                     ' "entity": "Ada", "type": "person"}', id="repeated keys"),
        pytest.param("{'type': 'street', 'type': 'location', 'entity': 'Mill Lane',"
                     " 'type': 'person', 'entity': 'Ada'}", id="repeated keys, types first"),
        pytest.param('[{"Entity": "Mill Lane", "Entity Type": ["street", "location"], "n": 1},'
                     ' {"Entity": "Ada", "Entity Type": "person", "n": 2}]', id="other spelling"),
        pytest.param('{"Mill Lane": ["street", "location"], "Ada": "person"}', id="mapping"),
        pytest.param("{'entities': {'Mill Lane': ['street', 'location'], 'Ada': 'person'}}",
                     id="mapping in an object"),
        pytest.param('[{"Mill Lane": ["street", "location"]}, {"Ada": "person"}]', id="mappings"),
        pytest.param('{("Mill Lane", ("street", "location")), ("Ada", "person")}', id="set"),
        pytest.param('{"places": [["Mill Lane", ["street", "location"]]],'
                     ' "people": [["Ada", "person"]]}', id="by kind"),
        pytest.param('[[["Mill Lane", ["street", "location"]]], [["Ada", "person"]], []]',
                     id="by sentence"),
        pytest.param(f"<think>\nIs it [['a', 'b'], ['c', 'd'], ['e', 'f']]?\n</think>\n{LADDERS}",
                     id="thinking"),
        pytest.param(f"It's [['a', 'b'], ['c', 'd'], ['e', 'f']].</think>{LADDERS}",
                     id="thinking that was opened in the prompt"),
        pytest.param(f"<think>I'd rather say\n\n```\n{LADDERS}\n```\n", id="thinking left open"),
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
        ('[["</think>", "tag"]]', [("</think>", "tag")]),
        ("(1994, 'year')", [("1994", "year")]),
        ('[{"entity": 7, "type": "number"}]', [("7", "number")]),
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
        ('[("Ada", "person"), ... ]', 1),
        ('[("Ada", "person"), ("Bo", "dog", ("Mill Lane", ("street", "location"))]', 1),
        ('("Ada", "person")\n("Bo", dog)\n("Mill Lane", ["street", "location"])', 1),
        ('[{"entity": "Ada", "type": "person"}, {"entity": "Bo", "type": {}}, {"a": true}]', 2),
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
     "{}", '{"entities": ["Ada", "Bo"]}', "[as requested]", "]", '[["a"], []]', '[["a", b]] []',
     "Entity: Ada, Type: person", "Ada (person), Bo (dog)", "- Ada: person\n- Bo: dog",
     '{"ok": true}', '<think>["Ada", "person"]', f"<think>Say {LADDERS} or not",
     f"<think>{LADDERS}</think>", f"<think>{LADDERS[:-1]}", "[" * 5000, '["' * 5000],
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


@pytest.mark.parametrize(
    ("raw", "items"),
    [
        pytest.param(f'[["a", "b"]] {LADDERS} [["c", "d"]]', (LANE, ADA), id="the fullest"),
        pytest.param(f"[('a', 'b'), ('c', 'd')] Or rather: {LADDERS}", (LANE, ADA), id="the last"),
        pytest.param(f"{LADDERS} ('a', 'b') ('c', 'd')", (LANE, ADA), id="a list before pairs"),
        pytest.param(f'Format: [("a", "b"), ... ]\n{LADDERS}', (LANE, ADA), id="the format"),
        pytest.param('Not ["person", "human"], but ("Ada", "person").', (ADA,), id="two names"),
        pytest.param('("Ada" is a name) [("Ada", "person")]', (ADA,), id="a quoted word"),
    ],
)
def test_of_several_lists_the_fullest_counts_and_then_the_last(
    raw: str, items: tuple[Item, ...]
) -> None:
    assert isinstance(reading := parse_reply(raw), Parsed)
    assert reading.items == items


@pytest.mark.parametrize(
    ("raw", "items"),
    [
        ('{"entity": "A", "type": "x", "entity": "B", "type": "y"}', [("A", "x"), ("B", "y")]),
        ('{"entity": "A", "type": "x", "type": "y"}', [("A", "x", "y")]),
        ('{"entity": "A", "entity": "B", "type": "x"}', [("A",), ("B", "x")]),
        ('{"type": "x", "entity": "A", "entity": "B"}', [("A", "x"), ("B", "x")]),
        ('{"entity": "A", "mention": "a", "type": "x", "label": "X"}', [("A", "x")]),
        ('{"entity": "A", "type": "x", "entity": "B", "ty', [("A", "x")]),
        ('{"A": "x", "A": "y", "B": ["z', [("A", "x"), ("A", "y")]),
    ],
)
def test_no_key_of_an_object_hides_another(raw: str, items: list[tuple[str, ...]]) -> None:
    assert isinstance(reading := parse_reply(raw), Parsed)
    assert [(item.mention, *item.types) for item in reading.items] == items


@pytest.mark.parametrize(
    ("raw", "numbers"),
    [
        ("[1, 3]", (1, 3)),
        ("[1,3,]", (1, 3)),
        ('{"correct": [1, 3]}', (1, 3)),
        ("```json\n[\n  1,\n  3\n]\n```", (1, 3)),
        ("Right are (I think): ['1', \"3\"].", (1, 3)),
        ("[3, 1, 3]", (3, 1)),
        ("At first [1, 2, 3], on reflection [1, 3].", (1, 3)),
        ("<think>Is it [2, 4]? Or [5]?</think>[1, 3]", (1, 3)),
        ("[2]", (2,)),
        ("None is right: []", ()),
        ('{"correct": []}', ()),
    ],
)
def test_the_last_whole_list_of_numbers_is_the_verdict(raw: str, numbers: tuple[int, ...]) -> None:
    assert parse_numbers(raw) == numbers


@pytest.mark.parametrize(
    "raw",
    ["", "1, 3", "None", "[1, 3", '{"correct": [1, 3', "[1] yes, [3] yes", "[1, 3] but not [2]",
     "[1 and 3]", "[-1]", "[1.5]", '[["Ada", "person"]]', "<think>[1, 3]</think>", "<think>[1, 3]",
     "[" + "9" * 5000 + "]"],
)  # fmt: skip
def test_anything_else_takes_nothing_back(raw: str) -> None:
    assert isinstance(reading := parse_numbers(raw), Malformed)
    assert (reading.raw, bool(reading.why)) == (raw, True)
