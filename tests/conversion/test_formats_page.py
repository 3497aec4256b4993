"""The examples on the pages are what is written, and run."""

import re
from pathlib import Path

import pytest

from uniner.conversion.convert import Side, convert
from uniner.conversion.formats import FORMATS

DOCS = Path(__file__).parents[2] / "docs"


def find_block(form: str) -> str:
    """The first block under the heading of a format."""
    page = (DOCS / "formats.md").read_text(encoding="utf-8")
    _, _, section = page.partition(f"\n## {form}\n")
    block = re.search(r"^```\w+\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert block is not None
    return block[1]


@pytest.mark.parametrize("form", FORMATS)
def test_the_example_of_a_format_is_what_is_written(tmp_path: Path, form: str) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out"
    source.write_text(find_block("annotated"), encoding="utf-8")
    done = convert(Side(source, FORMATS["annotated"]), Side(target, FORMATS[form]))
    assert (done.passages, done.entities) == (1, 2)
    written = target / "note.ann" if form == "brat" else target
    assert written.read_text(encoding="utf-8") == find_block(form)
