"""Instruction files of two kinds: prompts that quote a text, and sentences with entities."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from real_files import REAL, needs
from toy_bench import instruct, write, write_instructions
from uniner.benchmark.document import Reading
from uniner.benchmark.readers import ie_instructions, instructions
from uniner.benchmark.readers.ie_instructions import InstructionOptions
from uniner.benchmark.readers.instructions import PromptOptions
from uniner.records import InputError

FINE, COARSE = PromptOptions(), PromptOptions("coarse")
PLAIN = InstructionOptions()
TYPES = ("art_film", "art_other", "place_lake/pond", "place")
FORM = 'Please give the answer in the form "[Answer]: {entity}: {type}; ".\n'
PROMPTS = [
    "Find [{types}].{form}Text: '{text} '",
    "Given \"Text: '{text} '\", use [{types}].{form}",
    "Text: '{text} '\n\n[{types}]\n\nAnalyze it, else say 'None'.{form}",
    "From: Text: '{text} '. The categories are: [{types}].{form}",
    "[{types}]\n\nText: '{text} '{form}",
    "Options: [[{types}]]. Text: '{text} '\nText: '{text} '{form}",
]


def ask(text: str, answer: str, prompt: str = PROMPTS[0]) -> dict[str, Any]:
    content = prompt.format(text=text, types=", ".join(TYPES), form=FORM)
    return {
        "id": 0,
        "messages": [
            {"role": "user", "content": content},
            {"role": "assistant", "content": answer},
        ],
    }


def write_rows(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("prompt", PROMPTS)
def test_every_wording_gives_the_same_document(tmp_path: Path, prompt: str) -> None:
    text = "We saw ' Lake ; Home : Part 2 ' at Lily 's [ big , old ] pond ."
    answer = "Lake ; Home : Part 2: art_film; Lily 's: place_lake/pond; pond: place; "
    path = write_rows(tmp_path / "some.jsonl", ask(text, answer, prompt))
    [document] = instructions.read([path], FINE, Reading())
    assert (document.id, document.text, document.entities) == ("0", text, None)
    assert document.mentions == {
        "art_film": ("Lake ; Home : Part 2",),
        "art_other": (),
        "place_lake/pond": ("Lily 's",),
        "place": ("pond",),
    }


def test_coarse_labels_put_types_together(tmp_path: Path) -> None:
    answer = "X: art_other; Y: art_film; Y: place; X: art_film; "
    path = write_rows(tmp_path / "some.jsonl", ask("X , Y .", answer), ask("None .", ""))
    first, second = instructions.read([path], COARSE, Reading())
    assert first.mentions == {"art": ("Y", "X", "X"), "place": ("Y",)}
    assert second.mentions == {"art": (), "place": ()}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"messages": []}, "expected 'messages' of a user and an assistant"),
        (ask("X .", "X: art_film; ", "[{types}] {text}"), "in the prompt, found 0"),
        (ask("X .", "X: art_film; ", "Text: '{text} ' [{types}] Text: 'Y '"), "found 0"),
        (ask("X .", "", "Text: '{text} '\n"), r"expected one list '\[type, type"),
        (ask("X .", "", "Text: '{text} '\n[{types}] [{types}]"), "found 2"),
        (ask("X .", "X: art_song; "), "expected 'mention: type; …', got 'X: art_song"),
        (ask("X .", "X: art_film; none"), "expected 'mention: type; …', got 'none'"),
        (ask("X .", "X: art_films; "), "expected 'mention: type"),
        (ask("\ud800 .", ""), "half a character"),
    ],
)
def test_a_malformed_prompt_or_answer_is_refused_or_left_out(
    tmp_path: Path, row: object, message: str
) -> None:
    path = write_rows(tmp_path / "some.jsonl", ask("X .", "X: place; "), row)
    with pytest.raises(InputError, match=rf"some\.jsonl:2: .*{message}"):
        list(instructions.read([path], FINE, Reading()))
    documents = list(instructions.read([path], FINE, reading := Reading(lenient=True)))
    assert [document.id for document in documents] == ["0"]
    assert reading.notes == {"malformed, skipped": 1}


MENTION = st.text("ab:; ,'é", min_size=1, max_size=8).map(str.strip).filter(bool)


@given(st.lists(st.tuples(MENTION, st.sampled_from(TYPES)), max_size=6))
def test_mentions_with_colons_and_semicolons_come_back(pairs: list[tuple[str, str]]) -> None:
    answer = "".join(f"{mention}: {kind}; " for mention, kind in pairs)
    found = instructions.split_answer(answer, TYPES)
    assert found == {kind: [m for m, other in pairs if other == kind] for kind in TYPES}


@needs("fewnerd_sample")
def test_all_prompts_of_the_sample_are_read() -> None:
    folder = REAL / "fewnerd_sample"
    documents = list(instructions.read([folder / "test_1000.jsonl"], FINE, reading := Reading()))
    labels: Counter[str] = Counter()
    for document in documents:
        assert len(document.mentions) == 66
        for kind, mentions in document.mentions.items():
            labels[kind] += len(mentions)
            assert all(mention in document.text for mention in mentions)
    known = json.loads((folder / "source.json").read_text())["labels"]
    assert (len(documents), +labels, reading.notes) == (1000, Counter(known), {})


def test_sentences_give_raw_labels_and_offsets(tmp_path: Path) -> None:
    path = write_instructions(tmp_path, {"sentence": " ", "entities": []})
    first, second = ie_instructions.read([path], PLAIN, reading := Reading())
    assert (first.id, second.id) == ("0", "1")
    assert [(e.span, e.text, e.type) for e in first.entities or ()] == [
        ((0, 8), "The Owls", "album"),
        ((14, 18), "Acme", "organisation"),
    ]
    assert [e.type for e in second.entities or ()] == ["misc"]
    assert reading.notes == {"document without text skipped": 1}


def entity(name: object, *place: object) -> dict[str, object]:
    return {"sentence": "Ada", "entities": [{"name": name, "type": "band", "pos": [*place]}]}


@pytest.mark.parametrize(
    ("row", "message", "left"),
    [
        (7, "expected an object with a string 'sentence'", 2),
        ({"sentence": "a"}, "expected an object with a string 'sentence'", 2),
        (instruct("\ud800 Ada", ("Ada", "band")), "half a character .* at offset 0", 2),
        ({"sentence": "a", "entities": [1]}, "expected an entity", 3),
        (entity("Ada", 0, 3, 4), "expected an entity", 3),
        (entity("Ada", 0, "3"), "expected an entity", 3),
        (entity("Ada", 0, 2), r"span \[0, 2\) cannot hold 'Ada'", 3),
        (entity("", 0, 0), r"empty or negative span \[0, 0\)", 3),
        (entity("Bob", 0, 3), "expected 'Bob' .*where the text reads 'Ada'", 3),
    ],
)
def test_a_malformed_sentence_or_entity_is_refused_or_left_out(
    tmp_path: Path, row: object, message: str, left: int
) -> None:
    path = write_instructions(tmp_path, row)
    with pytest.raises(InputError, match=rf"{path}: record 3: .*{message}"):
        list(ie_instructions.read([path], PLAIN, Reading()))
    documents = list(ie_instructions.read([path], PLAIN, reading := Reading(lenient=True)))
    assert len(documents) == left
    assert reading.notes == {"malformed, skipped": 1}


def test_several_files_have_ids_of_their_own(tmp_path: Path) -> None:
    rows = [instruct("Ada sang.", ("Ada", "poet"))]
    paths = [write(tmp_path / name, rows) for name in ("train.json", "dev.json")]
    ids = [document.id for document in ie_instructions.read(paths, PLAIN, Reading())]
    assert ids == ["train-0", "dev-0"]


@needs("ie_instructions")
def test_the_real_sentences_have_their_sizes_and_labels() -> None:
    folder = REAL / "ie_instructions"
    splits = json.loads((folder / "source.json").read_text())["splits"]
    for name in (name for name in splits if name.endswith(("test", "dev"))):
        documents = list(ie_instructions.read([folder / f"{name}.json"], PLAIN, Reading()))
        labels = Counter(e.type for document in documents for e in document.entities or ())
        assert (len(documents), labels) == (splits[name]["sentences"], splits[name]["types"]), name
