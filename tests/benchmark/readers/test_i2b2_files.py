"""i2b2 notes in XML: mentions inside the text, or as offsets after it, mended where need be."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.i2b2 import I2b2Options, read
from uniner.records import InputError

TEXT = "\n\nRecord date: 2099-01-02\nSeen by Dr. Loaf for a cough.\nHe & Mr. Bun went home.\n"
INSIDE = """<?xml version="1.0" encoding="UTF-8" ?>
<ROOT>
<RECORD ID="11">
<TEXT>
Seen on <PHI TYPE="DATE">01/02</PHI> by <PHI TYPE="DOCTOR">Dr. Loaf</PHI> &amp; team .
<PHI TYPE="PATIENT">Bun</PHI> went home .
</TEXT>
</RECORD>
<RECORD ID="12">
<TEXT>
Nothing to hide .
</TEXT>
</RECORD>
</ROOT>
"""


class Given(NamedTuple):
    """A tag of a note: its name, the text it marks, its type, and how far its offsets are off."""

    tag: str
    text: str
    type: str
    off: int = 0


TAGS = (
    Given("DATE", "2099-01-02", "DATE"),
    Given("NAME", "Loaf", "DOCTOR"),
    Given("NAME", "Bun", "PATIENT"),
)


def build(text: str, given_tags: Sequence[Given], attribute: str = "TYPE") -> str:
    lines = []
    for number, each in enumerate(given_tags):
        start = text.index(each.text) + each.off
        lines.append(
            f'<{each.tag} id="P{number}" start="{start}" end="{start + len(each.text)}" '
            f'text={quoteattr(each.text)} {attribute}={quoteattr(each.type)} comment="" />'
        )
    body = f"<TEXT><![CDATA[{text}]]></TEXT>\n<TAGS>\n" + "\n".join(lines) + "\n</TAGS>"
    return f'<?xml version="1.0" encoding="UTF-8" ?>\n<deIdi2b2>\n{body}\n</deIdi2b2>\n'


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode())
    return path


def spell(document: Document) -> list[tuple[str, str]]:
    return [(entity.text, entity.type) for entity in document.entities or ()]


def test_offsets_after_the_text_count_from_its_first_line_end(tmp_path: Path) -> None:
    write(tmp_path / "220-01.xml", build(TEXT, TAGS))
    write(tmp_path / "220-01.xml.txt", "not read")
    [document] = read([tmp_path], I2b2Options(), reading := Reading())
    assert (document.id, document.text) == ("220-01", TEXT)
    assert spell(document) == [("2099-01-02", "DATE"), ("Loaf", "DOCTOR"), ("Bun", "PATIENT")]
    lines = [TEXT[start:end] for start, end in document.sentences]
    assert lines == [line for line in TEXT.split("\n") if line]
    assert reading.notes == {}


@pytest.mark.parametrize(
    ("options", "labels", "sentences"),
    [
        (I2b2Options(label="tag"), ["DATE", "NAME", "NAME"], 3),
        (I2b2Options(tags=("NAME",)), ["DOCTOR", "PATIENT"], 3),
        (I2b2Options(tags=("NAME",), label="tag", lines=False), ["NAME", "NAME"], 0),
    ],
)
def test_the_label_the_tags_and_the_sentences_are_options(
    tmp_path: Path, options: I2b2Options, labels: list[str], sentences: int
) -> None:
    [document] = read([write(tmp_path / "a.xml", build(TEXT, TAGS))], options, Reading())
    assert [label for _, label in spell(document)] == labels
    assert len(document.sentences) == sentences


def test_events_have_a_lower_case_type_and_relations_no_offsets(tmp_path: Path) -> None:
    tags = [Given("EVENT", "cough", "PROBLEM"), Given("TIMEX3", "2099-01-02", "DATE")]
    link = '<TLINK id="TL0" fromID="P0" fromText="cough" toID="P1" toText="x" type="BEFORE" />'
    text = build(TEXT, tags, "type").replace("</TAGS>", f"{link}\n</TAGS>")
    path = write(
        tmp_path / "1.xml", text.replace("deIdi2b2", "ClinicalNarrativeTemporalAnnotation")
    )
    [document] = read([path], I2b2Options(tags=("EVENT",)), Reading())
    assert spell(document) == [("cough", "PROBLEM")]
    [document] = read([path], I2b2Options(), reading := Reading())
    assert spell(document) == [("cough", "PROBLEM"), ("2099-01-02", "DATE")]
    assert reading.notes == {}


@pytest.mark.parametrize("off", [1, -1])
def test_offsets_that_are_off_by_one_in_a_whole_note_are_shifted(tmp_path: Path, off: int) -> None:
    tags = [each._replace(off=off) for each in TAGS]
    path = write(tmp_path / "a.xml", build(TEXT, tags))
    [document] = read([path], I2b2Options(), reading := Reading())
    assert [text for text, _ in spell(document)] == [each.text for each in TAGS]
    assert reading.notes == {f"document whose offsets are shifted by {-off:+}": 1}


def test_one_misplaced_tag_is_moved_or_refused(tmp_path: Path) -> None:
    moved = build(TEXT, [*TAGS[:2], TAGS[2]._replace(off=9)])
    [document] = read([write(tmp_path / "a.xml", moved)], I2b2Options(), reading := Reading())
    assert spell(document)[2] == ("Bun", "PATIENT")
    assert reading.notes == {"misplaced mention moved to its text": 1}
    absent = write(tmp_path / "b.xml", moved.replace('text="Bun"', 'text="Roll"'))
    with pytest.raises(InputError, match=r"b\.xml:\d+: expected 'Roll' at \[\d+, \d+\), got"):
        list(read([absent], I2b2Options(), Reading()))
    [document] = read([absent], I2b2Options(), reading := Reading(lenient=True))
    assert len(spell(document)) == 2
    assert reading.notes == {"malformed, skipped": 1}


def test_an_escape_inside_cdata_stays_as_it_is_written(tmp_path: Path) -> None:
    text = "\nThe patient&apos;s cough\nhad gone .\n"
    xml = build(text, [Given("EVENT", "The patient&apos;s cough\nhad", "PROBLEM")], "type")
    path = write(tmp_path / "1.xml", xml.replace("&amp;apos;", "&apos;"))
    [document] = read([path], I2b2Options(), reading := Reading())
    assert spell(document) == [("The patient&apos;s cough\nhad", "PROBLEM")]
    assert reading.notes == {}


def test_lone_ampersands_are_mended_and_noted(tmp_path: Path) -> None:
    xml = build(TEXT, [*TAGS, Given("NAME", "He & Mr.", "X")]).replace("&amp;", "&")
    path = write(tmp_path / "a.xml", xml)
    [document] = read([path], I2b2Options(), reading := Reading())
    assert (document.text, spell(document)[-1]) == (TEXT, ("He & Mr.", "X"))
    assert reading.notes == {"malformed XML repaired": 1}
    with pytest.raises(InputError, match=r"a\.xml:\d+: expected well-formed XML"):
        list(read([path], I2b2Options(repair=False), Reading()))
    assert list(read([path], I2b2Options(repair=False), reading := Reading(lenient=True))) == []
    assert reading.notes == {"malformed, skipped": 1}


def test_mentions_inside_the_text_get_offsets(tmp_path: Path) -> None:
    path = write(tmp_path / "train.xml", INSIDE)
    first, second = read([path], I2b2Options(), reading := Reading())
    assert (first.id, second.id) == ("11", "12")
    assert first.text == "\nSeen on 01/02 by Dr. Loaf & team .\nBun went home .\n"
    assert spell(first) == [("01/02", "DATE"), ("Dr. Loaf", "DOCTOR"), ("Bun", "PATIENT")]
    assert (spell(second), len(first.sentences)) == ([], 2)
    assert reading.notes == {}
    other = write(tmp_path / "more.xml", INSIDE)
    names = [document.id for document in read([path, other], I2b2Options(), Reading())]
    assert names == ["train-11", "train-12", "more-11", "more-12"]


def test_a_phi_tag_that_should_have_been_an_end_is_mended(tmp_path: Path) -> None:
    broken = INSIDE.replace("01/02</PHI>", '01/02<PHI TYPE="DOCTOR">')
    path = write(tmp_path / "train.xml", broken)
    first, _ = read([path], I2b2Options(), reading := Reading())
    assert spell(first)[:2] == [("01/02", "DATE"), ("Dr. Loaf", "DOCTOR")]
    assert reading.notes == {"malformed XML repaired": 1}
    worse = write(tmp_path / "worse.xml", INSIDE.replace("01/02</PHI>", "01/02"))
    with pytest.raises(InputError, match=r"worse\.xml:\d+: expected well-formed XML"):
        list(read([worse], I2b2Options(), Reading()))


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        ('TYPE="DOCTOR"', 'TYPE=""', "mention without a type dropped"),
        (">Dr. Loaf<", "> <", "mention without text dropped"),
    ],
)
def test_mentions_without_text_or_type_are_noted(
    tmp_path: Path, old: str, new: str, note: str
) -> None:
    path = write(tmp_path / "a.xml", INSIDE.replace(old, new))
    first, _ = read([path], I2b2Options(), reading := Reading())
    assert (len(spell(first)), reading.notes) == (2, {note: 1})


NAME_TAG = '<NAME id="P1" start="38" end="42" text="Loaf" TYPE="DOCTOR" comment="" />'


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        (NAME_TAG.replace('"38"', '"x"'), r"a\.xml:\d+: expected <NAME start end text TYPE>"),
        (NAME_TAG.replace('end="42"', ""), r"a\.xml:\d+: expected <NAME start end text TYPE>"),
        (NAME_TAG.replace('text="Loaf"', ""), r"a\.xml:\d+: expected <NAME start end text TYPE>"),
    ],
)
def test_malformed_tags_are_refused(tmp_path: Path, tag: str, message: str) -> None:
    xml = build(TEXT, TAGS)
    assert NAME_TAG in xml
    path = write(tmp_path / "a.xml", xml.replace(NAME_TAG, tag))
    with pytest.raises(InputError, match=message):
        list(read([path], I2b2Options(), Reading()))
    [document] = read([path], I2b2Options(), reading := Reading(lenient=True))
    assert len(spell(document)) == 2
    assert reading.notes == {"malformed, skipped": 1}


def test_tags_without_text_or_type_are_noted(tmp_path: Path) -> None:
    xml = build(TEXT, TAGS).replace('end="42"', 'end="38"').replace('TYPE="PATIENT"', 'TYPE=" "')
    path = write(tmp_path / "a.xml", xml)
    [document] = read([path], I2b2Options(), reading := Reading())
    assert spell(document) == [("2099-01-02", "DATE")]
    assert reading.notes == {
        "mention without text dropped": 1,
        "mention without a type dropped": 1,
    }


def test_files_without_a_text_are_refused_or_noted(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty: expected \.xml files"):
        list(read([tmp_path / "empty"], I2b2Options(), Reading()))
    path = write(tmp_path / "a.xml", "<deIdi2b2><TAGS/></deIdi2b2>")
    with pytest.raises(InputError, match=r"a\.xml: expected a TEXT in <deIdi2b2> 'a'"):
        list(read([path], I2b2Options(), Reading()))
    path = write(tmp_path / "b.xml", "<deIdi2b2><TEXT> </TEXT><TAGS/></deIdi2b2>")
    assert list(read([path], I2b2Options(), reading := Reading())) == []
    assert reading.notes == {"document without text skipped": 1}


def test_notes_of_several_folders_keep_apart(tmp_path: Path) -> None:
    for folder in ("Set1", "Set2"):
        write(tmp_path / folder / "1-01.xml", build(TEXT, TAGS))
    paths = [tmp_path / "Set1", tmp_path / "Set2"]
    names = [document.id for document in read(paths, I2b2Options(), Reading())]
    assert names == ["Set1/1-01", "Set2/1-01"]


WORDS = st.lists(
    st.tuples(
        st.text(st.characters(categories=["L", "N", "Po"], exclude_characters="\r"), min_size=1),
        st.sampled_from(["", "DATE", "NAME"]),
    ),
    min_size=1,
    max_size=8,
)


@given(WORDS)
def test_both_layouts_are_read_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, words: list[tuple[str, str]]
) -> None:
    marked = [
        f'<PHI TYPE="{label}">{escape(word)}</PHI>' if label else escape(word)
        for word, label in words
    ]
    text = "\n" + " ".join(word for word, _ in words) + "\n"
    tags, start = [], 1
    for word, label in words:
        attributes = f'start="{start}" end="{start + len(word)}" text={quoteattr(word)}'
        tags.append(f'<PHI id="P" {attributes} TYPE="{label}"/>' if label else "")
        start += len(word) + 1
    inside = f'<ROOT><RECORD ID="1"><TEXT>\n{" ".join(marked)}\n</TEXT></RECORD></ROOT>'
    after = f"<X><TEXT>{escape(text)}</TEXT><TAGS>{''.join(tags)}</TAGS></X>"
    folder = tmp_path_factory.mktemp("i2b2")
    for number, xml in enumerate((inside, after)):
        path = write(folder / f"{number}.xml", xml)
        [document] = read([path], I2b2Options(), reading := Reading())
        assert document.text == text
        assert spell(document) == [(word, label) for word, label in words if label]
        assert reading.notes == {}
