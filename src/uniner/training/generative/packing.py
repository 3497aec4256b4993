"""Dialogues as rows of tokens: packed, yet none sees another."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from uniner.chat.dialogue import Dialogue
from uniner.chat.tokens import ChatTokenizer, Tokens

Ints = npt.NDArray[np.int32]

IGNORED = -100
"""The label of what is not supervised."""


class Encoded(NamedTuple):
    """The tokens of a dialogue: its prefix, and each question with its answer."""

    prefix: list[int]
    exchanges: tuple[Tokens, ...]


class Unit(NamedTuple):
    """A prefix and some of its exchanges, which go into one row together."""

    dialogue: int
    exchanges: tuple[int, ...]
    length: int


@dataclass(frozen=True, slots=True)
class Layout:
    """How units become rows of at most `max_tokens`.

    Packed, a row holds several units; single, a unit holds one exchange.
    """

    max_tokens: int
    packed: bool = True
    single: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of T tokens: labels [T] (of the next token), and what tells who sees whom.

    `unit` numbers the units of a row from 0; `branch` is 0 in a prefix, in the n-th exchange n
    where exchanges are isolated and 1 where they are not.
    """

    ids: Ints
    labels: Ints
    positions: Ints
    unit: Ints
    branch: Ints


def encode(dialogue: Dialogue, chat: ChatTokenizer) -> Encoded:
    """The tokens of a dialogue."""
    return Encoded(
        chat.encode_prefix(dialogue.text, dialogue.dataset),
        tuple(chat.encode_exchange(*exchange) for exchange in dialogue.exchanges),
    )


def split(
    number: int, encoded: Encoded, exchanges: Iterable[int], layout: Layout
) -> Iterator[Unit]:
    """Units that hold these exchanges in this order; one that fits in none is left out."""
    max_tokens = layout.max_tokens
    start = length = len(encoded.prefix)
    held: list[int] = []
    for index in exchanges:
        more = len(encoded.exchanges[index].ids)
        if start + more > max_tokens:
            continue
        if held and (layout.single or length + more > max_tokens):
            yield Unit(number, tuple(held), length)
            held, length = [], start
        held.append(index)
        length += more
    if held:
        yield Unit(number, tuple(held), length)


def count_oversized(encoded: Sequence[Encoded], max_tokens: int) -> int:
    """How many exchanges fit in no row, not even alone."""
    return sum(
        len(row.prefix) + len(exchange.ids) > max_tokens
        for row in encoded
        for exchange in row.exchanges
    )


def choose(encoded: Encoded, limit: int, rng: random.Random) -> list[int]:
    """At most `limit` exchanges (0: all) in random order."""
    order = list(range(len(encoded.exchanges)))
    rng.shuffle(order)
    return order[: limit or None]


def plan_epoch(
    encoded: Sequence[Encoded], layout: Layout, limit: int, rng: random.Random
) -> list[list[Unit]]:
    """The rows of one epoch, each a list of units; what is in them depends on `rng` alone."""
    units = [
        unit
        for number, row in enumerate(encoded)
        for unit in split(number, row, choose(row, limit, rng), layout)
    ]
    rng.shuffle(units)
    rows = pack(units, layout.max_tokens) if layout.packed else [[unit] for unit in units]
    rng.shuffle(rows)
    return rows


def group_lengths(rows: Sequence[list[Unit]], batch: int, rng: random.Random) -> list[list[Unit]]:
    """The same rows in batches of about one length, the batches in random order.

    Rows are sorted within stretches of 16 batches, so that batches still mix all there is; the
    last batch is filled up with rows that are then there twice.
    """
    batches = []
    for start in range(0, len(rows), 16 * batch):
        stretch = sorted(rows[start : start + 16 * batch], key=measure)
        batches += [stretch[i : i + batch] for i in range(0, len(stretch), batch)]
    if batches and (lacking := batch - len(batches[-1])):
        # A batch that is not full would shift the borders of all after it.
        batches[-1] += rng.choices(rows, k=lacking)
    rng.shuffle(batches)
    return [row for group in batches for row in group]


def measure(row: Sequence[Unit]) -> int:
    """The tokens of a row."""
    return sum(unit.length for unit in row)


def pack(units: Sequence[Unit], max_tokens: int, open_rows: int = 64) -> list[list[Unit]]:
    """Units in rows of at most `max_tokens`: each in the fullest of the last rows that has room."""
    rows: list[list[Unit]] = []
    room: dict[int, int] = {}
    for unit in units:
        fitting = [row for row, left in room.items() if left >= unit.length]
        if fitting:
            best = min(fitting, key=room.__getitem__)
            rows[best].append(unit)
            room[best] -= unit.length
            continue
        rows.append([unit])
        room[len(rows) - 1] = max_tokens - unit.length
        if len(room) > open_rows:
            del room[min(room, key=room.__getitem__)]
    return rows


def build_row(units: Sequence[Unit], encoded: Sequence[Encoded], *, isolated: bool) -> Row:
    """The tokens of a row, with labels shifted so that each position is asked for the next."""
    ids: list[int] = []
    supervised: list[bool] = []
    positions: list[int] = []
    number: list[int] = []
    branch: list[int] = []
    for index, unit in enumerate(units):
        row = encoded[unit.dialogue]
        start = len(row.prefix)
        ids += row.prefix
        supervised += [False] * start
        positions += range(start)
        branch += [0] * start
        last = start
        for order, exchange in enumerate(unit.exchanges, start=1):
            tokens = row.exchanges[exchange]
            ids += tokens.ids
            supervised += tokens.supervised
            first = start if isolated else last
            last = first + len(tokens.ids)
            positions += range(first, last)
            branch += [order if isolated else 1] * len(tokens.ids)
        number += [index] * (len(ids) - len(number))
    labels = [
        after if asked else IGNORED for after, asked in zip(ids[1:], supervised[1:], strict=True)
    ]
    arrays = (ids, [*labels, IGNORED], positions, number, branch)
    return Row(*(np.array(values, np.int32) for values in arrays))


class Batch(NamedTuple):
    """Rows padded to T tokens: ids, labels, positions [B, T] and who sees whom [B, 1, T, T].

    `units` are the lengths of what the rows consist of, row after row, padding included.
    """

    ids: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]
    mask: npt.NDArray[np.bool_]
    units: list[int]


def collate(rows: Sequence[Row], pad: int, *, prefix: bool) -> Batch:
    """A batch of rows; with `prefix`, the tokens of a passage see those after them too."""
    tokens = max(len(row.ids) for row in rows)

    def stack(name: str, fill: int) -> npt.NDArray[np.int64]:
        array = np.full((len(rows), tokens), fill, np.int64)
        for index, row in enumerate(rows):
            values: Ints = getattr(row, name)
            array[index, : len(values)] = values
        return array

    unit, branch = stack("unit", -1), stack("branch", 0)
    below = np.tri(tokens, dtype=bool)[None]
    passage = branch == 0
    seen = passage[:, None, :] | (branch[:, :, None] == branch[:, None, :])
    if prefix:
        below = below | (passage[:, :, None] & passage[:, None, :])
    mask = (unit[:, :, None] == unit[:, None, :]) & seen & below
    ids, labels, positions = stack("ids", pad), stack("labels", IGNORED), stack("positions", 0)
    units = [length for row in unit for length in measure_runs(row)]
    return Batch(ids, labels, positions, mask[:, None], units)


def measure_runs(values: npt.NDArray[np.int64]) -> list[int]:
    """The lengths of the runs of equal values."""
    edges = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    return [last - first for first, last in pairwise(edges)]
