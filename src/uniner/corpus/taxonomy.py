"""How entity types relate: their ancestors, descendants, near-synonyms and definitions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from uniner.records import RecordError
from uniner.text.normalize import normalize_type


@dataclass(frozen=True, slots=True)
class Definition:
    """What a type means, and names that mean the same."""

    type: str
    definition: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taxonomy:
    """Types with their parents and definitions; asked by any spelling, it answers normalised.

    A type that it does not know has no relations. RecordError where the parents form a cycle.
    """

    parents: Mapping[str, tuple[str, ...]]
    definitions: Mapping[str, Definition]

    def __post_init__(self) -> None:
        for name in self.parents:
            if name in self.ancestors(name):
                raise RecordError(f"type {name!r} is its own ancestor; break the cycle")

    def ancestors(self, name: str) -> tuple[str, ...]:
        """All more general types, the nearest first."""
        return reach(normalize_type(name), self.parents)

    def descendants(self, name: str) -> tuple[str, ...]:
        """All more specific types, the nearest first."""
        return reach(normalize_type(name), self.children)

    def aliases(self, name: str) -> tuple[str, ...]:
        """Near-synonyms, in either direction: those it lists, then those that list it."""
        return self.synonyms.get(normalize_type(name), ())

    def definition(self, name: str) -> str | None:
        """What the type means, where that is known."""
        known = self.definitions.get(normalize_type(name))
        return known.definition if known else None

    def related(self, name: str) -> frozenset[str]:
        """Types that may be true of a mention of this type, so never its negatives."""
        return frozenset((*self.aliases(name), *self.ancestors(name), *self.descendants(name)))

    def close(self, ladder: Sequence[str]) -> tuple[str, ...]:
        """The types of a mention, most specific first, and after them the ancestors they lack."""
        names = dict.fromkeys(map(normalize_type, ladder))
        return tuple(
            dict.fromkeys((*names, *(up for name in names for up in self.ancestors(name))))
        )

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """The direct more specific types of each type."""
        below: dict[str, list[str]] = {}
        for child, above in self.parents.items():
            for parent in above:
                below.setdefault(parent, []).append(child)
        return {parent: tuple(names) for parent, names in below.items()}

    @cached_property
    def synonyms(self) -> Mapping[str, tuple[str, ...]]:
        """The near-synonyms of each type, made symmetric."""
        same: dict[str, dict[str, None]] = {}
        for known in self.definitions.values():
            same.setdefault(known.type, {}).update(dict.fromkeys(known.aliases))
        for known in self.definitions.values():
            for alias in known.aliases:
                same.setdefault(alias, {})[known.type] = None
        return {
            name: tuple(other for other in names if other != name) for name, names in same.items()
        }


def reach(start: str, links: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """What can be reached from `start` by one link or more, the nearest first."""
    found: dict[str, None] = {}
    frontier = [start]
    while frontier:
        following = [name for here in frontier for name in links.get(here, ())]
        frontier = [name for name in dict.fromkeys(following) if name not in found]
        found.update(dict.fromkeys(frontier))
    return tuple(found)


def parse_hierarchy(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Parents by type, from lines of `child, child > parent, parent` and comment lines `# …`."""
    parents: dict[str, dict[str, None]] = {}
    for number, line in enumerate(lines, start=1):
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        below, *above = (split_names(side) for side in content.split(">"))
        if len(above) > 1 or not below or not all(above):
            raise RecordError(f"line {number}: expected `child, … > parent, …`, not {content!r}")
        for child in below:
            parents.setdefault(child, {}).update(dict.fromkeys(above[0] if above else ()))
    return {child: tuple(names) for child, names in parents.items()}


def split_names(side: str) -> list[str]:
    """The normalised type names of one side of a hierarchy line."""
    return [name for name in map(normalize_type, side.split(",")) if name]


def definition_from_json(row: Mapping[str, Any]) -> Definition:
    """`{"type", "definition", "aliases"?}` as a definition, its names normalised."""
    aliases = row.get("aliases", [])
    if not isinstance(row.get("type"), str) or not isinstance(row.get("definition"), str):
        raise RecordError(f"fields 'type' and 'definition' must be strings: {row!r}")
    if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
        raise RecordError(f"field 'aliases' must be a list of strings: {row!r}")
    return Definition(
        normalize_type(row["type"]), row["definition"], tuple(map(normalize_type, aliases))
    )
