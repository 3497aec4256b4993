"""Pages of the site, run as a reader would: block after block, in one folder."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise, zip_longest
from pathlib import Path

from toy_fork import run_fork
from toy_program import environment

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
FENCE = re.compile(r"^```(\w+)(?: title=\"([^\"\n]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
JOINT = re.compile(r"\\\n +")
COMMAND = re.compile(r"^(?!#)\S(?:.*\|\n)*.*$", re.MULTILINE)
SHELL = re.compile(r"[|<>;&$*?`#(){}~]")
"""What only a shell understands."""
NUMBER = re.compile(r"(\d+\.\d+)")
TOLERANCE = 0.05
"""How far a score may be from what a page shows: processors differ in the last digits."""
EXEMPT = {
    "pip install": "installs, from a registry",
    "python3 -m venv": "the same",
    ". .venv/bin/activate": "the same",
    "make ": "runs these tests, or for minutes; its targets are looked up",
    "accelerate launch": "needs GPUs; a test of training gives the same options",
    "vllm serve": "needs a GPU",
    "ray start": "leaves a cluster behind on this machine",
}
"""How commands begin that are not run, and why."""
SERVER = "uniner serve"
READY = "stop it with Ctrl-C"


@dataclass(frozen=True, slots=True)
class Step:
    """What a reader types, and the lines that are shown under it, if the block shows any."""

    text: str
    shown: list[list[str]] | None = None
    python: bool = False

    @property
    def exempt(self) -> str | None:
        """The beginning that exempts it."""
        return next((start for start in EXEMPT if self.text.startswith(start)), None)


def list_pages() -> list[str]:
    """All pages that have something to be run, by their paths in the project."""
    pages = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
    names = [page.relative_to(ROOT).as_posix() for page in pages]
    return [name for name in names if any(list_steps(*block) for block in list_blocks(name))]


def list_blocks(page: str) -> list[tuple[str, str, str]]:
    """The fenced blocks of a page: language, title, text."""
    return FENCE.findall((ROOT / page).read_text(encoding="utf-8"))


def list_steps(language: str, title: str, block: str) -> list[Step]:
    """What of a block is to be run; nothing of one that is a file's text."""
    if title:
        return []
    match language:
        case "python":
            return [Step(block, python=True)]
        case "console":
            return [*read_console(block)]
        case "sh":
            return [Step(command) for command in COMMAND.findall(JOINT.sub("", block))]
        case _:
            return []


def read_console(console: str) -> Iterator[Step]:
    """The commands of a console block, each with the lines that it prints."""
    starts = [m.start() for m in re.finditer(r"^\$ ", console, re.MULTILINE)]
    for start, end in pairwise([*starts, len(console)]):
        lines = JOINT.sub("", console[start + 2 : end])
        command, _, printed = lines.partition("\n")
        yield Step(command, [line for line in map(str.split, printed.splitlines()) if line])


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


def run_page(page: str, work: Path, changes: Mapping[str, str]) -> int:
    """Run all blocks of a page in a folder, in their order, and say how many steps that was.

    `changes` are made to the blocks first, in their order. A server runs until the page ends.
    """
    programs = (write_program(work.parent / "bin"), Path(sys.executable).parent)
    told = environment(
        PATH=os.pathsep.join([*map(str, programs), os.environ["PATH"]]),
        UNINER_API_KEY="k",
        HF_HUB_OFFLINE="1",
        HF_HOME=str(work.parent / "hub"),
        BROWSER="true",  # a browser that sees the page and leaves
    )
    count = 0
    with ExitStack() as servers:
        for language, title, block in list_blocks(page):
            text = reduce(lambda text, change: text.replace(*change), changes.items(), block)
            if title:
                (work / title).write_text(text, encoding="utf-8")
            for step in list_steps(language, title, text):
                if step.exempt:
                    continue
                if step.text.startswith(SERVER):
                    servers.enter_context(serving(step.text, work, told))
                else:
                    run_step(step, work, told)
                count += 1
    return count


def write_program(folder: Path) -> Path:
    """A new folder with the `uniner` of this interpreter in it."""
    folder.mkdir()
    program = folder / "uniner"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m uniner "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return folder


def run_step(step: Step, work: Path, told: dict[str, str]) -> None:
    """Run one step, and see that it succeeds and prints what is shown."""
    if step.python:
        code, output = run_fork(step.text, work, told)
        assert output or "print(" not in step.text, f"{step.text}: nothing printed"
    elif step.text.startswith("uniner ") and not SHELL.search(step.text):
        code, output = run_fork(shlex.split(step.text), work, told)
    else:
        code, output = run_shell(step.text, work, told)
    assert code == 0, f"{step.text}: {output}"
    if step.shown is not None:
        printed = [line for line in map(str.split, output.splitlines()) if line]
        wrong = find_missing(step.shown, printed)
        assert wrong is None, f"{step.text}: {wrong} in {printed}"


def run_shell(command: str, work: Path, told: dict[str, str]) -> tuple[int, str]:
    """What only a shell can read: the exit code, and all that was printed."""
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
        cwd=work,
        env=told,
    )
    return done.returncode, done.stdout


@contextmanager
def serving(command: str, work: Path, told: dict[str, str]) -> Iterator[None]:
    """A server in the background, from when it says that it is there."""
    start = ["bash", "-c", f"exec {command}"]
    with subprocess.Popen(start, cwd=work, env=told, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            line = server.stderr.readline()
            assert READY in line, f"{command}: {line}"
            yield
        finally:
            server.kill()
