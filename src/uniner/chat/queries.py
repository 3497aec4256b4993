"""Questions about one type: how the published data words them, and files of them as queries.

The published test files ask one thing a record, the training data one for each type of a passage.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from uniner.chat.dialogue import Dialogue, dialogue_from_json, read_list
from uniner.records import InputError, RecordError

QUESTION = ("What describes ", " in the text?")


class Query(NamedTuple):
    """One question about one passage, and the raw answer that the record holds.

    `id` is the record's where it asks one thing, else the record's with `#1`, `#2`, ... after it.
    """

    id: str
    text: str
    type: str
    answer: str


def ask_type(name: str) -> str:
    """The published question for a type, given by its name or by a definition."""
    return name.join(QUESTION)


def read_type(question: str) -> str | None:
    """The type that a published question asks for; None where it is another question."""
    before, after = QUESTION
    kind = question[len(before) : -len(after)]
    if question.startswith(before) and question.endswith(after) and kind.strip():
        return kind
    return None


def read_queries(path: Path | str) -> Iterator[tuple[int, Query]]:
    """Every query of a conversation file with the number of its record, which starts at 1."""
    seen: set[str] = set()
    for number, row in read_list(path):
        try:
            queries = list_queries(dialogue_from_json(row))
        except RecordError as error:
            raise InputError(f"{path}: record {number}: {error}") from None
        for query in queries:
            if query.id in seen:
                raise InputError(f"{path}: record {number}: id {query.id!r} was already used")
            seen.add(query.id)
            yield number, query


def list_queries(dialogue: Dialogue) -> list[Query]:
    """The queries of one dialogue; RecordError where it asks for anything but a type."""
    kinds = []
    for question, _ in dialogue.exchanges:
        kind = read_type(question)
        if kind is None:
            raise RecordError(f"expected the question {ask_type('TYPE')!r}, got {question!r:.80}")
        kinds.append(kind)
    answers = [exchange.answer for exchange in dialogue.exchanges]
    many = len(kinds) > 1
    return [
        Query(f"{dialogue.id}#{index}" if many else dialogue.id, dialogue.text, kind, answer)
        for index, (kind, answer) in enumerate(zip(kinds, answers, strict=True), start=1)
    ]
