"""The README names what is there; `test_pages.py` runs its snippets."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_tree_names_the_folders_that_are_there() -> None:
    tree = next(block for block in blocks("text") if block.startswith("src/uniner/"))
    named = set(re.findall(r"^  (\w+(?:/\w+)?)/ ", tree, re.MULTILINE))
    folders = {path.name for path in (ROOT / "src/uniner").iterdir() if path.is_dir()}
    folders -= {"__pycache__", "models"}
    assert named == folders | {"models/mini"}
