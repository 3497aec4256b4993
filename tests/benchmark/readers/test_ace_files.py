"""Pairs of .sgm and .apf.xml become documents: offsets outside tags, stages, split lists."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.ace import AceOptions, read
from uniner.benchmark.readers.markup import unescape
from uniner.records import InputError

WIRE = """<DOC>
<DOCID> WIRE_0001 </DOCID>
<DATETIME> 2003-04-01 </DATETIME>
<BODY>
<HEADLINE>
Bakers meet in Ulm
</HEADLINE>
<TEXT>
The owner of Crumb &amp; Sons, a small
bakery of Ulm, met reporters.

He said that Ulm loves bread.
</TEXT>
</BODY>
</DOC>
"""
TALK = """<DOC>
<DOCID> TALK_0001 </DOCID>
<BODY>
<TEXT>
<TURN>
<SPEAKER> MARTA </SPEAKER>
We baked
all night.
</TURN>
<TURN>
<SPEAKER> OTTO </SPEAKER>
Who did?
</TURN>
</TEXT>
</BODY>
</DOC>
"""


class Said(NamedTuple):
    """A mention of the annotation file: its type, its extent and head, and the kind of mention."""

    label: str
    extent: str
    head: str
    kind: str = "NAM"
    nth: int = 0
    moved: int = 0


def strip_tags(written: str) -> str:
    """The characters outside tags, told apart one by one."""
    inside, kept = False, []
    for character in written:
        inside = inside or character == "<"
        if not inside:
            kept.append(character)
        inside = inside and character != ">"
    return "".join(kept)


def charseq(stream: str, said: Said, text: str) -> str:
    start = -1
    for _ in range(said.nth + 1):
        start = stream.index(said.extent, start + 1)
    start += said.extent.index(text) + said.moved
    last = start + len(text) - 1
    return f'<charseq START="{start}" END="{last}">{escape(unescape(text))}</charseq>'


def annotate(sgm: str, said: Sequence[Said]) -> str:
    stream = strip_tags(sgm)
    groups = "\n".join(
        f'<entity ID="E{n}" TYPE="{s.label}" SUBTYPE="Any" CLASS="SPC">\n'
        f'<entity_mention ID="E{n}-1" TYPE="{s.kind}" LDCTYPE="{s.kind}">\n'
        f"<extent>\n{charseq(stream, s, s.extent)}\n</extent>\n"
        f"<head>\n{charseq(stream, s, s.head)}\n</head>\n</entity_mention>\n</entity>"
        for n, s in enumerate(said, start=1)
    )
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE source_file SYSTEM "apf.v5.1.1.dtd">\n'
        f'<source_file URI="x.sgm" SOURCE="newswire">\n<document DOCID="X">\n{groups}\n'
        "</document>\n</source_file>\n"
    )


def write_pair(folder: Path, name: str, sgm: str, *said: Said, apf: str | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.sgm").write_bytes(sgm.encode())
    (folder / f"{name}.apf.xml").write_text(annotate(sgm, said) if apf is None else apf)
    return folder


def spell(document: Document) -> list[tuple[str, str]]:
    return [(entity.text, entity.type) for entity in document.entities or ()]


OWNER = Said(
    "PER", "The owner of Crumb &amp; Sons, a small\nbakery of Ulm", head="owner", kind="NOM"
)
CRUMB = Said("ORG", "Crumb &amp; Sons", head="Crumb &amp; Sons")
ULM = Said("GPE", "Ulm", head="Ulm", nth=1)
HE = Said("PER", "He", head="He", kind="PRO", nth=0)


def test_a_mention_is_text_outside_tags_and_nests(tmp_path: Path) -> None:
    he = HE._replace(extent="He said that Ulm", head="He")
    folder = write_pair(tmp_path / "nw", "WIRE_0001", WIRE, OWNER, CRUMB, ULM, he)
    [document] = read([folder], AceOptions(), reading := Reading())
    assert document.id == "WIRE_0001"
    assert document.text == (
        "\nThe owner of Crumb & Sons, a small bakery of Ulm, met reporters.\n\n"
        "He said that Ulm loves bread.\n"
    )
    assert spell(document) == [
        ("The owner of Crumb & Sons, a small bakery of Ulm", "PER"),
        ("Crumb & Sons", "ORG"),
        ("Ulm", "GPE"),
        ("He said that Ulm", "PER"),
    ]
    assert reading.notes == {}


def test_heads_lone_line_ends_and_pronouns_are_options(tmp_path: Path) -> None:
    he = HE._replace(extent="He said that Ulm", head="He")
    folder = write_pair(tmp_path, "WIRE_0001", WIRE, OWNER, he)
    options = AceOptions(mention="head", pronouns="drop", wrapped=False)
    [document] = read([folder], options, reading := Reading())
    assert spell(document) == [("owner", "PER")]
    assert "a small\nbakery" in document.text
    assert reading.notes == {"pronoun dropped": 1}


def test_an_escape_counts_as_it_is_written(tmp_path: Path) -> None:
    sgm = "<DOC><TEXT>A &AMP; B &lt;met&gt; C at AT&amp;T in Ulm</TEXT></DOC>"
    said = [Said("ORG", text, text) for text in ("A &AMP; B", "C", "AT&amp;T", "Ulm")]
    folder = write_pair(tmp_path, "X", sgm, *said)
    [document] = read([folder], AceOptions(), reading := Reading())
    assert document.text == "A & B <met> C at AT&T in Ulm"
    assert [entity.text for entity in document.entities or ()] == ["A & B", "C", "AT&T", "Ulm"]
    assert reading.notes == {}


def test_an_end_that_counts_an_escape_as_one_character_is_mended(tmp_path: Path) -> None:
    apf = annotate(WIRE, [CRUMB])
    last = strip_tags(WIRE).index("Crumb") + len("Crumb &amp; Sons") - 1
    folder = write_pair(tmp_path, "X", WIRE, apf=apf.replace(f'END="{last}"', f'END="{last - 4}"'))
    [document] = read([folder], AceOptions(), reading := Reading())
    assert spell(document) == [("Crumb & Sons", "ORG")]
    assert reading.notes == {"mention whose end was misplaced": 1}


def test_speakers_are_text_and_lines_end_at_tags(tmp_path: Path) -> None:
    said = (
        Said("PER", "MARTA", "MARTA"),
        Said("PER", "We", "We", "PRO"),
        Said("PER", "OTTO", "OTTO"),
    )
    folder = write_pair(tmp_path, "TALK_0001", TALK, *said)
    [document] = read([folder], AceOptions(), Reading())
    assert [line.strip() for line in document.text.split("\n") if line.strip()] == [
        "MARTA",
        "We baked all night.",
        "OTTO",
        "Who did?",
    ]
    assert [text for text, _ in spell(document)] == ["MARTA", "We", "OTTO"]


@pytest.mark.parametrize(
    ("parts", "texts", "notes"),
    [
        (("TEXT",), ["Ulm"], {"mention outside the text dropped": 1}),
        (("HEADLINE", "TEXT"), ["Ulm", "Ulm"], {}),
        (("HEADLINE",), ["Ulm"], {"mention outside the text dropped": 1}),
    ],
)
def test_only_the_named_parts_count(
    tmp_path: Path, parts: tuple[str, ...], texts: list[str], notes: dict[str, int]
) -> None:
    folder = write_pair(tmp_path, "X", WIRE, ULM._replace(nth=0), ULM)
    [document] = read([folder], AceOptions(parts=parts), reading := Reading())
    assert [text for text, _ in spell(document)] == texts
    assert reading.notes == notes


def test_a_crlf_file_counts_line_ends_as_one_character(tmp_path: Path) -> None:
    folder = write_pair(tmp_path, "X", WIRE, OWNER, ULM)
    (folder / "X.sgm").write_bytes(WIRE.replace("\n", "\r\n").encode())
    [document] = read([folder], AceOptions(), reading := Reading())
    assert [text for text, _ in spell(document)][1] == "Ulm"
    assert reading.notes == {}


def write_english(root: Path) -> Path:
    for genre, name, sgm in (("nw", "WIRE_1.0", WIRE), ("bc", "TALK_1.00-2", TALK)):
        for stage in ("adj", "fp1", "timex2norm"):
            said = () if stage == "fp1" else (Said("GPE", "Ulm", "Ulm", nth=1),) * (genre == "nw")
            write_pair(root / "English" / genre / stage, name, sgm, *said)
    return root / "English"


@pytest.mark.parametrize(("stage", "found"), [("timex2norm", 1), ("fp1", 0), ("adj", 1)])
def test_one_stage_of_annotation_counts(tmp_path: Path, stage: str, found: int) -> None:
    documents = list(read([write_english(tmp_path)], AceOptions(stage=stage), Reading()))
    assert [document.id for document in documents] == ["TALK_1.00-2", "WIRE_1.0"]
    assert len(documents[1].entities or ()) == found


@pytest.mark.parametrize(
    "lines",
    [
        "WIRE_1.0\nTALK_1.00-2\n",
        "nw/adj/WIRE_1.0\nbc/adj/TALK_1.00-2\n",
        "WIRE_1.0.sgm\n\nTALK_1.00-2.apf.xml\nWIRE_1.0\n",
    ],
)
@pytest.mark.parametrize("name", ["dev.txt", "dev", "dev.filelist"])
def test_a_list_says_which_documents_and_in_which_order(
    tmp_path: Path, lines: str, name: str
) -> None:
    (tmp_path / name).write_text(lines)
    paths = [tmp_path / name, write_english(tmp_path)]
    assert [d.id for d in read(paths, AceOptions(), Reading())] == ["WIRE_1.0", "TALK_1.00-2"]


def test_a_listed_document_that_is_absent_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dev.txt").write_text("WIRE_1.0\nNOBODY_2\n")
    paths = [tmp_path / "dev.txt", write_english(tmp_path)]
    with pytest.raises(InputError, match=r"dev\.txt:2: expected NOBODY_2\.sgm in .*English"):
        list(read(paths, AceOptions(), Reading()))
    assert len(list(read(paths, AceOptions(), reading := Reading(lenient=True)))) == 1
    assert reading.notes == {"malformed, skipped": 1}


GOOD = annotate(WIRE, [ULM])
PLACE = strip_tags(WIRE).index("Ulm", strip_tags(WIRE).index("bakery of"))


@pytest.mark.parametrize(
    ("apf", "message"),
    [
        (GOOD.replace("</document>", ""), r"X\.apf\.xml:\d+: expected well-formed XML"),
        (GOOD.replace("START", "BEGIN"), r"X\.apf\.xml:6: expected <extent><charseq START END>"),
        (GOOD.replace(f'START="{PLACE}"', 'START="-3"'), r"X\.apf\.xml:6: expected <extent>"),
        (GOOD.replace("extent", "extend"), r"apf\.xml:6: .* in mention 'E1-1'"),
        (
            GOOD.replace(">Ulm<", ">Oslo<"),
            r"apf\.xml:6: expected 'Oslo' at \[\d+, \d+\], got 'Ulm'",
        ),
        (GOOD.replace('TYPE="GPE"', ""), r"X\.apf\.xml:5: expected an entity with a TYPE"),
        (GOOD.replace(">Ulm<", "><"), r"apf\.xml:6: expected '' at"),
    ],
)
def test_a_malformed_annotation_is_refused_by_file_and_line(
    tmp_path: Path, apf: str, message: str
) -> None:
    folder = write_pair(tmp_path, "X", WIRE, apf=apf)
    with pytest.raises(InputError, match=message):
        list(read([folder], AceOptions(), Reading()))
    list(read([folder], AceOptions(), reading := Reading(lenient=True)))
    assert reading.notes["malformed, skipped"] == 1


def test_a_misplaced_mention_is_moved_only_where_its_text_is_once(tmp_path: Path) -> None:
    near = Said("PER", "reporters", "reporters", moved=7)
    folder = write_pair(tmp_path, "X", WIRE, near)
    [document] = read([folder], AceOptions(), reading := Reading())
    assert spell(document) == [("reporters", "PER")]
    assert reading.notes == {"misplaced mention moved to its text": 1}
    twice = write_pair(tmp_path / "twice", "X", WIRE, ULM._replace(moved=9))
    with pytest.raises(InputError, match="expected 'Ulm' at"):
        list(read([twice], AceOptions(), Reading()))


def test_a_lone_ampersand_of_the_annotation_is_mended(tmp_path: Path) -> None:
    apf = annotate(WIRE, [CRUMB]).replace("&amp;", "&")
    [document] = read(
        [write_pair(tmp_path, "X", WIRE, apf=apf)], AceOptions(), reading := Reading()
    )
    assert spell(document) == [("Crumb & Sons", "ORG")]
    assert reading.notes == {"malformed XML repaired": 1}


def test_a_mention_given_twice_is_one(tmp_path: Path) -> None:
    folder = write_pair(tmp_path, "X", WIRE, ULM, ULM)
    [document] = read([folder], AceOptions(), reading := Reading())
    assert (spell(document), reading.notes) == (
        [("Ulm", "GPE")],
        {"mention given twice dropped": 1},
    )


def test_files_that_lack_their_other_half_a_name_or_a_text_are_refused_or_noted(
    tmp_path: Path,
) -> None:
    with pytest.raises(InputError, match=r"expected \.sgm and \.apf\.xml files"):
        list(read([tmp_path], AceOptions(), Reading()))
    folder = write_pair(tmp_path / "a", "X", WIRE)
    (folder / "X.sgm").unlink()
    with pytest.raises(InputError, match=r"X\.sgm: expected this file beside X\.apf\.xml"):
        list(read([folder], AceOptions(), Reading()))
    blank = write_pair(tmp_path / "b", "Y", "<DOC><TEXT>\n</TEXT></DOC>")
    assert list(read([blank], AceOptions(), reading := Reading())) == []
    assert reading.notes == {"document without text skipped": 1}
    other = write_pair(tmp_path / "c", "Y", WIRE)
    with pytest.raises(InputError, match="expected one document Y"):
        list(read([blank, other], AceOptions(), Reading()))
    (blank / "Y.sgm").write_bytes(b"<DOC><TEXT>\nna\xefve</TEXT></DOC>")
    with pytest.raises(InputError, match=r"Y\.sgm:2: not UTF-8"):
        list(read([blank], AceOptions(), Reading()))


PIECES = st.sampled_from(
    ["ham", "&amp;", "&LT;", "ü", " ", "\n", "<TURN>", "</TURN>", "<QUOTE A='b'>"]
)


@given(
    st.lists(PIECES, max_size=12),
    st.lists(
        st.tuples(st.sampled_from(["PER", "WEA"]), st.integers(0, 99)), min_size=1, max_size=5
    ),
    st.booleans(),
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    filler: list[str],
    said: list[tuple[str, int]],
    wrapped: bool,
) -> None:
    names = [f"N&amp;{number}x{index}" for index, (_, number) in enumerate(said)]
    body = "".join(filler).join([" ", *(f" {name} " for name in names), " "])
    sgm = f"<DOC>\n<DOCID> D&amp;D </DOCID>\n<TEXT>{body}</TEXT>\n</DOC>\n"
    mentions = [Said(label, name, name) for (label, _), name in zip(said, names, strict=True)]
    folder = write_pair(tmp_path_factory.mktemp("ace"), "D", sgm, *mentions)
    [document] = read([folder], AceOptions(wrapped=wrapped), reading := Reading())
    assert spell(document) == [(unescape(m.extent), m.label) for m in mentions]
    assert reading.notes == {}
    if not wrapped:
        assert document.text == unescape(strip_tags(body))


@given(st.integers(0, 700), st.integers(0, 60), st.sampled_from(["", "<", "&", '"', "9", "\n"]))
def test_a_damaged_pair_is_refused_or_read_but_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, start: int, length: int, instead: str
) -> None:
    folder = write_pair(tmp_path_factory.mktemp("ace"), "X", WIRE, OWNER, CRUMB)
    for path in folder.iterdir():
        whole = path.read_text()
        path.write_text(whole[:start] + instead + whole[start + length :])
        reading = Reading(lenient=True)
        documents = list(read([folder], AceOptions(), reading))
        assert documents or reading.notes
        path.write_text(whole)
