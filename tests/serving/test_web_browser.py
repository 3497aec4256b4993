"""The page of `uniner serve` in a real browser, against a real server with the bundled model."""

import csv
import io
import json
import random
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from toy_api import Site, ToyExtractor, serve
from uniner.records import Entity
from uniner.records.store import prediction_from_json
from uniner.serving.limits import Limits
from uniner.serving.page import hue
from uniner.serving.web import read_part, render_page
from uniner.students.ground import flatten
from uniner.students.load import load_extractor
from uniner.text.segments import segments

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: pip install playwright"
)
expect = playwright.expect
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no chromium: apt-get install chromium"
)

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


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with playwright.sync_playwright() as driver:
        # As root, as in containers, Chromium starts only without its sandbox.
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve(load_extractor(threads=1), page=render_page) as running:
        yield running


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


@pytest.fixture
def page(browser: "Browser", site: Site) -> Iterator["Page"]:
    with visit(browser, site) as ready:
        yield ready


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


def test_the_first_example_runs_and_marks_what_the_server_finds(page: "Page", site: Site) -> None:
    text = page.input_value("#text")
    ask(page)
    expected = rows(flatten(nested(site, text, chips(page), 0.2)))
    assert marks(page) == expected
    assert (0, 12, "Ada Lovelace", "person") in expected
    kinds = len({kind for *_, kind in expected})
    expect(page.locator("#said")).to_have_text(f"{len(expected)} entities of {kinds} types")
    page.evaluate("found.querySelectorAll('small').forEach((label) => label.remove())")
    assert page.locator("#found").text_content() == text


def test_offsets_count_whole_characters_whatever_stands_before(page: "Page", site: Site) -> None:
    ask(page, EMOJI, ["person", "city"])
    found = marks(page)
    assert found == rows(flatten(nested(site, EMOJI, ["person", "city"], 0.2)))
    assert {"Ada Lovelace", "Zürich"} <= {text for _, _, text, _ in found}
    assert any("Alan Turing" in text for _, _, text, _ in found)
    assert all(EMOJI[start:end] == text for start, end, text, _ in found)


