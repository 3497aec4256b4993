"""The page by hand: copying, links, files, keys, schemes, sizes of screen."""

import csv
import io
import json
import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from toy_api import ScoredToy, Site, serve
from toy_browser import EMOJI, ask, chips, drop, failure, marks, rows, visit
from uniner.records.store import prediction_from_json
from uniner.serving.web import render_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def test_what_is_shown_can_be_copied_and_saved(page: "Page") -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, EMOJI, ["person", "city"])
    page.locator("#counts button", has_text="city").click()
    expected = marks(page)

    def copied(name: str) -> str:
        page.click(f"#copy-{name}")
        expect(page.locator(f"#copy-{name}")).to_have_text("Copied")
        return str(page.evaluate("navigator.clipboard.readText()"))

    def saved(name: str) -> str:
        with page.expect_download() as coming:
            page.click(f"#save-{name}")
        return coming.value.path().read_bytes().decode()

    prediction = prediction_from_json(json.loads(copied("json")))
    assert prediction.passage.text == EMOJI
    assert rows(prediction.entities) == expected
    assert all(entity.score for entity in prediction.entities)
    table = [*csv.DictReader(io.StringIO(copied("csv"), newline=""))]
    assert [(int(r["start"]), int(r["end"]), r["text"], r["type"]) for r in table] == expected
    assert json.loads(saved("json")) == json.loads(copied("json"))
    assert [*csv.reader(io.StringIO(saved("csv"), newline=""))][1:] == [
        [*r.values()] for r in table
    ]


def test_without_a_clipboard_the_old_way_is_taken(browser: "Browser", site: Site) -> None:
    with visit(browser, site) as page:
        page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        page.evaluate(
            "document.execCommand = () => { window.taken = getSelection().toString(); return true }"
        )
        ask(page)
        page.click("#copy-csv")
        expect(page.locator("#copy-csv")).to_have_text("Copied")
        assert page.evaluate("taken").startswith("start,end,text,type,score")
        page.evaluate("document.execCommand = () => false")
        page.click("#copy-json")
        expect(page.locator("#problem")).to_contain_text("Use Download")


def test_the_lowest_score_begins_at_the_models_own_unless_a_link_says_another(
    browser: "Browser",
) -> None:
    with serve(ScoredToy(), page=render_page) as site, visit(browser, site) as page:
        expect(page.locator("#threshold")).to_have_value("0.35")
        page.click("#examples button >> nth=1")
        assert page.input_value("#threshold") == "0.35"
        ask(page, "sure person", ["person"])
        page.fill("#threshold", "0.5")
        page.click("#share")
        expect(page).to_have_url(re.compile(r"#1\."))
        link = page.url
        page.goto("about:blank")
        page.goto(link)
        expect(page.locator("#model")).to_have_text("toy")
        assert page.input_value("#threshold") == "0.5"


def test_a_link_brings_the_question_back_and_is_not_sent(page: "Page") -> None:
    ask(page, EMOJI)
    page.click("#chips .name >> nth=0")
    page.fill("#definition", "human “being”")
    page.fill("#own", "0.4")
    page.fill("#threshold", "0.33")
    page.check("input[value=nested]", force=True)
    page.click("#share")
    expect(page).to_have_url(re.compile(r"#1\."))
    link = page.url
    names = chips(page)
    page.goto("about:blank")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
    page.goto(link)
    expect(page.locator("#text")).to_have_value(EMOJI)
    assert chips(page) == names
    assert page.input_value("#threshold") == "0.33"
    assert page.is_checked("input[value=nested]")
    page.click("#chips .name >> nth=0")
    expect(page.locator("#definition")).to_have_value("human “being”")
    expect(page.locator("#own")).to_have_value("0.4")
    # It is filled in and not run: no link may have anybody's server work.
    assert not [line for line in sent if "extract" in line or "Ada" in line]


