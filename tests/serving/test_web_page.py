"""The page of `uniner serve` is whole, allows nothing foreign, and can be read in both schemes."""

import math
import os
import re
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import httpx
import pytest

from toy_api import ToyExtractor, serve
from uniner.serving.page import read_asset
from uniner.serving.web import SCRIPTS, read_part, render_page

SCRIPT = "".join(map(read_part, SCRIPTS))
LOOK = read_part("look.css")


class Elements(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def values(self, name: str) -> list[str]:
        """What an attribute is, wherever it is."""
        return [attrs[name] or "" for _, attrs in self.found if name in attrs]


PAGE = Elements(render_page())


def inlined(tag: str) -> str:
    """What is between the tags of a kind."""
    found = re.search(rf"<{tag}\b[^>]*>(.*?)</{tag}>", render_page(), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_server_answers_with_the_page() -> None:
    with serve(ToyExtractor(), key="k", page=render_page) as site:
        response = site.client.get("/")
    assert response.text == render_page()
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"] == "frame-ancestors 'none'"


def test_the_command_serves_the_page() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "uniner", "serve", "--model", "lexicon", "--port", "0"],
        stderr=subprocess.PIPE, text=True, env={**os.environ, "UNINER_SERVE_KEY": "k"},
    )  # fmt: skip
    try:
        assert process.stderr is not None
        (url,) = re.findall(r"http://\S+:\d+", process.stderr.readline())
        assert httpx.get(url, trust_env=False, timeout=20).text == render_page()
    finally:
        process.kill()
        process.communicate()


def test_only_the_inlined_style_and_script_are_allowed() -> None:
    (policy,) = [a["content"] for _, a in PAGE.found if "http-equiv" in a]
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    for rule, tag in (("style-src", "style"), ("script-src", "script")):
        digest = b64encode(sha256(inlined(tag).encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert rules["default-src"] == "'none'"
    assert rules["connect-src"] == "'self'"
    assert "unsafe" not in policy


def test_nothing_is_fetched_from_elsewhere_and_no_attribute_is_code() -> None:
    names = {name for _, attrs in PAGE.found for name in attrs}
    assert not {name for name in names if name.startswith("on") or name in ("style", "src")}
    assert all(value.startswith("data:") for value in PAGE.values("href"))
    foreign = re.findall(r"https?://[^\s'\"]+", render_page())
    assert set(foreign) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"url\(|@import", inlined("style"))


def test_the_script_makes_no_markup_of_strings() -> None:
    unsafe = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|\bFunction\(|srcdoc"
    assert not re.search(unsafe, SCRIPT)
    assert not re.search(r"</script|<!--", SCRIPT, re.IGNORECASE)


def test_what_the_script_and_the_labels_point_to_is_there() -> None:
    ids = PAGE.values("id")
    assert len(ids) == len(set(ids))
    used = {*re.findall(r"\bpart\.(\w+)", SCRIPT), *re.findall(r'\bpart\["([\w-]+)"\]', SCRIPT)}
    pointed = {*PAGE.values("for"), *" ".join(PAGE.values("aria-describedby")).split()}
    assert used | pointed <= set(ids)


def test_every_field_and_every_button_has_a_name() -> None:
    labelled = set(PAGE.values("for"))
    for tag, attrs in PAGE.found:
        if tag in ("textarea", "input") and attrs.get("type") != "radio" and "hidden" not in attrs:
            assert attrs["id"] in labelled, attrs
    (scheme,) = [a for tag, a in PAGE.found if tag == "button" and a.get("id") == "scheme"]
    assert scheme["aria-label"] == "Dark colours"


def colours(scheme: str) -> dict[str, str]:
    """The colour variables of a scheme, as the page has them when that scheme is chosen."""
    light, dark = re.findall(r":root \{([^}]*)\}", read_asset("page.css"))
    wrong = re.findall(r"--wrong: [^;]+;", LOOK)
    both = {"light": light + wrong[0], "dark": dark + wrong[1]}
    return dict(re.findall(r"--([\w-]+): ([^;]+);", both[scheme]))


def luminance(colour: str, hue: int = 0) -> float:
    """The relative luminance (WCAG) of a `#hex`, or of OKLCH `L% C` at a hue, clipped to sRGB."""
    if colour.startswith("#"):
        digits = colour[1:] if len(colour) == 7 else "".join(d * 2 for d in colour[1:])
        parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    else:
        light, chroma = (float(word.rstrip("%")) for word in colour.split())
        a, b = (chroma * f(math.radians(hue)) for f in (math.cos, math.sin))
        light /= 100
        roots = (
            light + 0.3963377774 * a + 0.2158037573 * b,
            light - 0.1055613458 * a - 0.0638541728 * b,
            light - 0.0894841775 * a - 1.2914855480 * b,
        )
        x, y, z = (root**3 for root in roots)
        linear = [
            4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z,
            -1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z,
            -0.0041960863 * x - 0.7034186147 * y + 1.7076147010 * z,
        ]
    red, green, blue = (min(max(value, 0.0), 1.0) for value in linear)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    """The contrast (WCAG) of two luminances."""
    low, high = sorted((one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_on_marks_can_be_read_in_every_hue(scheme: str) -> None:
    known = colours(scheme)
    for hue in range(360):
        ground = luminance(known["mark"], hue)
        for words in ("word", "name"):
            told = contrast(luminance(known[words], hue), ground)
            assert told >= 4.5, (scheme, words, hue, told)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_else_can_be_read_too(scheme: str) -> None:
    known = {name: luminance(value) for name, value in colours(scheme).items() if "#" in value}
    pairs = [("ink", "ground"), ("soft", "ground"), ("bar", "ground"), ("wrong", "ground")]
    for words, ground in pairs:
        assert contrast(known[words], known[ground]) >= 4.5, (words, ground)


@pytest.mark.parametrize(
    ("one", "other", "expected"), [("#000", "#fff", 21.0), ("#777777", "#fff", 4.48)]
)
def test_contrast_is_that_of_wcag(one: str, other: str, expected: float) -> None:
    assert contrast(luminance(one), luminance(other)) == pytest.approx(expected, abs=0.01)


def test_oklch_is_turned_into_the_colours_that_browsers_show() -> None:
    assert luminance("62.8% .2577", 29) == pytest.approx(luminance("#ff0000"), abs=0.01)
    assert luminance("100% 0") == pytest.approx(1.0, abs=0.001)
