"""However a command ends badly, one line says why, and the exit code which way."""

import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from uniner import __version__
from uniner.cli import COMMANDS, cli, main
from uniner.records import RecordError

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run_uniner(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["uniner", *args])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, *capsys.readouterr()

    return run_uniner


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["--nosuch"], "; see `uniner --help`\n"),
        (["extarct"], "uniner: no such command 'extarct'"),
        (["extract", "--format", "pdf"], "'pdf' is not one of 'table', 'jsonl', 'html'"),
        (["extract", "--types"], "'--types' requires an argument"),
        (["extract", "a", "b"], "unexpected extra argument (b); see `uniner extract --help`"),
        (["extract", "--threshold", "x"], "'x' is not a valid float; see `uniner extract --help`"),
        (["score"], "missing argument 'GOLD'; see `uniner score --help`"),
    ],
)
def test_a_wrong_call_is_one_line(run: Run, args: list[str], line: str) -> None:
    code, out, error = run(*args)
    assert (code, out) == (2, "")
    assert error.startswith("uniner: ")
    assert line in error
    assert error.count("\n") == 1


def test_no_command_shows_the_commands(run: Run) -> None:
    code, out, error = run()
    assert code == 2
    shown = out + error
    assert shown.startswith("Usage: uniner ")
    assert all(name in shown for name in COMMANDS)


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("command", ["", "extract", "score"])
def test_help_is_no_error(run: Run, command: str, option: str) -> None:
    code, out, error = run(*filter(None, [command, option]))
    assert (code, error) == (0, "")
    assert out.startswith(f"Usage: uniner {command}".rstrip())


def test_the_version_is_no_error(run: Run) -> None:
    assert run("--version") == (0, f"uniner, version {__version__}\n", "")


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (KeyboardInterrupt(), 130, "uniner: interrupted\n"),
        (click.Abort(), 130, "uniner: interrupted\n"),
        (RecordError("a:1: is wrong"), 2, "uniner: a:1: is wrong\n"),
        (
            OSError(28, "No space left on device", "out"),
            2,
            "uniner: out: No space left on device\n",
        ),
        (OSError("odd"), 2, "uniner: odd\n"),
        (BrokenPipeError(32, "Broken pipe"), 1, ""),
    ],
)
def test_what_stops_a_command_is_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, line: str
) -> None:
    def fail() -> None:
        raise error

    command = click.Command("extract", callback=fail)
    monkeypatch.setattr(cli, "get_command", lambda *_: command)
    # click puts others in their place where a pipe broke
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    found, out, said = run("extract")
    assert (found, out, said.lstrip("\n")) == (code, "", line)


def test_a_bug_is_not_hidden(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "get_command", lambda *_: click.Command("extract", callback=fail))
    with pytest.raises(ZeroDivisionError):
        run("extract")


def test_a_command_that_ends_with_a_code_ends_the_program_with_it(run: Run, tmp_path: Path) -> None:
    code, printed, _ = run("bench", "fetch", "ace05", "--data", str(tmp_path))
    assert code == 2
    assert "Get LDC2006T06" in printed
