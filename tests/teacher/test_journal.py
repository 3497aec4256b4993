"""A journal keeps replies as they come: nothing is asked twice, nothing that came is lost."""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uniner.records import InputError
from uniner.teacher.journal import (
    Journal,
    Journalled,
    merge_parts,
    open_journal,
    parts_of,
    read_journal,
)
from uniner.teacher.teacher import Answer, Failure, Prompt, Reply

any_text = st.text(st.characters(exclude_categories=()), max_size=20)
plain_text = st.text(max_size=8)
replies = st.builds(
    Reply,
    plain_text,
    any_text,
    plain_text,
    prompt_tokens=st.integers(0, 2**40),
    completion_tokens=st.integers(0, 2**40),
    cost=st.floats(0, 1e9),
    whole=st.booleans(),
)


@settings(max_examples=25)
@given(st.dictionaries(plain_text, replies))
def test_what_is_kept_comes_back_as_it_was_after_the_file_is_opened_again(
    kept: dict[str, Reply],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.journal")
        with open_journal(path) as journal:
            for key, reply in kept.items():
                journal.add(key, reply)
                assert journal.find(key) == reply
        with open_journal(path) as journal:
            assert dict(journal.read()) == kept
            assert [key for key, _ in journal.read()] == sorted(kept, key=str.encode)
            assert all(journal.find(key) == reply for key, reply in kept.items())
            assert journal.find("never asked, too long for one") is None
            assert len(journal) == len(kept)
            assert journal.spent() == pytest.approx(sum(r.cost for r in kept.values()))


def test_half_characters_numbers_and_nulls_are_text_like_any_other(tmp_path: Path) -> None:
    raws = ["\ud800", "a\udfffb", "7", "", "\0", "a\0b", "\U0001f600", "x" * 1_000_000]
    with open_journal(tmp_path / "a.journal") as journal:
        for number, raw in enumerate(raws):
            journal.add(str(number), Reply("p", raw, "m"))
    with open_journal(tmp_path / "a.journal") as journal:
        assert [reply.raw for _, reply in journal.read()] == raws


def test_the_first_reply_under_a_key_stays(tmp_path: Path) -> None:
    with open_journal(tmp_path / "a.journal") as journal:
        journal.add("k", Reply("p", "zebra", "m"))
        journal.add("k", Reply("q", "ant", "m"))
        assert journal.find("k") == Reply("p", "zebra", "m")
        assert len(journal) == 1


few_replies = st.builds(
    Reply,
    st.sampled_from("pq"),
    st.sampled_from(["a", "b", "\ud800"]),
    st.sampled_from("mn"),
    cost=st.sampled_from([0.0, 1.0]),
    whole=st.booleans(),
)


@settings(max_examples=25)
@given(
    st.lists(st.lists(st.tuples(st.sampled_from("klm"), few_replies)), max_size=4),
    st.randoms(use_true_random=False),
)
def test_journals_merge_to_the_same_in_whatever_order(
    parts: list[list[tuple[str, Reply]]], order: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for name in ("one", "two"):
            with open_journal(Path(folder, name)) as journal:
                for part in parts:
                    journal.absorb(part)
                found.append(list(journal.read()))
            order.shuffle(parts)
            for part in parts:
                order.shuffle(part)
    assert found[0] == found[1]
    assert dict(found[0]).keys() == {key for part in parts for key, _ in part}


def test_an_absorption_that_fails_midway_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[tuple[str, Reply]]:
        yield "a", Reply("p", "x", "m")
        raise OSError("gone")

    with open_journal(tmp_path / "a.journal") as journal:
        journal.add("b", Reply("q", "y", "m"))
        with pytest.raises(OSError, match="gone"):
            journal.absorb(broken())
        assert [key for key, _ in journal.read()] == ["b"]


def write_parts(path: Path, parts: dict[str, dict[str, str]]) -> None:
    """A journal's parts, as processes that ask at the same time leave them."""
    for name, kept in parts.items():
        with open_journal(parts_of(path) / f"{name}.journal") as part:
            for key, raw in kept.items():
                part.add(key, Reply(key, raw, "m"))


def test_the_parts_of_a_journal_are_taken_over_and_removed(tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    write_parts(path, {"1": {"a": "x", "b": "y"}, "2": {"b": "w", "c": "z"}, "3": {}})
    with open_journal(path) as journal:
        journal.add("a", Reply("a", "xx", "m"))
        merge_parts(journal)
        assert {key: reply.raw for key, reply in journal.read()} == {"a": "x", "b": "w", "c": "z"}
        merge_parts(journal)
        assert len(journal) == 3
    assert list(tmp_path.iterdir()) == [path]


def test_a_settled_journal_is_read_by_others_while_it_is_held(tmp_path: Path) -> None:
    path = tmp_path / "a b#c?.journal"
    with open_journal(path) as journal:
        journal.add("a", Reply("p", "x", "m"))
        journal.settle()
        with read_journal(path) as one, read_journal(path) as other:
            assert one.find("a") == other.find("a") == Reply("p", "x", "m")
            own = tmp_path / "own.journal"
            with open_journal(own, earlier=one) as part:
                part.add("b", Reply("q", "y", "m"))
                assert (part.find("a"), part.find("b")) == (one.find("a"), Reply("q", "y", "m"))
                assert part.find("c") is None
                assert len(part) == 1


def test_a_journal_without_a_reply_leaves_no_file(tmp_path: Path) -> None:
    with open_journal(tmp_path / "deep" / "a.journal"):
        pass
    assert list((tmp_path / "deep").iterdir()) == []
    with pytest.raises(InputError, match="no key"), open_journal(tmp_path / "deep" / "a.journal"):
        raise InputError("no key")
    assert list((tmp_path / "deep").iterdir()) == []


def test_a_journal_with_a_reply_is_one_file_after_whatever_end(tmp_path: Path) -> None:
    def fill(path: Path) -> None:
        with open_journal(path) as journal:
            journal.add("k", Reply("p", "x", "m"))
            raise InputError("no more")

    with pytest.raises(InputError, match="no more"):
        fill(tmp_path / "a.journal")
    assert list(tmp_path.iterdir()) == [tmp_path / "a.journal"]


OPEN = """
import sys, time
from pathlib import Path
from uniner.records import InputError
from uniner.teacher.journal import open_journal
try:
    with open_journal(Path(sys.argv[1]), float(sys.argv[2])) as journal:
        print("opened", len(journal))
except InputError as error:
    print(error)
"""


def open_elsewhere(path: Path, patience: float = 0.0) -> "subprocess.Popen[str]":
    """Another process that opens a journal and says what came of it."""
    command = [sys.executable, "-c", OPEN, str(path), str(patience)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_second_process_is_refused_as_long_as_the_first_one_has_the_journal(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.journal"
    with open_journal(path) as journal:
        refused, _ = open_elsewhere(path).communicate()
        journal.add("k", Reply("p", "x", "m"))
        again, _ = open_elsewhere(path).communicate()
        patient = open_elsewhere(path, patience=30.0)
    admitted, _ = patient.communicate()
    assert refused == again == f"{path}: another run is using this journal; wait for it\n"
    assert admitted == "opened 1\n"


FILL = """
import sys
from pathlib import Path
from uniner.teacher.journal import open_journal
from uniner.teacher.teacher import Reply
with open_journal(Path(sys.argv[1])) as journal:
    for number in range(100_000):
        journal.add(str(number), Reply("p", "x" * 300, "m"))
        print(number, flush=True)
"""


def test_what_add_has_kept_outlives_a_kill(tmp_path: Path) -> None:
    path, furthest = tmp_path / "a.journal", 0
    for life in (1, 2):
        process = subprocess.Popen(
            [sys.executable, "-c", FILL, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        for _ in range(137 * life):
            kept = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        kept = max([kept, *map(int, process.stdout.read().split("\n")[:-1])])
        process.wait()
        process.stdout.close()
        with open_journal(path) as journal:
            assert {str(number) for number in range(kept + 1)} <= dict(journal.read()).keys()
            furthest = max(furthest, kept)  # the first life may have got further than the second
            assert len(journal) <= furthest + 2


@pytest.mark.parametrize("content", [b"not SQLite, but long enough for it" * 40, b"{}\n" * 60])
def test_a_file_that_is_no_journal_is_refused_and_left_as_it_is(
    content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "a.journal"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.journal: not a journal of replies"):
        open_journal(path).__enter__()
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    with sqlite3.connect(path) as connection:
        connection.execute("create table replies (post text)")
    connection.close()
    with pytest.raises(InputError, match=r"a\.journal: not a journal of replies"):
        open_journal(path).__enter__()


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be opened"):
        open_journal(tmp_path).__enter__()


def test_a_damaged_journal_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    with open_journal(path) as journal:
        for number in range(500):
            journal.add(str(number), Reply("p", "x" * 300, "m"))
    content = path.read_bytes()
    half = len(content) // 2
    path.write_bytes(content[:half] + b"\xff" * half)
    with (
        pytest.raises(InputError, match=r"a\.journal: .*damaged"),
        open_journal(path) as journal,
    ):
        list(journal.read())
    assert path.stat().st_size == len(content)


def test_a_full_disk_is_one_clear_error(tmp_path: Path) -> None:
    def fill(path: Path) -> None:
        with open_journal(path) as journal:
            journal._connection.execute("pragma max_page_count = 8")
            for number in range(500):
                journal.add(str(number), Reply("p", "x" * 300, "m"))

    path = tmp_path / "a.journal"
    with pytest.raises(InputError, match=r"a\.journal: .*is full"):
        fill(path)
    with open_journal(path) as journal:
        assert 0 < len(journal) < 500


class Counting:
    """Replies a little later, to everything but what is to fail; remembers what it was asked."""

    def __init__(self, fail: Callable[[int], bool] = lambda number: False) -> None:
        self.asked: list[str] = []
        self.fail = fail

    def key_of(self, prompt: Prompt) -> str:
        return prompt.user

    async def answer(self, prompt: Prompt) -> Answer:
        self.asked.append(prompt.user)
        number = len(self.asked)
        await asyncio.sleep(0.01)
        if self.fail(number):
            return Failure(prompt.id, "timed out")
        return Reply(prompt.id, f"{prompt.user} {number}", "m")


def ask(journal: Journal, teacher: Counting, *users: str) -> list[Answer]:
    """The answers to prompts of passages a, b, c …, all asked at once."""
    journalled = Journalled(teacher, journal)
    asked = [Prompt(chr(ord("a") + n), "", user) for n, user in enumerate(users)]

    async def run() -> list[Answer]:
        return await asyncio.gather(*map(journalled.answer, asked))

    return asyncio.run(run())


def test_what_is_asked_several_times_at_once_is_asked_once(tmp_path: Path) -> None:
    teacher = Counting()
    with open_journal(tmp_path / "a.journal") as journal:
        found = ask(journal, teacher, "x", "x", "y", "x")
        assert teacher.asked == ["x", "y"]
        assert found == [
            Reply("a", "x 1", "m"),
            Reply("b", "x 1", "m"),
            Reply("c", "y 2", "m"),
            Reply("d", "x 1", "m"),
        ]
        assert len(journal) == 2


def test_a_later_run_asks_only_what_is_new(tmp_path: Path) -> None:
    teacher = Counting()
    with open_journal(tmp_path / "a.journal") as journal:
        first = ask(journal, teacher, "x", "y")
    with open_journal(tmp_path / "a.journal") as journal:
        assert ask(journal, teacher, "x", "y", "z")[:2] == first
    assert teacher.asked == ["x", "y", "z"]


def test_a_failure_is_not_kept_and_asked_again_later(tmp_path: Path) -> None:
    teacher = Counting(lambda number: number == 1)
    with open_journal(tmp_path / "a.journal") as journal:
        assert ask(journal, teacher, "x") == [Failure("a", "timed out")]
        assert len(journal) == 0
        assert ask(journal, teacher, "x", "x") == [Reply("a", "x 2", "m"), Reply("b", "x 2", "m")]
    assert teacher.asked == ["x", "x"]


def test_whoever_waited_for_one_that_failed_asks_for_itself(tmp_path: Path) -> None:
    teacher = Counting(lambda number: number <= 2)
    with open_journal(tmp_path / "a.journal") as journal:
        found = ask(journal, teacher, "x", "x", "x", "x")
    assert [isinstance(answer, Failure) for answer in found] == [True, True, False, False]
    assert teacher.asked == ["x"] * 3


def test_one_that_was_cancelled_does_not_leave_the_others_waiting(tmp_path: Path) -> None:
    teacher = Counting()

    async def run(journal: Journal) -> Answer:
        journalled = Journalled(teacher, journal)
        first = asyncio.create_task(journalled.answer(Prompt("a", "", "x")))
        second = asyncio.create_task(journalled.answer(Prompt("b", "", "x")))
        await asyncio.sleep(0)
        first.cancel()
        return await asyncio.wait_for(second, 5)

    with open_journal(tmp_path / "a.journal") as journal:
        assert asyncio.run(run(journal)) == Reply("b", "x 2", "m")
