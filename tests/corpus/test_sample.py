"""The bundled sample is what its README says."""

import hashlib
from importlib import resources

import pytest

from real_files import REAL, needs
from uniner.cli.corpus import learn_tests
from uniner.corpus import sample
from uniner.corpus.split import Split, split_of


def test_the_splits_share_out_all_passages() -> None:
    names: tuple[Split, ...] = ("train", "dev", "test")
    ids = {name: [passage.id for passage in sample.read_passages(name)] for name in names}
    assert {name: len(found) for name, found in ids.items()} == {
        "train": 5325,
        "dev": 678,
        "test": 682,
    }
    everything = [passage.id for passage in sample.read_passages()]
    assert (
        sorted(id for found in ids.values() for id in found)
        == everything
        == sorted(set(everything))
    )
    assert all(split_of(id) == name for name in names for id in ids[name])


def test_every_passage_has_a_genre_a_part_and_a_reply() -> None:
    passages = list(sample.read_passages())
    assert all(passage.text.strip() and passage.domain for passage in passages)
    assert len({passage.source for passage in passages}) == 13
    assert [row["id"] for row in sample.read_replies()] == [passage.id for passage in passages]


def test_the_taxonomy_knows_types_definitions_and_near_synonyms() -> None:
    taxonomy = sample.load_taxonomy()
    assert (len(taxonomy.parents), len(taxonomy.definitions)) == (1859, 2400)
    assert taxonomy.close(["borough council"])[-1] == "organization"
    assert "firm" in taxonomy.aliases("company")
    assert "company" in taxonomy.aliases("firm")
    assert taxonomy.definition("date")


def test_the_notice_travels_with_the_texts_and_the_files_stay_small() -> None:
    folder = resources.files("uniner.corpus.sample")
    assert "the texts are invented" in folder.joinpath("README.md").read_text(encoding="utf-8")
    sizes = [len(file.read_bytes()) for file in folder.iterdir() if file.is_file()]
    assert max(sizes) < 2_000_000
    assert sum(sizes) < 3_000_000


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("passages.jsonl.gz", "03975a433e1f9919"),
        ("replies.jsonl.gz", "dcd1d96122e07a24"),
        ("definitions.jsonl", "da624c7c56c2c8fa"),
        ("hierarchy.txt", "dfd8349bd8a3482e"),
    ],
)
def test_the_files_change_on_purpose_alone(name: str, digest: str) -> None:
    packed = resources.files("uniner.corpus.sample").joinpath(name).read_bytes()
    assert hashlib.sha256(packed).hexdigest()[:16] == digest


@needs("crossner_ai", "multinerd_en")
def test_no_passage_shares_eight_words_in_a_row_with_a_test_set() -> None:
    held_out = learn_tests([REAL])
    assert held_out is not None
    assert {p.id: f for p in sample.read_passages() if (f := held_out.find(p.text))} == {}
