"""Several processes write what one does, byte for byte, ask nothing twice and keep the limits."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from math import inf
from pathlib import Path

import pytest

pytest.importorskip("ray")

from pyarrow import parquet

from toy_server import Act, Exchange, Seen, ToyServer, answers, fails, serve, slowly
from uniner.cli import main
from uniner.construction import writers
from uniner.construction.annotating import annotate_file, list_files
from uniner.construction.desk import Plan
from uniner.construction.narrator import Advance, Silent
from uniner.construction.parquet import write_rows
from uniner.construction.writers import annotate_on_ray, count_writers, share_plan
from uniner.corpus import sample
from uniner.records import Annotated, ConfigError, Passage
from uniner.records.store import read_jsonl, to_json, write_records
from uniner.teacher.annotate import Method
from uniner.teacher.endpoint import Endpoint
from uniner.teacher.journal import open_journal, parts_of
from uniner.teacher.recorded import recorded
from uniner.teacher.teacher import Reply

QUIET = pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
PASSAGES = 90
WORKERS = 6


@dataclass
class Teacher:
    """A server that knows the sample's replies, answers the later the sooner, and counts."""

    replies: dict[str, str]
    held: str = ""
    """A passage about which nothing is said before something has been written."""
    written: threading.Event = field(default_factory=threading.Event)
    now: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, seen: Seen) -> Act:
        answer = slowly(0.01 * (5 - seen.number % 5), answers(self.replies[text_of(seen)]))

        def act(exchange: Exchange) -> None:
            with self.lock:
                self.now += 1
                self.most = max(self.most, self.now)
            if text_of(seen) == self.held:
                assert self.written.wait(30), "nothing is written before all is answered"
            answer(exchange)
            with self.lock:
                self.now -= 1

        return act


def text_of(seen: Seen) -> str:
    """The passage that was asked about."""
    return seen.asked.split("Passage: ", 1)[1]


@pytest.fixture(scope="module")
def passages() -> list[Passage]:
    return list(islice(sample.read_passages("dev"), PASSAGES))


@pytest.fixture
def teacher(passages: list[Passage]) -> Teacher:
    replies = {row["id"]: row["reply"] for row in sample.read_replies()}
    return Teacher({passage.text: replies[passage.id] for passage in passages})


