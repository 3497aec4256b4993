"""A run that is killed at any moment loses no reply, asks for none twice and ends the same."""

import json
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import pytest

from toy_server import Act, Seen, ToyServer, answers, serve, slowly
from uniner.records.store import read_annotated

PASSAGES, WORKERS = 500, 4
STARTING, ASKING, FINISHING = 6, 38, 6
"""How many kills come before anything is asked, amid the asking, and when all is asked."""
LONGEST = 0.7
"""Seconds into a phase at which a kill comes at the latest."""
SLOW = (0.05, 0.2)
"""Seconds that a reply takes while runs are killed: all these lives of a run are not enough."""

Phase: TypeAlias = Literal["starting", "asking"]


def number_of(text: str) -> int:
    """Which passage a text is about."""
    return int(re.findall(r"Visitor (\d+)", text)[0])


@dataclass
class Lives:
    """The lives of one run, and the server that it asks."""

    folder: Path
    wait: Callable[[], float] = lambda: 0.01
    asking: threading.Event = field(default_factory=threading.Event)
    kept: set[int] = field(default_factory=set)

    def reply(self, seen: Seen) -> Act:
        """The server's script: what stands in each passage, after a while."""
        self.asking.set()
        number = number_of(seen.asked)
        reply = answers(f'[("Visitor {number}", "person"), ("Oslo", "city")]')
        return slowly(self.wait(), reply)

    def begin(self, toy: ToyServer, name: str) -> "subprocess.Popen[str]":
        """A run in a process of its own that writes NAME/a.jsonl."""
        self.asking.clear()
        command = [sys.executable, "-m", "uniner", "annotate", str(self.folder / "p.jsonl")]
        options = ["--out", str(self.folder / name / "a.jsonl"), "--workers", str(WORKERS)]
        return subprocess.Popen(
            [*command, *options, "--teacher", toy.url, "--model", "m"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, toy: ToyServer, name: str) -> int:
        """Let a run come to its end; how many requests it took."""
        before = len(toy.seen)
        run = self.begin(toy, name)
        _, said = run.communicate(timeout=120)
        assert run.returncode == 0, said
        return len(toy.seen) - before

    def kill(self, toy: ToyServer, phase: Phase, moment: float) -> None:
        """Kill a run so far into a phase, and see what it leaves."""
        before = len(toy.seen)
        run = self.begin(toy, "killed")
        assert phase == "starting" or self.asking.wait(60)
        time.sleep(moment)
        assert run.poll() is None
        run.kill()
        run.communicate()
        asked = {number_of(text) for text in toy.asked[before:]}
        answered = {number_of(seen.asked) for seen in toy.answered if seen.number >= before}
        kept = read_kept(self.folder / "killed" / "a.journal", self.folder / "copy")
        assert not asked & self.kept, "was asked for again"
        assert self.kept <= kept <= self.kept | asked
        assert len(answered - kept) <= WORKERS, "only what was on its way may be lost"
        assert not (self.folder / "killed" / "a.jsonl").exists()
        self.kept = kept


def read_kept(journal: Path, copy: Path) -> set[int]:
    """Which passages have a reply in a journal; a copy is read, as reading would tidy it up."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for path in journal.parent.glob(f"{journal.name}*"):
        shutil.copy(path, copy)
    connection = sqlite3.connect(copy / journal.name)
    try:
        tables = connection.execute("select name from sqlite_master where type = 'table'")
        made = ("replies",) in tables.fetchall()
        rows = connection.execute("select raw from replies").fetchall() if made else []
    finally:
        connection.close()
    return {number_of(raw) for (raw,) in rows}


def list_kills(chance: random.Random) -> list[tuple[Phase, float]]:
    """When to kill."""
    phases: list[Phase] = [*["starting"] * STARTING, *["asking"] * ASKING]  # type: ignore[list-item]
    chance.shuffle(phases)
    return [(phase, chance.uniform(0, LONGEST)) for phase in phases]


def read_folder(folder: Path) -> dict[str, bytes]:
    """All files but the journal, whose order is that of the replies' coming."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "a.journal"}


@pytest.fixture
def lives(tmp_path: Path) -> Lives:
    rows = [{"id": f"p{n}", "text": f"Visitor {n} saw Oslo."} for n in range(PASSAGES)]
    text = "".join(f"{json.dumps(row)}\n" for row in rows)
    (tmp_path / "p.jsonl").write_text(text, encoding="utf-8")
    return Lives(tmp_path)


def kill_while_writing(lives: Lives, toy: ToyServer, moment: float) -> bool:
    """Kill a run after it began to write; whether it was still at it."""
    folder = lives.folder / "killed"
    leftovers = set(folder.glob(".*.part"))
    run = lives.begin(toy, "killed")
    while not set(folder.glob(".*.part")) - leftovers and run.poll() is None:
        time.sleep(0.002)
    time.sleep(moment)
    killed = run.poll() is None
    run.kill()
    run.communicate()
    return killed


def test_fifty_kills_cost_no_reply_and_the_end_is_that_of_a_calm_run(lives: Lives) -> None:
    chance = random.Random(7)
    killed = lives.folder / "killed"
    with serve(lives.reply) as toy:
        assert lives.finish(toy, "calm") == PASSAGES
        calm = read_folder(lives.folder / "calm")
        assert set(calm) == {"a.jsonl", "a.replies.jsonl", "a.drops.json"}

        lives.wait = lambda: chance.uniform(*SLOW)
        for phase, moment in list_kills(chance):
            lives.kill(toy, phase, moment)
        assert STARTING + ASKING < len(lives.kept) < PASSAGES

        lives.wait = lambda: 0.01
        assert lives.finish(toy, "killed") == PASSAGES - len(lives.kept)
        assert read_folder(killed) == calm

        before, cut = len(toy.seen), 0
        for _ in range(FINISHING):
            for name in calm:
                (killed / name).unlink(missing_ok=True)
            cut += kill_while_writing(lives, toy, chance.uniform(0, 0.15))
            there = read_folder(killed)
            assert all(there[name] == calm[name] for name in set(calm) & set(there))
        assert cut >= FINISHING / 2
        assert lives.finish(toy, "killed") == 0
        assert len(toy.seen) == before
    assert read_folder(killed) == calm
    found = list(read_annotated(killed / "a.jsonl"))
    assert [one.passage.id for one in found] == [f"p{n}" for n in range(PASSAGES)]
    for number, one in enumerate(found):
        assert [(entity.text, entity.type) for entity in one.entities] == [
            (f"Visitor {number}", "person"),
            ("Oslo", "city"),
        ]
