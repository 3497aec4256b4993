"""Dialogues as the published rows, there and back, and files of them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.chat.dialogue import (
    Dialogue,
    Exchange,
    dialogue_from_json,
    dialogue_to_json,
    frame_context,
    is_conversations,
    read_dialogues,
    split_context,
)
from uniner.records import InputError, RecordError

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
DATASETS = TEXTS.map(lambda text: " ".join(text.split())).filter(
    lambda name: len(name.splitlines()) < 2 and name.strip() == name
)
DIALOGUES = st.builds(
    Dialogue,
    TEXTS,
    TEXTS | st.sampled_from(["Text: x", "Dataset: x\nText: y", "\nText: z"]),
    st.lists(st.builds(Exchange, TEXTS, TEXTS), min_size=1, max_size=3).map(tuple),
    DATASETS,
)


@given(dialogue=DIALOGUES)
def test_a_dialogue_comes_back_from_its_row(dialogue: Dialogue) -> None:
    row = json.loads(json.dumps(dialogue_to_json(dialogue)))
    assert dialogue_from_json(row) == dialogue


def test_a_row_has_the_words_of_the_published_files() -> None:
    asked = (Exchange("What describes person in the text?", '["José"]'), Exchange("q", "[]"))
    assert dialogue_to_json(Dialogue("x", "José.", asked)) == {
        "id": "x",
        "conversations": [
            {"from": "human", "value": "Text: José."},
            {"from": "gpt", "value": "I've read this text."},
            {"from": "human", "value": "What describes person in the text?"},
            {"from": "gpt", "value": '["José"]'},
            {"from": "human", "value": "q"},
            {"from": "gpt", "value": "[]"},
        ],
    }


@pytest.mark.parametrize(
    ("text", "dataset", "context"),
    [
        ("Ada.", "", "Text: Ada."),
        ("Ada.", "CoNLL 2003", "Dataset: CoNLL 2003\nText: Ada."),
        ("Dataset: x\nText: y", "", "Text: Dataset: x\nText: y"),
    ],
)
def test_a_data_set_is_named_before_the_text(text: str, dataset: str, context: str) -> None:
    assert Dialogue("1", text, (), dataset).context == frame_context(text, dataset) == context
    assert split_context(context) == (text, dataset)


@pytest.mark.parametrize("context", ["", "Ada.", "Dataset: x", "Dataset: x\nAda."])
def test_a_first_turn_without_a_text_is_refused(context: str) -> None:
    with pytest.raises(RecordError, match="expected 'Text: ' before the passage"):
        split_context(context)


@pytest.mark.parametrize("dataset", [" x", "x\n", "x\nText: y", " "])
def test_the_name_of_a_data_set_is_one_line(dataset: str) -> None:
    with pytest.raises(RecordError, match="must be one line"):
        Dialogue("1", "Ada.", (), dataset)


def test_a_file_is_read_as_numbered_dialogues(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    made = [Dialogue(str(n), "Ada.", (Exchange("q", "[]"),), "d" * n) for n in range(2)]
    path.write_text(json.dumps([dialogue_to_json(each) for each in made]))
    assert list(read_dialogues(path)) == [(1, made[0]), (2, made[1])]
    path.write_text(json.dumps([dialogue_to_json(made[0])] * 2))
    with pytest.raises(InputError, match=r"c\.json: record 2: id '0' was already used"):
        list(read_dialogues(path))


@pytest.mark.parametrize(
    ("content", "expected"),
    [("[]", True), ("\n\n  [", True), ('{"id": 1}\n', False), ("", False), ("\n", False)],
)
def test_conversations_are_told_from_jsonl(tmp_path: Path, content: str, expected: bool) -> None:
    path = tmp_path / "c.json"
    path.write_text(content)
    assert is_conversations(path) is expected
