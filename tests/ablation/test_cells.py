"""What each student is asked: data sets that it learnt from by name, types by themselves."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs the extra train")

from toy_bench import Capitals, write_instructions
from uniner.ablation import cells
from uniner.ablation.cells import Asked, ask_suite
from uniner.ablation.grid import Probe
from uniner.construction.narrator import Silent
from uniner.students.extractor import Extractor
from uniner.training.recipe import CorpusConfig, Recipe

COLUMNS = {
    "train": "Ada N x B-PER\nmet N x O\nAcme N x B-ORG\n. . x O\n\nRome N x B-LOC\nfell N x O\n",
    "dev": "Bo N x B-PER\nleft N x O\nBern N x B-LOC\n",
}


@dataclass
class Told(Capitals):
    """Finds capitalised words, and notes which data sets it was told of."""

    told: list[str] = field(default_factory=list)

    def for_dataset(self, name: str) -> Extractor:
        self.told.append(name)
        return self


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "conllpp"
    folder.mkdir(parents=True)
    for split, text in COLUMNS.items():
        (folder / f"{split}.txt").write_text(text, encoding="utf-8")
    write_instructions(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def student(monkeypatch: pytest.MonkeyPatch) -> Told:
    student = Told()
    monkeypatch.setattr(cells, "load_extractor", lambda _: student)
    return student


SETS = "conllpp, CrossNER_music_spans"


def make_recipe(*, told: bool) -> Recipe:
    corpus = CorpusConfig(annotated=("data/conllpp.jsonl",), told=told)
    return Recipe("x", family="generative", corpus=corpus)


def make_asked(out: Path) -> Asked:
    return Asked("sets", SETS, out, Probe((f"sets: {SETS}",), "any", types=True))


def test_what_was_told_apart_in_training_is_told_again(
    data: Path, student: Told, tmp_path: Path
) -> None:
    recipe, asked = make_recipe(told=True), make_asked(tmp_path / "bench")
    figures = list(ask_suite(recipe, data, asked, data, Silent()))
    assert student.told == ["conllpp"], "of the other set it knows nothing"
    sets = {figure.dataset for figure in figures if figure.test == "sets"}
    assert sets == {"conllpp", "CrossNER_music_spans"}
    plain = make_asked(tmp_path / "plain")
    list(ask_suite(make_recipe(told=False), data, plain, data, Silent()))
    assert student.told == ["conllpp"]


def test_types_have_figures_of_their_own_over_all_data_sets(
    data: Path, student: Told, tmp_path: Path
) -> None:
    recipe, asked = make_recipe(told=False), make_asked(tmp_path / "bench")
    figures = {
        figure.dataset: figure.f1
        for figure in ask_suite(recipe, data, asked, data, Silent())
        if (figure.test, figure.policy) == ("sets, by type", "uniner2023")
    }
    # Of the dev split, for there is no test split, it finds Bo and Bern, both as a person.
    assert figures["person"] == pytest.approx(100 * 2 / 3)
    assert figures["location"] == 0
