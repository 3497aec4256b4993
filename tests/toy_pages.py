"""Pages of the site, run as a reader would: block after block, in one folder."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import reduce
from itertools import pairwise, zip_longest
from pathlib import Path

from toy_program import environment

DOCS = Path(__file__).parents[1] / "docs"
FENCE = re.compile(r"^```(\w+)(?: title=\"([^\"\n]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"(\d+\.\d+)")
TOLERANCE = 0.05
"""How far a score may be from what a page shows: processors differ in the last digits."""


def list_blocks(page: str) -> list[tuple[str, str, str]]:
    """The fenced blocks of a page: language, title, text."""
    return FENCE.findall((DOCS / page).read_text(encoding="utf-8"))


def list_steps(console: str) -> Iterator[tuple[str, list[list[str]]]]:
    """The commands of a console block, each with the lines that it prints."""
    starts = [m.start() for m in re.finditer(r"^\$ ", console, re.MULTILINE)]
    for start, end in pairwise([*starts, len(console)]):
        lines = re.sub(r"\\\n +", "", console[start + 2 : end])
        command, _, printed = lines.partition("\n")
        yield command, [line for line in map(str.split, printed.splitlines()) if line]


def agree(shown: list[str], printed: list[str]) -> bool:
    """Whether two lines are the same but for blanks and the last digits of scores."""
    parts = zip_longest(NUMBER.split(" ".join(shown)), NUMBER.split(" ".join(printed)))
    for index, (one, other) in enumerate(parts):
        if one is None or other is None:
            return False
        if index % 2 and abs(float(one) - float(other)) > TOLERANCE:
            return False
        if not index % 2 and one != other:
            return False
    return True


def find_missing(shown: list[list[str]], printed: list[list[str]]) -> list[str] | None:
    """The first line that is shown and not printed there; `…` stands for any lines."""
    at, free = 0, False
    for line in shown:
        if line == ["…"]:
            free = True
            continue
        places = range(at, len(printed)) if free else range(at, min(at + 1, len(printed)))
        found = next((place for place in places if match(" ".join(line), printed[place])), None)
        if found is None:
            return line
        at, free = found + 1, False
    return None if free or at == len(printed) else printed[at]


def match(shown: str, printed: list[str]) -> bool:
    """Whether a line is the one that is shown; `…` in it stands for anything."""
    if "…" not in shown:
        return agree(shown.split(), printed)
    return bool(re.fullmatch(".*".join(map(re.escape, shown.split("…"))), " ".join(printed)))


def run_page(page: str, folder: Path, changes: dict[str, str]) -> int:
    """Run all blocks of a page in a folder, in their order, and say how many commands that was."""
    program = folder / "bin" / "uniner"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m uniner "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    work = folder / "work"
    work.mkdir()
    told = environment(PATH=f"{program.parent}:{os.environ['PATH']}", UNINER_API_KEY="k")

    def call(*words: str) -> list[list[str]]:
        done = subprocess.run(
            [*words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
            cwd=work,
            env=told,
        )
        assert done.returncode == 0, f"{page}: {words}: {done.stdout}"
        return [line for line in map(str.split, done.stdout.splitlines()) if line]

    count = 0
    for language, title, block in list_blocks(page):
        text = reduce(lambda text, change: text.replace(*change), changes.items(), block)
        if title:
            (work / title).write_text(text, encoding="utf-8")
        elif language == "python":
            call(sys.executable, "-c", text)
            count += 1
        elif language == "console":
            for command, shown in list_steps(text):
                printed = call("bash", "-c", command)
                wrong = find_missing(shown, printed)
                assert wrong is None, f"{page}: {command}: {wrong} in {printed}"
                count += 1
    return count
