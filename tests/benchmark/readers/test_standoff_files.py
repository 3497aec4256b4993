"""Tables of sentences and tagged tokens become one document for each sentence."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from real_files import REAL, needs
from uniner.benchmark.document import Reading
from uniner.benchmark.readers.standoff_tsv import StandoffOptions, read
from uniner.records import ConfigError, InputError

FLAGGED = StandoffOptions()
SENTENCES = [
    ("0", [("Nothing", "O", "O"), ("here", "O", "O")]),
    ("1", [("Red", "B-STONE", "B-gem"), ("clay", "I-STONE", "I-gem"), ("melts", "O", "O")]),
    ("1", [("At", "O", "O"), ("9", "B-VALUE", "O"), ("K", "I-VALUE", "O")]),
]


def write_article(
    folder: Path, name: str, sentences: list[tuple[str, list[tuple[str, str, str]]]]
) -> Path:
    texts, places, tokens, reach = [], [], [], 0
    for number, (flag, row) in enumerate(sentences, start=1):
        text = " ".join(word for word, _, _ in row)
        places.append(f"{number}\t{flag}\t{reach}\t{reach + len(text)}")
        start = 0
        for index, (word, kind, slot) in enumerate(row, start=1):
            end = start + len(word)
            tokens.append(f"{number}\t{index}\t{start}\t{end}\t{kind}\t{slot}")
            start = end + 1
        texts.append(text)
        reach += len(text) + 1
    for path, lines in (
        (f"texts/{name}.txt", texts),
        (f"annotations/sentences/{name}.csv", places),
        (f"annotations/entity_types_and_slots/{name}.csv", tokens),
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def append(path: Path, line: str) -> Path:
    with path.open("a", encoding="utf-8") as stream:
        stream.write(f"{line}\n")
    return path


def test_flagged_sentences_become_documents(tmp_path: Path) -> None:
    documents = list(read([write_article(tmp_path, "a", SENTENCES)], FLAGGED, Reading()))
    assert [(d.id, d.text) for d in documents] == [("a-2", "Red clay melts"), ("a-3", "At 9 K")]
    found = [[(e.start, e.text, e.type) for e in d.entities or ()] for d in documents]
    assert found == [[(0, "Red clay", "STONE")], [(3, "9 K", "VALUE")]]


def test_slots_and_unflagged_sentences_are_read_where_asked_for(tmp_path: Path) -> None:
    options = StandoffOptions(tags="slots", kept="all")
    documents = list(read([write_article(tmp_path, "a", SENTENCES)], options, Reading()))
    assert [[e.type for e in d.entities or ()] for d in documents] == [[], ["gem"], []]


def test_a_part_is_the_articles_that_the_table_names(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        write_article(tmp_path, name, SENTENCES[1:2])
    (tmp_path / "sets.csv").write_text(
        'title\tname\tset\n"Two\nlines"\tc\ttrain\nX\ta\tdev\nY\tb\ttrain\n', encoding="utf-8"
    )
    options = StandoffOptions(part="train", metadata="sets.csv")
    assert [d.id for d in read([tmp_path], options, Reading())] == ["c-1", "b-1"]
    with pytest.raises(ConfigError, match=r"'test'; there are \['dev', 'train'\]"):
        list(read([tmp_path], StandoffOptions(part="test", metadata="sets.csv"), Reading()))
    (tmp_path / "sets.csv").write_text("name,set\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"sets\.csv: expected a table with the columns"):
        list(read([tmp_path], options, Reading()))


@pytest.mark.parametrize(
    ("table", "line", "message", "kept"),
    [
        ("sentences", "4\t1\t0", "expected NUMBER, 0 or 1", [1, 1]),
        ("sentences", "4\t2\t0\t3", "expected NUMBER, 0 or 1", [1, 1]),
        ("sentences", "4\t1\t0\t999", "expected NUMBER, 0 or 1", [1, 1]),
        ("sentences", "4\t1\t9\t9", "expected NUMBER, 0 or 1", [1, 1]),
        ("entity_types_and_slots", "3\t4\t0\tx\tO\tO", "expected SENTENCE, TOKEN", [1, 1]),
        ("entity_types_and_slots", "3\t4\t0\t2\tO", "expected SENTENCE, TOKEN", [1, 1]),
        ("entity_types_and_slots", "3\t4\t0\t2\tSTONE\tO", "expected a tag such as 'O'", [1, 1]),
        ("entity_types_and_slots", "3\t4\t0\t99\tO\tO", "expected a token within", [1, 0]),
    ],
)
def test_a_malformed_line_is_refused_or_left_out(
    tmp_path: Path, table: str, line: str, message: str, kept: list[int]
) -> None:
    path = write_article(tmp_path, "a", SENTENCES) / "annotations" / table / "a.csv"
    number = len(append(path, line).read_text().splitlines())
    with pytest.raises(InputError) as caught:
        list(read([tmp_path], FLAGGED, Reading()))
    assert f"{path}:{number}: {message}" in str(caught.value)
    documents = list(read([tmp_path], FLAGGED, reading := Reading(lenient=True)))
    assert [len(document.entities or ()) for document in documents] == kept
    assert reading.notes == {"malformed, skipped": 1}


def test_absent_tables_and_texts_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected articles as texts/\*\.txt"):
        list(read([tmp_path], FLAGGED, Reading()))
    write_article(tmp_path, "a", SENTENCES)
    (tmp_path / "annotations" / "sentences" / "a.csv").unlink()
    with pytest.raises(InputError, match=r"sentences/a\.csv: no such file"):
        list(read([tmp_path], FLAGGED, Reading()))


WORD = st.text("abÄ é.", min_size=1, max_size=5).map(str.strip).filter(bool)


@given(st.lists(st.lists(st.tuples(WORD, st.booleans()), min_size=1), min_size=1, max_size=4))
def test_words_with_a_tag_of_their_own_come_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[tuple[str, bool]]]
) -> None:
    tagged = [("1", [(word, "B-X" if hit else "O", "O") for word, hit in row]) for row in rows]
    folder = write_article(tmp_path_factory.mktemp("standoff"), "a", tagged)
    documents = list(read([folder], FLAGGED, Reading()))
    found = [[e.text for e in document.entities or ()] for document in documents]
    assert found == [[word for word, hit in row if hit] for row in rows]


@needs("sofc")
@pytest.mark.parametrize(("part", "paper"), [("train", 568), ("dev", 135), ("test", 173)])
def test_the_fuel_cells_have_the_sizes_of_the_paper(part: str, paper: int) -> None:
    known = json.loads((REAL / "sofc" / "source.json").read_text())["splits"][part]
    options = StandoffOptions(part=part, metadata="SOFC-Exp-Metadata.csv")
    documents = list(read([REAL / "sofc"], options, reading := Reading()))
    labels = Counter(e.type for document in documents for e in document.entities or ())
    assert (len(documents), labels, reading.notes) == (paper, known["types"], {})
