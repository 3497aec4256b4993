"""A file is annotated in spite of a server's misbehaviour; what it cost is kept, no key is."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from tenacity import wait_none

from toy_server import (
    Act,
    Script,
    Seen,
    answers,
    breaks_off,
    fails,
    hangs_up,
    sends,
    sends_bytes,
    serve,
    slowly,
    where,
)
from uniner.construction.annotating import Tally, annotate_file
from uniner.construction.desk import Plan
from uniner.construction.narrator import Advance, ignore
from uniner.records import InputError
from uniner.records.store import read_annotated
from uniner.teacher import live
from uniner.teacher.annotate import Method
from uniner.teacher.clean import Reason
from uniner.teacher.endpoint import Endpoint

KEY = "sk-0123456789abcdef"


class Notes:
    """A narrator that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    def progress(self, label: str, total: int | None) -> AbstractContextManager[Advance]:
        return nullcontext(ignore)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BACKOFF", wait_none())
    monkeypatch.setenv("UNINER_API_KEY", KEY)


def write_passages(path: Path, count: int) -> Path:
    rows = ({"id": f"p{n}", "text": f"Visitor {n} saw Oslo."} for n in range(count))
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def number_of(seen: Seen) -> int:
    """Which passage a request is about."""
    return int(seen.asked.rpartition("Visitor ")[2].split()[0])


def replies_to(seen: Seen) -> Act:
    """The right reply."""
    return answers(f'[("Visitor {number_of(seen)}", "person"), ("Oslo", "city")]')


def run(
    script: Script, passages: Path, out: Path, notes: Notes | None = None, **config: Any
) -> tuple[Tally, list[int]]:
    """Annotate with a server; what came of it, and which passages were asked about."""
    limits = {"timeout": 5.0, "attempts": 4, "workers": 4, **config}
    max_cost = limits.pop("max_cost", float("inf"))
    with serve(script) as toy:
        plan = Plan((Endpoint(toy.url, "toy", **limits),), max_cost=max_cost)
        tally = annotate_file(passages, out, plan, notes or Notes())
    return tally, [number_of(seen) for seen in toy.seen]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


MISCHIEF: list[Act] = [
    fails(429, retry_after="0.05"),
    fails(500, "oh"),
    fails(503),
    breaks_off,
    hangs_up,
    sends_bytes(b"<html>", "text/html"),
    sends_bytes(b'{"choices"'),
    sends({"choices": []}),
    sends([]),
    slowly(3.0, answers()),
]


def test_each_passage_gets_its_own_entities_from_a_server_that_keeps_failing(
    tmp_path: Path,
) -> None:
    passages = write_passages(tmp_path / "p.jsonl", 40)
    times: Counter[int] = Counter()

    def script(seen: Seen) -> Act:
        number = number_of(seen)
        times[number] += 1
        if times[number] <= number % 3:
            return MISCHIEF[(number + times[number]) % len(MISCHIEF)]
        return replies_to(seen)

    calm, asked = run(replies_to, passages, tmp_path / "calm.jsonl")
    assert sorted(asked) == list(range(40))
    wild, asked = run(script, passages, tmp_path / "wild.jsonl", timeout=1.0)
    assert wild == calm
    assert Counter(asked) == {n: 1 + n % 3 for n in range(40)}
    for name in ("", ".replies"):
        one, other = (tmp_path / f"{run}{name}.jsonl" for run in ("calm", "wild"))
        assert one.read_bytes() == other.read_bytes()
    found = list(read_annotated(tmp_path / "wild.jsonl"))
    assert [one.passage.id for one in found] == [f"p{n}" for n in range(40)]
    assert [one.entities[0].text for one in found] == [f"Visitor {n}" for n in range(40)]


def test_a_passage_that_keeps_failing_is_counted_and_asked_again_by_the_next_run(
    tmp_path: Path,
) -> None:
    passages, out, notes = write_passages(tmp_path / "p.jsonl", 12), tmp_path / "a.jsonl", Notes()
    script = where("Visitor 7 ", fails(500, "oh"), otherwise=answers("[]"))
    tally, _ = run(script, passages, out, notes)
    assert (tally.passages, tally.annotated) == (12, 11)
    assert tally.drops == {Reason.NO_REPLY: 1}
    assert "p7" not in {one.passage.id for one in read_annotated(out)}
    assert notes.lines[-1] == (
        "1 prompts were not answered (status 500, oh); run again to ask them again"
    )
    tally, asked = run(replies_to, passages, out)
    assert (tally.annotated, asked) == (12, [7])


def test_a_server_that_repeats_itself_leaves_each_thing_once_and_only_where_it_stands(
    tmp_path: Path,
) -> None:
    passages, out = write_passages(tmp_path / "p.jsonl", 5), tmp_path / "a.jsonl"
    items = '("Visitor 3", "person"), ("Oslo", "city"), ' * 200
    tally, _ = run(lambda seen: answers(f"[{items}]"), passages, out)
    found = [[(e.text, e.type) for e in one.entities] for one in read_annotated(out)]
    oslo = ("Oslo", "city")
    assert found == [[oslo], [oslo], [oslo], [("Visitor 3", "person"), oslo], [oslo]]
    assert tally.drops == {Reason.ABSENT: 800}


def test_of_a_reply_that_was_cut_off_the_whole_items_are_kept(tmp_path: Path) -> None:
    passages, out = write_passages(tmp_path / "p.jsonl", 1), tmp_path / "a.jsonl"
    cut = answers('[("Visitor 0", "person"), ("Oslo", "ci', finish="length")
    tally, _ = run(lambda seen: cut, passages, out)
    assert [e.text for one in read_annotated(out) for e in one.entities] == ["Visitor 0"]
    assert tally.drops == {Reason.TRUNCATED: 1}


