"""What a worker measures about itself; standard library only, as two environments share it."""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def read_job() -> dict[str, Any]:
    """The job that the parent process wrote to standard input."""
    job: dict[str, Any] = json.load(sys.stdin)
    return job


def time_best(run: Callable[[], object], repeat: int) -> float:
    """Seconds of the fastest of `repeat` runs."""
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def peak_memory() -> float:
    """Most memory this process has held at once, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would count the parent's memory too, from before the exec
        line = next(row for row in status.read_text().splitlines() if row.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def report(passages: int, seconds: float, **more: object) -> None:
    """Print what the parent process reads as its last line."""
    row = {"speed": passages / seconds, "memory": peak_memory(), **more}
    print(json.dumps(row), flush=True)