def ground(page: "Page") -> str:
    """The colour of the page."""
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_dark_and_light_follow_the_system_until_one_is_chosen(
    browser: "Browser", site: Site
) -> None:
    dark, light = "rgb(22, 24, 28)", "rgb(255, 255, 255)"
    with visit(browser, site, color_scheme="dark") as page:
        assert ground(page) == dark
        page.emulate_media(color_scheme="light")
        assert ground(page) == light
        page.click("#scheme")
        assert ground(page) == dark
        page.reload()
        assert ground(page) == dark
        expect(page.locator("#scheme")).to_have_attribute("aria-pressed", "true")
        page.click("#scheme")
        assert ground(page) == light


def test_nothing_is_wider_than_a_phone(browser: "Browser", site: Site) -> None:
    size = {"width": 360, "height": 740}
    with visit(browser, site, viewport=size, has_touch=True, is_mobile=True) as page:
        long = (
            "a type with a very long name " * 8 + "Donaudampfschifffahrtsgesellschaftskapitän" * 3
        )
        ask(page, f"{'x' * 300} Ada Lovelace in London.", ["person", "city", long])
        page.check("input[value=nested]", force=True)
        page.fill("#threshold", "0.01")
        page.click("#chips .name >> nth=2")
        page.locator("#found mark").first.focus()
        expect(page.locator("#tip")).to_be_visible()
        page.route("**/extract", lambda route: route.fulfill(status=422, json=failure("y" * 300)))
        ask(page)
        expect(page.locator("#problem")).to_be_visible()
        widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert widths == [360, 360]


def test_everything_can_be_done_from_the_keyboard(page: "Page") -> None:
    page.focus("#text")
    page.keyboard.press("Control+a")
    page.keyboard.type("Grace Hopper was born in New York.")
    page.focus("#type")
    for _ in range(7):
        page.keyboard.press("Backspace")
    assert chips(page) == []
    for name in ("person", "city", "person"):
        page.keyboard.type(name)
        page.keyboard.press("Enter")
    page.keyboard.type("date")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#found mark").first).to_contain_text("Grace Hopper")
    assert chips(page) == ["person", "city", "date"]
    reached = set()
    page.keyboard.press("Control+Home")
    for _ in range(45):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
        ring = "getComputedStyle(document.activeElement).outlineStyle"
        hidden = page.evaluate("document.activeElement.matches('#type, [type=radio], body')")
        assert hidden or page.evaluate(ring) != "none"
    assert {"text", "name", "remove", "type", "run", "share", "threshold", "copy-json"} <= reached
    page.locator("#chips .name").nth(1).focus()
    page.keyboard.press("Delete")
    assert chips(page) == ["person", "date"]
    expect(page.locator("#chips .name").nth(1)).to_be_focused()
    assert {kind for *_, kind in marks(page)} == {"person"}


def test_types_that_were_used_are_suggested_first_and_typing_narrows(page: "Page") -> None:
    ask(page, None, ["crater", "moon"])
    page.reload()
    offers = page.locator("#more button")
    assert [name.strip() for name in offers.all_inner_texts()][:2] == ["crater", "moon"]
    page.fill("#type", "crat")
    expect(offers).to_have_count(1)
    offers.first.click()
    assert chips(page)[-1] == "crater"
    expect(page.locator("#type")).to_have_value("")


def test_a_file_can_be_dropped_if_it_is_a_text(page: "Page") -> None:
    drop(page, "note.txt", "\ufeffAda slept in Zürich 😀.".encode())
    expect(page.locator("#text")).to_have_value("Ada slept in Zürich 😀.")
    expect(page.locator("#size")).to_have_text("22 of 100,000 characters")
    drop(page, "photo.jpg", b"\xff\xd8\xff\xe0")
    expect(page.locator("#problem")).to_contain_text("photo.jpg is not a text")
    page.set_input_files("#file", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"opened"})
    expect(page.locator("#text")).to_have_value("opened")
