"""Every reply kept the moment it arrives: a run that is killed asks and pays nothing twice."""

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from uniner.records import InputError
from uniner.teacher.teacher import Answer, Prompt, Reply, Teacher

COLUMNS = "key, raw, id, model, prompt_tokens, completion_tokens, cost, whole"
TABLE = f"""
create table if not exists replies (
    {COLUMNS.replace("key", "key text primary key", 1)}
)
"""
PATIENCE = 20.0
"""Seconds in which a process that is coming to its end lets go of its part of a journal."""


class Journal:
    """Replies by the key of what was asked, in an SQLite file that one process holds at a time.

    A reply is on its way to the disk before `add` returns: a kill at any instant leaves it in the
    file, a power cut may cost the last ones. Replies in an `earlier` journal are found as well.
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection, earlier: "Journal | None" = None
    ) -> None:
        self.path, self._connection, self._earlier = path, connection, earlier

    def find(self, key: str) -> Reply | None:
        """The reply to what has this key, if it ever came."""
        query = f"select {COLUMNS} from replies where key = ?"
        row = self._connection.execute(query, (key,)).fetchone()
        if row is not None:
            return read_row(row)
        return None if self._earlier is None else self._earlier.find(key)

    def add(self, key: str, reply: Reply) -> None:
        """Keep a reply; the first one that came under a key stays."""
        self._insert([(key, reply)], "on conflict (key) do nothing")

    def absorb(self, replies: Iterable[tuple[str, Reply]]) -> None:
        """Take over another journal's replies, all or none.

        Of two that came under one key the one that sorts first stays, so that the order in which
        journals are merged does not matter.
        """
        names = COLUMNS.split(", ")[1:]
        ours, theirs = (
            ", ".join(f"{of}.{name}" for name in names) for of in ("replies", "excluded")
        )
        update = f"({', '.join(names)}) = ({theirs})"
        self._insert(
            replies, f"on conflict (key) do update set {update} where ({theirs}) < ({ours})"
        )

    def read(self) -> Iterator[tuple[str, Reply]]:
        """Every key and its reply, in the order of the keys."""
        for row in self._connection.execute(f"select {COLUMNS} from replies order by key"):
            yield row[0], read_row(row)

    def spent(self) -> float:
        """What all replies cost together."""
        total = self._connection.execute("select total(cost) from replies").fetchone()[0]
        return float(total)

    def settle(self) -> None:
        """Put all into the file itself: others may read it then, and no power cut takes it."""
        self._connection.execute("pragma wal_checkpoint(truncate)")

    def __len__(self) -> int:
        return int(self._connection.execute("select count(*) from replies").fetchone()[0])

    def _insert(self, replies: Iterable[tuple[str, Reply]], conflict: str) -> None:
        query = f"insert into replies ({COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?) {conflict}"
        with self._connection:
            self._connection.executemany(query, (to_row(key, reply) for key, reply in replies))


def to_row(key: str, reply: Reply) -> tuple[object, ...]:
    """A reply as it is stored; half characters, which SQLite's texts cannot hold, as bytes."""
    raw: str | bytes = reply.raw
    try:
        reply.raw.encode()
    except UnicodeEncodeError:
        raw = reply.raw.encode("utf-8", "surrogatepass")
    counts = (reply.prompt_tokens, reply.completion_tokens, reply.cost, int(reply.whole))
    return (key, raw, reply.id, reply.model, *counts)


def read_row(row: tuple[object, ...]) -> Reply:
    """The reply in a row."""
    _, raw, name, model, asked, answered, cost, whole = row
    if isinstance(raw, bytes):
        raw = raw.decode("utf-8", "surrogatepass")
    return Reply(
        str(name),
        str(raw),
        str(model),
        prompt_tokens=int(str(asked)),
        completion_tokens=int(str(answered)),
        cost=float(str(cost)),
        whole=bool(whole),
    )


@contextmanager
def open_journal(
    path: Path, patience: float = 0.0, earlier: Journal | None = None
) -> Iterator[Journal]:
    """The journal at `path`, made where there is none; InputError where it is in use or none.

    It may be in use for so many seconds of `patience`. One in which there is nothing in the end
    leaves no file.
    """
    connection = claim(path, patience)
    journal = Journal(path, connection, earlier)
    try:
        yield journal
    except sqlite3.DatabaseError as error:
        raise InputError(
            f"{path}: the journal cannot be read or written ({error}); see whether the disk is "
            "full or the file is damaged"
        ) from None
    finally:
        with suppress(sqlite3.DatabaseError), closing(connection):
            empty = len(journal) == 0
            connection.close()
            if empty:
                path.unlink(missing_ok=True)


def claim(path: Path, patience: float) -> sqlite3.Connection:
    """A file for this process alone, so that two runs never pay for the same reply."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = sqlite3.connect(path, timeout=patience)
    except sqlite3.OperationalError as error:
        raise InputError(f"{path}: the journal cannot be opened ({error})") from None
    try:
        connection.execute("pragma locking_mode = exclusive")
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.execute(TABLE)
        connection.execute(f"select {COLUMNS} from replies limit 1")
        connection.commit()
    except sqlite3.DatabaseError as error:
        connection.close()
        if "locked" in str(error):
            raise InputError(f"{path}: another run is using this journal; wait for it") from None
        raise InputError(f"{path}: not a journal of replies ({error}); move it away") from None
    return connection


@contextmanager
def read_journal(path: Path) -> Iterator[Journal]:
    """A settled journal to look replies up in, by many processes, while nothing is added."""
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        connection = sqlite3.connect(address, uri=True)
    except sqlite3.OperationalError as error:
        raise InputError(f"{path}: the journal cannot be read here ({error})") from None
    with closing(connection):
        yield Journal(path, connection)


def parts_of(path: Path) -> Path:
    """The folder for the parts of a journal: one for each process that asks."""
    return path.with_name(f"{path.name}s")


def merge_parts(journal: Journal) -> None:
    """Take over the replies of a journal's parts, if there are any, and remove the parts."""
    folder = parts_of(journal.path)
    parts = sorted(folder.glob("*.journal"))
    for path in parts:
        with open_journal(path, PATIENCE) as part:
            journal.absorb(part.read())
    journal.settle()
    for path in parts:
        path.unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


@dataclass(frozen=True, slots=True)
class Journalled:
    """A teacher whose replies are kept, and looked up before it is asked.

    Failures are not kept, so that a later run asks again. What is being asked already is not asked
    at the same time once more, as when two passages have the same text.
    """

    teacher: Teacher
    journal: Journal
    asking: dict[str, asyncio.Event] = field(default_factory=dict)

    def key_of(self, prompt: Prompt) -> str:
        """The teacher's key."""
        return self.teacher.key_of(prompt)

    async def answer(self, prompt: Prompt) -> Answer:
        """The reply in the journal, or else the teacher's, which is then in the journal."""
        key = self.key_of(prompt)
        while True:
            known = self.journal.find(key)
            if known is not None:
                return replace(known, id=prompt.id)
            if key not in self.asking:
                break
            await self.asking[key].wait()
        done = self.asking[key] = asyncio.Event()
        try:
            answer = await self.teacher.answer(prompt)
            if isinstance(answer, Reply):
                self.journal.add(key, answer)
            return answer
        finally:
            del self.asking[key]
            done.set()
