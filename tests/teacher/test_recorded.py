"""A recorded teacher repeats what was recorded, and nothing else."""

from pathlib import Path

import pytest

from uniner.records import InputError
from uniner.teacher.recorded import read_recorded, recorded
from uniner.teacher.teacher import Failure, Prompt, Reply


def test_replies_come_back_by_id_and_the_last_of_an_id_counts() -> None:
    teacher = recorded([{"id": "a", "reply": "x"}, {"id": "a", "reply": "y", "model": "m"}])
    assert teacher.answer(Prompt("a", "", "")) == Reply("a", "y", "m")


def test_an_unknown_passage_is_a_failure_not_an_exception() -> None:
    assert recorded([]).answer(Prompt("a", "", "")) == Failure("a", "no reply is recorded")


@pytest.mark.parametrize("line", ['{"id": "a"}', '{"id": 1, "reply": "x"}', "{", "[]"])
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "replies.jsonl"
    path.write_text('{"id": "a", "reply": "x"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"replies\.jsonl:2: "):
        read_recorded(path)
