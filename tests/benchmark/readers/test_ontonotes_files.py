"""CoNLL-2012 columns become sentences; brackets of the name column become entities."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.ontonotes import OntonotesOptions, read
from uniner.records import InputError

PLAIN = OntonotesOptions()


def row(document: str, number: int, word: str, name: str, part: int = 0) -> str:
    """A row with two predicate columns and a coreference column after the name column."""
    cells = [document, str(part), str(number), word, "NN", "(S*", "-", "-", "-", "Speaker#1"]
    return "   ".join([*cells, name, "(V*)", "*", "-"])


def write(
    path: Path, *sentences: str, document: str = "nw/wire/00/wire_0001", part: int = 0
) -> Path:
    """Sentences are given as `word:name` pairs, parted by blanks."""
    blocks = [
        "\n".join(
            row(document, number, word, name, part=part)
            for number, pair in enumerate(sentence.split())
            for word, name in [pair.rsplit(":", 1)]
        )
        for sentence in sentences
    ]
    head = f"#begin document ({document}); part {part:03}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + "\n\n".join(blocks) + "\n\n#end document\n", encoding="utf-8")
    return path


def spell(document: Document) -> list[tuple[str, str]]:
    return [(entity.text, entity.type) for entity in document.entities or ()]


def test_sentences_are_named_by_document_part_and_number(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.v4_gold_conll",
        "The:* mayor:* of:* New:(GPE* Ulm:*) smiled:* .:*",
        "Monday:(DATE)",
        part=2,
    )
    first, second = read([path], PLAIN, reading := Reading())
    assert (first.id, second.id) == ("nw/wire/00/wire_0001/002/0", "nw/wire/00/wire_0001/002/1")
    assert first.text == "The mayor of New Ulm smiled ."
    assert spell(first) == [("New Ulm", "GPE")]
    assert spell(second) == [("Monday", "DATE")]
    assert reading.notes == {}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("a:* b:*", []),
        ("a:(ORG) b:(ORG)", [("a", "ORG"), ("b", "ORG")]),
        ("a:(ORG* b:* c:*)", [("a b c", "ORG")]),
        ("a:(WORK_OF_ART* b:(GPE) c:*)", [("a b c", "WORK_OF_ART"), ("b", "GPE")]),
        ("a:(ORG(GPE* b:*) c:*)", [("a b c", "ORG"), ("a b", "GPE")]),
        ("a:(ORG(GPE* b:*))", [("a b", "ORG"), ("a b", "GPE")]),
        ("a:(ORG*)", [("a", "ORG")]),
    ],
)
def test_brackets_open_and_close_names(
    tmp_path: Path, sentence: str, expected: list[tuple[str, str]]
) -> None:
    [document] = read([write(tmp_path / "a.gold_conll", sentence)], PLAIN, Reading())
    assert sorted(spell(document)) == sorted(expected)


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("a:* b:*)", r"a\.gold_conll:3: expected a name like .* got '\*\)'"),
        ("a:(ORG* b:*", r"a\.gold_conll:3: expected the end of \(ORG\*"),
        ("a:ORG", r"a\.gold_conll:2: expected a name like .* got 'ORG'"),
        ("a:(*", r"a\.gold_conll:2: expected a name like"),
    ],
)
def test_brackets_that_do_not_match_are_refused(
    tmp_path: Path, sentence: str, message: str
) -> None:
    path = write(tmp_path / "a.gold_conll", sentence, "fine:(GPE)")
    with pytest.raises(InputError, match=message):
        list(read([path], PLAIN, Reading()))
    [kept] = read([path], PLAIN, reading := Reading(lenient=True))
    assert (kept.text, kept.id) == ("fine", "nw/wire/00/wire_0001/000/1")
    assert reading.notes == {"malformed, skipped": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a b c\n", r"x_gold_conll:1: expected '#begin document' before 'a b c'"),
        ("#begin document\n", r"x_gold_conll:1: expected '#begin document \(ID\)"),
        ("#begin document (d); part 000\nd 0 0\n", r"x_gold_conll:2: expected 11 columns or more"),
        ("#begin document (d); part 0\n" + row("d", 0, "[WORD]", "*"), r":2: .*skeleton2conll"),
    ],
)
def test_rows_out_of_place_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x_gold_conll"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        list(read([path], PLAIN, Reading()))


def test_a_sentence_with_a_short_row_is_skipped_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "a_gold_conll", "a:(ORG) b:*", "c:(ORG)")
    path.write_text(path.read_text().replace(row("nw/wire/00/wire_0001", 1, "b", "*"), "b"))
    [document] = read([path], PLAIN, reading := Reading(lenient=True))
    assert document.text == "c"
    assert reading.notes == {"malformed, skipped": 1}


def test_folders_give_all_assembled_files_below_in_order(tmp_path: Path) -> None:
    root = tmp_path / "train" / "data" / "english" / "annotations"
    for name in ("nw/b_0002.v4_gold_conll", "bc/a_0001.gold_conll", "bc/a_0001.gold_parse"):
        write(root / name, "word:*", document=name.split(".", maxsplit=1)[0])
    names = [document.id for document in read([tmp_path / "train"], PLAIN, Reading())]
    assert names == ["bc/a_0001/000/0", "nw/b_0002/000/0"]


def test_skeletons_are_an_error_that_says_what_is_needed(tmp_path: Path) -> None:
    skeleton = write(tmp_path / "bc" / "a.v4_gold_skel", "[WORD]:*")
    for path in (tmp_path, skeleton):
        with pytest.raises(InputError, match="assembled with the words of LDC2013T19"):
            list(read([path], PLAIN, Reading()))
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"expected \*_gold_conll files"):
        list(read([tmp_path / "empty"], PLAIN, Reading()))


def test_genres_without_names_can_be_left_out(tmp_path: Path) -> None:
    write(tmp_path / "a_gold_conll", "In:* Ulm:*", "Amen:*", document="pt/nt/40/nt_4001")
    write(tmp_path / "b_gold_conll", "In:* Ulm:(GPE)", document="tc/ch/00/ch_0001")
    options = OntonotesOptions(without_genres=("pt",))
    [document] = read([tmp_path], options, reading := Reading())
    assert document.id == "tc/ch/00/ch_0001/000/0"
    assert reading.notes == {"sentence of a genre that is left out": 2}


@pytest.mark.parametrize(
    ("word", "read_as"),
    [("-LRB-", "("), ("-RCB-", "}"), ("/.", "."), ("/?", "?"), ("/", "/"), ("/.net", "/.net")],
)
def test_escapes_stay_or_are_resolved(tmp_path: Path, word: str, read_as: str) -> None:
    path = write(tmp_path / "a_gold_conll", f"a:(ORG* {word}:*) b:(GPE)")
    [kept] = read([path], PLAIN, Reading())
    [resolved] = read([path], OntonotesOptions(escapes="resolve"), Reading())
    assert spell(kept) == [(f"a {word}", "ORG"), ("b", "GPE")]
    assert spell(resolved) == [(f"a {read_as}", "ORG"), ("b", "GPE")]


WORDS = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=4).filter(
    lambda word: word != "[WORD]" and not word.startswith("#")
)
SPANS = st.lists(st.tuples(WORDS, st.sampled_from(["", "PERSON", "LAW"]), st.integers(1, 3)))


def build_cells(spans: Sequence[tuple[str, str, int]]) -> list[tuple[str, str]]:
    cells = []
    for word, label, length in spans:
        for index in range(length):
            opened = f"({label}" if label and index == 0 else ""
            closed = ")" if label and index == length - 1 else ""
            star = "" if opened and closed else "*"
            cells.append((word, f"{opened}{star}{closed}"))
    return cells


@given(st.lists(SPANS.filter(bool), min_size=1, max_size=3))
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, sentences: list[list[tuple[str, str, int]]]
) -> None:
    written = [
        " ".join(f"{word}:{name}" for word, name in build_cells(spans)) for spans in sentences
    ]
    path = write(tmp_path_factory.mktemp("conll") / "a_gold_conll", *written)
    documents = list(read([path], PLAIN, reading := Reading()))
    assert [spell(document) for document in documents] == [
        [(" ".join([word] * length), label) for word, label, length in spans if label]
        for spans in sentences
    ]
    assert reading.notes == {}
