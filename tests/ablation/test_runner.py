"""Students are trained in processes of their own, which do not outlive who waits for them."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs the extra train")

PARENT = """
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from uniner.ablation.runner import begin_process

def work():
    print("at work", flush=True)
    time.sleep(600)

if __name__ == "__main__":
    with ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), initializer=begin_process, initargs=(1,)
    ) as pool:
        pool.submit(work).result()
"""


def test_who_is_killed_takes_the_training_along(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "at work\n"
        parent.kill()
        # The child has the same standard output, which ends when nobody has it any more.
        assert parent.communicate(timeout=60)[0] == ""
