"""Files with a token a line become documents, whatever their columns and separators."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from real_files import REAL, needs
from uniner.benchmark.document import Document, Reading
from uniner.benchmark.options import build_options
from uniner.benchmark.readers.columns import ColumnOptions, read
from uniner.records import ConfigError, InputError
from uniner.text.tags import TagSpan, encode

TEXTS = ["A grey heron stood .", "Herons"]
ENTITIES = [[(2, "grey heron", "bird")], [(0, "Herons", "bird")]]
PLAIN = "A\tO\ngrey\tB-bird\nheron\tI-bird\nstood\tO\n.\tO\n\nHerons\tB-bird\n"
FOUR = {"columns": ["token", "-", "-", "tag"], "separator": "space"}


def read_text(text: str, options: dict[str, Any], folder: Path, reading: Reading) -> list[Document]:
    path = folder / "some.txt"
    path.write_bytes(text.encode())
    return list(read([path], build_options(ColumnOptions, options, "here"), reading))


def spell(documents: list[Document]) -> list[list[tuple[int, str, str]]]:
    return [[(e.start, e.text, e.type) for e in d.entities or ()] for d in documents]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, PLAIN),
        ({}, PLAIN + "\n \n\n"),
        ({}, PLAIN.rstrip("\n")),
        ({}, PLAIN.replace("\n", "\r\n")),
        ({}, "\ufeff" + PLAIN),
        ({}, PLAIN.replace("\n\n", "\n\t\n")),
        ({}, PLAIN.replace("heron\t", " heron \t").replace("I-bird", "I-bird ")),
        ({}, "-DOCSTART-\tO\n\n" + PLAIN.replace("Herons", "-DOCSTART-\tO\nHerons")),
        ({}, PLAIN.replace("B-", "I-")),
        ({}, PLAIN.replace("I-", "E-").replace("Herons\tB", "Herons\tS")),
        ({"separator": "space"}, "-DOCSTART- (12)\n\n" + PLAIN.replace("\t", " ")),
        ({"separator": "any"}, PLAIN.replace("\t", " \t ").replace("grey ", " grey\t")),
        ({"columns": ["tag", "token"]},
         "O\tA\nB-bird\tgrey\nI-bird\theron\nO\tstood\nO\t.\n\nB-bird\tHerons\n"),
        ({"columns": ["-", "token", "tag"]}, "1\t" + PLAIN.strip().replace("\n", "\n2\t")
         .replace("2\t\n", "\n")),
        (FOUR, "-DOCSTART- -X- -X- O\n\n" + PLAIN.replace("\t", " N I-NP ")),
        ({"scheme": "bare"}, PLAIN.replace("B-", "").replace("I-", "")),
        ({"tags": {"P": "I-bird"}}, PLAIN.replace("I-bird", "P")),
        ({"separator": "csv"}, PLAIN.replace("\t", ",")),
        ({"separator": "csv", "boundary": "empty token"},
         PLAIN.replace("\t", ",").replace("\n\n", "\n,O\n,O\n")),
        ({"skip": ["^ID :", "left out$"]},
         f"ID\tO\n:\tO\n7\tB-bird\n\n{PLAIN}\nto\tO\nbe\tO\nleft\tO\nout\tO\n"),
    ],
)  # fmt: skip
def test_every_form_gives_the_same_sentences(
    tmp_path: Path, options: dict[str, Any], text: str
) -> None:
    documents = read_text(text, options, tmp_path, Reading())
    assert [document.text for document in documents] == TEXTS
    assert spell(documents) == ENTITIES
    assert all(document.sentences == () for document in documents)


def test_sentences_are_named_by_their_number_whether_others_are_skipped_or_not(
    tmp_path: Path,
) -> None:
    options = {"skip": ["grey"]}
    assert [d.id for d in read_text(PLAIN, {}, tmp_path, Reading())] == ["0", "1"]
    documents = read_text(PLAIN, options, tmp_path, reading := Reading())
    assert [d.id for d in documents] == ["1"]
    assert reading.notes == {"sentences left out, as the options say": 1}


def test_names_of_several_files_differ(tmp_path: Path) -> None:
    paths = [tmp_path / "a.tsv", tmp_path / "b.tsv"]
    for path in paths:
        path.write_text(PLAIN, encoding="utf-8")
    names = [document.id for document in read(paths, ColumnOptions(), Reading())]
    assert names == ["a-0", "a-1", "b-0", "b-1"]


def test_rows_of_a_group_are_a_sentence_that_bears_its_name(tmp_path: Path) -> None:
    options = {
        "columns": ["tag", "token", "group", "group"],
        "separator": "csv",
        "heading": True,
        "boundary": "group",
        "tags": {"0": "O", "1": "B-bird", "2": "I-bird"},
    }
    text = 'label,token,doc,sent\n0,A,3,0\n1,grey,3,0\n2,heron,3,0\n0,",",3,0\n1,"""Owl",3,1\n'
    documents = read_text(text, options, tmp_path, Reading())
    assert [(d.id, d.text) for d in documents] == [("3-0", "A grey heron ,"), ("3-1", '"Owl')]
    assert spell(documents) == [[(2, "grey heron", "bird")], [(0, '"Owl', "bird")]]


