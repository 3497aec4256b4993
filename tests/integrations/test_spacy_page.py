"""The snippets of the page on spaCy and data frames run as they stand."""

import re
from pathlib import Path

import datasets
import pytest

import uniner.integrations.spacy  # noqa: F401 -- as the entry point does where it is installed

PAGE = Path(__file__).parents[2] / "docs" / "spacy.md"
SNIPPETS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    ("snippet", "shown"), [*zip(SNIPPETS, ["London", "'Ada Lovelace'", "'London'"], strict=True)]
)
def test_a_snippet_runs(
    snippet: str,
    shown: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path)
    exec(compile(snippet, str(PAGE), "exec"), {})
    assert shown in capsys.readouterr().out
