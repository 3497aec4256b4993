"""The best one-to-one pairing of gold and predicted mentions that overlap."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from uniner.records import Entity, Span

Likeness: TypeAlias = Literal["same", "span", "type", "overlap"]
"""What two overlapping mentions share: span and type, one of them, or characters alone."""

LIKENESSES: Mapping[tuple[bool, bool], Likeness] = {
    (True, True): "same",
    (True, False): "span",
    (False, True): "type",
    (False, False): "overlap",
}
CLOSENESS: Mapping[Likeness, int] = {"same": 2, "span": 1, "type": 1, "overlap": 0}

LEVEL = 1 << 32
"""More than all pairs of a group can add up to, so that one level of worth never buys another."""


class Mark(NamedTuple):
    """Characters [start, end) of a passage as a mention of a type."""

    start: int
    end: int
    type: str


Group: TypeAlias = tuple[list[Mark], list[Mark]]
"""The gold and the predicted mentions of a stretch of text, each side sorted."""


def mark(entities: Iterable[Entity]) -> set[Mark]:
    """The distinct mentions among entities."""
    return {Mark(entity.start, entity.end, entity.type) for entity in entities}


def find_likeness(gold: Mark, predicted: Mark) -> Likeness:
    """What two overlapping mentions share."""
    same_span = gold.start == predicted.start and gold.end == predicted.end
    return LIKENESSES[same_span, gold.type == predicted.type]


def count_overlapping(gold: Collection[Span], predicted: Collection[Span]) -> float:
    """The greatest total that one-to-one pairs can reach: 1 for the same span, 0.5 for an overlap.

    Taking every exact pair first costs nothing: leaving one out frees at most two halves.
    """
    left, right = set(gold), set(predicted)
    exact = left & right
    rest = [{Mark(*span, "") for span in side - exact} for side in (left, right)]
    return len(exact) + 0.5 * sum(len(pair_best(group, {})) for group in split_groups(*rest))


def split_groups(gold: Collection[Mark], predicted: Collection[Mark]) -> Iterator[Group]:
    """Cut mentions where none reaches across, so that overlaps exist only within a group."""
    group: Group = ([], [])
    reach = 0
    for found, side in sorted([*((m, 0) for m in gold), *((m, 1) for m in predicted)]):
        if 0 < reach <= found.start:
            yield group
            group = ([], [])
        group[side].append(found)
        reach = max(reach, found.end)
    if reach:
        yield group


def pair_best(group: Group, credit: Mapping[Likeness, int]) -> list[tuple[Mark, Mark]]:
    """One-to-one pairs of overlapping mentions: most credit, then most pairs, then the most alike.

    A likeness without credit has none. The pairs depend on the mentions alone, not on their order.
    """
    golds, found = group
    if not golds or not found:
        return []
    if len(golds) == len(found) == 1:
        return [(golds[0], found[0])]
    weights = {
        likeness: (credit.get(likeness, 0) * LEVEL + 1) * LEVEL + closeness
        for likeness, closeness in CLOSENESS.items()
    }
    worth = [
        {
            column: weights[find_likeness(gold, predicted)]
            for column, predicted in enumerate(found)
            if gold.start < predicted.end and predicted.start < gold.end
        }
        for gold in golds
    ]
    return [(golds[row], found[column]) for column, row in sorted(assign(worth).items())]


def assign(worth: Sequence[Mapping[int, int]]) -> dict[int, int]:
    """The one-to-one assignment of greatest total worth, leading from columns to rows.

    `worth[row]` leads from the columns that a row can take to what each is worth, above 0.
    """
    owners: dict[int, int] = {}
    for row in range(len(worth)):
        add_row(row, worth, owners)
    return owners


def add_row(root: int, worth: Sequence[Mapping[int, int]], owners: dict[int, int]) -> None:
    """Give a new row its best place among `owners`, who move aside or step back where that gains.

    A path leads from the root to a column, from there to its owner and on to another column; its
    gain is what the total grows by if it ends there. As the owners were the best before, no circle
    gains, and the search (Bellman and Ford's) ends.
    """
    gains, rows, takers = {root: 0}, deque([root]), dict[int, int]()
    reached: dict[int, int] = {}
    while rows:
        row = rows.popleft()
        for column, value in worth[row].items():
            owner = owners.get(column)
            if owner == row:
                continue
            gain = gains[row] + value - (0 if owner is None else worth[owner][column])
            if column not in reached or gain > reached[column]:
                reached[column], takers[column] = gain, row
                if owner is not None:
                    gains[owner] = gain
                    rows.append(owner)
    column = max(reached, key=lambda column: (reached[column], -column), default=-1)
    if column < 0 or reached[column] <= 0:
        return
    held = {row: column for column, row in owners.items()}
    while True:
        row = owners[column] = takers[column]
        if row == root:
            return
        column = held[row]
