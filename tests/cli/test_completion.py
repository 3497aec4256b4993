"""Shells complete what the program has, asked through the script that it prints."""

import importlib
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from toy_program import environment, read_terminal, run
from uniner.cli import COMMANDS, LazyGroup, cli


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which `uniner` is a program on the path, and the script a file."""
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "uniner"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m uniner "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    script = folder / "completion.bash"
    done = run("completion", "bash")
    assert (done.returncode, done.stderr) == (0, b"")
    script.write_bytes(done.stdout)
    return environment(PATH=f"{folder}:{os.environ['PATH']}", SCRIPT=str(script))


COMPLETE = """
source "$SCRIPT"
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_uniner_completion uniner
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["ext"], {"extract"}),
        ([""], set(COMMANDS)),
        (["extract", "--th"], {"--threshold"}),
        (["extract", "--types", "a", "--t"], {"--text", "--threshold"}),
        (["extract", "--format", ""], {"table", "jsonl", "html"}),
        (["bench", ""], {"list", "fetch", "run", "report", "sizes"}),
        (["bench", "run", "--mode", "s"], {"supervised"}),
        (["corpus", "sample", "--engine", ""], {"local", "ray"}),
        (["corpus", "sample", "--near-duplicates", "x", "--see"], {"--seed"}),
        (["completion", ""], {"bash", "zsh", "fish"}),
        (["score", "gold.jsonl", "--pol"], {"--policy"}),
    ],
)
def test_bash_completes_commands_options_and_choices(
    shell: dict[str, str], words: list[str], found: set[str]
) -> None:
    done = subprocess.run(
        ["bash", "--norc", "-c", COMPLETE, "bash", "uniner", *words],
        capture_output=True,
        text=True,
        check=True,
        env=shell,
        timeout=60,
    )
    assert done.stderr == ""
    assert found <= set(done.stdout.split())
    if words[-1]:
        assert found == set(done.stdout.split())


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_a_person_at_a_bash_prompt_gets_options_and_files_by_the_tabulator(
    shell: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "gold-answers.jsonl").touch()
    master, side = pty.openpty()
    with subprocess.Popen(
        ["bash", "--norc", "--noprofile", "-i"],
        stdin=side,
        stdout=side,
        stderr=side,
        cwd=tmp_path,
        env={**shell, "PS1": "", "TERM": "dumb", "INPUTRC": "/dev/null", "HISTFILE": ""},
        start_new_session=True,
    ):
        os.close(side)
        # The script asks the program; what is typed calls a function that says what it was given.
        os.write(master, b'source "$SCRIPT"; uniner() { echo "got: $*"; }\n')
        os.write(master, b"uniner sta\tgold-\t--js\t\nexit\n")
        shown = read_terminal(master)
    assert "got: stats gold-answers.jsonl --json" in shown


@pytest.mark.parametrize(
    "words",
    ["extract ", "extract a.txt --out ", "score gold.jsonl ", "distill ", "bench report ", "view "],
)
def test_files_are_completed_where_files_are_meant(words: str) -> None:
    asked = {"_UNINER_COMPLETE": "bash_complete", "COMP_WORDS": f"uniner {words}"}
    done = run(**asked, COMP_CWORD=str(len(words.split()) + 1))
    assert done.stdout.decode().split(",")[0] in ("file", "dir")


@pytest.mark.parametrize(("kind", "line"), [("zsh", "plain\nextract\n"), ("fish", "plain,extract")])
def test_other_shells_are_answered_in_their_own_form(kind: str, line: str) -> None:
    asked = {"_UNINER_COMPLETE": f"{kind}_complete", "COMP_WORDS": "uniner ext"}
    done = run(**asked, COMP_CWORD={"zsh": "1", "fish": "ext"}[kind])
    assert done.stdout.decode().startswith(line)
    assert COMMANDS["extract"] in done.stdout.decode()
    script = run("completion", kind).stdout.decode()
    assert f"_UNINER_COMPLETE={kind}_complete" in script


def test_names_of_commands_are_completed_without_importing_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(name: str) -> None:
        raise AssertionError(name)

    monkeypatch.setattr(importlib, "import_module", refuse)
    assert isinstance(cli, LazyGroup)
    items = cli.shell_complete(click.Context(cli), "")
    assert {item.value: item.help for item in items} == COMMANDS