def test_the_slider_and_the_views_ask_nothing_of_the_server(page: "Page", site: Site) -> None:
    ask(page)
    text, types = page.input_value("#text"), chips(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for threshold in (0.9, 0.5, 0.05, 0.01):
        page.fill("#threshold", str(threshold))
        expect(page.locator("#level")).to_have_text(f"{threshold:.2f}")
        everything = nested(site, text, types, threshold)
        assert marks(page) == rows(flatten(everything))
        page.check("input[value=nested]", force=True)
        assert sorted(marks(page)) == sorted(rows(everything))
        page.check("input[value=flat]", force=True)
    page.fill("#threshold", "1")
    expect(page.locator("#summary")).to_contain_text("A lower score shows more")
    assert asked == []


def test_what_the_browser_reckons_is_what_python_does(browser: "Browser") -> None:
    chance = random.Random(13)
    cases: list[list[Entity]] = []
    for _ in range(400):
        drawn = {}
        for _ in range(chance.randrange(9)):
            start, end = sorted(chance.sample(range(12), 2))
            kind, score = chance.choice("tuv"), chance.choice([None, 0.3, 0.5, 1.0])
            drawn[start, end, kind] = Entity(start, end, "x" * (end - start), kind, score)
        cases.append([*drawn.values()])
    ordered = [sorted(case, key=lambda e: (e.start, -e.end, e.type)) for case in cases]
    sent = [
        [{"id": n, "start": e.start, "end": e.end, "from": e.start, "to": e.end, "type": e.type}
         | ({} if e.score is None else {"score": e.score}) for n, e in enumerate(case)]
        for case in ordered
    ]  # fmt: skip
    levels = {"t": 0.0, "u": 0.4}
    names = ["person", "ville", "都市", "👩🏽‍💻", "", "a" * 400]
    context = browser.new_context()
    page = context.new_page()
    page.add_script_tag(content=read_part("found.js"))
    kept = page.evaluate("cases => cases.map((c) => keepApart(c).map((e) => e.id))", sent)
    chosen = page.evaluate(
        "([cases, levels]) => cases.map((c) => choose(c, new Map(levels), true).map((e) => e.id))",
        [sent, [*levels.items()]],
    )
    cuts = page.evaluate(
        """cases => cases.map((c) => [...cutSegments(0, 12, c)].map(
          ({ start, end, cover }) => [start, end, cover.map((e) => e.id)]))""",
        sent,
    )
    hues = page.evaluate("names => names.map(hue)", names)
    places = page.evaluate("text => [...placeCharacters(text)]", EMOJI)
    context.close()
    for number, case in enumerate(ordered):
        assert tuple(case[n] for n in kept[number]) == flatten(case)
        assert [case[n] for n in chosen[number]] == [
            e for e in case if e.type in levels and (e.score is None or e.score >= levels[e.type])
        ]
        assert [(a, b, [case[n] for n in cover]) for a, b, cover in cuts[number]] == [
            (start, end, [*cover]) for start, end, cover in segments(12, case)
        ]
    assert hues == [*map(hue, names)]
    assert places == [len(EMOJI[:n].encode("utf-16-le")) // 2 for n in range(len(EMOJI) + 1)]


def test_nested_entities_stand_within_each_other_and_say_so(page: "Page") -> None:
    text = "the University of Cambridge"
    spans = [(4, 27, "organization", 0.8), (4, 27, "university", 0.99), (18, 27, "city", 0.6)]
    entities = [
        {"start": a, "end": b, "text": text[a:b], "type": kind, "score": score}
        for a, b, kind, score in spans
    ]
    page.route("**/v1/extract", answer(200, json={"results": [{"entities": entities}]}))
    ask(page, text, ["organization", "university", "city"])
    assert marks(page) == [(4, 27, text[4:], "university")]
    page.check("input[value=nested]", force=True)
    assert marks(page) == [(a, b, text[a:b], kind) for a, b, kind, _ in spans]
    page.locator("#found mark mark mark").hover()
    assert page.locator("#tip b").all_inner_texts() == ["city", "university", "organization"]
    assert page.locator("#tip strong").all_inner_texts() == ["0.60", "0.99", "0.80"]
    heights = page.evaluate("[...found.querySelectorAll('mark')].map((mark) => mark.offsetHeight)")
    assert heights == sorted(set(heights), reverse=True)


def test_the_score_shows_under_the_pointer_and_at_the_focus(page: "Page", site: Site) -> None:
    ask(page)
    text = page.input_value("#text")
    first, second, *_ = flatten(nested(site, text, chips(page), 0.2))
    tip = page.locator("#tip")
    page.locator("#found mark").nth(1).hover()
    expect(tip).to_contain_text(second.type)
    expect(tip.locator("strong")).to_have_text(f"{second.score:.2f}")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    page.locator("#found mark").first.focus()
    expect(tip).to_contain_text(f"{first.type}{first.start}–{first.end}")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#found mark:focus")).to_contain_text(second.text)
    expect(tip).to_contain_text(f"{second.start}–{second.end}")
    expect(page.locator("#found mark:focus")).to_have_attribute("aria-describedby", "tip")
    assert page.locator("#found [tabindex='0']").count() == 1


def test_counts_switch_types_off_and_on(page: "Page") -> None:
    ask(page)
    total = len(marks(page))
    button = page.locator("#counts button", has_text="person")
    number = int(button.locator("b").inner_text())
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert len(marks(page)) == total - number
    assert not {kind for *_, kind in marks(page)} & {"person"}
    button.press("Enter")
    assert len(marks(page)) == total


def test_a_type_may_have_a_definition_and_a_lowest_score_of_its_own(page: "Page") -> None:
    ask(page, None, ["who", "city"])
    page.click("#chips .name >> nth=0")
    page.fill("#definition", "person")
    expect(page.locator("#stale")).to_be_visible()
    bodies: list[Any] = []
    page.on("request", lambda request: bodies.append(request.post_data_json))
    ask(page)
    assert bodies[0]["types"] == [{"name": "who", "definition": "person"}, "city"]
    assert (0, 12, "Ada Lovelace", "who") in marks(page)
    page.fill("#own", "0.99")
    assert {kind for *_, kind in marks(page)} == {"city"}
    expect(page.locator("#chips .name").first).to_contain_text("defined, ≥ 0.99")
    page.fill("#own", "7")
    assert (0, 12, "Ada Lovelace", "who") in marks(page)
    page.press("#own", "Escape")
    expect(page.locator("#chips .name").first).to_be_focused()
    assert len(bodies) == 1


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


def test_a_link_that_is_no_good_is_said_to_be(page: "Page") -> None:
    for fragment, says in (
        ("#1.AAAA", "damaged"),
        (f"#1.{'A' * 9000}", "too long"),
        ("#1.q1YqSa0oUbJSSlTSUSqpLEhVslIqKSpNVaoFAA", "damaged"),
        ("#1.!", "damaged"),
    ):
        page.evaluate("fragment => { location.hash = fragment }", fragment)
        expect(page.locator("#problem")).to_contain_text(says)
        page.evaluate("problem.textContent = ''")
    assert page.input_value("#text").startswith("Ada")


def test_a_text_too_long_for_a_link_is_said_to_be(page: "Page") -> None:
    chance = random.Random(1)
    page.fill("#text", "".join(chance.choice("abcdefghijklmnop ") for _ in range(30_000)))
    page.click("#share")
    expect(page.locator("#problem")).to_contain_text("those over 8,000 are cut")
    assert "#" not in page.url


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


def test_hostile_text_and_types_stay_text(browser: "Browser") -> None:
    evil = "<img/src=x/onerror=hacked=1>\"'"
    text = f"a {evil} <script>hacked=1</script> & &amp; {{}} end"
    with serve(ToyExtractor(), page=render_page) as site, visit(browser, site) as page:
        ask(page, text, [evil, "<script>hacked=1</script>"])
        found = marks(page)
        assert [word for _, _, word, _ in found] == [evil, "<script>hacked=1</script>"]
        page.locator("#found mark").first.hover()
        expect(page.locator("#tip")).to_contain_text(evil)
        assert page.evaluate("typeof hacked") == "undefined"
        assert page.locator("main img, main script, #tip img").count() == 0


def test_a_file_can_be_dropped_if_it_is_a_text(page: "Page") -> None:
    drop(page, "note.txt", "\ufeffAda slept in Zürich 😀.".encode())
    expect(page.locator("#text")).to_have_value("Ada slept in Zürich 😀.")
    expect(page.locator("#size")).to_have_text("22 of 100,000 characters")
    drop(page, "photo.jpg", b"\xff\xd8\xff\xe0")
    expect(page.locator("#problem")).to_contain_text("photo.jpg is not a text")
    page.set_input_files("#file", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"opened"})
    expect(page.locator("#text")).to_have_value("opened")


def test_a_key_is_asked_for_where_the_server_wants_one(browser: "Browser") -> None:
    with (
        serve(ToyExtractor(), key="sesame", page=render_page) as site,
        visit(browser, site) as page,
    ):
        expect(page.locator("#locked")).to_have_text("This server asks for a key.")
        ask(page, "a person", ["person"])
        page.fill("#key", "wrong")
        page.press("#key", "Enter")
        expect(page.locator("#locked")).to_have_text("That is not the key of this server.")
        ask(page)
        page.fill("#key", "sesame")
        page.press("#key", "Enter")
        expect(page.locator("#found mark")).to_have_count(1)
        expect(page.locator("#unlock")).to_be_hidden()
        assert page.evaluate("[sessionStorage.length, localStorage['uniner.key']]") == [1, None]
        assert "sesame" not in page.content()


def test_a_text_beyond_the_limits_is_not_sent(browser: "Browser") -> None:
    limits = Limits(characters=50, body_bytes=400)
    with serve(ToyExtractor(), limits, page=render_page) as site, visit(browser, site) as page:
        ask(page, "😀" * 51, ["person"])
        expect(page.locator("#problem")).to_contain_text("51 characters, and this server takes 50")
        ask(page, "x" * 50, [f"type {n} {'y' * 40}" for n in range(8)])
        expect(page.locator("#problem")).to_contain_text("That is too much at once. A body of")
        page.fill("#text", " ")
        ask(page)
        expect(page.locator("#problem")).to_contain_text("There is no text yet")
        expect(page.locator("#text")).to_be_focused()


def test_a_busy_server_is_said_to_be_and_a_run_can_be_stopped(browser: "Browser") -> None:
    extractor = ToyExtractor()
    with (
        serve(extractor, Limits(requests=1), page=render_page) as site,
        visit(browser, site) as page,
    ):
        extractor.open.clear()
        body = {"texts": ["first"], "types": ["person"]}
        first = threading.Thread(
            target=site.client.post, args=("/v1/extract",), kwargs={"json": body}
        )
        first.start()
        assert extractor.begun.acquire(timeout=10)
        ask(page, "a person", ["person"])
        expect(page.locator("#problem")).to_have_text("The server is busy. Try again in 1 second.")
        extractor.open.set()
        first.join(10)
        extractor.open.clear()
        page.click("#run")
        assert extractor.begun.acquire(timeout=10)
        expect(page.locator("#run")).to_contain_text("Stop")
        page.keyboard.press("Escape")
        expect(page.locator("#run")).to_contain_text("Find entities")
        expect(page.locator("#problem")).to_be_hidden()


REFUSALS = [
    (lambda route: route.abort(), "The server does not answer."),
    (answer(200, body="<html>"), "The server does not answer."),
    (answer(429, headers={"Retry-After": "7"}, json=failure("x")), "Try again in 7 seconds."),
    (answer(503, headers={"Retry-After": "5"}, json=failure("x")), "The server is stopping."),
    (answer(500, json=failure("x")), "its log says more"),
    (answer(502, body="<html>bad gateway"), "The model does not answer the server."),
    (answer(418, json=failure("a teapot")), "The server refuses (418). A teapot."),
    (answer(422, json=failure("blank", "types[1].name")), "type “city” cannot be taken: blank"),
    (answer(422, json=failure("half a character")), "The text cannot be taken: half a"),
]


def test_errors_are_told_in_a_persons_words(page: "Page") -> None:
    expect(page.locator("#problem")).to_have_attribute("role", "alert")
    for handle, says in REFUSALS:
        page.route("**/v1/extract", handle)
        ask(page)
        expect(page.locator("#problem")).to_contain_text(says)
        page.unroute("**/v1/extract")
    ask(page)
    expect(page.locator("#problem")).to_be_hidden()


def test_a_hundred_thousand_characters_stay_usable(browser: "Browser") -> None:
    line = "a sure person in a likely city saw 😀 an unsure person and went on to another city .\n"
    text = (line * 2000)[:99_990].rstrip()
    with serve(ToyExtractor(), page=render_page) as site, visit(browser, site) as page:
        page.set_input_files(
            "#file", {"name": "long.txt", "mimeType": "text/plain", "buffer": text.encode()}
        )
        expect(page.locator("#size")).to_contain_text("99,9")
        ask(page, None, ["person", "city"])
        page.fill("#threshold", "0.01")
        many = line.count("person") + line.count("city")
        expect(page.locator("#summary")).to_contain_text("entities of 2 types")
        assert page.locator("#found mark").count() >= many * (len(text) // len(line))
        assert page.locator("#found > div").count() > 50
        took = page.evaluate(
            """() => {
              const started = performance.now();
              threshold.value = 0.95;
              threshold.dispatchEvent(new Event("input"));
              return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(
                () => done(performance.now() - started))));
            }"""
        )
        assert took < 2000
        expect(page.locator("#level")).to_have_text("0.95")
        assert page.evaluate(
            "[...found.querySelectorAll('mark')].every(m => m.textContent === 'citycity')"
        )


def test_a_model_without_scores_has_no_slider(page: "Page") -> None:
    entities = [{"start": 0, "end": 3, "text": "Ada", "type": "person"}]
    faults = [{"type": "city", "why": "not a list", "raw": "?"}]
    page.route(
        "**/v1/extract",
        answer(200, json={"results": [{"entities": entities, "faults": faults}]}),
    )
    ask(page, "Ada slept.", ["person", "city"])
    assert marks(page) == [(0, 3, "Ada", "person")]
    expect(page.locator("#least")).to_be_hidden()
    expect(page.locator("#faults")).to_contain_text("city")
