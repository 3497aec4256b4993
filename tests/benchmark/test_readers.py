"""Each format becomes examples, or one error that says where and what."""

from pathlib import Path

import pytest

from toy_bench import AI, MUSIC, instruct, query, write, write_conversations, write_instructions
from uniner.benchmark.catalog import load_catalog
from uniner.benchmark.examples import choose_examples
from uniner.benchmark.readers import read_examples
from uniner.records import InputError

DATASETS = load_catalog().datasets
CONVERSATIONS, INSTRUCTIONS = DATASETS["CrossNER_AI"], DATASETS["CrossNER_music_spans"]


def test_queries_about_one_passage_become_one_example(tmp_path: Path) -> None:
    write_conversations(tmp_path)
    examples = read_examples(CONVERSATIONS, tmp_path)
    assert [example.passage.id for example in examples] == ["q0", "q2", "q4"]
    assert {example.types for example in examples} == {("person", "place")}
    assert [example.mentions for example in examples] == [
        (("Ada", "Bo"), ()),
        ((), ()),
        (("Cy",), ("York",)),
    ]
    assert {example.entities for example in examples} == {None}


def test_a_passage_that_comes_twice_is_two_examples(tmp_path: Path) -> None:
    rows = [query(f"q{n}", "Ada.", "person", ["Ada"]) for n in range(2)]
    write(tmp_path / AI, rows)
    assert len(read_examples(CONVERSATIONS, tmp_path)) == 2


def test_instruction_files_give_offsets_renamed_labels_and_no_dropped_ones(tmp_path: Path) -> None:
    write_instructions(tmp_path)
    first, second = read_examples(INSTRUCTIONS, tmp_path)
    assert first.types == second.types == ("band", "organization")
    assert first.mentions == (("The Owls",), ("Acme",))
    assert [(e.span, e.type) for e in first.entities or ()] == [
        ((0, 8), "band"),
        ((14, 18), "organization"),
    ]
    assert second.entities == ()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (7, "record 3: expected an object with a string 'sentence', got 7"),
        ({"sentence": "a"}, "record 3: expected a list as 'entities', got None"),
        ({"sentence": "a", "entities": [1]}, "record 3: expected an entity"),
        (
            {"sentence": "Ada", "entities": [{"name": "Ada", "type": "band", "pos": [0, 2]}]},
            r"record 3: span \[0, 2\) cannot hold 'Ada'",
        ),
        (
            {"sentence": "Ada", "entities": [{"name": "Bob", "type": "band", "pos": [0, 3]}]},
            "record 3: .*where the text reads 'Ada'",
        ),
        (instruct("Ada", ("Ada", "poet")), "record 3: type 'poet' is not in labels.json"),
        (instruct("\ud800 Ada", ("Ada", "band")), "record 3: .*half a character at offset 0"),
    ],
)
def test_a_wrong_instruction_record_is_named(tmp_path: Path, row: object, expected: str) -> None:
    path = write_instructions(tmp_path, row)
    with pytest.raises(InputError, match=expected) as caught:
        read_examples(INSTRUCTIONS, tmp_path)
    assert str(path) in str(caught.value)


def test_a_gold_answer_that_is_no_list_is_named(tmp_path: Path) -> None:
    row = query("q0", "Ada.", "person", [])
    row["conversations"][-1]["value"] = "Ada"
    write(tmp_path / AI, [row])
    with pytest.raises(InputError, match=r"record 1: the answer does not start with \[: 'Ada'"):
        read_examples(CONVERSATIONS, tmp_path)


def test_half_a_character_in_a_conversation_is_named(tmp_path: Path) -> None:
    write(tmp_path / AI, [query("q0", "\ud800", "person", [])])
    with pytest.raises(InputError, match="'q0': half a character"):
        read_examples(CONVERSATIONS, tmp_path)


def test_an_absent_file_says_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"CrossNER_AI.json: no such file.*https://"):
        read_examples(CONVERSATIONS, tmp_path)
    write_instructions(tmp_path)
    (tmp_path / MUSIC).with_name("labels.json").unlink()
    with pytest.raises(InputError, match=r"labels.json: no such file"):
        read_examples(INSTRUCTIONS, tmp_path)


def test_a_sample_depends_on_the_seed_alone(tmp_path: Path) -> None:
    rows = [query(f"q{n}", f"Text {n}.", "person", []) for n in range(30)]
    write(tmp_path / AI, rows)
    examples = read_examples(CONVERSATIONS, tmp_path)
    ids = [e.passage.id for e in choose_examples(examples, 5, seed=1)]
    assert ids == [e.passage.id for e in choose_examples(examples, 5, seed=1)]
    assert ids == sorted(ids, key=lambda name: int(name[1:]))
    assert ids != [e.passage.id for e in choose_examples(examples, 5, seed=2)]
    assert choose_examples(examples, 99, seed=1) == choose_examples(examples, None, 1) == examples
