"""Whatever happens to a reply on its way, nothing raises and nothing is invented."""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from uniner.corpus import sample
from uniner.teacher.clean import clean
from uniner.teacher.literal import unescape
from uniner.teacher.parse import (
    ITEM_KEYS,
    LIST_KEY,
    Item,
    Malformed,
    Parsed,
    normalize_key,
    parse_numbers,
    parse_reply,
)
from uniner.text.normalize import normalize_type

REPLIES = 100_000

Items: TypeAlias = Sequence[tuple[str, list[str]]]
Write: TypeAlias = Callable[[Items], str]


def dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def as_tuples(items: Items) -> list[str]:
    return [f"({dump(mention)}, {dump(types)})" for mention, types in items]


def as_objects(items: Items) -> list[str]:
    return [dump({"entity": mention, "type": types}) for mention, types in items]


SHAPES: dict[str, Write] = {
    "json": json.dumps,
    "python": lambda items: repr(list(items)),
    "fence": lambda items: f"```json\n{json.dumps(items, indent=2)}\n```",
    "chatter": lambda items: f"Sure (see [1])! Here's it:\n{dump(items)}\nIs there more?",
    "objects": lambda items: f"[{', '.join(as_objects(items))},]",
    "python dicts": lambda items: repr([{"name": m, "types": types} for m, types in items]),
    "wrapped": lambda items: f'{{"ok": true, "entities": [{", ".join(as_objects(items))}]}}',
    "json lines": lambda items: "\n".join(as_objects(items)),
    "tuples by line": lambda items: "\n".join(as_tuples(items)),
    "tuples by comma": lambda items: ", ".join(as_tuples(items)),
    "bullets": lambda items: "I see:\n" + "".join(f"- {one}\n" for one in as_tuples(items)),
    "repeated keys": lambda items: (
        "{" + ", ".join(f'"entity": {dump(m)}, "type": {dump(types)}' for m, types in items) + "}"
    ),
    "mapping": lambda items: "{" + ", ".join(f"{dump(m)}: {dump(ts)}" for m, ts in items) + "}",
    "mappings": lambda items: dump([{mention: types} for mention, types in items]),
    "lists of lists": lambda items: dump([[item] for item in items]),
    "thinking": lambda items: f'<think>Is it [["x", "y"]]? Hm.</think>\n{dump(items)}',
}
NAMES = st.text(min_size=1, max_size=12)
ITEMS = st.lists(st.tuples(NAMES, st.lists(NAMES, min_size=1, max_size=3)), min_size=1, max_size=5)


@given(ITEMS, st.sampled_from(sorted(SHAPES)))
def test_every_shape_reads_back_as_what_was_written(
    items: list[tuple[str, list[str]]], shape: str
) -> None:
    if shape in ("mapping", "mappings"):  # a mention "span" is what an item's own key is called
        assume(not {normalize_key(mention) for mention, _ in items} & {*ITEM_KEYS, LIST_KEY})
    expected = tuple(Item(mention, tuple(types)) for mention, types in items)
    assert parse_reply(SHAPES[shape](items)) == Parsed(expected)


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_wherever_a_reply_breaks_off_what_is_whole_is_kept_and_no_more(shape: str) -> None:
    items = [("Ada", ["poet", "person"]), ("St. John's", ["town"]), ("It", ["film"])]
    raw = SHAPES[shape](items)
    answer = raw.index("</think>") + 8 if shape == "thinking" else 0
    whole = tuple(Item(mention, tuple(types)) for mention, types in items)
    counts = [0]
    for length in range(answer, len(raw)):
        reading = parse_reply(raw[:length])
        found = reading.items if isinstance(reading, Parsed) else ()
        assert found == whole[: len(found)]
        counts.append(len(found))
    assert counts == sorted(counts)
    if shape != "repeated keys":  # one object, which is whole or is not
        assert {1, 2} < set(counts)


SPECIAL = [*"[](){}\"'“”‘’,:\\\n aN0`.", "null", "```", "</think>", "<think>", '", "', "], ["]
QUOTES = str.maketrans({'"': "'"}), str.maketrans({'"': "“"}), str.maketrans({"'": '"'})


