"""`uniner score`: predictions against gold annotations, or raw answers against conversations."""

import json
from collections.abc import Collection, Iterable, Iterator
from typing import TypeVar

import click

from uniner.chat.dialogue import is_conversations
from uniner.chat.queries import read_queries
from uniner.cli.tables import new_table, percent, print_table
from uniner.evaluation.counts import Counts, Scores
from uniner.evaluation.report import scores_to_json
from uniner.evaluation.score import (
    POLICIES,
    AnswerPair,
    EntityPair,
    Policy,
    score_answers,
    score_entities,
)
from uniner.records import ConfigError, InputError
from uniner.records.store import read_annotated, read_jsonl, read_predictions

ROWS = 20
"""Types that the table shows unless all are asked for."""

Value = TypeVar("Value")


@click.command("score")
@click.argument("gold")
@click.argument("pred")
@click.option(
    "--policy",
    type=click.Choice(POLICIES),
    help="How a match is counted; strict, or uniner2023 for conversations.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, figures in percent.")
@click.option("--all", "every", is_flag=True, help=f"List every type, not only the top {ROWS}.")
def command(gold: str, pred: str, policy: Policy | None, as_json: bool, every: bool) -> None:
    """Score PRED against GOLD.

    GOLD is annotated JSONL and PRED prediction JSONL with the same ids; or GOLD is a file of
    conversations and PRED holds a raw answer a line: {"id", "answer"}. A record of several
    questions has the answer ids ID#1, ID#2 and so on.

    uniner2023 compares normalised strings as the UniversalNER paper's scorer does; strict wants
    the same span and type; partial also counts half for an overlap of the same type.
    """
    if is_conversations(gold):
        if policy not in (None, "uniner2023"):
            raise ConfigError(
                f"{gold}: conversations give no offsets, which policy {policy!r} needs; "
                "use --policy uniner2023"
            )
        policy, asked = "uniner2023", "queries"
        pairs = pair_answers(gold, pred)
        size, scores = len(pairs), score_answers(pairs)
    else:
        asked = "passages"
        policy = policy or "strict"
        records = pair_records(gold, pred)
        size, scores = len(records), score_entities(policy, records)
    if as_json:
        click.echo(json.dumps(to_json(policy, size, asked, scores), ensure_ascii=False))
    else:
        show(policy, size, asked, scores, every=every)


def pair_answers(gold: str, pred: str) -> list[AnswerPair]:
    """Raw answers beside the gold ones of a conversation file."""
    answers = index(pred, read_answers(pred))
    queries = [query for _, query in read_queries(gold)]
    check_ids(gold, [query.id for query in queries], pred, answers)
    return [AnswerPair(query.type, query.answer, answers[query.id]) for query in queries]


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


def pair_records(gold: str, pred: str) -> list[EntityPair]:
    """Predictions beside the annotations of the same passages."""
    found = index(pred, ((p.passage.id, p) for p in read_predictions(pred)))
    golds = index(gold, ((a.passage.id, a) for a in read_annotated(gold)))
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


def to_json(policy: Policy, size: int, asked: str, scores: Scores) -> dict[str, object]:
    """The object that --json prints."""
    return {"policy": policy, asked: size, "malformed": {}, **scores_to_json(scores)}


def show(policy: Policy, size: int, asked: str, scores: Scores, *, every: bool) -> None:
    """Print types with the most gold first, then all together."""
    table = new_table(
        f"{policy}, {size:,} {asked}", "Type", "Gold", "Found", "Correct", "P", "R", "F1"
    )
    ranked = sorted(scores.by_type.items(), key=lambda row: (-row[1].gold, -row[1].predicted))
    shown = ranked if every else ranked[:ROWS]
    for kind, counts in shown:
        table.add_row(*list_cells(kind, counts))
    table.add_section()
    table.add_row(*list_cells("all types", scores.micro))
    notes = []
    if len(shown) < len(ranked):
        notes.append(f"{len(ranked) - len(shown):,} more types count too; --all lists them.")
    for why, times in sorted(scores.malformed.items(), key=lambda row: -row[1]):
        notes.append(f"{times:,} answers count as empty: each {why}.")
    print_table(table, *notes)


def list_cells(kind: str, counts: Counts) -> list[str]:
    """One row of the table."""
    from rich.markup import escape

    whole = [f"{counts.gold:,}", f"{counts.predicted:,}", f"{counts.correct:,g}"]
    figures = (counts.precision, counts.recall, counts.f1)
    return [escape(kind), *whole, *(percent(100 * figure) for figure in figures)]