def test_layers_of_tags_give_nested_mentions_in_reading_order(tmp_path: Path) -> None:
    options = {"columns": ["token", "tag", "tag", "tag"]}
    text = "grey\tO\tB-bird\tO\nheron\tB-kind\tI-bird\tB-kind\nnest\tO\tO\tB-site\n"
    [document] = read_text(text, options, tmp_path, Reading())
    expected = [(0, "grey heron", "bird"), (5, "heron", "kind"), (11, "nest", "site")]
    assert spell([document]) == [expected]


def test_sentences_between_headers_can_be_one_document(tmp_path: Path) -> None:
    text = f"-DOCSTART-\tO\n\n{PLAIN}\n-DOCSTART-\tO\n\nOwls\tB-bird\n"
    documents = read_text(text, {"unit": "document"}, tmp_path, Reading())
    assert [(d.id, d.text) for d in documents] == [("1", " ".join(TEXTS)), ("2", "Owls")]
    found = [d.text[start:end] for d in documents for start, end in d.sentences]
    assert found == [*TEXTS, "Owls"]
    expected = [(2, "grey heron", "bird"), (21, "Herons", "bird")]
    assert spell(documents) == [expected, [(0, "Owls", "bird")]]


def test_headers_can_be_kept_as_sentences(tmp_path: Path) -> None:
    text = f"-DOCSTART- O\n\n{PLAIN}".replace("\t", " ")
    options = {"separator": "space", "keep_headers": True}
    documents = read_text(text, options, tmp_path, Reading())
    assert [(d.id, d.text) for d in documents] == [
        ("0", "-DOCSTART-"), ("1", TEXTS[0]), ("2", TEXTS[1]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "strays"),
    [
        ("a\tI-x\n\nb\tI-x\n\nc\tB-x\n", None),
        ("a\tB-x\n\nb\tI-x\n\nc\tB-x\n", 1),
        ("a\tS-x\nb\tE-x\n\nc\tI-y\nd\tU-x\n", 2),
        ("a\tB-x\nb\tI-x\n", None),
    ],
)
def test_strays_are_counted_unless_the_file_opens_mentions_that_way(
    tmp_path: Path, text: str, strays: int | None
) -> None:
    read_text(text, {}, tmp_path, reading := Reading())
    assert reading.notes.get("mentions without an opening tag, repaired") == strays


def test_empty_tokens_outside_of_mentions_are_left_out_with_a_note(tmp_path: Path) -> None:
    text = PLAIN.replace("stood", "\tO\n  \tO\nstood") + "\n\tO\n"
    documents = read_text(text, {}, tmp_path, reading := Reading())
    assert [document.text for document in documents] == TEXTS
    assert reading.notes == {"blank tokens left out": 3, "document without text skipped": 1}