@pytest.fixture
def two_writers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks so small that there are many."""
    monkeypatch.setattr(writers, "CONNECTIONS", WORKERS // 2)
    monkeypatch.setattr(writers, "ROUNDS", 4)
    monkeypatch.setattr(writers, "BLOCK", 7)


@dataclass
class Watcher(Silent):
    """Counts what is done, and tells a teacher that something is."""

    teacher: Teacher
    done: int = 0

    @contextmanager
    def progress(self, label: str, total: int | None) -> Iterator[Advance]:
        def advance(amount: int, note: str = "") -> None:
            self.done += amount
            self.teacher.written.set()

        yield advance


def plan_of(toy: ToyServer, **limits: float) -> Plan:
    return Plan((Endpoint(toy.url, "m", workers=WORKERS, **limits),))  # type: ignore[arg-type]


def read_folder(folder: Path) -> list[dict[str, object]]:
    """The rows of Parquet files, without what is null."""
    rows: list[dict[str, object]] = parquet.read_table(folder).to_pylist()
    for row in rows:
        if isinstance(entities := row.get("entities"), list):
            row["entities"] = [{k: v for k, v in e.items() if v is not None} for e in entities]
    return rows


@pytest.mark.usefixtures("cluster", "two_writers")
@QUIET
def test_files_of_both_kinds_become_parquet_with_the_rows_of_one_process(
    tmp_path: Path, passages: list[Passage]
) -> None:
    replies = [row for row in sample.read_replies() if row["id"] != passages[3].id]
    plan = Plan((recorded(replies, "r"),), Method(samples=2, agreement=0.5))
    half = PASSAGES // 2
    write_records(tmp_path / "all.jsonl", passages)
    write_records(tmp_path / "parts" / "a.jsonl", passages[:half])
    (tmp_path / "parts" / "b.jsonl").write_text("\n", encoding="utf-8")
    with write_rows(tmp_path / "parts" / "c.parquet", "annotated") as put:
        for passage in passages[half:]:
            put(to_json(Annotated(passage, ())))
    local = annotate_file(tmp_path / "all.jsonl", tmp_path / "local.jsonl", plan, Silent())
    assert local.annotated == PASSAGES - 1
    out = tmp_path / "ray.parquet"
    assert annotate_on_ray(tmp_path / "parts", out, plan, Silent()) == local
    one, many = list_files(tmp_path / "local.jsonl"), list_files(out)
    assert read_folder(many.annotated) == [row for _, row in read_jsonl(one.annotated)]
    kept = [{"kind": "entities", "sample": 0, **row} for _, row in read_jsonl(one.replies)]
    assert read_folder(many.replies) == kept
    assert many.drops.read_bytes() == one.drops.read_bytes()


@pytest.mark.usefixtures("cluster", "two_writers")
@QUIET
def test_a_live_teacher_is_asked_once_within_limits_and_the_files_are_those_of_one_process(
    tmp_path: Path, passages: list[Passage], teacher: Teacher
) -> None:
    write_records(tmp_path / "all.jsonl", passages)
    one, many = list_files(tmp_path / "local.jsonl"), list_files(tmp_path / "ray.jsonl")
    with serve(teacher) as toy:
        plan = plan_of(toy, price_asked=1e4)
        local = annotate_file(tmp_path / "all.jsonl", one.annotated, plan, Silent())
        with open_journal(one.journal) as journal:
            replies = list(journal.read())
        copy(replies[:10], many.journal)
        copy(replies[10:20], parts_of(many.journal) / "killed.journal")
        toy.seen.clear()
        teacher.most, teacher.held = 0, passages[-1].text
        watcher = Watcher(teacher)
        assert annotate_on_ray(tmp_path / "all.jsonl", many.annotated, plan, watcher) == local
        known = {reply.id for _, reply in replies[:20]}
        expected = [passage.text for passage in passages if passage.id not in known]
        assert sorted(text_of(seen) for seen in toy.seen) == sorted(expected)
    assert 1 < teacher.most <= WORKERS
    assert watcher.done == PASSAGES
    for mine, theirs in zip(many[:3], one[:3], strict=True):
        assert mine.read_bytes() == theirs.read_bytes()
    with open_journal(many.journal) as journal:
        assert list(journal.read()) == replies
    assert not parts_of(many.journal).exists()


def copy(replies: list[tuple[str, Reply]], path: Path) -> None:
    with open_journal(path) as journal:
        journal.absorb(replies)


@pytest.mark.usefixtures("cluster", "two_writers")
@QUIET
def test_what_a_user_can_mend_is_one_line_and_ends_the_run(
    tmp_path: Path,
    passages: list[Passage],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write_records(tmp_path / "all.jsonl", passages)
    with serve(lambda _: fails(401, "who are you?")) as toy:
        arguments = ["all.jsonl", "--out", "a.jsonl", "--engine", "ray", "--teacher", toy.url]
        monkeypatch.setattr("sys.argv", ["uniner", "annotate", *arguments, "--model", "m"])
        with pytest.raises(SystemExit, match=r"^2$"):
            main()
        said = capsys.readouterr().err.splitlines()
        assert re.fullmatch(r"uniner: teacher http\S+: status 401, .*run again to go on", said[-1])
        assert len(toy.seen) < PASSAGES / 2
    assert [path.name for path in tmp_path.iterdir()] == ["all.jsonl"]


def test_several_processes_share_the_limits_of_one() -> None:
    live = Endpoint("http://x/v1", "m", workers=300, requests_per_minute=60, tokens_per_minute=9e4)
    plan = Plan((live, recorded([])), max_cost=10.0)
    share = share_plan(plan, 4.0, 3)
    assert share.live == [replace(live, workers=100, requests_per_minute=20, tokens_per_minute=3e4)]
    assert (share.sources[1], share.max_cost) == (plan.sources[1], 2.0)
    assert share_plan(Plan((live,)), 4.0, 3).max_cost == inf
    assert share_plan(plan, 11.0, 3).max_cost == 0.0


@pytest.mark.parametrize(
    ("workers", "cores", "total", "expected"),
    [
        (None, 1, 99, 1),
        (None, 2, 99, 1),
        (None, 16, 99, 15),
        (None, 16, 3, 3),
        (None, 16, 0, 1),
        (8, 16, 99, 1),
        (129, 16, 99, 2),
        (9999, 16, 99, 15),
    ],
)
def test_a_core_is_left_and_no_more_processes_than_passages_or_connections_need(
    workers: int | None, cores: int, total: int, expected: int
) -> None:
    live = () if workers is None else (Endpoint("http://x/v1", "m", workers=workers),)
    assert count_writers(Plan((*live, recorded([]))), cores, total) == expected


def test_standard_input_is_not_for_other_machines(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="standard input"):
        annotate_on_ray(Path("-"), tmp_path / "a.jsonl", Plan((recorded([]),)), Silent())
