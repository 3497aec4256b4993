"""Concepts of .con files are placed by line and token in their .txt files."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.i2b2_concepts import ConceptOptions, read
from uniner.records import InputError

TEXT = """Admission Date :
2099-01-02
The Pain in  his left knee eased with
warm Compresses , and a "Bread Scan" showed nothing .
 His Pain came back .
"""


def write(root: Path, *lines: str, text: str = TEXT, name: str = "record-1") -> Path:
    for folder, suffix, content in (("txt", "txt", text), ("concept", "con", "\n".join(lines))):
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / f"{name}.{suffix}").write_bytes(content.encode())
    return root


def spell(document: Document) -> list[tuple[str, str]]:
    return [(entity.text, entity.type) for entity in document.entities or ()]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('c="the pain" 3:0 3:1||t="problem"', ("The Pain", "problem")),
        ('c="pain in his left knee" 3:1 3:5||t="problem"', ("Pain in  his left knee", "problem")),
        (
            'c="eased with warm compresses" 3:6 4:1||t="treatment"',
            ("eased with\nwarm Compresses", "treatment"),
        ),
        ('c=""bread scan"" 4:5 4:6||t="test"', ('"Bread Scan"', "test")),
        ('c="pain" 3:1 3:1||t="problem"||a="present"', ("Pain", "problem")),
        ('c="his pain" 5:1 5:2||t="problem"', ("His Pain", "problem")),  # a blank starts the line
    ],
)
def test_a_place_is_a_line_and_a_token(tmp_path: Path, line: str, found: tuple[str, str]) -> None:
    [document] = read([write(tmp_path, line, "")], ConceptOptions(), reading := Reading())
    assert (document.id, document.text) == ("record-1", TEXT)
    assert spell(document) == [found]
    assert reading.notes == {}


def test_lines_are_sentences_unless_they_are_not(tmp_path: Path) -> None:
    root = write(tmp_path, 'c="the pain" 3:0 3:1||t="problem"')
    [document] = read([root], ConceptOptions(), Reading())
    lines = [TEXT[start:end] for start, end in document.sentences]
    assert lines == [line.strip() for line in TEXT.splitlines()]
    [document] = read([root], ConceptOptions(lines=False), Reading())
    assert document.sentences == ()


def test_folders_are_read_wherever_their_files_lie(tmp_path: Path) -> None:
    write(tmp_path / "beth", 'c="the pain" 3:0 3:1||t="problem"', name="record-2")
    write(tmp_path / "partners", name="record-1")
    (tmp_path / "partners" / "txt" / "unannotated.txt").write_text("Nothing .")
    documents = list(read([tmp_path], ConceptOptions(), reading := Reading()))
    assert [document.id for document in documents] == ["record-1", "record-2"]
    assert [len(spell(document)) for document in documents] == [0, 1]
    assert reading.notes == {"text without a .con file skipped": 1}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("the pain 3:0 3:1", r"record-1\.con:1: expected 'c=\"text\" LINE:TOKEN LINE:TOKEN"),
        ('c="the pain" 3:0 3:1', r"record-1\.con:1: expected 'c="),
        ('c="the pain" 9:0 9:1||t="problem"', r"con:1: expected places of tokens in record-1\.txt"),
        ('c="the pain" 0:0 0:1||t="problem"', r"con:1: expected places of tokens in record-1\.txt"),
        ('c="the pain" 3:0 3:99||t="problem"', r"con:1: expected places of tokens"),
        ('c="the pain" 3:1 3:0||t="problem"', r"con:1: expected places of tokens"),
        ('c="sorrow" 3:0 3:1||t="problem"', r"con:1: expected 'sorrow' at 3:0 3:1, got 'The Pain'"),
    ],
)
def test_malformed_or_misplaced_concepts_are_refused(
    tmp_path: Path, line: str, message: str
) -> None:
    root = write(tmp_path, line, 'c="his" 3:3 3:3||t="x"')
    with pytest.raises(InputError, match=message):
        list(read([root], ConceptOptions(), Reading()))
    [document] = read([root], ConceptOptions(), reading := Reading(lenient=True))
    assert spell(document) == [("his", "x")]
    assert reading.notes == {"malformed, skipped": 1}


def test_a_concept_one_token_off_is_moved(tmp_path: Path) -> None:
    root = write(tmp_path, 'c="left knee" 3:5 3:6||t="problem"')
    [document] = read([root], ConceptOptions(), reading := Reading())
    assert spell(document) == [("left knee", "problem")]
    assert reading.notes == {"misplaced mention moved to its text": 1}


def test_repeated_concepts_are_one_and_carriage_returns_count_for_nothing(tmp_path: Path) -> None:
    line = 'c="his pain" 5:1 5:2||t="problem"'
    root = write(tmp_path, line, line, text=TEXT.replace("\n", "\r\n"))
    [document] = read([root], ConceptOptions(), reading := Reading())
    assert (document.text, spell(document)) == (TEXT, [("His Pain", "problem")])
    assert reading.notes == {"mention given twice dropped": 1}


def test_files_that_lack_their_other_half_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected \.con and \.txt files"):
        list(read([tmp_path], ConceptOptions(), Reading()))
    root = write(tmp_path / "a")
    (root / "txt" / "record-1.txt").unlink()
    with pytest.raises(InputError, match=r"record-1\.con: expected record-1\.txt in"):
        list(read([root], ConceptOptions(), Reading()))
    write(tmp_path / "b")
    write(tmp_path / "c")
    with pytest.raises(InputError, match=r"expected one file record-1\.txt"):
        list(read([tmp_path / "b", tmp_path / "c"], ConceptOptions(), Reading()))
    blank = write(tmp_path / "d", text="\n")
    assert list(read([blank], ConceptOptions(), reading := Reading())) == []
    assert reading.notes == {"document without text skipped": 1}


LINES = st.lists(
    st.lists(
        st.tuples(
            st.text(st.characters(categories=["Lu", "Nd", "Po"], max_codepoint=126), min_size=1),
            st.booleans(),
        ),
        min_size=1,
        max_size=5,
    ),
    min_size=1,
    max_size=4,
)


@given(LINES)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, lines: list[list[tuple[str, bool]]]
) -> None:
    concepts = [
        f'c="{word.lower()}" {number}:{place} {number}:{place}||t="problem"'
        for number, line in enumerate(lines, start=1)
        for place, (word, marked) in enumerate(line)
        if marked
    ]
    text = "\n".join(" ".join(word for word, _ in line) for line in lines)
    root = write(tmp_path_factory.mktemp("concepts"), *concepts, text=text)
    [document] = read([root], ConceptOptions(), reading := Reading())
    assert [word for word, _ in spell(document)] == [w for line in lines for w, m in line if m]
    assert reading.notes == {}
