"""Where the benchmark's real files lie, for the tests that read them."""

from pathlib import Path

import pytest

REAL = Path(__file__).parents[2] / "shared" / "benchmark"


def needs(*names: str) -> pytest.MarkDecorator:
    """Skip a test where a file or folder of the benchmark is absent."""
    missing = [name for name in names if not (REAL / name).exists()]
    return pytest.mark.skipif(
        bool(missing), reason=f"the benchmark's files are not at ../shared/benchmark: {missing}"
    )