@pytest.mark.parametrize(
    ("options", "text", "line", "message"),
    [
        ({}, "a\tO\nb\n", 2, r"expected 2 columns \(token, tag; separator 'tab'\), got 1: \['b'\]"),
        ({}, "a\tO\nb\tO\tO\n", 2, "expected 2 columns .* got 3"),
        ({"separator": "space"}, "a  O\n", 1, "expected 2 columns .* got 3"),
        ({}, "a\tO\n\nb\t\n", 3, "expected a tag such as 'O', 'B-person' or 'I-person', got ''"),
        ({}, "a\tP\n", 1, "expected a tag such as .* got 'P'"),
        ({"tags": {"P": "Q"}}, "a\tP\n", 1, "expected a tag such as .* got 'Q'"),
        ({}, f"a\tB-{'x' * 401}\n", 1, "an entity type has 401 characters"),
        ({}, "a\tO\n \tB-x\n", 2, "expected a token on one line, got ' ' with"),
        ({"columns": ["token", "tag", "tag"]}, "\tO\tB-x\n", 1, "expected a token on one line"),
        ({"separator": "csv"}, 'a,O\n"b\nc",O\n', 2, "expected a token on one line"),
        ({"separator": "csv"}, 'a,O\n"b"c,O\n', 2, "expected a row of CSV"),
        ({"separator": "csv"}, 'a,O\n"b,O\nc,O\n', 2, "expected a row of CSV"),
    ],
)
def test_a_malformed_line_is_refused_by_its_number(
    tmp_path: Path, options: dict[str, Any], text: str, line: int, message: str
) -> None:
    with pytest.raises(InputError, match=rf"some\.txt:{line}: {message}"):
        read_text(text, options, tmp_path, Reading())


def test_lenient_reading_leaves_out_the_sentence_of_a_malformed_line(tmp_path: Path) -> None:
    text = f"a\tO\nb\nc\tQ\nd\tO\n\n{PLAIN}\nx\tI-\n"
    documents = read_text(text, {}, tmp_path, reading := Reading(lenient=True))
    assert [(d.id, d.text) for d in documents] == [("1", TEXTS[0]), ("2", TEXTS[1])]
    assert reading.notes == {"malformed, skipped": 2}


def test_lenient_reading_keeps_a_group_together_around_a_malformed_row(tmp_path: Path) -> None:
    options = {"columns": ["token", "tag", "group"], "separator": "csv", "boundary": "group"}
    text = "a,O,0\nb,O\nc,O,0\nd,O,1\n"
    documents = read_text(text, options, tmp_path, reading := Reading(lenient=True))
    assert [(d.id, d.text) for d in documents] == [("1", "d")]
    assert reading.notes == {"malformed, skipped": 1}


def test_what_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.tsv").write_bytes(b"caf\xe9\tO\n")
    with pytest.raises(InputError, match=r"bad\.tsv: not UTF-8"):
        list(read([tmp_path / "bad.tsv"], ColumnOptions(), Reading()))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": ["token", "label"]}, r"columns must be among .*, not \['label'\]"),
        ({"columns": ["token", "token", "tag"]}, "columns need one token and a tag"),
        ({"columns": ["token"]}, "columns need one token and a tag"),
        ({"boundary": "group"}, 'a column "group" need each other'),
        ({"columns": ["token", "tag", "group"]}, 'a column "group" need each other'),
        ({"skip": ["("]}, r"skip: '\(' is no regular expression"),
        ({"separator": "comma"}, "separator must be"),
    ],
)
def test_impossible_options_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build_options(ColumnOptions, options, "here")


WORD = st.text("abÄé\u00a0.,\"'", min_size=1, max_size=5).filter(lambda word: word == word.strip())


