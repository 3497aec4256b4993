"""The site builds without a warning or a network, and its pages say what is so."""

import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from toy_pages import DOCS, ROOT, list_blocks


def test_the_layers_are_those_that_are_enforced() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = (
        contract["layers"]
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    )
    drawn = next(
        text for _, _, text in list_blocks("docs/architecture.md") if text.startswith("cli")
    )
    names = [re.split(r"\s{2,}", line)[0] for line in drawn.strip().splitlines()]
    assert names == [layer.replace("uniner.", "") for layer in layers]


def test_files_that_the_architecture_names_are_there() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`(\w+/[\w/]+\.(?:py|toml))`", text)
    assert len(named) >= 6
    assert [name for name in named if not (ROOT / "src/uniner" / name).is_file()] == []


def test_every_extra_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rows = re.findall(r"^\| `(\w+)` \|", (DOCS / "install.md").read_text(encoding="utf-8"), re.M)
    assert set(project["project"]["optional-dependencies"]) <= set(rows)


def test_what_a_thousand_passages_cost_is_reckoned_right() -> None:
    text = (DOCS / "teachers.md").read_text(encoding="utf-8")
    prices = [tuple(map(float, pair)) for pair in re.findall(r"at ([\d.]+) and ([\d.]+)", text)]
    rows = re.findall(r"^\| \d+ tokens.*\| (\d+) \| (\d+) \|(.*)\|$", text, re.M)
    assert (len(prices), len(rows)) == (3, 2)
    for asked, replied, costs in rows:
        reckoned = [(int(asked) * a + int(replied) * b) / 1000 for a, b in prices]
        assert [float(cost) for cost in costs.split("|")] == [round(cost, 2) for cost in reckoned]


def test_the_reference_of_commands_is_current() -> None:
    spec = importlib.util.spec_from_file_location("build_docs", ROOT / "tools/build_docs.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert (DOCS / "commands.md").read_text(encoding="utf-8") == tool.render_commands()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; a warning is an error."""
    pytest.importorskip("material", reason="the site needs the extra docs")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=ROOT,
        env={**os.environ, "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"},
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_every_page_is_built_and_in_the_nav(site: Path) -> None:
    home = (site / "index.html").read_text(encoding="utf-8")
    for page in DOCS.rglob("*.md"):
        name = page.relative_to(DOCS).with_suffix(".html").as_posix()
        assert (site / name).is_file()
        assert name == "index.html" or f'href="{name}"' in home, name


def test_a_reader_fetches_nothing_from_elsewhere(site: Path) -> None:
    loads = re.compile(r"<(?:link|script|img|iframe)\b[^>]*?(?:href|src)=\"?(https?:[^\"\s>]+)")
    for page in site.rglob("*.html"):
        assert loads.findall(page.read_text(encoding="utf-8")) == [], page
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"url\(\"?https?:", styles) == []


def test_the_search_knows_the_commands(site: Path) -> None:
    index = (site / "search" / "search_index.json").read_text(encoding="utf-8")
    assert "uniner corpus sample" in index
