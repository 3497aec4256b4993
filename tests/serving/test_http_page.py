"""docs/http.md says what happens: its examples are run, and it names every option and metric."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from toy_api import Site, serve
from uniner.cli.serve import command
from uniner.students.load import load_extractor

PAGE = (Path(__file__).parents[2] / "docs/http.md").read_text(encoding="utf-8")
URL = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve(load_extractor(threads=1)) as running:
        yield running


def block(language: str) -> str:
    """The first fenced block of a language."""
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def without_scores(answer: object) -> str:
    """An answer but for the scores, whose last digits differ between processors."""
    return re.sub(r'"score": [\d.]+', '"score": 0', json.dumps(answer))


def test_the_curl_example_is_answered_as_shown(site: Site) -> None:
    (body,) = re.findall(r"-d '(.*)'", PAGE)
    response = site.client.post(
        "/v1/extract", content=body, headers={"Content-Type": "application/json"}
    )
    assert without_scores(response.json()) == without_scores(json.loads(block("json")))


def test_the_python_example_runs(site: Site) -> None:
    code = block("python")
    assert URL in code
    done = subprocess.run(
        [sys.executable, "-c", code.replace(URL, site.url)],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["Ada Lovelace person", "London city"]


def test_every_option_is_on_the_page() -> None:
    options = {option for parameter in command.params for option in parameter.opts}
    assert set(re.findall(r"--[a-z][a-z-]+", PAGE)) & options == options


def test_every_metric_is_on_the_page_and_no_other(site: Site) -> None:
    site.client.get("/healthz")
    told = re.findall(r"^# TYPE (\S+) (\S+)$", site.client.get("/metrics").text, re.MULTILINE)
    real = {name for name, _ in told if not name.endswith("_created")}
    assert set(re.findall(r"`(uniner_\w+)", PAGE)) == real


def test_every_status_that_is_described_is_on_the_page(site: Site) -> None:
    paths = site.client.get("/openapi.json").json()["paths"].values()
    statuses = {s for path in paths for method in path.values() for s in method["responses"]}
    rows = set(re.findall(r"^\| (\d{3}) \|", PAGE, re.MULTILINE))
    assert rows == statuses - {"200"} | {"401"}
