"""The command line called as a person calls it, with what it printed and how it ended."""

import sys

import pytest

from uniner.cli import main


def call(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    """The exit code, standard output and standard error of `uniner` with these arguments."""
    monkeypatch.setattr(sys, "argv", ["uniner", *arguments])
    code = 0
    try:
        main()
    except SystemExit as end:
        code = int(end.code or 0)
    printed = capsys.readouterr()
    return code, printed.out, printed.err
