"""What is written in a format and read again is the same, or it is said what is not."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.benchmark.document import Reading
from uniner.conversion.convert import Outcome, Side, convert
from uniner.conversion.formats import FORMATS
from uniner.conversion.losses import Loss, name_serious
from uniner.records import Annotated, Entity, Passage
from uniner.records.store import write_records

Typed: TypeAlias = set[tuple[int, int, str]]

ODD = "ab Ab9.,-_'\"]}\t\n\r\u00a0\u2028\ufeffé\u0301😀北#O"
TYPES = st.sampled_from(["person", "medical condition", "a_b", " city", "x\ty", "B-c", "北", "#]"])
TEXTS = st.text(max_size=30) | st.text(ODD, max_size=40) | st.text("ab .", max_size=12)


@st.composite
def entities(draw: st.DrawFn, text: str) -> Entity:
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    score = draw(st.none() | st.integers(0, 100).map(lambda value: value / 100))
    return Entity(start, end, text[start:end], draw(TYPES), score)


@st.composite
def records(draw: st.DrawFn) -> list[Annotated]:
    rows = []
    for index in range(draw(st.integers(1, 4))):
        text = draw(TEXTS)
        found = draw(st.lists(entities(text), max_size=4)) if text else []
        name = draw(st.just(str(index)) | st.text(max_size=8) | st.sampled_from(["a/b", ".a", "é"]))
        passage = Passage(name, text, draw(st.sampled_from(["", "news"])))
        rows.append(Annotated(passage, tuple(found)))
    return rows


def there(folder: Path, form: str, rows: list[Annotated]) -> tuple[Outcome, list[Annotated]]:
    """Our rows written in a format, and what is read of it."""
    source, target = folder / "in.jsonl", folder / "out"
    write_records(source, rows)
    done = convert(Side(source, FORMATS["annotated"]), Side(target, FORMATS[form]))
    reading = Reading()
    back = list(FORMATS[form].read(target, reading)) if written(target) else []
    return done._replace(notes=done.notes + reading.notes), back


def written(target: Path) -> bool:
    """Whether a file or folder has any record: some readers want one at least."""
    if target.is_dir():
        return any(target.glob("*.txt"))
    return target.read_text(encoding="utf-8").strip() not in ("", "[]")


def typed(record: Annotated) -> Typed:
    return {(entity.start, entity.end, entity.type) for entity in record.entities}


def moved(done: Outcome) -> set[str]:
    """What was counted and may change texts, their number or the places of mentions."""
    joined = {Loss.JOINED} if Loss.JOINED in done.notes else set()
    return {*name_serious(done.notes), *joined} - {Loss.SCORE}


def unordered(record: Annotated) -> tuple[Passage, frozenset[tuple[Entity, int]]]:
    return record.passage, frozenset(Counter(record.entities).items())


@pytest.mark.parametrize("form", FORMATS)
@given(rows=records())
def test_what_is_not_counted_is_not_lost(form: str, rows: list[Annotated]) -> None:
    with TemporaryDirectory() as folder:
        done, back = there(Path(folder), form, rows)
    if not moved(done):
        before = sorted((row.passage.text, sorted(typed(row))) for row in rows)
        assert sorted((row.passage.text, sorted(typed(row))) for row in back) == before
    if not done.notes:
        assert Counter(map(unordered, back)) == Counter(map(unordered, rows))


@pytest.mark.parametrize("form", ["annotated", "label-studio"])
@given(rows=records())
def test_two_formats_keep_everything(form: str, rows: list[Annotated]) -> None:
    with TemporaryDirectory() as folder:
        done, back = there(Path(folder), form, rows)
    assert not done.notes
    assert back == rows


@given(rows=records())
def test_doccano_keeps_all_but_scores(rows: list[Annotated]) -> None:
    with TemporaryDirectory() as folder:
        done, back = there(Path(folder), "doccano", rows)
    assert set(done.notes) <= {Loss.SCORE}
    assert [(row.passage, typed(row)) for row in back] == [(r.passage, typed(r)) for r in rows]


@given(rows=records())
def test_brat_keeps_places_to_the_character(rows: list[Annotated]) -> None:
    with TemporaryDirectory() as folder:
        _, back = there(Path(folder), "brat", rows)
    spans = Counter(
        (row.passage.text, entity.text.strip())
        for row in rows
        for entity in row.entities
        if entity.text.strip()
    )
    assert Counter((r.passage.text, e.text) for r in back for e in r.entities) == spans


@pytest.mark.parametrize("form", ["conll", "gliner", "conversations", "brat"])
@given(rows=records())
def test_what_came_back_once_comes_back_the_same_again(form: str, rows: list[Annotated]) -> None:
    with TemporaryDirectory() as folder:
        _, once = there(Path(folder), form, rows)
        (Path(folder) / "again").mkdir()
        if once:
            done, twice = there(Path(folder) / "again", form, once)
            assert moved(done) <= {Loss.UNASKED, Loss.JOINED}
            kept = [row for row in once if row.entities or form != "conversations"]
            if Loss.JOINED not in done.notes:
                assert [(r.passage.text, typed(r)) for r in twice] == [
                    (r.passage.text, typed(r)) for r in kept
                ]
