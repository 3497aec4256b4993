"""What construction leaves on disk, `datasets` reads as it stands."""

from itertools import islice
from pathlib import Path

import pytest

datasets = pytest.importorskip("datasets", reason="the Hugging Face reader is an extra")

from uniner.construction.annotating import annotate_file, list_files  # noqa: E402
from uniner.construction.building import ConversationConfig, build_conversations  # noqa: E402
from uniner.construction.narrator import Silent  # noqa: E402
from uniner.construction.planning import TeacherConfig, make_plan  # noqa: E402
from uniner.corpus import sample  # noqa: E402
from uniner.records import Passage  # noqa: E402
from uniner.records.store import read_annotated, write_records  # noqa: E402


def load(path: Path) -> list[dict[str, object]]:
    rows = datasets.load_dataset("json", data_files=str(path), split="train")
    return list(rows)


def test_passages_annotations_replies_and_conversations_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    passages = [*islice(sample.read_passages(), 30), Passage("unknown", "Nobody knows.")]
    write_records(tmp_path / "passages.jsonl", passages)
    out = tmp_path / "annotated.jsonl"
    twice = [TeacherConfig(), TeacherConfig()]
    annotate_file(tmp_path / "passages.jsonl", out, make_plan(twice), Silent())
    conversations = tmp_path / "conversations.json"
    build_conversations(lambda _: read_annotated(out), conversations, ConversationConfig(), None)
    files = list_files(out)
    assert [row["id"] for row in load(tmp_path / "passages.jsonl")] == [p.id for p in passages]
    annotated = load(files.annotated)
    assert [row["text"] for row in annotated] == [p.text for p in passages[:-1]]
    entities = [entity for row in annotated for entity in row["entities"]]  # type: ignore[attr-defined]
    assert {entity["score"] for entity in entities} == {1.0}
    assert len(load(files.replies)) == 60
    assert [len(row) for row in load(conversations)] == [2] * 30
    (drops,) = load(files.drops)
    assert list(drops.values()) == [2]