@given(
    st.lists(st.lists(st.tuples(WORD, st.integers(0, 3)), min_size=1), min_size=1, max_size=4),
    st.sampled_from([("tab", "\t"), ("space", " "), ("any", " \t ")]),
)
def test_written_sentences_come_back(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[tuple[str, int]]],
    separator: tuple[str, str],
) -> None:
    name, sign = separator
    lines, expected = [], []
    for row in rows:
        words = [word for word, _ in row]
        spans = [TagSpan(i, min(i + size, len(row)), "x") for i, (_, size) in enumerate(row)
                 if size and not any(row[j][1] > i - j for j in range(i))]  # fmt: skip
        lines += [f"{w}{sign}{t}\n" for w, t in zip(words, encode(spans, len(row)), strict=True)]
        lines.append("\n")
        expected.append([" ".join(words[first:last]) for first, last, _ in spans])
    folder = tmp_path_factory.mktemp("columns")
    documents = read_text("".join(lines), {"separator": name}, folder, Reading())
    assert [d.text for d in documents] == [" ".join(word for word, _ in row) for row in rows]
    assert [[e.text for e in d.entities or ()] for d in documents] == expected


OFFICIAL = [
    "Question_ID :",
    "Question_URL :",
    "CODE_BLOCK : .*code omitted",
    "OP_BLOCK : .*omitted",
]
REAL_FILES: list[tuple[str, str, dict[str, Any]]] = [
    ("anatem", "dev.tsv", {}),
    ("bc2gm", "dev.tsv", {}),
    ("ncbi_disease", "dev.tsv", {}),
    ("crossner_politics", "test.txt", {}),
    ("wnut17", "train.conll", {}),
    ("tweetner7", "dev.txt", {}),
    ("fabner", "dev.txt", {}),
    ("jnlpba", "dev.tsv", {}),
    ("broad_twitter", "e.conll", {}),
    ("conllpp", "test.txt", FOUR),
    ("scierc", "dev.txt", FOUR),
    ("ebmnlp", "test.txt", FOUR),
    ("harveyner", "dev.bio", {"separator": "space"}),
    ("mit_movie", "test.txt", {"columns": ["tag", "token"]}),
    ("wikiann_en", "dev.conllu", {"columns": ["-", "token", "tag"]}),
    ("stackoverflow_ner", "dev.txt", {"columns": ["token", "tag", "-", "-"]}),
    ("genia", "dev.iob2", {"columns": ["token", "tag", "tag", "tag", "tag"]}),
    ("finer_ord", "dev.csv", {
        "columns": ["tag", "token", "group", "group"], "separator": "csv",
        "heading": True, "boundary": "group",
        "tags": {"0": "O", "1": "B-PER", "2": "I-PER", "3": "B-LOC", "4": "I-LOC", "5": "B-ORG",
                 "6": "I-ORG"},
    }),
]  # fmt: skip


@needs(*{folder for folder, _, _ in REAL_FILES})
@pytest.mark.parametrize(("folder", "file", "options"), REAL_FILES)
def test_real_files_are_read_whole(folder: str, file: str, options: dict[str, Any]) -> None:
    source = json.loads((REAL / folder / "source.json").read_text())
    known = source["splits"][Path(file).stem]
    built = build_options(ColumnOptions, options, folder)
    documents = list(read([REAL / folder / file], built, Reading()))
    labels = Counter(e.type for document in documents for e in document.entities or ())
    assert len(documents) == known["sentences"]
    assert labels == known["types"] if "types" in known else labels.total() == known["entities"]


@needs("stackoverflow_ner", "scierc")
@pytest.mark.parametrize(
    ("file", "options", "paper"),
    [
        ("stackoverflow_ner/dev.txt",
         {"columns": ["token", "tag", "-", "-"], "skip": OFFICIAL}, 2936),
        ("scierc/test.txt", {**FOUR, "unit": "document"}, 100),
    ],
)  # fmt: skip
def test_options_give_the_sizes_of_the_paper(
    file: str, options: dict[str, Any], paper: int
) -> None:
    built = build_options(ColumnOptions, options, file)
    assert len(list(read([REAL / file], built, Reading()))) == paper
