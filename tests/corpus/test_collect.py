"""A sample accounts for every passage, and is the same however the corpus is ordered or divided."""

import pickle
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uniner.corpus.collect import (
    Counts,
    SampleConfig,
    choose,
    collect,
    counts_to_json,
    fill,
    judge,
    merge_all,
    passages_of,
    screen,
)
from uniner.corpus.contamination import hold_out
from uniner.corpus.documents import Document, Read, Unreadable
from uniner.corpus.drops import Drop
from uniner.records import ConfigError, InputError, Passage

CONFIG = SampleConfig(language="any", min_tokens=1)
NAMES = ("Ada", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal", "Ida", "Jo", "Kit", "Lou", "Mo", "Ned")


def make_text(number: int, changed: int = 0) -> str:
    """Thirty words unlike those of any other number, and a word at the end that may differ."""
    words = [f"{NAMES[(number + step) % 14]} {number}{step}" for step in range(15)]
    return " ".join([*words, str(changed)])


def make_documents(numbers: Iterable[int], changed: int = 0) -> list[Document]:
    return [
        Document(make_text(number, changed), "f", place, "even" if number % 2 == 0 else "odd")
        for place, number in enumerate(numbers, start=1)
    ]


def sample(documents: Iterable[Read], config: SampleConfig) -> tuple[list[Passage], Counts]:
    passages, counts = collect(documents, config)
    return list(passages), counts


def check_sum(counts: Counts) -> None:
    assert counts.passages == counts.sampled + counts.drops.total()
    assert not any(count < 0 for count in counts.drops.values())


def test_everything_is_kept_in_order_but_what_came_before() -> None:
    documents = make_documents([3, 1, 3, 2, 1, 3]) + make_documents([3], changed=1)
    passages, counts = sample(documents, CONFIG)
    assert [p.text for p in passages] == [make_text(number) for number in (3, 1, 2)]
    assert counts.drops == {Drop.EXACT: 3, Drop.NEAR: 1}
    assert counts.domains == {"odd": 2, "even": 1}
    assert (counts.documents, counts.passages) == (7, 7)
    kept, counts = sample(documents, replace(CONFIG, near_duplicates=0))
    assert len(kept) == 4
    check_sum(counts)


def test_a_number_is_drawn_without_duplicates() -> None:
    documents = make_documents([*range(60), *range(30)]) + make_documents(range(20), changed=1)
    passages, counts = sample(documents, replace(CONFIG, n=40))
    assert len({p.text.rpartition(" ")[0] for p in passages}) == len(passages) == 40
    assert counts.drops[Drop.EXACT] > 10
    assert counts.drops[Drop.NEAR] > 0
    assert counts.drops[Drop.NOT_DRAWN] > 0
    check_sum(counts)


def test_the_seed_decides_what_is_drawn_and_in_which_order() -> None:
    documents = make_documents(range(50))
    first, again, other = (
        [p.id for p in sample(documents, replace(CONFIG, n=10, seed=seed))[0]] for seed in (1, 1, 2)
    )
    assert first == again
    assert set(first) != set(other)
    assert first != sorted(first)


def test_a_number_is_drawn_of_each_domain() -> None:
    documents = [*make_documents(range(30)), Document(make_text(99), "f", 99, "lone")]
    passages, counts = sample(documents, replace(CONFIG, per_domain=5))
    assert counts.domains == {"even": 5, "odd": 5, "lone": 1}
    assert len(passages) == 11
    check_sum(counts)


def test_a_text_of_two_domains_is_drawn_for_one() -> None:
    both = [Document(make_text(1), "f", line, "ab"[line % 2]) for line in range(1, 9)]
    for near in (0.8, 0):
        config = replace(CONFIG, per_domain=5, near_duplicates=near)
        passages, counts = sample(both, config)
        assert [(p.id, p.domain) for p in passages] == [("f:1:0", "b")]
        assert counts.drops[Drop.EXACT] == 7
        check_sum(counts)


def test_fewer_than_wanted_are_all_there_are() -> None:
    passages, counts = sample(make_documents([1, 2, 2]), replace(CONFIG, n=9))
    assert {p.text for p in passages} == {make_text(1), make_text(2)}
    assert counts.drops[Drop.NOT_DRAWN] == 0
    check_sum(counts)


CORPORA = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 1)), max_size=30).map(
    lambda pairs: [
        Document(make_text(number, changed), "f", line, "abc"[(line + number) % 3])
        for line, (number, changed) in enumerate(pairs)
    ]
)
DRAWS = st.one_of(
    st.integers(1, 8).map(lambda n: replace(CONFIG, n=n)),
    st.integers(1, 4).map(lambda n: replace(CONFIG, per_domain=n)),
)


