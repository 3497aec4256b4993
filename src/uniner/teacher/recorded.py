"""A teacher that repeats what a teacher once said, and the files in which replies are kept."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, get_args

from uniner.records import InputError, RecordError
from uniner.records.store import read_jsonl
from uniner.teacher.teacher import Answer, Failure, Kind, Prompt, Reply


class Asked(NamedTuple):
    """What a recorded reply answers: the passage's id, what was asked about it, which sample."""

    id: str
    kind: Kind = "entities"
    sample: int = 0


@dataclass(frozen=True, slots=True)
class Recorded:
    """Answers by passage, kind and sample, from kept replies; `name` tells files apart."""

    replies: Mapping[Asked, Reply]
    name: str = ""

    def key_of(self, prompt: Prompt) -> str:
        """A hash of which replies these are and which of them is meant."""
        asked = json.dumps(["recorded", self.name, prompt.id, prompt.kind, prompt.sample])
        return hashlib.sha256(asked.encode()).hexdigest()[:32]

    async def answer(self, prompt: Prompt) -> Answer:
        """The kept reply, whatever the prompt's words."""
        asked = Asked(prompt.id, prompt.kind, prompt.sample)
        return self.replies.get(asked) or Failure(prompt.id, "no reply is recorded")


def recorded(rows: Iterable[Mapping[str, Any]], name: str = "") -> Recorded:
    """A recorded teacher from rows of replies; of several to one question, the last counts."""
    return Recorded(dict(map(reply_from_json, rows)), name)


def read_recorded(path: Path | str) -> Recorded:
    """A recorded teacher from a JSONL file of replies; InputError names the line."""
    replies: dict[Asked, Reply] = {}
    for number, row in read_jsonl(path):
        try:
            asked, reply = reply_from_json(row)
        except RecordError as error:
            raise InputError(f"{path}:{number}: {error}") from None
        replies[asked] = reply
    with Path(path).open("rb") as stream:
        return Recorded(replies, hashlib.file_digest(stream, "sha256").hexdigest())


def reply_from_json(row: Mapping[str, Any]) -> tuple[Asked, Reply]:
    """`{"id", "reply", "model"?, "kind"?, "sample"?}` as a reply and what it answers."""
    for name in ("id", "reply"):
        if not isinstance(row.get(name), str):
            raise RecordError(f"field {name!r} must be a string, not {row.get(name)!r}")
    kind, sample = row.get("kind", "entities"), row.get("sample", 0)
    if kind not in get_args(Kind):
        raise RecordError(f"field 'kind' must be one of {', '.join(get_args(Kind))}, not {kind!r}")
    if not isinstance(sample, int):
        raise RecordError(f"field 'sample' must be a whole number, not {sample!r}")
    reply = Reply(row["id"], row["reply"], str(row.get("model", "")))
    return Asked(row["id"], kind, sample), reply


def reply_to_json(asked: Asked, reply: Reply) -> dict[str, Any]:
    """The row that keeps a reply; kind and sample only where they are not the default."""
    row: dict[str, Any] = {"id": asked.id, "reply": reply.raw, "model": reply.model}
    if asked.kind != "entities":
        row["kind"] = asked.kind
    if asked.sample:
        row["sample"] = asked.sample
    return row
