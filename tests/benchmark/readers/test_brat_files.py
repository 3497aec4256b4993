"""Pairs of .txt and .ann become documents; what is off is repaired and counted, or refused."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from real_files import REAL, needs
from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.brat import BratOptions, read
from uniner.records import InputError

TEXT = "Tea for two\nBoil the water, then add the tea leaves.\n\nServe hot tea.\n"
COVER = BratOptions()


def write_pair(folder: Path, text: str, *lines: str, name: str = "doc") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.txt").write_bytes(text.encode())
    (folder / f"{name}.ann").write_bytes("".join(f"{line}\n" for line in lines).encode())
    return folder


def mark(text: str, mention: str, label: str = "Thing", number: int = 1) -> str:
    start = text.index(mention)
    return f"T{number}\t{label} {start} {start + len(mention)}\t{mention}"


def spell(document: Document) -> list[tuple[int, str, str]]:
    return [(e.start, e.text, e.type) for e in document.entities or ()]


def test_only_mention_lines_become_entities(tmp_path: Path) -> None:
    lines = [
        mark(TEXT, "water", "Reagent", 1),
        "E1\tAction:T1 Acts-on:T2",
        "R1\tUsing Arg1:T1 Arg2:T2",
        "A1\tNegated T1",
        "M1\tNegated T1",
        "N1\tReference T1 Wiki:1\twater",
        "*\tEquiv T1 T2",
        "#1\tAnnotatorNotes T1\tis it?",
        "",
        mark(TEXT, "Serve", "Action", 2),
    ]
    [document] = read([write_pair(tmp_path, TEXT, *lines)], COVER, reading := Reading())
    assert (document.id, document.text, document.sentences) == ("doc", TEXT, ())
    assert spell(document) == [(21, "water", "Reagent"), (54, "Serve", "Action")]
    assert reading.notes == {}


def test_lines_are_sentences_and_the_title_can_be_left_out(tmp_path: Path) -> None:
    folder = write_pair(tmp_path, TEXT, mark(TEXT, "two"), mark(TEXT, "Serve", "Action", 2))
    [document] = read([folder], BratOptions(lines=True), Reading())
    lines = [document.text[start:end] for start, end in document.sentences]
    assert lines == [line for line in TEXT.split("\n") if line]
    options = BratOptions(lines=True, title="drop")
    [document] = read([folder], options, reading := Reading())
    assert [document.text[start:end] for start, end in document.sentences] == lines[1:]
    assert [(text, label) for _, text, label in spell(document)] == [("Serve", "Action")]
    assert reading.notes == {"mention in a title dropped": 1}


@pytest.mark.parametrize(
    ("options", "found", "note"),
    [
        (COVER, ["water, then add"], "discontinuous mention covered"),
        (BratOptions("first"), ["water"], "discontinuous mention cut to its first piece"),
        (BratOptions("drop"), [], "discontinuous mention dropped"),
    ],
)
def test_a_discontinuous_mention_is_covered_cut_or_dropped(
    tmp_path: Path, options: BratOptions, found: list[str], note: str
) -> None:
    folder = write_pair(tmp_path, TEXT, "T1\tThing 21 26;33 36\twater add")
    [document] = read([folder], options, reading := Reading())
    assert [text for _, text, _ in spell(document)] == found
    assert reading.notes == {note: 1}


def test_pieces_that_only_a_line_end_parts_are_one_mention(tmp_path: Path) -> None:
    text = "Give aspirin\ntablets daily."
    folder = write_pair(tmp_path, text, "T1\tDrug 5 12;13 20\taspirin tablets")
    [document] = read([folder], BratOptions("drop"), reading := Reading())
    assert spell(document) == [(5, "aspirin\ntablets", "Drug")]
    assert reading.notes == {}


@pytest.mark.parametrize(
    ("line", "found", "note"),
    [
        ("T1\tA 23 28\twater", [(21, "water")], "misplaced mention moved to its text"),
        ("T1\tA 20 27\t water,", [(21, "water,")], "white space around a mention cut off"),
        ("T1\tA 21 26\twater ", [(21, "water")], "white space around a mention cut off"),
        ("T1\tA 21 26\tjuice", [], "mention whose text is elsewhere dropped"),
        ("T1\tA 42 45\ttea", [], "mention whose text is elsewhere dropped"),
        ("T1\tA 0 3\tSugar", [], "mention whose text is elsewhere dropped"),
        ("T1\tA 9000 9005\twater", [], "mention whose text is elsewhere dropped"),
        ("T1\tA 0 3;4 7\tTea two", [], "discontinuous mention whose text is elsewhere dropped"),
    ],
)
def test_a_mention_that_is_not_where_it_says_is_repaired_or_dropped(
    tmp_path: Path, line: str, found: list[tuple[int, str]], note: str
) -> None:
    [document] = read([write_pair(tmp_path, TEXT, line)], COVER, reading := Reading())
    assert [(start, text) for start, text, _ in spell(document)] == found
    assert reading.notes == {note: 1}


@pytest.mark.parametrize(("joined", "noted"), [(False, 0), (True, 1)])
def test_crlf_counts_as_one_or_two_characters_whichever_fits(
    tmp_path: Path, joined: bool, noted: int
) -> None:
    text = "One line.\r\nTwo\r\nAda left York."
    counted = text.replace("\r\n", "\n") if joined else text
    lines = [mark(counted, "Ada", "person"), mark(counted, "York", "place", 2)]
    [document] = read([write_pair(tmp_path, text, *lines)], BratOptions(lines=True), r := Reading())
    assert [text for _, text, _ in spell(document)] == ["Ada", "York"]
    assert [document.text[s:e] for s, e in document.sentences][1] == "Two"
    assert r.notes.total() == noted


@pytest.mark.parametrize(
    "line",
    [
        "T1 Thing 0 3 Tea",
        "T1\tThing 0\tTea",
        "T1\tThing 3 3\t",
        "T1\tThing zero three\tTea",
        "T1\tThing 0 3",
        "T1\t0 3\tTea",
        "nonsense",
        "X1\tThing 0 3\tTea",
    ],
)
def test_a_line_that_is_nothing_is_refused_or_counted(tmp_path: Path, line: str) -> None:
    folder = write_pair(tmp_path, TEXT, mark(TEXT, "water"), "#1\tNote T1\tso", line)
    with pytest.raises(InputError, match=r"doc\.ann:3: expected 'T1<TAB>Label START END"):
        list(read([folder], COVER, Reading()))
    [document] = read([folder], COVER, reading := Reading(lenient=True))
    assert spell(document) == [(21, "water", "Thing")]
    assert reading.notes == {"malformed, skipped": 1}


def test_the_second_line_of_a_mention_is_left_out(tmp_path: Path) -> None:
    folder = write_pair(tmp_path, TEXT, mark(TEXT, "water"), "then add", mark(TEXT, "hot"))
    [document] = read([folder], COVER, reading := Reading())
    assert len(spell(document)) == 2
    assert reading.notes == {"second line of a mention's text left out": 1}


def test_a_split_list_picks_documents_of_several_folders(tmp_path: Path) -> None:
    write_pair(tmp_path / "one", TEXT, name="a")
    write_pair(tmp_path / "one", TEXT, name="b")
    write_pair(tmp_path / "two", " \n", name="c")
    write_pair(tmp_path / "two", TEXT, name="d")
    split = tmp_path / "split.json"
    split.write_text(json.dumps({"train": ["b", "c", "d"], "test": ["e"]}))
    paths = [tmp_path / "one", tmp_path / "two", split]
    documents = list(read(paths, BratOptions(part="train"), reading := Reading()))
    assert [document.id for document in documents] == ["one/b", "two/d"]
    assert reading.notes == {"document without text skipped": 1}
    with pytest.raises(InputError, match=r"split\.json: expected e\.txt and e\.ann"):
        list(read(paths, BratOptions(part="test"), Reading()))
    with pytest.raises(InputError, match=r"as 'dev'; it holds \['test', 'train'\]"):
        list(read(paths, BratOptions(part="dev"), Reading()))
    with pytest.raises(InputError, match="the key `part`"):
        list(read(paths, BratOptions(), Reading()))


def test_files_can_be_named_one_by_one_and_must_come_in_pairs(tmp_path: Path) -> None:
    write_pair(tmp_path, TEXT, name="a.1")
    write_pair(tmp_path, TEXT, name="b")
    paths = [tmp_path / "b.txt", tmp_path / "a.1.ann"]
    assert [d.id for d in read(paths, COVER, Reading())] == ["b", "a.1"]
    (tmp_path / "b.ann").unlink()
    with pytest.raises(InputError, match=r"b\.ann: expected this file beside b\.txt"):
        list(read([tmp_path], COVER, Reading()))
    assert [d.id for d in read([tmp_path], COVER, Reading(lenient=True))] == ["a.1"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"expected \.txt and \.ann files"):
        list(read([tmp_path / "empty"], COVER, Reading()))


def test_a_text_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    folder = write_pair(tmp_path, TEXT)
    (folder / "doc.txt").write_bytes(b"fine\ncaf\xe9")
    with pytest.raises(InputError, match=r"doc\.txt:2: not UTF-8 \(byte 0xe9\)"):
        list(read([folder], COVER, Reading()))


WORDS = st.lists(st.text("abÄ é\u2028.;:'", min_size=1, max_size=6), min_size=1, max_size=12)


@given(WORDS, st.data())
def test_mentions_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], data: st.DataObject
) -> None:
    text = "x" + "\n".join(words) + "x"
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    spans = sorted({(min(p), max(p)) for p in data.draw(st.lists(places)) if p[0] != p[1]})
    spans = [
        (start, end)
        for start, end in spans
        if text[start:end].strip() == text[start:end] and "\n" not in text[start:end]
    ]
    lines = [f"T{n}\tA {start} {end}\t{text[start:end]}" for n, (start, end) in enumerate(spans)]
    folder = write_pair(tmp_path_factory.mktemp("brat"), text, *lines)
    [document] = read([folder], COVER, reading := Reading())
    assert [e.span for e in document.entities or ()] == spans
    assert reading.notes == {}


def count(documents: list[Document]) -> Counter[str]:
    return Counter(e.type for document in documents for e in document.entities or ())


@needs("wlp")
@pytest.mark.parametrize(
    ("part", "sentences", "covered"), [("train", 8207, 47), ("dev", 2736, 31), ("test", 2736, 25)]
)
def test_the_protocols_are_read_whole(part: str, sentences: int, covered: int) -> None:
    options = BratOptions(lines=True, title="drop")
    documents = list(read([REAL / "wlp" / part], options, reading := Reading()))
    known = json.loads((REAL / "wlp" / "source.json").read_text())["splits"][part]
    assert count(documents) == known["types"]
    assert len(documents) == known["documents"]
    assert sum(len(document.sentences) for document in documents) == sentences
    assert reading.notes["discontinuous mention covered"] == covered


GROUPS = ("PLoS_methods", "PLoS_sentences", "Pubmed_fulltext", "Creation_sentences")


@needs("somesci")
def test_the_software_mentions_are_split_by_their_list() -> None:
    paths = [REAL / "somesci" / name for name in (*GROUPS, "train_devel_test_split.json")]
    labels: Counter[str] = Counter()
    sizes = []
    for part in ("train", "devel", "test"):
        documents = list(read(paths, BratOptions(part=part), Reading()))
        sizes.append(len(documents))
        labels += count(documents)
    known = json.loads((REAL / "somesci" / "source.json").read_text())
    assert labels == known["labels"]
    assert sizes == [1091 - 3, 138, 138]  # three full texts are empty files


@needs("jnlpba")
@pytest.mark.parametrize("part", ["brat_train", "brat_test"])
def test_the_abstracts_of_jnlpba_are_read_whole(part: str) -> None:
    documents = list(read([REAL / "jnlpba" / part], COVER, reading := Reading()))
    known = json.loads((REAL / "jnlpba" / "source.json").read_text())["splits"][part]
    assert (len(documents), count(documents)) == (known["documents"], known["types"])
    assert reading.notes == {}
