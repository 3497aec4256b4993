"""PubTator blocks become documents of title and abstract."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from real_files import REAL, needs
from uniner.benchmark.document import Reading
from uniner.benchmark.readers.pubtator import PubtatorOptions, read
from uniner.records import InputError

NO_CHOICE = PubtatorOptions()
HEAD = ["7|t|Tea calms mice.", "7|a|We gave tea to ten mice. They slept."]
BLOCK = [
    *HEAD,
    "7\t0\t3\tTea\tChemical\tD1",
    "7\t35\t39\tmice\tOrganism",
    "7\tAssociation\tD1\t9\tNovel",
]


def write_blocks(folder: Path, *blocks: list[str], gap: str = "\n\n") -> Path:
    path = folder / "some.PubTator"
    path.write_text(gap.join("\n".join(block) for block in blocks) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("gap", ["\n\n", "\n\n\n", "\n", "\r\n\r\n"])
def test_offsets_count_title_blank_and_abstract(tmp_path: Path, gap: str) -> None:
    other = [line.replace("7", "8", 1) for line in HEAD]
    path = write_blocks(tmp_path, BLOCK, other, gap=gap)
    first, second = read([path], NO_CHOICE, reading := Reading())
    assert (first.id, second.id) == ("7", "8")
    assert first.text == "Tea calms mice. We gave tea to ten mice. They slept."
    found = [(e.start, e.text, e.type) for e in first.entities or ()]
    assert found == [(0, "Tea", "Chemical"), (35, "mice", "Organism")]
    assert (second.entities, reading.notes) == ((), {})


def test_documents_of_several_files_have_ids_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    path = write_blocks(tmp_path, BLOCK)
    other = write_blocks(tmp_path / "b", BLOCK).rename(tmp_path / "b" / "other.PubTator")
    ids = [document.id for document in read([path, other], NO_CHOICE, Reading())]
    assert ids == ["some-7", "other-7"]


def test_a_misplaced_mention_is_moved_or_dropped(tmp_path: Path) -> None:
    block = [*HEAD, "7\t2\t5\tcalms\tX\t-", "7\t1\t4\twater\tX\t-"]
    [document] = read([write_blocks(tmp_path, block)], NO_CHOICE, reading := Reading())
    assert [(e.start, e.text) for e in document.entities or ()] == [(4, "calms")]
    assert reading.notes == {
        "misplaced mention moved to its text": 1,
        "mention whose text is elsewhere dropped": 1,
    }


@pytest.mark.parametrize(
    "line",
    [
        "7\t0\tTea\tChemical",
        "7 0 3 Tea Chemical D1",
        "7\t3\t3\t\tChemical\tD1",
        "8\t0\t3\tTea\tChemical\tD1",
        "8\tAssociation\tD1\t9\tNovel",
        "7\t0\t3\tTea\t\tD1",
        "7|a|Again an abstract.",
    ],
)
def test_a_malformed_mention_is_refused_or_left_out(tmp_path: Path, line: str) -> None:
    path = write_blocks(tmp_path, [*BLOCK, line])
    with pytest.raises(InputError, match=r"some\.PubTator:6: expected '7<TAB>START"):
        list(read([path], NO_CHOICE, Reading()))
    [document] = read([path], NO_CHOICE, reading := Reading(lenient=True))
    assert len(document.entities or ()) == 2
    assert reading.notes == {"malformed, skipped": 1}


@pytest.mark.parametrize(
    ("block", "where"),
    [
        (["7|t|Alone."], "1: expected 'ID|a|text'"),
        (["7|a|No title."], "1: expected 'ID|t|text'"),
        (["7|t|Tea.", "8|a|Another."], "2: expected 'ID|a|text'"),
        (["7|t|Tea.", "7\t0\t3\tTea\tX\t-"], "2: expected 'ID|a|text'"),
        (["Tea calms mice."], "1: expected 'ID|t|text'"),
    ],
)
def test_a_document_without_title_or_abstract_is_refused_or_left_out(
    tmp_path: Path, block: list[str], where: str
) -> None:
    path = write_blocks(tmp_path, block, [line.replace("7", "9", 1) for line in HEAD])
    with pytest.raises(InputError) as caught:
        list(read([path], NO_CHOICE, Reading()))
    assert f"{path}:{where}" in str(caught.value)
    [document] = read([path], NO_CHOICE, reading := Reading(lenient=True))
    assert (document.id, reading.notes) == ("9", {"malformed, skipped": 1})


def test_an_empty_document_is_noted(tmp_path: Path) -> None:
    path = write_blocks(tmp_path, ["7|t|", "7|a|"])
    assert list(read([path], NO_CHOICE, reading := Reading())) == []
    assert reading.notes == {"document without text skipped": 1}


SENTENCE = st.text("ab|Ä é7", min_size=1, max_size=20)


@given(SENTENCE, SENTENCE, st.data())
def test_mentions_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, title: str, abstract: str, data: st.DataObject
) -> None:
    text = f"{title}. {abstract}."
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    drawn = {(min(place), max(place)) for place in data.draw(st.lists(places, max_size=9))}
    spans = [(s, e) for s, e in sorted(drawn) if s < e and text[s:e].strip() == text[s:e]]
    lines = [f"5\t{start}\t{end}\t{text[start:end]}\tX\t-" for start, end in spans]
    folder = tmp_path_factory.mktemp("pubtator")
    path = write_blocks(folder, [f"5|t|{title}.", f"5|a|{abstract}.", *lines])
    [document] = read([path], NO_CHOICE, reading := Reading())
    assert [entity.span for entity in document.entities or ()] == spans
    assert reading.notes == {}


@needs("biored")
@pytest.mark.parametrize("part", ["train", "dev"])
def test_the_abstracts_of_biored_are_read_whole(part: str) -> None:
    documents = list(read([REAL / "biored" / f"{part}.PubTator"], NO_CHOICE, reading := Reading()))
    known = json.loads((REAL / "biored" / "source.json").read_text())["splits"][part]
    labels = Counter(e.type for document in documents for e in document.entities or ())
    assert (len(documents), labels) == (known["documents"], known["types"])
    assert reading.notes == {}
