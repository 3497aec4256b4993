"""How the program behaves among others: pipes, terminals, locales, signals."""

import json
import os
import pty
import re
import signal
import subprocess
from pathlib import Path

import pytest

from toy_program import PROGRAM, environment, read_terminal, run, show

EXTRACT = ["extract", "--types", "person,city", "--text", "Ada Lovelace lived in Łódź."]
LIST = ["bench", "list", "--suite", "conllpp"]
ESCAPE = "\x1b"
COLOUR = re.compile(r"\x1b\[[\d;]*\b(?:3\d|4\d|9\d|10\d)\b")
JSONL = '{"id": "a", "text": "Ada left Oslo.", "entities": []}\n'


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (EXTRACT, 0),
        ([], 2),
        (["extarct"], 2),
        (["extract", "--types", "person", "/no/such/file"], 2),
    ],
)
def test_a_program_ends_with_0_when_done_and_2_when_something_is_to_mend(
    arguments: list[str], code: int
) -> None:
    assert run(*arguments).returncode == code


def test_an_interrupted_program_ends_with_130_and_one_line(tmp_path: Path) -> None:
    text = tmp_path / "text"
    os.mkfifo(text)
    with (
        subprocess.Popen(
            [*PROGRAM, "extract", "--types", "person", str(text)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        ) as process,
        text.open("w"),
    ):  # opens when the program does, which then waits for words
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, b"")
    assert error.decode().strip() == "uniner: interrupted"


def test_the_help_says_what_the_exit_codes_mean() -> None:
    shown = " ".join(run("--help").stdout.decode().split())
    assert "Exit codes: 0 done; 1 nobody reads the output any more; 2 something" in shown
    assert "130 interrupted" in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["completion", "bash"],
        EXTRACT,
        [*EXTRACT, "--format", "jsonl"],
        LIST,
        [*LIST, "--json"],
        ["stats", "FILE"],
        ["convert", "FILE", "-", "--to", "conll"],
    ],
    ids=" ".join,
)
def test_a_reader_that_leaves_ends_the_program_without_a_word(
    arguments: list[str], tmp_path: Path
) -> None:
    (tmp_path / "a.jsonl").write_text(JSONL, encoding="utf-8")
    reader, writer = os.pipe()
    os.close(reader)
    words = [str(tmp_path / "a.jsonl") if word == "FILE" else word for word in arguments]
    done = subprocess.run(
        [*PROGRAM, *words],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
        env=environment(),
    )
    os.close(writer)
    said = [line for line in done.stderr.splitlines() if b"passages with" not in line]
    assert (done.returncode, said) == (1, [])


def test_head_gets_its_line_and_the_program_ends_quietly() -> None:
    rows = (json.dumps({"id": str(number), "text": "Ada left Oslo."}) for number in range(600))
    command = [*PROGRAM, "extract", "--types=city", "--format=jsonl", "--input=jsonl"]
    done = subprocess.run(
        ["bash", "-c", '"$@" | head -1; echo ${PIPESTATUS[0]}', "bash", *command],
        input="\n".join(rows),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=environment(),
    )
    line, code = done.stdout.splitlines()
    assert (json.loads(line)["id"], code, done.stderr) == ("0", "1", "")


@pytest.mark.parametrize(
    "arguments", [EXTRACT, [*EXTRACT, "--format", "jsonl"], LIST, [*LIST, "--json"]], ids=" ".join
)
def test_what_goes_into_a_pipe_has_no_escapes(arguments: list[str]) -> None:
    done = run(*arguments, TERM="xterm-256color", COLUMNS="20")
    assert done.returncode == 0
    assert done.stdout
    assert ESCAPE not in done.stdout.decode()


def test_a_table_in_a_pipe_is_columns_that_cut_and_awk_read() -> None:
    rows = [line.split("\t") for line in run(*EXTRACT, COLUMNS="20").stdout.decode().splitlines()]
    assert rows[0] == ["mention", "type", "score", "start", "end"]
    assert [row[:2] for row in rows[1:]] == [["Ada Lovelace", "person"], ["Łódź", "city"]]
    assert {len(row) for row in rows} == {5}


def test_a_bar_goes_to_the_terminal_and_results_alone_to_the_pipe() -> None:
    master, side = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, "extract", "--types=city", "--format=jsonl", "--input=jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=side,
        env=environment(TERM="xterm-256color"),
    ) as process:
        os.close(side)
        out, _ = process.communicate(JSONL.encode(), timeout=60)
    assert ESCAPE not in out.decode()
    assert json.loads(out)["id"] == "a"
    assert "Extracting" in read_terminal(master)


def test_a_program_whose_streams_are_closed_does_its_work(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", '"$@" <&- >&- 2>&-', "bash", *PROGRAM, *LIST],
        check=False,
        timeout=60,
        env=environment(),
        cwd=tmp_path,
    )
    assert done.returncode == 0


@pytest.mark.parametrize("arguments", [EXTRACT, LIST, ["--help"]], ids=" ".join)
def test_a_dumb_terminal_gets_plain_text(arguments: list[str]) -> None:
    assert ESCAPE not in show(*arguments, TERM="dumb")


@pytest.mark.parametrize("arguments", [EXTRACT, LIST], ids=" ".join)
def test_no_color_is_honoured_on_a_terminal(arguments: list[str]) -> None:
    shown = show(*arguments, TERM="xterm-256color", NO_COLOR="1")
    assert ESCAPE in shown, "bold is no colour"
    assert COLOUR.findall(shown) == []


def test_a_terminal_that_has_colours_gets_them() -> None:
    assert COLOUR.findall(show(*EXTRACT, TERM="xterm-256color"))


@pytest.mark.parametrize("terminal", ["xterm", "dumb"])
@pytest.mark.parametrize("columns", [50, 70])
@pytest.mark.parametrize("arguments", [EXTRACT, ["extract", "--help"]], ids=" ".join)
def test_lines_are_as_long_as_the_terminal_is_wide(
    arguments: list[str], columns: int, terminal: str
) -> None:
    shown = show(*arguments, TERM=terminal, COLUMNS=str(columns), NO_COLOR="1")
    plain = re.sub(r"\x1b\[[\d;]*m", "", shown)
    assert max(map(len, plain.splitlines())) <= columns


@pytest.mark.parametrize(
    "changes",
    [
        {"LANG": "C"},
        {"LC_ALL": "POSIX"},
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "ascii"},
    ],
    ids=str,
)
def test_output_is_utf_8_in_every_locale(changes: dict[str, str], tmp_path: Path) -> None:
    assert "Łódź\tcity" in run(*EXTRACT, **changes).stdout.decode()
    (tmp_path / "a.jsonl").write_text(JSONL, encoding="utf-8")
    done = run("stats", str(tmp_path / "a.jsonl"), **changes)
    assert (done.returncode, "–" in done.stdout.decode()) == (0, True)
    done = run("extract", "--types", "x", "/no/Łódź", **changes)
    assert done.stderr.decode() == "uniner: /no/Łódź: no such file\n"


def test_a_file_whose_name_is_not_utf_8_is_named_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = b"\xff.jsonl"
    try:
        (tmp_path / os.fsdecode(name)).write_text(JSONL, encoding="utf-8")
    except OSError:
        pytest.skip("this file system has names in UTF-8 alone")
    monkeypatch.chdir(tmp_path)
    done = run("stats", os.fsdecode(name), LC_ALL="C.UTF-8")
    assert (done.returncode, name in done.stdout) == (0, True)
