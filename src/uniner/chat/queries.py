"""The published conversation format, read as queries: a passage, a type, the answer given.

A file is a JSON list of `{"id", "conversations": [{"from": "human" | "gpt", "value"}, ...]}`. The
person gives the text, the model says it has read it, then come questions and answers: one for each
record in the published test files, one for each type of a passage in the training data.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from uniner.records import InputError, RecordError
from uniner.records.store import open_input

TEXT = "Text: "
QUESTION = ("What describes ", " in the text?")
SPEAKERS = ("human", "gpt")


class Query(NamedTuple):
    """One question about one passage, and the raw answer that the record holds.

    `id` is the record's where it asks one thing, else the record's with `#1`, `#2`, ... after it.
    """

    id: str
    text: str
    type: str
    answer: str


def is_conversations(path: Path | str) -> bool:
    """Whether a file is a JSON list, as conversations are, rather than JSONL; never reads `-`."""
    if str(path) == "-":
        return False
    with open_input(path) as stream:
        try:
            while (line := stream.readline(4096)) and not line.strip():
                pass
        except UnicodeDecodeError:
            return False
    return line.lstrip().startswith("[")


def read_queries(path: Path | str) -> Iterator[tuple[int, Query]]:
    """Every query of a conversation file with the number of its record, which starts at 1."""
    seen: set[str] = set()
    for number, row in read_list(path):
        try:
            queries = queries_from_json(row)
        except RecordError as error:
            raise InputError(f"{path}: record {number}: {error}") from None
        for query in queries:
            if query.id in seen:
                raise InputError(f"{path}: record {number}: id {query.id!r} was already used")
            seen.add(query.id)
            yield number, query


def read_list(path: Path | str) -> Iterator[tuple[int, Any]]:
    """The numbered rows of a file that is one JSON list; InputError where it is not."""
    with open_input(path) as stream:
        try:
            rows = json.load(stream)
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path}: not UTF-8 (byte {error.object[error.start]:#04x}); "
                "convert it, for example with iconv -t UTF-8"
            ) from None
        except json.JSONDecodeError as error:
            raise InputError(f"{path}:{error.lineno}: malformed JSON ({error.msg})") from None
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}: malformed JSON ({error})") from None
    if not isinstance(rows, list):
        raise InputError(f"{path}: expected a JSON list of records, got {type(rows).__name__}")
    if not rows:
        raise InputError(f"{path}: an empty list; expected at least one record")
    return enumerate(rows, start=1)


def queries_from_json(row: object) -> list[Query]:
    """The queries of one record; RecordError says what was expected of it."""
    if not isinstance(row, dict):
        raise RecordError(f"expected an object, got {row!r:.60}")
    name, turns = row.get("id"), row.get("conversations")
    if not isinstance(name, str):
        raise RecordError(f"expected a string as 'id', got {name!r:.60}")
    if not isinstance(turns, list) or len(turns) < 4 or len(turns) % 2:
        raise RecordError(
            f"expected 'conversations' of text, acknowledgement, question and answer, "
            f"got {turns!r:.60}"
        )
    values = [read_turn(turn, SPEAKERS[index % 2]) for index, turn in enumerate(turns)]
    if not values[0].startswith(TEXT):
        raise RecordError(f"expected {TEXT!r} before the passage, got {values[0]!r:.60}")
    text = values[0][len(TEXT) :]
    asked = list(zip(values[2::2], values[3::2], strict=True))
    if len(asked) == 1:
        return [Query(name, text, read_type(asked[0][0]), asked[0][1])]
    return [
        Query(f"{name}#{index}", text, read_type(question), answer)
        for index, (question, answer) in enumerate(asked, start=1)
    ]


def read_turn(turn: object, speaker: str) -> str:
    """What `speaker` says in a turn that must be theirs."""
    if isinstance(turn, dict) and turn.get("from") == speaker:
        value = turn.get("value")
        if isinstance(value, str):
            return value
    raise RecordError(f"expected a turn from {speaker!r} with a string 'value', got {turn!r:.80}")


def read_type(question: str) -> str:
    """The type a question asks for."""
    before, after = QUESTION
    kind = question[len(before) : -len(after)]
    if not (question.startswith(before) and question.endswith(after) and kind.strip()):
        raise RecordError(f"expected the question {'TYPE'.join(QUESTION)!r}, got {question!r:.80}")
    return kind
