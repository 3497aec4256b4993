"""What goes wrong is told on the page in a person's words, and hurts nobody."""

import random
import threading
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from toy_api import ToyExtractor, serve
from toy_browser import answer, ask, failure, marks, visit
from uniner.serving.limits import Limits
from uniner.serving.web import render_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


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
