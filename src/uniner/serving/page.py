"""The look that all our HTML shares: pages, highlighted texts, tables and bar charts."""

from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from zlib import crc32

from uniner.corpus.naming import shorten
from uniner.records import Entity
from uniner.text.segments import segments

UNSEEN = {code: "\N{REPLACEMENT CHARACTER}" for code in range(32) if chr(code) not in "\t\n\r"}
"""Control characters that HTML forbids, and what stands for them."""


def page(title: str, body: str) -> str:
    """A whole HTML page around `body` (HTML), with no outside assets, for light and dark."""
    head, tail = frame(title)
    return head + body + tail


def frame(title: str) -> tuple[str, str]:
    """What comes before and after a page's body, for a body that is written piece by piece."""
    style = read_asset("page.css")
    filled = Template(read_asset("page.html")).substitute(
        title=quote(title), style=style, body="\0"
    )
    head, _, tail = filled.partition("\0")
    return head, tail


@cache
def read_asset(name: str) -> str:
    """A file that lies beside this module."""
    return files("uniner.serving").joinpath(name).read_text(encoding="utf-8")


def quote(text: str) -> str:
    """Any text as HTML text or as an attribute's value."""
    return escape(text.translate(UNSEEN))


def hue(type_name: str) -> int:
    """The hue in degrees, the same in every page, that a type is drawn in."""
    return crc32(type_name.encode("utf-8", "replace")) % 360


def highlight(text: str, entities: Sequence[Entity]) -> str:
    """The text as HTML with its entities marked, nested and crossing ones too; scores on hover.

    An entity that crosses another is drawn in several marks, of which the last names its type.
    """
    pieces: list[str] = []
    opened: tuple[Entity, ...] = ()
    for start, end, cover in segments(len(text), entities):
        shared = count_shared(opened, cover)
        pieces += [close_mark(e, ends=e.end <= start) for e in reversed(opened[shared:])]
        pieces += [open_mark(e, starts=e.start == start) for e in cover[shared:]]
        pieces.append(quote(text[start:end]))
        opened = cover
    pieces += [close_mark(e, ends=True) for e in reversed(opened)]
    return f'<div class="text">{"".join(pieces)}</div>'


def count_shared(opened: Sequence[Entity], cover: Sequence[Entity]) -> int:
    """How many of the outermost entities stay open."""
    same = 0
    while same < min(len(opened), len(cover)) and opened[same] == cover[same]:
        same += 1
    return same


def open_mark(entity: Entity, *, starts: bool) -> str:
    """A mark's start tag; `starts` is false where it goes on after another mark's end."""
    score = "" if entity.score is None else f" {entity.score:.2f}"
    kind = "" if starts else ' class="from"'
    return f'<mark{kind} style="--hue:{hue(entity.type)}" title="{quote(entity.type)}{score}">'


def close_mark(entity: Entity, *, ends: bool) -> str:
    """A mark's end tag, after the type's name where the entity ends."""
    return f"<small>{quote(shorten(entity.type))}</small></mark>" if ends else "</mark>"


def legend(entities: Sequence[Entity]) -> str:
    """Each type that occurs, in its colour, with how often it does."""
    counts: dict[str, int] = {}
    for entity in entities:
        counts[entity.type] = counts.get(entity.type, 0) + 1
    items = "".join(
        f'<li><span style="--hue:{hue(name)}">{quote(name)} {count:,}</span></li>'
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )
    return f'<ul class="legend">{items}</ul>' if items else '<p class="note">No entities.</p>'


def table(headers: Sequence[str], rows: Sequence[Sequence[str | int | float]]) -> str:
    """A table; numbers stand to the right, floats with two decimals."""
    numeric = [
        bool(rows) and all(isinstance(row[column], int | float) for row in rows)
        for column in range(len(headers))
    ]
    head = "".join(cell("th", name, number) for name, number in zip(headers, numeric, strict=True))
    body = "".join(
        f"<tr>{''.join(cell('td', value, isinstance(value, int | float)) for value in row)}</tr>\n"
        for row in rows
    )
    return (
        f'<div class="wide"><table><thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}</tbody></table></div>"
    )


def cell(tag: str, value: str | int | float, number: bool) -> str:
    """One cell of a table."""
    kind = ' class="number"' if number else ""
    return f"<{tag}{kind}>{quote(show(value))}</{tag}>"


def show(value: str | int | float) -> str:
    """A cell's text."""
    match value:
        case float():
            return f"{value:,.2f}"
        case int():
            return f"{value:,}"
        case _:
            return value


def bars(rows: Sequence[tuple[str, float]], full: float | None = None) -> str:
    """A bar chart as SVG, one (name, value) a row; `full` is the value of a whole bar's width."""
    whole = full or max((value for _, value in rows), default=0.0) or 1.0
    drawn = "".join(
        f"<g><title>{quote(name)}: {show(value)}</title>"
        f'<text y="{36 * row + 14}">{quote(shorten(name))}</text>'
        f'<text class="value" x="100%" y="{36 * row + 14}">{show(value)}</text>'
        f'<rect class="rest" y="{36 * row + 20}" width="100%" height="7" rx="2"/>'
        f'<rect class="bar" y="{36 * row + 20}" width="{width(value / whole)}" height="7" rx="2"/>'
        "</g>\n"
        for row, (name, value) in enumerate(rows)
    )
    return f'<svg class="bars" role="img" height="{36 * len(rows)}">\n{drawn}</svg>'


def width(share: float) -> str:
    """A share of the whole as an SVG length that never leaves the chart."""
    return f"{100 * min(max(share, 0.0), 1.0):.1f}%"
