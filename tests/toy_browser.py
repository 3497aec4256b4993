"""A real browser at the page of `uniner serve`: opening it, asking, reading what is marked."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect, sync_playwright

from toy_api import Site
from uniner.records import Entity

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

EMOJI = "👩🏽‍💻 Ada Lovelace 🎉 met 𝒞harles Babbage in Zürich 🇨🇭, then Alan Turing 😀."
MARKS = """() => [...document.querySelectorAll("#found mark:not(.from)")].map((mark) => {
  const bare = (node) => {
    const copy = node.cloneNode(true);
    for (const label of copy.querySelectorAll("small")) label.remove();
    return copy.textContent;
  };
  const before = document.createRange();
  before.setStart(document.querySelector("#found"), 0);
  before.setEndBefore(mark);
  const fragment = before.cloneContents();
  const start = [...bare(fragment)].length;
  const text = bare(mark);
  return [start, start + [...text].length, text, mark.lastChild.textContent];
})"""
"""Every mark as start, end (whole characters), text and type."""


@contextmanager
def open_browser() -> Iterator["Browser"]:
    """Chromium; the test is skipped where there is none."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium: apt-get install chromium")
    with sync_playwright() as driver:
        # As root, as in containers, Chromium starts only without its sandbox.
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@contextmanager
def visit(browser: "Browser", site: Site, **options: Any) -> Iterator["Page"]:
    """The page in a fresh profile, ready for use; nothing may go wrong in its script."""
    context: BrowserContext = browser.new_context(**options)
    context.set_default_timeout(10_000)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console",
        lambda said: (
            wrong.append(said.text)
            if said.type == "error" and "Failed to load resource" not in said.text
            else None
        ),
    )
    page.goto(site.url)
    expect(page.locator("#model:not(:empty), #unlock:visible").first).to_be_visible()
    yield page
    context.close()
    assert wrong == []


def ask(page: "Page", text: str | None = None, types: Sequence[str] | None = None) -> None:
    """Fill in a question, and run it."""
    if text is not None:
        page.fill("#text", text)
    if types is not None:
        while page.locator("#chips li").count():
            page.locator("#chips .remove").last.click()
        page.fill("#type", ",".join(types))
        page.press("#type", "Enter")
    page.click("#run")
    expect(page.locator("#answer")).to_have_attribute("aria-busy", "false")
    expect(page.locator("#result, #problem, #unlock").filter(visible=True).first).to_be_visible()


def marks(page: "Page") -> list[tuple[int, int, str, str]]:
    """What is marked, in reading order."""
    return [(a, b, text, kind) for a, b, text, kind in page.evaluate(MARKS)]


def nested(site: Site, text: str, types: Sequence[str], threshold: float) -> list[Entity]:
    """All that the server finds, each type alone."""
    body = {"texts": [text], "types": [*types], "threshold": threshold, "nested": True}
    (row,) = site.client.post("/v1/extract", json=body).json()["results"]
    return [Entity(**entity) for entity in row["entities"]]


def rows(entities: Sequence[Entity]) -> list[tuple[int, int, str, str]]:
    """Entities as marks are given."""
    return [(e.start, e.end, e.text, e.type) for e in entities]


def chips(page: "Page") -> list[str]:
    """The names of the chosen types."""
    return [name.strip() for name in page.locator("#chips .name").all_inner_texts()]


def drop(page: "Page", name: str, data: bytes) -> None:
    """Drop a file on the page."""
    transfer = page.evaluate_handle(
        """([name, bytes]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], name, { type: "text/plain" }));
          return transfer;
        }""",
        [name, [*data]],
    )
    page.dispatch_event("#text", "drop", {"dataTransfer": transfer})


def failure(message: str, where: str = "texts[0]") -> dict[str, object]:
    """An error as the API words it."""
    return {"error": {"message": message, "where": where}}


def answer(status: int, **more: Any) -> "Callable[[Route], None]":
    """A server that refuses."""
    return lambda route: route.fulfill(status=status, **more)
