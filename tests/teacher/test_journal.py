"""A journal keeps replies as they come: nothing is asked twice, and nothing half-written counts."""

from pathlib import Path

import pytest

from uniner.records import InputError
from uniner.teacher.journal import open_journal
from uniner.teacher.recorded import read_recorded
from uniner.teacher.teacher import Answer, Failure, Prompt, Reply


class Counting:
    """Replies to everything but `silent`, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def answer(self, prompt: Prompt) -> Answer:
        self.asked.append(prompt.id)
        if prompt.id == "silent":
            return Failure("silent", "timeout")
        return Reply(prompt.id, f"says\n{prompt.user} \ud800", "m")


def ask(
    path: Path, *ids: str, name: str = "one", user: str = "é"
) -> tuple[list[str], list[Answer]]:
    """Who was really asked, and what came back."""
    teacher = Counting()
    with open_journal(path, teacher, name) as journalled:
        answers = [journalled.answer(Prompt(id, "s", user)) for id in ids]
    return teacher.asked, answers


def test_a_second_run_asks_only_what_is_new(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "replies.jsonl"
    asked, first = ask(path, "a", "b", "a")
    assert asked == ["a", "b"]
    asked, second = ask(path, "a", "b", "c")
    assert asked == ["c"]
    assert second[:2] == first[:2]
    assert read_recorded(path).answer(Prompt("c", "", "")) == second[2]


def test_another_prompt_or_another_teacher_is_asked_anew(tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    ask(path, "a")
    assert ask(path, "a", user="changed")[0] == ["a"]
    assert ask(path, "a", name="two")[0] == ["a"]
    assert ask(path, "a")[0] == []


def test_a_failure_is_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    assert ask(path, "a", "silent")[0] == ["a", "silent"]
    assert ask(path, "a", "silent")[0] == ["silent"]


def test_wherever_a_kill_cuts_the_last_line_only_that_reply_is_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    _, answers = ask(path, "a", "b")
    content = path.read_bytes()
    start = content.index(b"\n") + 1
    for cut in range(start, len(content)):
        path.write_bytes(content[:cut])
        assert ask(path, "a", "b") == (["b"], answers)
        assert path.read_bytes() == content


def test_a_reply_is_on_disk_before_the_next_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    with open_journal(path, Counting(), "one") as journalled:
        for count, id in enumerate("abc", start=1):
            journalled.answer(Prompt(id, "", ""))
            assert path.read_bytes().count(b"\n") == count


def test_a_run_without_a_reply_leaves_no_file(tmp_path: Path) -> None:
    ask(tmp_path / "replies.jsonl", "silent")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("line", ['{"id": "a", "reply": "x"}', '{"key": "k"}', "{"])
def test_a_line_that_is_no_journalled_reply_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "replies.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"replies\.jsonl:1: "):
        ask(path, "a")
