"""Raw replies, kept as they come, so that a killed run asks nothing twice."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from uniner.records import InputError, RecordError
from uniner.records.store import read_jsonl
from uniner.teacher.recorded import reply_from_json
from uniner.teacher.teacher import Answer, Prompt, Reply, Teacher


@dataclass(frozen=True, slots=True)
class Journalled:
    """A teacher whose replies are written down, and looked up before it is asked.

    A reply counts for the same teacher and the same prompt only. Failures are not written down,
    so that a later run asks again.
    """

    teacher: Teacher
    name: str
    replies: dict[str, Reply]
    stream: TextIO

    def answer(self, prompt: Prompt) -> Answer:
        """The reply in the journal, or else the teacher's, which is then in the journal."""
        key = key_of(self.name, prompt)
        known = self.replies.get(key)
        if known is not None:
            return known
        answer = self.teacher.answer(prompt)
        if isinstance(answer, Reply):
            row = {"id": answer.id, "reply": answer.raw, "model": answer.model, "key": key}
            self.stream.write(json.dumps(row, ensure_ascii=True) + "\n")
            self.stream.flush()
            self.replies[key] = answer
        return answer


@contextmanager
def open_journal(path: Path, teacher: Teacher, name: str) -> Iterator[Journalled]:
    """Journal what `teacher`, known by `name`, replies in a JSONL file, going on where it ends.

    The file has the form of recorded replies. A last line that a kill left half-written is
    discarded; any other line that is not a reply is an InputError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    discard_partial_line(path)
    replies = read_journal(path)
    try:
        with path.open("a", encoding="utf-8", newline="\n") as stream:
            yield Journalled(teacher, name, replies, stream)
    finally:
        if path.stat().st_size == 0:
            path.unlink()


def discard_partial_line(path: Path) -> None:
    """Cut the file after its last line end."""
    if not path.exists():
        return
    with path.open("rb+") as stream:
        content = stream.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            stream.truncate(whole)


def read_journal(path: Path) -> dict[str, Reply]:
    """Replies by the key of what was asked."""
    if not path.exists():
        return {}
    replies: dict[str, Reply] = {}
    for number, row in read_jsonl(path):
        try:
            replies[str(row["key"])] = reply_from_json(row)
        except (RecordError, KeyError) as error:
            raise InputError(
                f"{path}:{number}: not a journalled reply ({error}); "
                "move the file away to ask for everything anew"
            ) from None
    return replies


def key_of(name: str, prompt: Prompt) -> str:
    """What was asked of whom, as a short hash."""
    asked = json.dumps([name, prompt.id, prompt.system, prompt.user])
    return hashlib.sha256(asked.encode()).hexdigest()[:32]
