"""Our HTML is escaped, self-contained and says what it marks."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.records import Entity
from uniner.serving.page import bars, frame, highlight, hue, legend, page, table
from uniner.text.words import split_words


class Reader(HTMLParser):
    """Collects the text outside of `small`, and checks that tags close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "small" not in self.open:
            self.text += data


def mark(text: str, start: int, end: int, kind: str, score: float | None = None) -> Entity:
    return Entity(start, end, text[start:end], kind, score)


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("a < b & c", [], "a &lt; b &amp; c"),
        (
            "Ada left",
            [(0, 3, "person", 0.987)],
            '<mark style="--hue:PERSON" title="person 0.99">Ada<small>person</small></mark> left',
        ),
        (
            "Uni of Rome",
            [(0, 11, "school", None), (7, 11, "city", 0.5)],
            '<mark style="--hue:SCHOOL" title="school">Uni of '
            '<mark style="--hue:CITY" title="city 0.50">Rome<small>city</small></mark>'
            "<small>school</small></mark>",
        ),
        (
            "ab cd ef",
            [(0, 5, "city", None), (3, 8, "person", None)],
            '<mark style="--hue:CITY" title="city">ab '
            '<mark style="--hue:PERSON" title="person">cd</mark><small>city</small></mark>'
            '<mark class="from" style="--hue:PERSON" title="person"> ef'
            "<small>person</small></mark>",
        ),
        (
            "x",
            [(0, 1, '"><script>', None)],
            '<mark style="--hue:EVIL" title="&quot;&gt;&lt;script&gt;">x'
            "<small>&quot;&gt;&lt;script&gt;</small></mark>",
        ),
    ],
)
def test_entities_are_marked(
    text: str, spans: list[tuple[int, int, str, float | None]], expected: str
) -> None:
    names = {"PERSON": "person", "CITY": "city", "SCHOOL": "school", "EVIL": '"><script>'}
    for name, kind in names.items():
        expected = expected.replace(name, str(hue(kind)))
    assert highlight(text, [mark(text, *s) for s in spans]) == f'<div class="text">{expected}</div>'


@given(st.text(alphabet="ab <>&\"'\n", max_size=30), st.data())
def test_the_marked_text_reads_as_the_text(text: str, data: st.DataObject) -> None:
    words = split_words(text)
    ends = st.tuples(st.sampled_from(words), st.sampled_from(words)) if words else st.nothing()
    pairs = data.draw(st.lists(ends, max_size=5)) if words else []
    entities = [
        mark(text, min(a.start, b.start), max(a.end, b.end), kind)
        for (a, b), kind in zip(pairs, ["<t>", "u", "v", "w", "x"], strict=False)
    ]
    reader = Reader()
    reader.feed(highlight(text, entities))
    reader.close()
    assert reader.text == text
    assert reader.open == []


def test_a_type_keeps_its_colour() -> None:
    assert hue("person") == hue("person")
    assert hue("person") != hue("city")


def test_control_characters_are_shown_as_replaced() -> None:
    assert highlight("a\x1b\x00b", []) == '<div class="text">a��b</div>'


def test_a_page_is_self_contained_and_its_title_escaped() -> None:
    whole = page("<b>", "<p>hello</p>")
    assert "<title>&lt;b&gt;</title>" in whole
    assert "<p>hello</p>" in whole
    assert not any(sign in whole for sign in ("http://", "https://", "src=", "url(", "@import"))
    assert "prefers-color-scheme: dark" in whole
    head, tail = frame("<b>")
    assert whole == head + "<p>hello</p>" + tail


def test_a_legend_counts_types() -> None:
    entities = [mark("a b c", 0, 1, "t"), mark("a b c", 2, 3, "u"), mark("a b c", 4, 5, "u")]
    assert legend(entities) == (
        f'<ul class="legend"><li><span style="--hue:{hue("u")}">u 2</span></li>'
        f'<li><span style="--hue:{hue("t")}">t 1</span></li></ul>'
    )
    assert legend([]) == '<p class="note">No entities.</p>'


def test_a_table_sets_numbers_right() -> None:
    assert table(["set", "F1", "n"], [["<AI>", 47.512, 1430]]) == (
        '<div class="wide"><table><thead><tr><th>set</th><th class="number">F1</th>'
        '<th class="number">n</th></tr></thead>\n<tbody>\n<tr><td>&lt;AI&gt;</td>'
        '<td class="number">47.51</td><td class="number">1,430</td></tr>\n</tbody></table></div>'
    )
    assert "<tbody>\n</tbody>" in table(["a"], [])


def test_bars_stay_within_the_chart() -> None:
    drawn = bars([("over", 120.0), ("half", 50.0), ("under", -3.0)], full=100.0)
    assert re.findall(r'class="bar" y="\d+" width="([^"]+)"', drawn) == ["100.0%", "50.0%", "0.0%"]
    assert bars([]) == '<svg class="bars" role="img" height="0">\n</svg>'