@settings(max_examples=60)
@given(CORPORA, DRAWS, st.randoms(use_true_random=False), st.integers(0, 30))
def test_order_and_parts_make_no_difference(
    documents: list[Document], config: SampleConfig, random: Random, place: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("uniner.corpus.collect.SPARE_LEAST", 2)
        expected = sample(documents, config)
        shuffled: list[Read] = list(random.sample(documents, len(documents)))
        assert sample(shuffled, config) == expected
        parts, counts = [], Counts()
        for part in (shuffled[:place], shuffled[place:]):
            own = Counts()
            parts.append(fill(screen(part, config, own), config))
            counts.add(own)
        assert (list(choose(merge_all(parts, config), config, counts)), counts) == expected
    check_sum(expected[1])


def test_passages_are_left_out_for_their_language_and_for_test_sets() -> None:
    english = (
        "The council voted on Tuesday night to close the swimming baths on Mill Lane by March."
    )
    other = "Der Rat beschloss am Dienstag, das Schwimmbad im Ort bis Ende März zu schließen."
    texts = [
        english,
        other,
        "She said that nobody had asked her about it before the vote.",
    ]
    documents = [Document(text, "f", line, "") for line, text in enumerate(texts)]
    held_out = hold_out({"a": [english], "b": [f"Well , {english}"], "c": [other]})
    passages, counts = collect(documents, replace(CONFIG, language="en"), held_out)
    assert [p.text for p in passages] == texts[2:]
    assert counts.drops == {Drop.LANGUAGE: 1, Drop.CONTAMINATED: 1}
    assert counts.contaminated == {"a": 1, "b": 1}
    check_sum(counts)


def test_a_long_document_counts_once() -> None:
    sections = [Document(make_text(n), "f", 1, "", offset) for n, offset in enumerate((0, 90, 180))]
    _, counts = sample(sections, CONFIG)
    assert (counts.documents, counts.passages) == (1, 3)


def test_what_cannot_be_read_stops_a_sample_unless_it_is_lenient() -> None:
    (first, last), wrong = make_documents([1, 2]), Unreadable("f:2: malformed")
    documents: list[Read] = [first, wrong, last]
    with pytest.raises(InputError, match="f:2: malformed"):
        sample(documents, CONFIG)
    passages, counts = sample(documents, replace(CONFIG, lenient=True))
    assert (len(passages), counts.unreadable, counts.documents) == (2, 1, 2)


def test_what_is_done_to_each_record_travels_to_another_process() -> None:
    functions, config, document = pickle.loads(
        pickle.dumps(([passages_of, judge], CONFIG, make_documents([1])[0]))
    )
    cut = functions[0](document, config)
    assert pickle.loads(pickle.dumps(cut)) == cut
    assert functions[1](cut.passages[0], config).drop is None
    reservoirs = pickle.loads(pickle.dumps(fill(cut.passages, replace(config, n=1))))
    assert [drawn.passage for drawn in reservoirs[""]] == cut.passages


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 1, "per_domain": 1}, "n = 1 and per_domain = 1: give one of them"),
        ({"n": -1}, "n = -1"),
        ({"min_tokens": 0}, "no passage has 0 to 256 tokens"),
        ({"max_tokens": 8}, "no passage has 16 to 8 tokens"),
        ({"near_duplicates": 1.5}, "near_duplicates is 1.5"),
    ],
)
def test_impossible_options_are_refused(options: dict[str, int], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SampleConfig(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"language": "xx"}, "'xx' is no language code"),
        ({"tokenizer": "nope.json"}, "nope.json: no such file"),
        ({"n": 5}, "needs rensa"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_read(
    options: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "rensa", None)

    def read() -> Iterable[Read]:
        pytest.fail("read")
        yield

    with pytest.raises((ConfigError, InputError), match=message):
        collect(read(), SampleConfig(**options))  # type: ignore[arg-type]


def test_counts_are_written_by_name() -> None:
    _, counts = sample(make_documents([1, 2, 1]), CONFIG)
    assert counts_to_json(counts) == {
        "documents": 3,
        "unreadable": 0,
        "passages": 3,
        "drops": {"the same as another": 1},
        "contaminated": {},
        "domains": {"odd": 1, "even": 1},
        "sampled": 2,
    }
