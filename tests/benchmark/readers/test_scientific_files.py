"""Articles in tokens become documents whose sentences are known, in either layout."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from real_files import REAL, needs
from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.scientific import ScientificOptions, read
from uniner.records import InputError

SCIERC, SCIREX = ScientificOptions("scierc"), ScientificOptions("scirex")
TOKENS = [["Trees", "parse", "well", "."], ["Deep", "trees", "win", "."]]
IN_SCIERC = {"doc_key": "a", "sentences": TOKENS, "ner": [[[0, 0, "M"]], [[4, 5, "M"]]]}
IN_SCIREX = {
    "doc_id": "a",
    "words": TOKENS[0] + TOKENS[1],
    "sentences": [[0, 4], [4, 8]],
    "ner": [[0, 1, "M"], [4, 6, "M"]],
}


def write_rows(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def spell(document: Document) -> list[tuple[int, str]]:
    return [(e.start, e.text) for e in document.entities or ()]


@pytest.mark.parametrize(("options", "row"), [(SCIERC, IN_SCIERC), (SCIREX, IN_SCIREX)])
def test_both_layouts_give_the_same_document(
    tmp_path: Path, options: ScientificOptions, row: dict[str, Any]
) -> None:
    [document] = read([write_rows(tmp_path / "some.jsonl", row)], options, Reading())
    assert (document.id, document.text) == ("a", "Trees parse well . Deep trees win .")
    assert spell(document) == [(0, "Trees"), (19, "Deep trees")]
    assert document.sentences == ((0, 18), (19, 35))


def test_empty_sentences_and_empty_articles_are_no_trouble(tmp_path: Path) -> None:
    row = {"doc_key": "a", "sentences": [[], ["Hi", "."], []], "ner": [[], [], []]}
    empty = {"doc_key": "b", "sentences": [], "ner": []}
    path = write_rows(tmp_path / "some.jsonl", row, empty)
    [document] = read([path], SCIERC, reading := Reading())
    assert document.sentences == ((0, 4),)
    assert reading.notes == {"document without text skipped": 1}
    assert [d.id for d in read([path, path], SCIERC, Reading())] == ["some-a", "some-a"]


@pytest.mark.parametrize(
    ("options", "change", "message"),
    [
        (SCIERC, {"doc_key": 3}, "expected a string as 'doc_key', got 3"),
        (SCIERC, {"sentences": ["a b"]}, "expected lists of tokens as 'sentences'"),
        (SCIERC, {"ner": [[]]}, "expected 2 lists as 'ner', one a sentence"),
        (SCIERC, {"ner": [[], 5]}, "expected lists of mentions as 'ner'"),
        (SCIERC, {"ner": [[[0, 1]], []]}, r"expected a mention \[first, last, label\]"),
        (SCIERC, {"sentences": [["\ud800"], []]}, "half a character"),
        (SCIREX, {"words": "a b"}, "expected a list of tokens as 'words'"),
        (SCIREX, {"ner": None}, "expected lists as 'sentences' and 'ner'"),
        (SCIREX, {"sentences": [[0, 9]]}, r"in order within 8 words, got \[0, 9\]"),
        (SCIREX, {"sentences": [[4, 8], [0, 4]]}, r"in order within 8 words, got \[0, 4\]"),
        (SCIREX, {"ner": [["M", 0, 1]]}, r"expected a mention \[first, last, label\]"),
    ],
)
def test_a_malformed_article_is_refused_or_left_out(
    tmp_path: Path, options: ScientificOptions, change: dict[str, Any], message: str
) -> None:
    good: dict[str, Any] = IN_SCIERC if options is SCIERC else IN_SCIREX
    path = write_rows(tmp_path / "some.jsonl", good, {**good, **change})
    with pytest.raises(InputError, match=rf"some\.jsonl:2: .*{message}"):
        list(read([path], options, Reading()))
    assert len(list(read([path], options, reading := Reading(lenient=True)))) == 1
    assert reading.notes == {"malformed, skipped": 1}


@pytest.mark.parametrize("mention", [[7, 9, "M"], [3, 3, "M"], [-1, 2, "M"]])
def test_a_mention_outside_of_the_article_is_refused_or_left_out(
    tmp_path: Path, mention: list[object]
) -> None:
    row = {**IN_SCIREX, "ner": [mention, [0, 1, "M"]]}
    path = write_rows(tmp_path / "some.jsonl", row)
    with pytest.raises(InputError, match=r"some\.jsonl:1: expected a mention within 8"):
        list(read([path], SCIREX, Reading()))
    [document] = read([path], SCIREX, reading := Reading(lenient=True))
    assert spell(document) == [(0, "Trees")]
    assert reading.notes == {"malformed, skipped": 1}


@pytest.mark.parametrize(
    ("words", "label", "message"),
    [(["", "b"], "M", "empty or negative span"), (["a", "b"], " ", "an entity type is empty")],
)
def test_a_mention_without_text_or_label_is_refused(
    tmp_path: Path, words: list[str], label: str, message: str
) -> None:
    row = {**IN_SCIREX, "words": words, "sentences": [], "ner": [[0, 1, label]]}
    path = write_rows(tmp_path / "some.jsonl", row)
    with pytest.raises(InputError, match=rf"some\.jsonl:1: {message}"):
        list(read([path], SCIREX, Reading()))
    assert len(list(read([path], SCIREX, Reading(lenient=True)))) == 1


TOKEN = st.text("abÄ(é.", min_size=1, max_size=5)


@given(st.lists(st.lists(TOKEN, min_size=1, max_size=5), min_size=1, max_size=4), st.data())
def test_mentions_and_sentences_come_back(
    tmp_path_factory: pytest.TempPathFactory, lists: list[list[str]], data: st.DataObject
) -> None:
    tokens = [token for row in lists for token in row]
    place = st.integers(0, len(tokens) - 1).flatmap(
        lambda first: st.tuples(st.just(first), st.integers(first, len(tokens) - 1))
    )
    spans = data.draw(st.lists(place, max_size=4))
    ner = [[[first, last, "X"] for first, last in spans], *([] for _ in lists[1:])]
    row = {"doc_key": "k", "sentences": lists, "ner": ner}
    path = write_rows(tmp_path_factory.mktemp("scientific") / "some.jsonl", row)
    [document] = read([path], SCIERC, Reading())
    found = [text for _, text in spell(document)]
    assert found == [" ".join(tokens[first : last + 1]) for first, last in spans]
    sentences = [document.text[start:end] for start, end in document.sentences]
    assert sentences == [" ".join(row) for row in lists]


@needs("scirex")
def test_the_articles_of_scirex_are_read_whole() -> None:
    known = json.loads((REAL / "scirex" / "source.json").read_text())["splits"]["train"]
    labels: Counter[str] = Counter()
    articles = sentences = 0
    for document in read([REAL / "scirex" / "train.jsonl"], SCIREX, reading := Reading()):
        articles += 1
        sentences += len(document.sentences)
        labels.update(entity.type for entity in document.entities or ())
    assert (articles, sentences, labels) == (306, known["sentences"], known["types"])
    assert reading.notes == {}
