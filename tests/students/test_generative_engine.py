"""Passages read once for all questions give what reading everything anew gives."""

from collections.abc import Sequence
from typing import Any

import pytest
import torch

from toy_llama import Toy, make_model
from uniner.students.generative.engine import (
    QUERY_TOKENS,
    Engine,
    choose_width,
    count_shared,
    group_queries,
)

PASSAGES = [[3, 20, 21, 22, 23, 24, 25], [3, 30, 31], [3, 40, 41, 42, 43]]
QUERIES = [[50, 51], [50, 51, 54, 55], [50, 56, 57]]


class Recorder:
    """Says the likeliest token so many times, and keeps the logits it heard."""

    def __init__(self, lengths: Sequence[int]) -> None:
        self.lengths = lengths
        self.said: list[list[int]] = [[] for _ in lengths]
        self.heard: list[list[torch.Tensor]] = [[] for _ in lengths]

    def say(self, logits: torch.Tensor, which: Sequence[int]) -> list[int | None]:
        tokens: list[int | None] = []
        for row, index in zip(logits, which, strict=True):
            token = int(row.argmax())
            self.said[index].append(token)
            self.heard[index].append(row.clone())
            tokens.append(token if len(self.said[index]) < self.lengths[index] else None)
        return tokens


def read_anew(model: Any, prefix: list[int], rest: list[int], *, bidirectional: bool) -> Any:
    """The logits after each token of `rest`, from one pass over everything."""
    ids = torch.tensor([prefix + rest])
    mask = torch.ones(1, 1, ids.shape[1], ids.shape[1], dtype=torch.bool).tril()
    if bidirectional:
        mask[..., : len(prefix), : len(prefix)] = True
    with torch.inference_mode():
        return model(input_ids=ids, attention_mask=mask).logits[0, len(prefix) :]


@pytest.mark.parametrize(
    ("toy", "bidirectional"), [("llama", False), ("llama", True), ("bert", False), ("bert", True)]
)
@pytest.mark.parametrize(
    "lengths", [[1] * 9, [4] * 9, [6, 1, 3, 1, 1, 1, 2, 5, 7], [9, 9, 9, 1, 1, 1, 1, 1, 2]]
)
def test_a_shared_passage_gives_the_logits_of_a_full_pass(
    toy: Toy, bidirectional: bool, lengths: list[int]
) -> None:
    model = make_model(toy).eval()
    recorder = Recorder(lengths)

    Engine(model, bidirectional=bidirectional).answer(PASSAGES, QUERIES, recorder)

    assert [len(said) for said in recorder.said] == lengths
    for index, (said, heard) in enumerate(zip(recorder.said, recorder.heard, strict=True)):
        passage, query = PASSAGES[index // 3], QUERIES[index % 3]
        anew = read_anew(model, passage, [*query, *said], bidirectional=bidirectional)
        expected = anew[len(query) - 1 : len(query) - 1 + len(said)]
        torch.testing.assert_close(torch.stack(heard), expected, atol=1e-3, rtol=1e-3)


def test_more_queries_than_are_read_at_once_are_read_in_groups() -> None:
    model = make_model("llama").eval()
    many = [[40 + number % 50] * (QUERY_TOKENS // 3) for number in range(7)]
    assert group_queries(many) == [[0, 1, 2], [3, 4, 5], [6]]
    recorder = Recorder([3] * 14)

    Engine(model, bidirectional=False).answer(PASSAGES[:2], many, recorder)

    for index, said in enumerate(recorder.said):
        query = many[index % 7]
        anew = read_anew(model, PASSAGES[index // 7], [*query, *said], bidirectional=False)
        assert anew[len(query) - 1 : -1].argmax(dim=-1).tolist() == said


def test_a_query_longer_than_a_group_is_a_group_of_its_own() -> None:
    assert group_queries([[1], [2] * (QUERY_TOKENS + 1), [3]]) == [[0], [1], [2]]


@pytest.mark.parametrize(
    ("counts", "width"), [([1], 1), ([3, 3, 3], 3), ([12], 12), ([1, 1, 1, 1, 12], 2)]
)
def test_rows_are_as_wide_as_costs_least(counts: list[int], width: int) -> None:
    assert choose_width(counts) == width


@pytest.mark.parametrize(
    ("queries", "shared"),
    [([[1, 2]], 1), ([[1, 2], [1, 2]], 1), ([[1, 2, 3], [1, 2, 4]], 2), ([[1], [1, 2]], 0)],
)
def test_what_all_queries_begin_with_is_shared(queries: list[list[int]], shared: int) -> None:
    assert count_shared(queries) == shared
