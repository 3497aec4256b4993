"""The README says what happens: each snippet is run."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_every_make_target_that_the_readme_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"^make (\w+)", "".join(blocks("sh")), re.MULTILINE)
    assert named == ["demo", "test"]
    assert all(re.search(rf"^{name}:", makefile, re.MULTILINE) for name in named)


def test_the_python_example_runs_and_finds_entities() -> None:
    (code,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert "Ada Lovelace" in done.stdout


def without_scores(table: str) -> list[list[str]]:
    """Rows of a printed table of entities: scores differ in the last digits between processors."""
    rows = [re.split(r"\t|\s{2,}", line.strip()) for line in table.strip().splitlines()]
    return [[*row[:2], *row[3:]] for row in rows]


def test_the_extract_example_prints_what_the_readme_shows() -> None:
    (block,) = blocks("console")
    command, printed = block.split("\n", 1)
    arguments = re.match(r"\$ uniner extract --types (\S+) --text \"(.*)\"$", command)
    assert arguments is not None
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "uniner",
            "extract",
            "--types",
            arguments[1],
            "--text",
            arguments[2],
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert without_scores(done.stdout) == without_scores(printed)


def test_the_tree_names_the_folders_that_are_there() -> None:
    tree = next(block for block in blocks("text") if block.startswith("src/uniner/"))
    named = set(re.findall(r"^  (\w+(?:/\w+)?)/ ", tree, re.MULTILINE))
    folders = {path.name for path in (ROOT / "src/uniner").iterdir() if path.is_dir()}
    folders -= {"__pycache__", "models"}
    assert named == folders | {"models/mini"}
