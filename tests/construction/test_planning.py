"""A command line or a recipe becomes a plan, or one clear error."""

import json
from math import inf
from pathlib import Path

import pytest

from uniner.construction.planning import TeacherConfig, make_plan
from uniner.records import Annotated, ConfigError, Entity, InputError, Passage
from uniner.records.store import write_records
from uniner.teacher.candidates import find_capitalised
from uniner.teacher.endpoint import Endpoint
from uniner.teacher.recorded import Recorded

URL = "http://127.0.0.1:1/v1"


def test_the_default_is_the_samples_own_teacher_asked_once() -> None:
    plan = make_plan([TeacherConfig()])
    (source,) = plan.sources
    assert isinstance(source, Recorded)
    assert len(source.replies) == 6685
    assert (plan.live, plan.workers, plan.max_cost) == ([], 1, inf)
    assert (plan.method.samples, plan.method.candidates, plan.method.verify) == (1, None, False)


def test_live_and_recorded_teachers_can_sit_together(tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    path.write_text(json.dumps({"id": "a", "reply": "[]"}) + "\n", encoding="utf-8")
    live = TeacherConfig(
        kind="live", url=URL, model="m", workers=3, rpm=60, price_in=2.0, max_cost=5.0, verify=True
    )
    plan = make_plan([live, TeacherConfig(replies=str(path))])
    assert plan.live == [Endpoint(URL, "m", workers=3, requests_per_minute=60, price_asked=2.0)]
    assert (plan.workers, plan.max_cost, plan.method.verify) == (3, 5.0, True)


def test_candidates_are_capitals_or_the_mentions_of_a_file(tmp_path: Path) -> None:
    assert make_plan([TeacherConfig(candidates="capitals")]).method.candidates is find_capitalised
    path = tmp_path / "annotated.jsonl"
    note = (Entity(0, 3, "Ada", "person"),)
    write_records(path, [Annotated(Passage(id, "Ada left."), note) for id in "ab"])
    find = make_plan([TeacherConfig(candidates=str(path))]).method.candidates
    assert find is not None
    assert find("So ada met Bo.") == ["ada"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": "live", "url": "x", "model": "m"}, "not an address"),
        ({"kind": "live", "url": URL}, "which of its models"),
        ({"kind": "live", "url": URL, "model": "m", "max_cost": 1}, "needs the prices"),
        ({"kind": "live", "url": URL, "model": "m", "samples": 2}, "raise temperature"),
        ({"kind": "live", "url": URL, "model": "m", "workers": 0}, "workers cannot be 0"),
        ({"max_cost": -1}, "max_cost must be 0"),
        ({"samples": 0}, "samples must be at least 1"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make_plan([TeacherConfig(**values)])  # type: ignore[arg-type]


def test_a_file_that_is_not_there_is_named() -> None:
    for config in (TeacherConfig(replies="nope"), TeacherConfig(candidates="nope")):
        with pytest.raises(InputError, match="nope: no such file"):
            make_plan([config])
