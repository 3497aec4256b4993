"""Pipe lines and the notes that they name become documents."""

from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.clef import ClefOptions, read
from uniner.records import InputError

TEXT = "The left atrium\nis mildly dilated.\nNo fever, no cough.\n"
NAME = "00001-000002-ECHO_REPORT"


def spot(*pieces: str, text: str = TEXT) -> list[tuple[int, int]]:
    return [(text.index(piece), text.index(piece) + len(piece)) for piece in pieces]


def pipe(*pieces: str, name: str = NAME, cui: str = "C0000001") -> str:
    places = "".join(f"||{start}||{end}" for start, end in spot(*pieces))
    return f"{name}.txt||Disease_Disorder||{cui}{places}\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode())
    return path


def write_note(folder: Path, *lines: str, text: str = TEXT) -> list[Path]:
    note = write(folder / "ALLREPORTS" / f"{NAME}.txt", text)
    pipes = write(folder / "CLEFPIPEDELIMITED" / f"{NAME}.pipe.txt", "".join(lines))
    return [note.parent, pipes.parent]


def spell(document: Document) -> list[tuple[str, str]]:
    return [(entity.text, entity.type) for entity in document.entities or ()]


def test_lines_are_mentions_of_the_note_that_they_name(tmp_path: Path) -> None:
    paths = write_note(tmp_path, pipe("fever"), "\n", pipe("cough", cui="CUI-less"))
    [document] = read(paths, ClefOptions(), reading := Reading())
    assert (document.id, document.text) == (NAME, TEXT)
    assert spell(document) == [("fever", "Disease_Disorder"), ("cough", "Disease_Disorder")]
    assert reading.notes == {}
    [document] = read(paths, ClefOptions(lines=True), Reading())
    assert [TEXT[start:end] for start, end in document.sentences] == TEXT.splitlines()


@pytest.mark.parametrize(
    ("discontinuous", "texts", "note"),
    [
        ("cover", ["left atrium\nis mildly dilated"], "discontinuous mention covered"),
        ("first", ["left atrium"], "discontinuous mention cut to its first piece"),
        ("drop", [], "discontinuous mention dropped"),
    ],
)
@pytest.mark.parametrize("pieces", [("left atrium", "dilated"), ("dilated", "left atrium")])
def test_discontinuous_mentions_are_covered_cut_or_dropped(
    tmp_path: Path,
    discontinuous: Literal["cover", "first", "drop"],
    texts: list[str],
    note: str,
    pieces: tuple[str, ...],
) -> None:
    paths = write_note(tmp_path, pipe(*pieces))
    options = ClefOptions(discontinuous=discontinuous)
    [document] = read(paths, options, reading := Reading())
    assert [text for text, _ in spell(document)] == texts
    assert reading.notes == {note: 1}


def test_pieces_that_a_line_end_parts_are_one_mention(tmp_path: Path) -> None:
    paths = write_note(tmp_path, pipe("left atrium", "is mildly dilated"))
    [document] = read(paths, ClefOptions(discontinuous="drop"), reading := Reading())
    assert [text for text, _ in spell(document)] == ["left atrium\nis mildly dilated"]
    assert reading.notes == {}


def test_the_later_layout_has_dashes_and_commas(tmp_path: Path) -> None:
    [(a, b), (c, d)] = spot("left atrium", "dilated")
    [(e, f)] = spot("cough")
    lines = [f"{NAME}.text|{a}-{b},{c}-{d}|C1|no|*NULL*\n", f"{NAME}.text|{e}-{f}|C2|yes|3-5\n"]
    write(tmp_path / "x" / f"{NAME}.text", TEXT)
    write(tmp_path / "x" / f"{NAME}.pipe", "".join(lines))
    [document] = read([tmp_path / "x"], ClefOptions(), reading := Reading())
    assert spell(document) == [
        ("left atrium\nis mildly dilated", "Disease_Disorder"),
        ("cough", "Disease_Disorder"),
    ]
    assert reading.notes == {"discontinuous mention covered": 1}