@pytest.mark.parametrize("content", [None, "", "I cannot do that.", "[" * 5000, "\ud800"])
def test_a_reply_without_a_list_is_kept_and_counted_and_not_asked_for_again(
    content: str | None, tmp_path: Path
) -> None:
    passages, out = write_passages(tmp_path / "p.jsonl", 3), tmp_path / "a.jsonl"
    script = where("Visitor 1 ", answers(content), otherwise=answers("[]"))
    for requests in (3, 0):
        tally, asked = run(script, passages, out)
        assert tally.drops == {Reason.MALFORMED: 1}
        assert tally.annotated == 2
        assert len(asked) == requests


def test_a_run_that_has_to_stop_writes_no_output_keeps_its_replies_and_goes_on_later(
    tmp_path: Path,
) -> None:
    passages, out = write_passages(tmp_path / "p.jsonl", 30), tmp_path / "a.jsonl"
    broke = fails(429, "no money", "insufficient_quota")
    seen_by: list[int] = []

    def script(seen: Seen) -> Act:
        seen_by.append(number_of(seen))
        return broke if number_of(seen) >= 10 else replies_to(seen)

    with pytest.raises(InputError, match=r"no money; replies so far are kept, run again"):
        run(script, passages, out)
    assert names(tmp_path) == ["a.journal", "p.jsonl"]
    assert len(seen_by) <= 20
    tally, asked = run(replies_to, passages, out)
    assert sorted(asked) == list(range(10, 30))
    assert tally.annotated == 30


def test_nothing_is_left_behind_where_nothing_was_replied(tmp_path: Path) -> None:
    passages = write_passages(tmp_path / "p.jsonl", 3)
    with pytest.raises(InputError, match="none of the 3 passages has a reply; status 500, oh"):
        run(lambda seen: fails(500, "oh"), passages, tmp_path / "a.jsonl")
    assert names(tmp_path) == ["p.jsonl"]


def test_a_passage_with_one_of_its_samples_unanswered_still_has_a_reply(tmp_path: Path) -> None:
    passages, out = write_passages(tmp_path / "p.jsonl", 3), tmp_path / "a.jsonl"

    def script(seen: Seen) -> Act:
        return fails(400, "no seeds here") if "seed" in seen.body else replies_to(seen)

    with serve(script) as toy:
        plan = Plan((Endpoint(toy.url, "toy", temperature=1.0),), Method(samples=2))
        tally = annotate_file(passages, out, plan, Notes())
    assert (tally.annotated, tally.drops) == (3, {Reason.NO_REPLY: 3})


def test_a_final_fault_does_not_wait_for_a_passage_that_is_slow(tmp_path: Path) -> None:
    passages = write_passages(tmp_path / "p.jsonl", 50)
    slow = slowly(30, answers())
    script = where("Visitor 0 ", slow, otherwise=fails(403, "not you"))
    with pytest.raises(InputError, match="not you"):
        run(script, passages, tmp_path / "a.jsonl", timeout=60)


def test_asking_stops_at_the_cost_limit_and_goes_on_when_it_is_raised(tmp_path: Path) -> None:
    passages, out, notes = write_passages(tmp_path / "p.jsonl", 20), tmp_path / "a.jsonl", Notes()
    price: dict[str, Any] = {"price_asked": 1e4, "workers": 1}  # 10 tokens, 0.1 a reply
    tally, asked = run(replies_to, passages, out, notes, **price, max_cost=1.25)
    assert 3 <= len(asked) <= 12
    assert tally.drops == {Reason.BUDGET: 20 - len(asked)}
    assert notes.lines[-1].startswith("stopped asking at the cost limit of 1.25: ")
    tally, again = run(replies_to, passages, out, **price)
    assert tally.annotated == 20
    assert sorted([*asked, *again]) == list(range(20))


def echo_key(status: int) -> Act:
    """An error that says the key again."""
    return fails(status, f"Incorrect API key provided: {KEY}, or Bearer {KEY}")


@pytest.mark.parametrize("status", [400, 401, 500])
def test_no_key_is_ever_in_a_file_or_a_line(status: int, tmp_path: Path) -> None:
    passages, out, notes = write_passages(tmp_path / "p.jsonl", 20), tmp_path / "a.jsonl", Notes()

    def script(seen: Seen) -> Act:
        assert seen.headers["authorization"] == f"Bearer {KEY}"
        return echo_key(status) if number_of(seen) % 5 == 4 else replies_to(seen)

    try:
        run(script, passages, out, notes, workers=1)
    except InputError as error:
        notes.lines.append(str(error))
    assert (tmp_path / "a.journal").exists()
    contents = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(contents) >= 2
    assert not [name for name, content in contents.items() if KEY[3:].encode() in content]
    assert any("Incorrect API key provided: …" in line for line in notes.lines)
    assert not [line for line in notes.lines if KEY[3:] in line]


def parts(folder: Path, names: list[str]) -> Iterator[Path]:
    for name in names:
        path = folder / name
        path.write_text("half", encoding="utf-8")
        yield path


def test_half_written_files_of_a_killed_run_are_removed_and_no_others(tmp_path: Path) -> None:
    passages, out = write_passages(tmp_path / "p.jsonl", 2), tmp_path / "a[1].jsonl"
    own = [".a[1].jsonl.abcd_123.part", ".a[1].replies.jsonl.abcd_123.part"]
    other = [".a1.jsonl.abcd_123.part", ".a[1].jsonl.more.abcd_123.part", ".b.jsonl.abcd_123.part"]
    mine, others = list(parts(tmp_path, own)), list(parts(tmp_path, other))
    run(replies_to, passages, out)
    assert not [path for path in mine if path.exists()]
    assert all(path.exists() for path in others)
