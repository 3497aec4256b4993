"""The program as others meet it: a process of its own, in pipes or on a terminal."""

import os
import pty
import subprocess
import sys

PROGRAM = [sys.executable, "-m", "uniner"]
SCRATCH = ("NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS", "LC_ALL", "LANG", "PYTHONUTF8")


def environment(**changes: str) -> dict[str, str]:
    """This process's environment without what decides about output, and with the changes."""
    kept = {name: value for name, value in os.environ.items() if name not in SCRATCH}
    return {**kept, "OMP_NUM_THREADS": "1", **changes}


def run(*arguments: str, **changes: str) -> subprocess.CompletedProcess[bytes]:
    """The program with nothing to read and its output in pipes."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
        env=environment(**changes),
    )


def read_terminal(master: int) -> str:
    """All that is written to a terminal until the last writer leaves."""
    parts = []
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # so Linux says that nobody has the other side any more
            break
        if not part:
            break
        parts.append(part)
    os.close(master)
    return b"".join(parts).decode().replace("\r\n", "\n")


def show(*arguments: str, **changes: str) -> str:
    """What the program shows on a terminal, standard error included."""
    master, side = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=side,
        stderr=side,
        env=environment(**changes),
    ):
        os.close(side)
        return read_terminal(master)
