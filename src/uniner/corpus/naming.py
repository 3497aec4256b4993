"""Type names made alike: a table of renamings that people read, edit and apply as a view.

The annotated file keeps the teacher's own words; the table says of each type it renames what that
becomes and why. Read without the table, the file says what it always said.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from uniner.corpus.plurals import singulars_of
from uniner.corpus.taxonomy import Definition
from uniner.records import Annotated, Entity, InputError, RecordError, Span
from uniner.records.store import read_jsonl, write_whole
from uniner.records.types import check_type
from uniner.text.normalize import normalize_type

Why: TypeAlias = Literal["case", "plural", "alias"]
Table: TypeAlias = Mapping[str, str]
"""The final name of each type that is renamed."""

KEYS = ("type", "as", "why", "count")


@dataclass(frozen=True, slots=True)
class Renaming:
    """A type, the name it gets, why, and how many entities it has."""

    type: str
    name: str
    why: Why
    count: int


def propose_renamings(
    counts: Mapping[str, int], definitions: Iterable[Definition] = ()
) -> list[Renaming]:
    """What to rename of types with these counts, the most frequent first; all names are final.

    Spellings become the most frequent one, plurals a singular that occurs itself, and near-synonyms
    the more frequent of the two. Each step sees what the steps before it left, so none undoes
    another.
    """
    links: dict[str, str] = {}
    reasons: dict[str, Why] = {}

    def take(why: Why, found: Mapping[str, str]) -> Counter[str]:
        links.update(found)
        reasons.update(dict.fromkeys(found, why))
        table = resolve(links)
        merged: Counter[str] = Counter()
        for name, count in counts.items():
            merged[table.get(name, name)] += count
        return merged

    merged = take("case", find_spellings(counts))
    merged = take("plural", find_plurals(merged))
    table = resolve(links)
    known = {normalize_type(name): table.get(name, name) for name in counts}
    take("alias", find_synonyms(merged, known, definitions))
    rows = [
        Renaming(type, name, reasons[type], counts[type]) for type, name in resolve(links).items()
    ]
    return sorted(rows, key=lambda row: (-row.count, row.type))


def find_spellings(counts: Mapping[str, int]) -> dict[str, str]:
    """Names that differ from a more frequent one in case or white space alone."""
    best: dict[str, str] = {}
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        best.setdefault(normalize_type(name), name)
    return {name: best[key] for name in counts if best[key := normalize_type(name)] != name}


def find_plurals(counts: Mapping[str, int]) -> dict[str, str]:
    """Plurals of names that occur themselves."""
    known = {normalize_type(name): name for name in counts}
    found: dict[str, str] = {}
    for plural, name in known.items():
        singular = next((one for one in singulars_of(plural) if one in known), None)
        if singular is not None:
            found[name] = known[singular]
    return found


def find_synonyms(
    counts: Mapping[str, int], known: Mapping[str, str], definitions: Iterable[Definition]
) -> dict[str, str]:
    """Names with a more frequent near-synonym; `known` gives the name in use of each spelling."""
    found: dict[str, str] = {}

    # Every link leads upwards in this order, so there can be no circle.
    def rank(name: str) -> tuple[int, str]:
        return -counts[name], name

    for definition in definitions:
        for alias in definition.aliases:
            if definition.type in known and alias in known:
                better, worse = sorted((known[definition.type], known[alias]), key=rank)
                if better != worse:
                    found[worse] = min(found.get(worse, better), better, key=rank)
    return found


def resolve(links: Mapping[str, str]) -> dict[str, str]:
    """Each name with the last of its chain of links, which must have no circle."""
    return {name: list(follow(name, links))[-1] for name in links}


def follow(name: str, links: Mapping[str, str]) -> Iterator[str]:
    """The names that a name becomes, step by step."""
    while name in links:
        name = links[name]
        yield name


def write_table(path: Path | str, renamings: Iterable[Renaming]) -> None:
    """Write renamings as JSONL, one a line, whole or not at all."""
    with write_whole(path) as stream:
        for row in renamings:
            values = (row.type, row.name, row.why, row.count)
            stream.write(json.dumps(dict(zip(KEYS, values, strict=True)), ensure_ascii=False))
            stream.write("\n")


def read_table(path: Path | str) -> dict[str, str]:
    """The final name of each renamed type; InputError names the line that cannot be followed."""
    links: dict[str, str] = {}
    for number, row in read_jsonl(path):
        try:
            type, name = link_from_json(row)
        except RecordError as error:
            raise InputError(f"{path}:{number}: {error}") from None
        if type in links:
            raise InputError(
                f"{path}:{number}: type {type!r} is already renamed, to {links[type]!r}; "
                "keep one line of each type"
            )
        if type == name or type in follow(name, links):
            chain = " → ".join(map(repr, (type, name, *follow(name, links))))
            raise InputError(f"{path}:{number}: {chain} is a circle; remove one of these renamings")
        links[type] = name
    return resolve(links)


def link_from_json(row: Mapping[str, Any]) -> tuple[str, str]:
    """`{"type", "as", "why"?, "count"?}` as a type and its next name."""
    if unknown := [key for key in row if key not in KEYS]:
        raise RecordError(f"unknown key {unknown[0]!r}; a renaming has {', '.join(KEYS)}")
    for key in ("type", "as"):
        if not isinstance(row.get(key), str):
            raise RecordError(f"field {key!r} must be a string, not {row.get(key)!r}")
    return check_type(row["type"]), check_type(row["as"])


def rename(annotated: Annotated, table: Table) -> Annotated:
    """The same passage with its types renamed; types of a span that become one are one entity."""
    if not any(entity.type in table for entity in annotated.entities):
        return annotated
    kept: dict[tuple[Span, str], Entity] = {}
    for entity in annotated.entities:
        name = table.get(entity.type, entity.type)
        # Of equal ones the first stays: it stands where the most specific of them stood.
        kept.setdefault((entity.span, name), replace(entity, type=name))
    return Annotated(annotated.passage, tuple(kept.values()))


def list_origins(table: Table) -> dict[str, tuple[str, ...]]:
    """The names that became each final name, in the order of the table."""
    origins: dict[str, list[str]] = {}
    for type, name in table.items():
        origins.setdefault(name, []).append(type)
    return {name: tuple(types) for name, types in origins.items()}


def shorten(name: str, most: int = 32) -> str:
    """A type as tables, figures and pages show it; a definition is cut."""
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"
