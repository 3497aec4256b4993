"""What the page marks is what the server finds."""

import random
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from toy_api import Site, ToyExtractor, serve
from toy_browser import EMOJI, answer, ask, chips, marks, nested, rows, visit
from uniner.records import Entity
from uniner.serving.page import hue
from uniner.serving.web import read_part, render_page
from uniner.students.ground import flatten
from uniner.text.segments import segments

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


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
