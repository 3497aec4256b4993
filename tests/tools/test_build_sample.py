"""The script that built the sample writes the same bytes every time and loses nothing."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from uniner.teacher.parse import Item, Parsed, parse_reply

ITEMS = [('Children\'s "Zoo"', ["zoo", "location"]), ("1,200", ["number"]), ("a\\b”", ["path"])]


def load_script() -> ModuleType:
    path = Path(__file__).parents[2] / "tools/build_sample.py"
    spec = importlib.util.spec_from_file_location("build_sample", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_source(folder: Path) -> None:
    for part in "abcdefghijklm":
        rows = [
            {"id": f"{part}-{n}", "genre": "g", "text": "t", "entities": ITEMS} for n in (2, 1, 3)
        ]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{part}.jsonl").write_text(text, encoding="utf-8")
    definition = {"type": "zoo", "definition": "where animals are kept", "aliases": []}
    (folder / "definitions.jsonl").write_text(json.dumps(definition) + "\n", encoding="utf-8")
    (folder / "hierarchy.txt").write_text("zoo, ship > ship\n", encoding="utf-8")


def test_two_builds_are_byte_for_byte_the_same(tmp_path: Path) -> None:
    script = load_script()
    write_source(tmp_path)
    built = []
    for name in ("one", "two"):
        script.build(tmp_path, tmp_path / name)
        built.append({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()})
    assert built[0] == built[1]
    assert built[0]["hierarchy.txt"] == b"zoo > ship\n"


def test_words_that_a_test_set_shares_are_worded_anew() -> None:
    script = load_script()
    old, new = script.REWORDED["i-0013"]
    assert script.reword({"id": "i-0013", "text": f"A. {old} B."}) == f"A. {new} B."
    assert script.reword({"id": "i-0014", "text": f"A. {old} B."}) == f"A. {old} B."
    with pytest.raises(SystemExit, match="mend REWORDED"):
        script.reword({"id": "i-0013", "text": "something else"})


@pytest.mark.parametrize("shape", ["json", "fenced", "chatter", "tuples", "objects"])
def test_no_shape_of_a_reply_loses_or_changes_an_entity(shape: str) -> None:
    raw = getattr(load_script(), f"as_{shape}")(ITEMS)
    assert parse_reply(raw) == Parsed(tuple(Item(m, tuple(types)) for m, types in ITEMS))
