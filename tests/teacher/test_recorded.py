"""A recorded teacher repeats what was recorded, and nothing else."""

import asyncio
import json
from pathlib import Path

import pytest

from uniner.records import InputError
from uniner.teacher.recorded import Asked, Recorded, read_recorded, recorded, reply_to_json
from uniner.teacher.teacher import Answer, Failure, Kind, Prompt, Reply


def ask(teacher: Recorded, id: str, kind: Kind = "entities", sample: int = 0) -> Answer:
    return asyncio.run(teacher.answer(Prompt(id, "", "", kind=kind, sample=sample)))


def test_replies_come_back_by_id_and_the_last_of_an_id_counts() -> None:
    teacher = recorded([{"id": "a", "reply": "x"}, {"id": "a", "reply": "y", "model": "m"}])
    assert ask(teacher, "a") == Reply("a", "y", "m")


def test_an_unknown_passage_is_a_failure_not_an_exception() -> None:
    assert ask(recorded([]), "a") == Failure("a", "no reply is recorded")


def test_what_was_asked_a_second_time_or_in_another_way_is_another_question() -> None:
    replies = [(Asked("a"), "x"), (Asked("a", sample=1), "y"), (Asked("a", "verification"), "z")]
    rows = [reply_to_json(asked, Reply("a", raw, "m")) for asked, raw in replies]
    assert rows[0] == {"id": "a", "reply": "x", "model": "m"}
    teacher = recorded(json.loads(json.dumps(rows)))
    assert [ask(teacher, *asked) for asked, _ in replies] == [
        Reply("a", r, "m") for _, r in replies
    ]
    assert isinstance(ask(teacher, "a", "candidates"), Failure)


def test_the_same_question_to_other_files_has_another_key(tmp_path: Path) -> None:
    teachers = []
    for name in ("x", "y"):
        path = tmp_path / f"{name}.jsonl"
        path.write_text(json.dumps({"id": "a", "reply": name}) + "\n", encoding="utf-8")
        teachers += [read_recorded(path), read_recorded(path)]
    keys = [teacher.key_of(Prompt("a", "", "")) for teacher in teachers]
    assert keys[0] == keys[1] != keys[2] == keys[3]
    assert teachers[0].key_of(Prompt("b", "", "")) != keys[0]


@pytest.mark.parametrize(
    "line",
    ['{"id": "a"}', '{"id": 1, "reply": "x"}', "{", "[]", '{"id": "a", "reply": "x", "kind": "k"}',
     '{"id": "a", "reply": "x", "sample": "1"}'],
)  # fmt: skip
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "replies.jsonl"
    path.write_text('{"id": "a", "reply": "x"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"replies\.jsonl:2: "):
        read_recorded(path)
