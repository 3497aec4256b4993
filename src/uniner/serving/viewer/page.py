"""Rows as one HTML page that a person can filter and page through, without a server."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from string import Template

from uniner.serving.page import highlight, quote, read_asset
from uniner.serving.viewer.rows import FATES, Row
from uniner.serving.web import digest

FILTERS = {
    "fate": "Outcome",
    "type": "Type",
    "domain": "Domain",
    "source": "Source",
}
"""What rows can be chosen by, and what the page calls it."""


@dataclass(slots=True)
class Names:
    """Distinct strings, each with a number: the page's index names none twice."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """The number of a name."""
        return self.numbers.setdefault(name, len(self.numbers))


def write_page(title: str, rows: Sequence[Row], note: str) -> Iterator[str]:
    """The page in pieces: what frames the passages, each of them, and the index of them all."""
    style = "\n".join(map(read_asset, ("page.css", "benchmark/report.css", "viewer/view.css")))
    script = read_asset("viewer/view.js")
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src '{digest(script)}'",
            f"style-src-elem '{digest(style)}'",
            "style-src-attr 'unsafe-inline'",  # each mark says its hue
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
        ]
    )
    head, _, tail = (
        Template(read_asset("viewer/view.html"))
        .substitute(
            title=quote(title),
            note=quote(note),
            policy=policy,
            style=style,
            script=script,
            filters="\n".join(write_filter(*item) for item in FILTERS.items()),
            index=write_index(rows),
            passages="\0",
        )
        .partition("\0")
    )
    yield head
    yield from map(write_row, rows)
    yield tail


def write_filter(name: str, label: str) -> str:
    """A choice that the script fills."""
    return f'<label for="{name}">{label}<select id="{name}"></select></label>'


def write_index(rows: Sequence[Row]) -> str:
    """What the script chooses by: for each row its id, domain, source and (fate, type) pairs."""
    types, domains, sources = Names(), Names(), Names()
    index = [
        [
            row.passage.id,
            domains.number(row.passage.domain),
            sources.number(row.passage.source),
            [
                [FATES.index(fact.fate), types.number(name)]
                for fact in row.facts
                for name in fact.types
            ],
        ]
        for row in rows
    ]
    whole = {
        "fate": FATES,
        "type": list(types.numbers),
        "domain": list(domains.numbers),
        "source": list(sources.numbers),
        "rows": index,
    }
    # Within a script element only "<" can end it early, or open what hides its end.
    return json.dumps(whole, separators=(",", ":")).replace("<", "\\u003c")


def write_row(row: Row) -> str:
    """One passage, inert until the script shows it."""
    passage = row.passage
    about = "".join(f" · {quote(part)}" for part in (passage.domain, passage.source) if part)
    sides = "".join(
        f"<div>{write_heading(name)}{highlight(passage.text, entities)}</div>"
        for name, entities in row.sides
    )
    errors = "".join(
        f"<li><b>{fact.fate}</b> {quote(fact.what)}</li>" for fact in row.facts if fact.what
    )
    return (
        f'<template><article class="case" tabindex="-1"><p class="note"><a>{quote(passage.id)}</a>'
        f'{about}</p><div class="pair">{sides}</div>'
        f"{errors and f'<ul class=errors>{errors}</ul>'}</article></template>\n"
    )


def write_heading(name: str) -> str:
    """What stands over one side, where there are two."""
    return f'<p class="note">{name}</p>' if name else ""
