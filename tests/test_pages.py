"""The README and every page of the site do what they say: all that they show to be typed is run."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from toy_pages import COMMAND, EXEMPT, JOINT, ROOT, list_blocks, list_pages, list_steps, run_page
from toy_readers import PREPARATIONS
from toy_server import Act, Seen, answers, goes_on, serve
from uniner.corpus import sample

TEACHERS = ("http://127.0.0.1:8000/v1", "http://balancer:8000/v1", "https://llm.example.org/v1")
RUN = {"console", "python", "sh"}
SHOWN = {"json", "nginx", "text", "toml", "xml"}
"""The languages of blocks that nobody types."""


@pytest.fixture(scope="module")
def teacher() -> Iterator[str]:
    """The address of a teacher who knows the replies of the bundled sample, and of a student."""
    rows = {row["id"]: row["reply"] for row in sample.read_replies()}
    replies = {passage.text: rows[passage.id] for passage in sample.read_passages()}

    def script(seen: Seen) -> Act:
        if "messages" in seen.body:
            return answers(replies.get(seen.asked.partition("Passage: ")[2], "[]"))
        return goes_on("[]")

    with serve(script, models=("UniNER-7B-all",)) as server:
        yield server.url


@pytest.mark.parametrize("page", list_pages())
def test_what_a_page_shows_runs_and_prints_what_it_shows(
    page: str, teacher: str, tmp_path: Path
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    prepare = PREPARATIONS.get(page)
    changes = prepare(folder) if prepare else {}
    blocks = list_blocks(page)
    text = "".join(block for _, _, block in blocks)
    assert [old for old in changes if old not in text] == []
    steps = [step for block in blocks for step in list_steps(*block)]
    ran = run_page(page, folder, {**changes, **dict.fromkeys(TEACHERS, teacher)})
    assert ran == sum(step.exempt is None for step in steps) > 0


def test_only_pages_that_are_there_are_prepared() -> None:
    assert set(PREPARATIONS) <= set(list_pages())


@pytest.mark.parametrize(
    "block",
    [
        "sh\nuniner --version\nuniner extract none.txt --types city\n",
        "sh\nuniner --version | grep nothing\n",
        "sh\nuniner serve --model nobody\n",
        "console\n$ uniner --version\nuniner, version none\n",
        "console\n$ uniner --version\n",
        "python\nimport nobody\n",
        "python\nfor name in []:\n    print(name)\n",
    ],
)
def test_a_page_that_cannot_be_followed_is_noticed(block: str, tmp_path: Path) -> None:
    page, work = tmp_path / "page.md", tmp_path / "work"
    page.write_text(f"```{block}```\n", encoding="utf-8")
    work.mkdir()
    with pytest.raises(AssertionError):
        run_page(str(page), work, {})


PAGES = ["README.md", *(p.relative_to(ROOT).as_posix() for p in (ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", sorted(PAGES))
def test_no_block_of_a_page_is_overlooked(page: str) -> None:
    blocks = list_blocks(page)
    marks = re.findall(r"^[ >]*(?:```|~~~)", (ROOT / page).read_text(encoding="utf-8"), re.M)
    assert len(marks) == 2 * len(blocks)
    assert {language for language, _, _ in blocks} <= RUN | SHOWN
    typed = {(language, title) for language, title, _ in blocks if language in RUN}
    assert all(not title for _, title in typed), "a file that nobody runs"
    for language, _, block in blocks:
        if language == "console":
            assert block.startswith("$ ")
        if language == "sh":
            rest = COMMAND.sub("", JOINT.sub("", block)).splitlines()
            assert [line for line in rest if line and not line.startswith("#")] == []


def test_what_is_exempt_is_on_a_page() -> None:
    steps = [s for page in list_pages() for block in list_blocks(page) for s in list_steps(*block)]
    exempt = [step for step in steps if step.exempt]
    assert {step.exempt for step in exempt} == set(EXEMPT)
    assert [step.text for step in exempt if re.search("[|;&]", step.text)] == []
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    made = {step.text.split()[1] for step in exempt if step.exempt == "make "}
    assert {"demo", "test"} <= made <= set(targets)