def mutate(raw: str, rng: random.Random) -> str:
    """A reply with up to three damages: deleted, inserted, doubled, cut, swapped, requoted."""
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(raw) + 1)
        width = rng.choice((1, 1, 2, 8))
        match rng.randrange(6):
            case 0:
                raw = raw[:at] + raw[at + width :]
            case 1:
                raw = raw[:at] + rng.choice(SPECIAL) * width + raw[at:]
            case 2:
                raw = raw[:at] + raw[max(0, at - 3 * width) :]
            case 3:
                raw = raw[: max(at, len(raw) // 2)]
            case 4:
                raw = raw[:at] + raw[at + 1 : at + 2] + raw[at : at + 1] + raw[at + 2 :]
            case _:
                quotes = rng.choice(QUOTES)
                raw = (
                    raw[:at] + raw[at : at + 20 * width].translate(quotes) + raw[at + 20 * width :]
                )
    return raw


def read_sample() -> list[tuple[str, str]]:
    """Passages of the sample with their replies: as they are, and a few items in every shape."""
    texts = {passage.id: passage.text for passage in sample.read_passages()}
    rows = [(texts[row["id"]], row["reply"]) for row in sample.read_replies()]
    cases = [(text, raw) for text, raw in rows if len(raw) < 320][::4]
    for number, (text, raw) in enumerate(list(cases)):
        reading = parse_reply(raw)
        assert isinstance(reading, Parsed)
        items = [(item.mention, list(item.types)) for item in reading.items[:4]]
        if items:
            cases.append((text, list(SHAPES.values())[number % len(SHAPES)](items)))
    return cases


def is_written(name: str, raw: str) -> bool:
    """Whether a reply says `name`, as it is or behind backslashes; null says none."""
    return name in raw or name in unescape(raw) or (name == "none" and "null" in raw)


def fold(text: str) -> str:
    return " ".join(text.casefold().split())


def test_a_hundred_thousand_damaged_replies_never_raise_and_never_invent() -> None:
    rng = random.Random(20230807)
    cases = read_sample()
    kept: Counter[str] = Counter()
    for number in range(REPLIES):
        text, whole = cases[number % len(cases)]
        raw = mutate(whole, rng)
        numbers = parse_numbers(raw)
        assert isinstance(numbers, Malformed) or all(str(one) in raw for one in numbers)
        reading = parse_reply(raw)
        if isinstance(reading, Malformed):
            assert reading.raw == raw
            continue
        for item in reading.items:
            assert is_written(item.mention, raw)
            assert all(is_written(name, raw) for name in item.types)
        mentions = {fold(item.mention) for item in reading.items}
        names = {normalize_type(name) for item in reading.items for name in item.types}
        types, _ = clean(reading, text)
        assert types is not None
        assert {fold(text[start:end]) for start, end in types} <= mentions
        assert all(names.issuperset(found) for found in types.values())
        kept.update(["read"], items=len(reading.items), grounded=len(types))
    assert kept["read"] > 0.9 * REPLIES
    assert kept["items"] > 2.5 * REPLIES
    assert kept["grounded"] > 2 * REPLIES


@pytest.mark.parametrize(
    "unit",
    ["[", "(", "{", '"', "\\", "[(", "[[]],", "('a", '("a",', '{"a":', '["\\"', "[“a”,", "[[x],",
     '["a","b"]\n', "</think>", "[1,", "a "],
)  # fmt: skip
def test_time_grows_with_the_length_and_no_faster(unit: str) -> None:
    short, long = (min(seconds_of(unit, length) for _ in range(4)) for length in (25_000, 100_000))
    assert long < 12 * short + 0.02, "four times for four times the length, not sixteen"


def seconds_of(unit: str, length: int) -> float:
    """How long a reply of so many characters takes, all of them repeats."""
    raw = unit * (length // len(unit))
    start = time.process_time()
    clean(parse_reply(raw), "a b" * 100)
    parse_numbers(raw)
    return time.process_time() - start