def test_a_reference_whose_files_are_named_as_the_notes_are_is_told_apart(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        write(tmp_path / "ALLREPORTS test" / f"{name}.txt", TEXT)
    write(tmp_path / "Gold_SN2012" / "a.txt", pipe("fever", name="a"))
    write(tmp_path / "Gold_SN2012" / "b.txt", "")
    paths = [tmp_path / "ALLREPORTS test", tmp_path / "Gold_SN2012"]
    documents = list(read(paths, ClefOptions(), reading := Reading()))
    assert [(d.id, len(d.entities or ())) for d in documents] == [("a", 1), ("b", 0), ("c", 0)]
    assert reading.notes == {"note without mentions": 2}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a note\n", r"pipe\.txt:1: expected 'NOTE\.txt\|\|Disease_Disorder"),
        (f"{NAME}.txt||Disease_Disorder||C1||4\n", r"pipe\.txt:1: expected 'NOTE\.txt"),
        (f"{NAME}.txt||Disease_Disorder||C1||9||4\n", r"pipe\.txt:1: expected words at \[9, 4\)"),
        (f"{NAME}.txt||Disease_Disorder||C1||4||900\n", r"expected words at \[4, 900\) of 55"),
        (f"{NAME}.txt||Disease_Disorder||C1||15||16\n", r"expected words at \[15, 16\)"),
        (pipe("fever", name="nobody"), r"pipe\.txt:1: expected a note nobody\.txt"),
    ],
)
def test_malformed_lines_are_refused_by_file_and_line(
    tmp_path: Path, line: str, message: str
) -> None:
    paths = write_note(tmp_path, line, pipe("cough"))
    with pytest.raises(InputError, match=message):
        list(read(paths, ClefOptions(), Reading()))
    [document] = read(paths, ClefOptions(), reading := Reading(lenient=True))
    assert [text for text, _ in spell(document)] == ["cough"]
    assert reading.notes == {"malformed, skipped": 1}


def test_notes_or_lines_that_are_missing_are_an_error(tmp_path: Path) -> None:
    notes, pipes = write_note(tmp_path, pipe("fever"))
    with pytest.raises(InputError, match="expected lines 'NOTE"):
        list(read([notes], ClefOptions(), Reading()))
    with pytest.raises(InputError, match=r"expected notes \(\.txt\)"):
        list(read([pipes], ClefOptions(), Reading()))
    again = write(tmp_path / "again" / f"{NAME}.txt", TEXT).parent
    with pytest.raises(InputError, match=f"expected one note {NAME}"):
        list(read([notes, again, pipes], ClefOptions(), Reading()))


def test_repeated_mentions_are_one_and_blanks_around_them_are_cut(tmp_path: Path) -> None:
    start = TEXT.index("fever")
    wide = f"{NAME}.txt||Disease_Disorder||C1||{start - 1}||{start + 5}\n"
    paths = write_note(tmp_path, pipe("cough"), pipe("cough"), wide)
    [document] = read(paths, ClefOptions(), reading := Reading())
    assert [text for text, _ in spell(document)] == ["cough", "fever"]
    assert reading.notes == {
        "white space around a mention cut off": 1,
        "mention given twice dropped": 1,
    }


WORDS = st.lists(
    st.tuples(st.text(st.characters(categories=["L"]), min_size=1, max_size=5), st.booleans()),
    min_size=1,
    max_size=8,
)


@given(WORDS, st.booleans())
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, words: list[tuple[str, bool]], later: bool
) -> None:
    text, lines, expected = "", ["\n"], []
    for word, marked in words:
        start, text = len(text), f"{text}{word}\n"
        places = (
            f"|{start}-{start + len(word)}|C1" if later else f"||X||C1||{start}||{len(text) - 1}"
        )
        lines.append(f"n.txt{places}\n" if marked else "")
        expected += [(word, "Disease_Disorder" if later else "X")] * marked
    folder = tmp_path_factory.mktemp("clef")
    write(folder / "n.txt", text)
    write(folder / "n.pipe.txt", "".join(lines))
    [document] = read([folder], ClefOptions(), Reading())
    assert spell(document) == expected
