"""What `uniner score` reads: a gold file, and predictions or raw answers beside it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeVar

from uniner.chat.queries import Query, read_queries
from uniner.evaluation.score import AnswerPair, EntityPair
from uniner.records import Annotated, InputError
from uniner.records.store import read_annotated, read_jsonl, read_predictions

Value = TypeVar("Value")


def read_gold_queries(gold: str) -> dict[str, Query]:
    """The queries of a conversation file by id."""
    return index(gold, ((query.id, query) for _, query in read_queries(gold)))


def pair_answers(gold: str, queries: Mapping[str, Query], pred: str) -> list[list[AnswerPair]]:
    """Raw answers beside the gold ones, those about one passage together."""
    answers = index(pred, read_answers(pred))
    check_ids(gold, queries, pred, answers)
    passages: dict[str, list[AnswerPair]] = {}
    for name, query in queries.items():
        pair = AnswerPair(query.type, query.answer, answers[name])
        passages.setdefault(query.text, []).append(pair)
    return [*passages.values()]


def read_answers(path: str) -> Iterator[tuple[str, str]]:
    """Ids and raw answers of a JSONL file."""
    for number, row in read_jsonl(path):
        name, answer = row.get("id"), row.get("answer")
        if not isinstance(name, str) or not isinstance(answer, str):
            raise InputError(
                f"{path}:{number}: conversations are scored against "
                f'{{"id": string, "answer": string}} a line, got {row!r:.80}'
            )
        yield name, answer


def read_gold_records(gold: str) -> dict[str, Annotated]:
    """The annotated passages of a JSONL file by id."""
    return index(gold, ((record.passage.id, record) for record in read_annotated(gold)))


def pair_records(gold: str, golds: Mapping[str, Annotated], pred: str) -> list[EntityPair]:
    """Predictions beside the annotations of the same passages."""
    found = index(pred, ((record.passage.id, record) for record in read_predictions(pred)))
    check_ids(gold, golds, pred, found)
    for name, annotated in golds.items():
        if annotated.passage.text != found[name].passage.text:
            raise InputError(f"{pred}: passage {name!r} has another text than in {gold}")
    return [EntityPair(golds[name].entities, found[name].entities) for name in golds]


def index(path: str, rows: Iterable[tuple[str, Value]]) -> dict[str, Value]:
    """Rows by id, in file order; InputError where an id comes twice or there is none at all."""
    found: dict[str, Value] = {}
    for name, value in rows:
        if name in found:
            raise InputError(f"{path}: id {name!r} comes twice; keep one record of each id")
        found[name] = value
    if not found:
        raise InputError(f"{path}: no records; expected at least one")
    return found


def check_ids(gold: str, golds: Collection[str], pred: str, found: Collection[str]) -> None:
    """Raise InputError unless both files speak of the same ids."""
    known, given = set(golds), set(found)
    if missing := [name for name in golds if name not in given]:
        raise InputError(
            f"{pred}: no prediction for {len(missing):,} of {len(known):,} ids of {gold}, "
            f"first {missing[0]!r}; give an empty one where nothing was found"
        )
    if extra := [name for name in found if name not in known]:
        raise InputError(
            f"{pred}: {len(extra):,} ids are not in {gold}, first {extra[0]!r}; remove them"
        )
