"""The best one-to-one pairing of gold and predicted spans, for the partial policy."""

from collections.abc import Collection, Iterator, Sequence

from uniner.records import Span


def count_overlapping(gold: Collection[Span], predicted: Collection[Span]) -> float:
    """The greatest total that one-to-one pairs can reach: 1 for the same span, 0.5 for an overlap.

    Taking every exact pair first costs nothing: leaving one out frees at most two halves.
    """
    left, right = set(gold), set(predicted)
    exact = left & right
    groups = split_groups(sorted(left - exact), sorted(right - exact))
    return len(exact) + 0.5 * sum(count_pairs(golds, preds) for golds, preds in groups)


def split_groups(
    gold: Sequence[Span], predicted: Sequence[Span]
) -> Iterator[tuple[list[Span], list[Span]]]:
    """Cut sorted spans where none reaches across, so that pairs exist only within a group."""
    sides: tuple[list[Span], list[Span]] = ([], [])
    reach = 0
    marked = [(span, 0) for span in gold] + [(span, 1) for span in predicted]
    for span, side in sorted(marked):
        if span.start >= reach:
            yield sides
            sides = ([], [])
        sides[side].append(span)
        reach = max(reach, span.end)
    yield sides


def count_pairs(gold: Sequence[Span], predicted: Sequence[Span]) -> int:
    """The size of a maximum matching of overlapping spans, by augmenting paths."""
    near = [[i for i, p in enumerate(predicted) if overlaps(g, p)] for g in gold]
    partners: dict[int, int] = {}
    return sum(find_partner(root, near, partners) for root in range(len(gold)))


def find_partner(root: int, near: Sequence[Sequence[int]], partners: dict[int, int]) -> bool:
    """Pair gold `root` with one of the predictions `near` it, re-pairing others in `partners`.

    `partners` leads from a prediction to its gold.
    """
    reached: dict[int, int] = {}
    frontier = [root]
    for here in frontier:
        for there in near[here]:
            if there in reached:
                continue
            reached[there] = here
            if there not in partners:
                shift_path(root, there, reached, partners)
                return True
            frontier.append(partners[there])
    return False


def shift_path(root: int, free: int, reached: dict[int, int], partners: dict[int, int]) -> None:
    """Give every gold on the path from `root` to the `free` prediction its next prediction."""
    mates = {gold: predicted for predicted, gold in partners.items()}
    there = free
    while True:
        here = reached[there]
        partners[there] = here
        if here == root:
            return
        there = mates[here]


def overlaps(span: Span, other: Span) -> bool:
    """Whether two spans share a character."""
    return span.start < other.end and other.start < span.end
