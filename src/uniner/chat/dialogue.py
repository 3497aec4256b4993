"""A passage and what is asked about it, as a conversation; the published JSON format of it.

A file is a JSON list of `{"id", "conversations": [{"from": "human" | "gpt", "value"}, ...]}`. The
person gives the text, the model says it has read it, then come questions and answers. For data
annotated by people the first turn also says which data set's idea of the types is meant.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from uniner.records import InputError, RecordError
from uniner.records.store import open_input

TEXT, DATASET = "Text: ", "Dataset: "
READ = "I've read this text."
SPEAKERS = ("human", "gpt")


class Exchange(NamedTuple):
    """A question and the answer as it stands there."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A passage, the data set whose types are meant (or none), and questions with answers.

    RecordError where the data set's name is not one line without blanks around it.
    """

    id: str
    text: str
    exchanges: tuple[Exchange, ...]
    dataset: str = ""

    def __post_init__(self) -> None:
        if self.dataset.strip() != self.dataset or len(self.dataset.splitlines()) > 1:
            raise RecordError(f"the name of a data set must be one line, not {self.dataset!r:.60}")

    @property
    def context(self) -> str:
        """What the person says first."""
        return frame_context(self.text, self.dataset)


def frame_context(text: str, dataset: str = "") -> str:
    """The first turn over a passage."""
    return f"{DATASET}{dataset}\n{TEXT}{text}" if dataset else f"{TEXT}{text}"


def split_context(context: str) -> tuple[str, str]:
    """The passage and the data set of a first turn; RecordError where it is none."""
    dataset = ""
    if context.startswith(DATASET):
        dataset, _, context = context.removeprefix(DATASET).partition("\n")
    if not context.startswith(TEXT):
        raise RecordError(f"expected {TEXT!r} before the passage, got {context!r:.60}")
    return context[len(TEXT) :], dataset


def dialogue_to_json(dialogue: Dialogue) -> dict[str, Any]:
    """The row of a dialogue."""
    values = [dialogue.context, READ]
    for question, answer in dialogue.exchanges:
        values += [question, answer]
    turns = [{"from": SPEAKERS[index % 2], "value": value} for index, value in enumerate(values)]
    return {"id": dialogue.id, "conversations": turns}


def dialogue_from_json(row: object) -> Dialogue:
    """The dialogue of one record; RecordError says what was expected of it."""
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
    text, dataset = split_context(values[0])
    asked = tuple(map(Exchange, values[2::2], values[3::2]))
    return Dialogue(name, text, asked, dataset)


def read_turn(turn: object, speaker: str) -> str:
    """What `speaker` says in a turn that must be theirs."""
    if isinstance(turn, dict) and turn.get("from") == speaker:
        value = turn.get("value")
        if isinstance(value, str):
            return value
    raise RecordError(f"expected a turn from {speaker!r} with a string 'value', got {turn!r:.80}")


def read_dialogues(path: Path | str) -> Iterator[tuple[int, Dialogue]]:
    """Every dialogue of a conversation file with the number of its record, which starts at 1."""
    seen: set[str] = set()
    for number, row in read_list(path):
        try:
            dialogue = dialogue_from_json(row)
        except RecordError as error:
            raise InputError(f"{path}: record {number}: {error}") from None
        if dialogue.id in seen:
            raise InputError(f"{path}: record {number}: id {dialogue.id!r} was already used")
        seen.add(dialogue.id)
        yield number, dialogue


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
