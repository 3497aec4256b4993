"""The page to look through texts with: what it shows, what it counts, and how a browser runs it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from toy_browser import open_browser
from uniner.benchmark.examples import Example
from uniner.records import Annotated, Entity, Fault, Passage, Prediction
from uniner.serving.page import hue
from uniner.serving.viewer.page import write_page
from uniner.serving.viewer.rows import Fact, Row, show_example, show_pair, show_prediction

if TYPE_CHECKING:
    from playwright.sync_api import Page

TEXT = "Ada Lovelace met Bo in Oslo."


def mark(text: str, kind: str, score: float | None = None) -> Entity:
    start = TEXT.index(text)
    return Entity(start, start + len(text), text, kind, score)


GOLD = (mark("Ada Lovelace", "person"), mark("Bo", "person"), mark("Oslo", "city"))
FOUND = (mark("Ada", "person", 0.9), mark("Bo", "dog", 0.5), mark("met", "verb", 0.25))
FAULTS = (Fault("city", "is not a list", "Oslo?"),)


def make_row(id: str = "a", text: str = TEXT, domain: str = "", source: str = "") -> Row:
    passage = Passage(id, text, domain, source)
    return show_pair(Annotated(passage, GOLD), Prediction(passage, FOUND, FAULTS))


def render(rows: list[Row]) -> str:
    return "".join(write_page("Texts", rows, f"{len(rows)} passages."))


def read_index(page: str) -> dict[str, Any]:
    found = re.search(r'id="index">(.*?)</script>', page, re.DOTALL)
    assert found
    index: dict[str, Any] = json.loads(found.group(1))
    return index


def test_each_mention_has_its_outcome() -> None:
    assert make_row().facts == (
        Fact("boundary", ("person",), "“Ada Lovelace” (person) was found as “Ada” (person)"),
        Fact("spurious", ("verb",), "“met” (verb) is none"),
        Fact("type", ("person", "dog"), "“Bo” (person) was found as “Bo” (dog)"),
        Fact("missed", ("city",), "“Oslo” (city) was not found"),
        Fact("malformed", ("city",), "asked for city, an answer that is not a list: “Oslo?”"),
    )


def test_what_is_in_no_error_is_right() -> None:
    passage = Passage("a", TEXT)
    found = (GOLD[0], GOLD[2])
    row = show_pair(Annotated(passage, GOLD), Prediction(passage, found))
    assert [fact[:2] for fact in row.facts] == [
        ("right", ("person",)), ("right", ("city",)), ("missed", ("person",)),
    ]  # fmt: skip
    assert row.sides == (("gold", GOLD), ("predicted", found))


def test_gold_without_offsets_is_compared_by_its_strings() -> None:
    passage = Passage("a", "Bo saw Bo.")
    example = Example(passage, ("person", "city"), (("bo",), ("Oslo",)))
    twice = (Entity(0, 2, "Bo", "person"), Entity(7, 9, "Bo", "person"))
    row = show_example(example, Prediction(passage, twice))
    assert [fact[:2] for fact in row.facts] == [("right", ("person",)), ("missed", ("city",))]


def test_entities_alone_are_found() -> None:
    row = show_prediction(Prediction(Passage("a", TEXT), FOUND, FAULTS))
    assert [fact.fate for fact in row.facts] == ["found", "found", "found", "malformed"]
    page = render([row])
    assert ">gold<" not in page
    assert 'title="person 0.90"' in page
    assert f"--hue:{hue('person')}" in page


def test_the_index_names_each_thing_once() -> None:
    index = read_index(render([make_row("a", domain="law"), make_row("b", domain="law")]))
    assert index["domain"] == ["law"]
    assert sorted(index["type"]) == ["city", "dog", "person", "verb"]
    assert [row[0] for row in index["rows"]] == ["a", "b"]
    named = [(index["fate"][fate], index["type"][kind]) for fate, kind in index["rows"][0][3]]
    assert named == [
        ("boundary", "person"), ("spurious", "verb"), ("type", "person"), ("type", "dog"),
        ("missed", "city"), ("malformed", "city"),
    ]  # fmt: skip


def test_nothing_in_a_text_is_taken_for_markup() -> None:
    evil = "</script><script>alert(1)</script><!--"
    entity = Entity(0, len(evil), evil, "<b>&$x")
    passage = Passage(f'"{evil}', evil, evil, evil)
    page = render([show_prediction(Prediction(passage, (entity,)))])
    assert evil not in page
    assert page.count("<script") == 2
    assert read_index(page)["type"] == ["<b>&$x"]


def test_the_page_fetches_nothing_and_runs_one_script() -> None:
    page = render([make_row()])
    assert not re.search(r"(src|href)=", page)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert "default-src 'none'; script-src 'sha256-" in policy.group(1)


@pytest.fixture(scope="module")
def open_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Page"]:
    """A page of 25 passages in a browser, read from a file; problems are errors."""
    rows = [make_row(f"no. {n}/%", domain=("law", "news")[n % 2]) for n in range(24)]
    passage = Passage("last", "Nothing here.", "news")
    rows.append(show_pair(Annotated(passage, ()), Prediction(passage, ())))
    path: Path = tmp_path_factory.mktemp("viewer") / "page.html"
    path.write_text(render(rows), encoding="utf-8")
    with open_browser() as browser:
        page = browser.new_page(viewport={"width": 390, "height": 800})
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text))
        page.goto(path.as_uri())
        yield page
    assert problems == []


def where(page: "Page") -> str:
    return page.locator("#where").inner_text()


def current(page: "Page") -> str:
    return page.locator(".current a").inner_text()


def test_a_person_filters_searches_and_goes_on(open_page: "Page") -> None:
    page = open_page
    assert where(page) == "1–10 of 25 passages"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#fate option").all_inner_texts() == [
        "all", "boundary (24)", "type (24)", "missed (24)", "spurious (24)", "malformed (24)",
    ]  # fmt: skip
    assert page.locator("#source").is_hidden()

    for _ in range(10):
        page.keyboard.press("j")
    assert (where(page), current(page)) == ("11–20 of 25 passages", "no. 10/%")
    page.keyboard.press("k")
    assert current(page) == "no. 9/%"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert where(page) == "21–25 of 25 passages"
    assert page.locator("#on").is_disabled()

    page.select_option("#domain", label="law (12)")
    assert where(page) == "1–10 of 12 passages"
    page.select_option("#type", label="dog (12)")
    assert page.locator("#fate option").all_inner_texts() == ["all", "type (12)"]
    page.locator("#clear").click()
    assert where(page) == "1–10 of 25 passages"

    page.keyboard.press("/")
    page.keyboard.type("NOTHING")
    assert (where(page), current(page)) == ("1–1 of 1 passages", "last")
    page.locator("#search").fill("city")
    assert where(page) == "no passage fits"


def test_an_address_leads_to_a_passage_whatever_is_filtered(open_page: "Page") -> None:
    page = open_page
    page.locator("#search").fill("nowhere to be found")
    page.evaluate("location.hash = '#no.%2021%2F%25'")
    page.wait_for_selector(".current")
    assert (where(page), current(page)) == ("21–25 of 25 passages", "no. 21/%")
    page.reload()
    assert current(page) == "no. 21/%"
