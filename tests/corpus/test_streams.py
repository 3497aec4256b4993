"""Bytes, lines and sections come whole whatever the chunks, and damage is never overlooked."""

import gzip
from itertools import pairwise
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from uniner.corpus import streams
from uniner.corpus.streams import SECTION, cut_sections, decode, read_chunks, split_lines
from uniner.records import InputError

TEXT = b"".join(b"line %d of a text\n" % number for number in range(60_000))


def ignore(amount: int) -> None:
    pass


def split_at(text: str, places: list[int]) -> list[str]:
    ends = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[start:end] for start, end in pairwise(ends)]


@given(st.lists(st.binary(max_size=9)))
def test_lines_do_not_depend_on_chunks(chunks: list[bytes]) -> None:
    expected = b"".join(chunks).split(b"\n")
    assert list(split_lines(chunks)) == (expected if expected[-1] else expected[:-1])


@given(st.text(max_size=60), st.lists(st.integers(0, 300)))
def test_text_does_not_depend_on_chunks(text: str, places: list[int]) -> None:
    text = text.replace("\0", "").lstrip("\ufeff")
    data = text.encode()
    cuts = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    chunks = [data[start:end] for start, end in pairwise(cuts)]
    assert "".join(decode("f", chunks)) == text


@pytest.mark.parametrize(
    ("chunks", "message"),
    [
        ([b"a\nb\n\xff c\n"], r"f:3: not UTF-8 \(byte 0xff\)"),
        ([b"a\n", b"b\n\xc3", b"\n"], r"f:3: not UTF-8 \(byte 0xc3\)"),
        ([b"a\n\xc3"], r"f:2: not UTF-8 \(byte 0xc3\)"),
        ([b"a\n", b"b\0c"], "f:2: not a text, it has NUL bytes"),
    ],
)
def test_what_is_no_text_is_named_with_its_line(chunks: list[bytes], message: str) -> None:
    with pytest.raises(InputError, match=message):
        list(decode("f", chunks))


@given(st.text(alphabet="ab .\n。", max_size=200), st.lists(st.integers(0, 300)))
def test_sections_are_bounded_and_depend_on_the_text_alone(text: str, places: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "SECTION", 20)
        sections = list(cut_sections([text]))
        assert list(cut_sections(split_at(text, places))) == sections
    assert "".join(sections) == text
    assert all(0 < len(section) <= 20 for section in sections)


def test_sections_end_at_blank_lines_where_they_can() -> None:
    text = "w " * (SECTION // 4) + "end.\n\n" + "w. \n" * SECTION
    sections = list(cut_sections([text]))
    assert sections[0].endswith("end.\n\n")
    assert all(section.endswith("\n") for section in sections)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", TEXT),
        ("a.txt.gz", gzip.compress(TEXT)),
        ("a.txt.GZ", gzip.compress(TEXT[:999]) + gzip.compress(TEXT[999:]) + b"\0" * 512),
        ("a.txt.zst", zstandard.compress(TEXT)),
        ("a.txt.zst", zstandard.compress(TEXT[:999]) + zstandard.compress(TEXT[999:])),
    ],
)
def test_compressed_files_are_read_to_their_end(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    told: list[int] = []
    assert b"".join(read_chunks(str(path), told.append)) == TEXT
    assert sum(told) == len(data)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.gz", gzip.compress(TEXT)[:-9], "cut off; get it whole"),
        ("a.zst", zstandard.compress(TEXT)[:-9], "cut off; get it whole"),
        ("a.gz", TEXT, "damaged, or not compressed as its name says"),
        ("a.zst", TEXT, "damaged, or not compressed as its name says"),
        ("a.gz", gzip.compress(TEXT) + b"x", "damaged|cut off"),
    ],
)
def test_damaged_files_are_no_shorter_texts(
    tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError, match=rf"{name}: .*({message})"):
        list(read_chunks(str(path), ignore))


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.txt: not readable \(No such file"):
        list(read_chunks(str(tmp_path / "gone.txt"), ignore))
