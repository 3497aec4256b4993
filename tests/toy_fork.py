"""Commands of `uniner` in processes of their own that need not import what is slow to import."""

import os
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from pathlib import Path
from unittest.mock import patch

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["uniner.cli", "torch", "transformers.trainer", "transformers.utils"])


def run_fork(code: str | Sequence[str], work: Path, told: Mapping[str, str]) -> tuple[int, str]:
    """Python code, or the words of a command: the exit code, and all that was printed."""
    printed = work.parent / "printed"
    process = FORKS.Process(target=become, args=(code, work, dict(told), printed))
    with patch.dict(os.environ, told):  # for what is read at import
        process.start()
    process.join(120)
    process.kill()
    process.join()
    assert process.exitcode is not None
    return process.exitcode, printed.read_text(encoding="utf-8")


def become(code: str | Sequence[str], work: Path, told: Mapping[str, str], printed: Path) -> None:
    """In the new process: be as one that a shell has started in a folder."""
    os.chdir(work)
    os.environ.clear()
    os.environ.update(told)
    with printed.open("wb") as stream:
        for number in (1, 2):
            os.dup2(stream.fileno(), number)
    if isinstance(code, str):
        exec(compile(code, "page", "exec"), {"__name__": "__main__"})
        return
    from uniner.cli import main

    sys.argv = [*code]
    main()
