"""Documents of any length as overlapping windows of words, and their entities back as one."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import NamedTuple, TypeAlias

from uniner.records import ConfigError, Entity, Span

Places: TypeAlias = Sequence[tuple[int, int]]
"""The words of a text, each by its first character and the one after its last."""

SENTENCE_ENDS = frozenset(".!?…。！？")
CLOSERS = frozenset("\"'”’»)]")
ABBREVIATIONS = frozenset(
    {"Capt", "Col", "Dr", "Fr", "Gen", "Gov", "Hon", "Lt", "Maj", "Messrs", "Mlle", "Mme", "Mr"}
    | {"Mrs", "Ms", "Mt", "Prof", "Rep", "Rev", "Sen", "Sgt", "Sr", "St", "cf", "ca", "vs"}
)
"""What is seldom the last word of a sentence where a full stop follows it."""
NUMBERED = frozenset({"Art", "Eq", "Fig", "Figs", "No", "Nos", "Sec", "Vol", "no", "pp", "vol"})
"""The same, where after the full stop comes a number."""


class Window(NamedTuple):
    """Places [first, last) of a document, which are its characters [start, end)."""

    first: int
    last: int
    start: int
    end: int


def cut(
    words: Places, text: str, limit: int, overlap: int, costs: Sequence[int] | None = None
) -> list[Window]:
    """Cut a document into windows of at most `limit`, each sharing at most `overlap` with the last.

    Both count words, or whatever `costs` gives for each word (its sub-word pieces, say). Every
    word is in a window; starts and ends rise from window to window; a window ends at a sentence's
    or a line's end where its later half holds one. Only a word that alone costs more than `limit`
    exceeds it, in a window of its own. ConfigError unless 0 <= overlap < limit.
    """
    if not 0 <= overlap < limit:
        raise ConfigError(
            f"windows of {limit} cannot overlap by {overlap}; use 0 <= overlap < {limit}"
        )
    spent: Sequence[int] = range(len(words) + 1)
    if costs is not None:
        spent = list(accumulate(costs, initial=0))
    windows: list[Window] = []
    first = last = 0
    while last < len(words):
        full = max(bisect_right(spent, spent[first] + limit) - 1, first + 1)
        least = bisect_right(spent, spent[first] + max(limit // 2, overlap))
        last = choose_end(words, text, max(least, last + 1), full)
        windows.append(Window(first, last, words[first][0], words[last - 1][1]))
        if last < len(words):
            shared = bisect_left(spent, spent[last] - overlap)
            fitting = bisect_left(spent, spent[last + 1] - limit)
            first = min(last, max(shared, fitting))
    return windows


def choose_end(words: Places, text: str, least: int, full: int) -> int:
    """Where a window that may hold words up to `full`, and must up to `least`, best ends."""
    if full >= len(words):
        return len(words)
    for last in range(full, least - 1, -1):
        if ends_sentence(words, text, last - 1):
            return last
    for last in range(full, least - 1, -1):
        if "\n" in text[words[last - 1][1] : words[last][0]]:
            return last
    return full


def ends_sentence(words: Places, text: str, index: int) -> bool:
    """Whether a sentence or a paragraph seems to end with word `index`, which is not the last.

    The full stop of a title ("Dr."), an initial or another abbreviation ends none.
    """
    end, following = words[index][1], words[index + 1][0]
    if text.count("\n", end, following) > 1:
        return True
    mark = index
    while mark > 0 and text[words[mark][0]] in CLOSERS:
        mark -= 1
    if text[words[mark][0]] not in SENTENCE_ENDS:
        return False
    if text[end - 1] in "。！？":
        return True
    if end == following or text[following].islower():
        return False
    return not (mark == index and text[end - 1] == "." and is_abbreviated(words, text, index))


def is_abbreviated(words: Places, text: str, index: int) -> bool:
    """Whether the full stop that is word `index` shortens what stands right before it."""
    if index == 0 or words[index - 1][1] < words[index][0]:
        return False
    start, end = words[index - 1]
    word = text[start:end]
    if len(word) == 1:
        return word.isupper() or (word.islower() and text[start - 1 : start] == ".")
    return word in ABBREVIATIONS or (word in NUMBERED and text[words[index + 1][0]].isdigit())


def shift(entities: Sequence[Entity], offset: int) -> list[Entity]:
    """Entities of a window's own text, moved to where the window starts in its document."""
    return [replace(e, start=e.start + offset, end=e.end + offset) for e in entities]


def merge(
    windows: Sequence[Window], found: Sequence[Sequence[Entity]], *, nested: bool = False
) -> tuple[Entity, ...]:
    """One document's entities, in reading order, from those of its windows (document offsets).

    A mention counts only in the window that holds it farthest from the window's edges, whatever
    other windows say. Where mentions of different windows then still overlap (nested: and are of
    one type), the higher score stays; what one window says together is never thinned out.
    """
    starts, ends = [w.start for w in windows], [w.end for w in windows]
    owned: dict[tuple[Span, str], tuple[int, Entity]] = {}
    for window, entities in enumerate(found):
        for entity in entities:
            if choose_window(starts, ends, entity.span) == window:
                owned.setdefault((entity.span, entity.type), (window, entity))
    kept: list[list[Entity]] = [[] for _ in windows]
    for window, entity in sorted(owned.values(), key=lambda item: rank(item[1])):
        near = range(bisect_right(ends, entity.start), bisect_left(starts, entity.end))
        rivals = (rival for other in near if other != window for rival in kept[other])
        if not any(clash(entity, rival, nested=nested) for rival in rivals):
            kept[window].append(entity)
    return tuple(sorted((e for es in kept for e in es), key=lambda e: (e.start, -e.end, e.type)))


def choose_window(starts: Sequence[int], ends: Sequence[int], span: Span) -> int:
    """The window that holds `span` farthest from its edges; a document's ends are no edges."""
    final = len(starts) - 1

    def margin(window: int) -> float:
        left = span.start - starts[window] if window > 0 else float("inf")
        right = ends[window] - span.end if window < final else float("inf")
        return min(left, right)

    return max(range(bisect_left(ends, span.end), bisect_right(starts, span.start)), key=margin)


def rank(entity: Entity) -> tuple[float, int, int]:
    """Sorts the surer, then the longer, then the earlier mention first."""
    return (-(entity.score or 0.0), entity.start - entity.end, entity.start)


def clash(entity: Entity, rival: Entity, *, nested: bool) -> bool:
    """Whether two mentions cannot both stay."""
    if nested and entity.type != rival.type:
        return False
    return entity.start < rival.end and rival.start < entity.end
