"""Memory that a training step frees and the next one needs again, kept instead of given back."""

import ctypes
import sys

TRIM_THRESHOLD, MMAP_MAX, ARENA_MAX = -1, -4, -8
"""Parameters of glibc's mallopt(3)."""


def keep_freed_memory() -> bool:
    """Make malloc reuse large blocks rather than return them; whether this system could.

    Without it, every step asks the system for its tensors' pages anew, which costs as much time
    as the arithmetic. The price is memory: a training process grows to some 10 GB.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return False
    settings = ((MMAP_MAX, 0), (TRIM_THRESHOLD, 2**31 - 1), (ARENA_MAX, 1))
    return all(mallopt(name, value) == 1 for name, value in settings)
