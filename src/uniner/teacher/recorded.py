"""A teacher that repeats what a teacher once said."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uniner.records import InputError, RecordError
from uniner.records.store import read_jsonl
from uniner.teacher.teacher import Answer, Failure, Prompt, Reply


@dataclass(frozen=True, slots=True)
class Recorded:
    """Answers by the id of the passage, from replies that were kept."""

    replies: Mapping[str, Reply]

    def answer(self, prompt: Prompt) -> Answer:
        """The kept reply, whatever the prompt's words."""
        return self.replies.get(prompt.id) or Failure(prompt.id, "no reply is recorded")


def recorded(rows: Iterable[Mapping[str, Any]]) -> Recorded:
    """A recorded teacher from rows of replies; of several with one id, the last counts."""
    replies = map(reply_from_json, rows)
    return Recorded({reply.id: reply for reply in replies})


def read_recorded(path: Path | str) -> Recorded:
    """A recorded teacher from a JSONL file of replies; InputError names the line."""
    replies: dict[str, Reply] = {}
    for number, row in read_jsonl(path):
        try:
            reply = reply_from_json(row)
        except RecordError as error:
            raise InputError(f"{path}:{number}: {error}") from None
        replies[reply.id] = reply
    return Recorded(replies)


def reply_from_json(row: Mapping[str, Any]) -> Reply:
    """`{"id", "reply", "model"?}` as a reply."""
    for name in ("id", "reply"):
        if not isinstance(row.get(name), str):
            raise RecordError(f"field {name!r} must be a string, not {row.get(name)!r}")
    return Reply(row["id"], row["reply"], str(row.get("model", "")))
