"""What a grid learns from is made once; data sets are known by their names."""

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs the extra train")

from real_files import REAL, needs
from toy_llama import save_student
from toy_recipe import write_recipe
from uniner.ablation.data import hand_over, prepare
from uniner.ablation.grid import Cell, Probe
from uniner.construction.narrator import Narrator, Silent
from uniner.records import Annotated, ConfigError, Passage
from uniner.records.store import read_annotated, write_records
from uniner.students.generative.settings import GenerativeSettings
from uniner.training.recipe import CorpusConfig, Recipe, load_recipe

SILENT = Silent()


def make_cell(*changes: str, recipe: str = "sample", asked: tuple[str, ...] = ()) -> Cell:
    return Cell({}, 0, load_recipe(recipe, changes), Probe(asked, "any"))


def test_students_of_one_corpus_share_its_annotations(tmp_path: Path) -> None:
    recipe = str(write_recipe(tmp_path))
    cells = [
        make_cell(*changes, recipe=recipe)
        for changes in ((), ("corpus.limit=3",), ("corpus.unit=sentence", "student.seed=4"))
    ]
    stores = [prepare(cell, tmp_path / "out", None, SILENT).annotations for cell in cells]
    assert len({*stores}) == 1
    written = (stores[0] / "annotated.jsonl").stat().st_mtime_ns
    materials = prepare(cells[0], tmp_path / "out", None, SILENT)
    assert (stores[0] / "annotated.jsonl").stat().st_mtime_ns == written
    hand_over(materials, tmp_path / "run")
    hand_over(materials, tmp_path / "run")
    assert (tmp_path / "run" / "annotated.jsonl").read_bytes() == (
        stores[0] / "annotated.jsonl"
    ).read_bytes()
    assert not list((tmp_path / "run").glob("*.part"))


def test_generative_students_begin_with_one_base_that_can_repeat(tmp_path: Path) -> None:
    recipe = str(write_recipe(tmp_path))
    save_student(tmp_path / "bert", "bert", GenerativeSettings("toy", "prefix", "bare"))
    changes = ["family=generative", f"generative.base={tmp_path / 'bert'}"]
    changes += ["generative.architecture=prefix", "generative.template=bare"]
    changes += ["generative.repeat=1", "generative.max_tokens=250"]
    cells = [
        make_cell(*changes, *more, recipe=recipe)
        for more in ((), ("generative.seed=3", "generative.epochs=9", "corpus.limit=3"))
    ]
    found = [prepare(cell, tmp_path / "out", None, SILENT).recipe.generative for cell in cells]
    assert len({config.base for config in found}) == 1
    assert {config.repeat for config in found} == {0}
    assert (Path(found[0].base) / "model.safetensors").is_file()
    assert len(list((tmp_path / "out" / "data").glob("repeating-*"))) == 1


def test_a_base_repeats_so_many_passages_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[Passage]] = []

    def learn(passages: list[Passage], config: object, out: Path, narrator: Narrator) -> Path:
        seen.append(passages)
        return out

    monkeypatch.setattr("uniner.training.generative.trainer.learn_to_repeat", learn)
    recipe = str(write_recipe(tmp_path))
    cell = make_cell("family=generative", "generative.repeat=1", recipe=recipe)
    for most in (8_000, 2):
        monkeypatch.setattr("uniner.ablation.data.REPEATED", most)
        prepare(cell, tmp_path / "out", None, SILENT)
    whole, part = seen
    assert len(whole) > len(part) == 2
    assert all(passage in whole for passage in part)


def test_a_folder_is_the_same_from_wherever_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "labelled.jsonl"
    write_records(path, [Annotated(Passage("a", "Mira met Ivo."), ())])
    cell = make_cell(f"corpus.annotated=['{path}']")
    monkeypatch.chdir(tmp_path)
    assert prepare(cell, Path("out"), None, SILENT) == prepare(cell, tmp_path / "out", None, SILENT)


@needs("sofc", "bc5cdr", "conllpp")
def test_a_data_set_is_learnt_from_its_train_split(tmp_path: Path) -> None:
    cell = make_cell('corpus.annotated=["sofc", "bc5cdr", "conllpp"]', "corpus.limit=9")
    recipe, store = prepare(cell, tmp_path, REAL, SILENT)
    assert [Path(name).name for name in recipe.corpus.annotated] == [
        "sofc.jsonl",
        "bc5cdr.jsonl",
        "conllpp.jsonl",
    ]
    records = list(read_annotated(store / "annotated.jsonl"))
    assert {record.passage.source for record in records} == {"sofc", "bc5cdr", "conllpp"}
    types = {e.type for r in records if r.passage.source == "sofc" for e in r.entities}
    assert types == {"material", "device", "value"}


@needs("scirex")
def test_what_was_learnt_is_not_asked(tmp_path: Path) -> None:
    cell = make_cell('corpus.annotated=["scirex"]', asked=("scirex",))
    with pytest.raises(ConfigError, match=r"scirex: cannot .* where train is"):
        prepare(cell, tmp_path, REAL, SILENT)


def test_what_a_grid_cannot_do_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="conllpp is learnt from here: give --data"):
        prepare(make_cell('corpus.annotated=["conllpp"]'), tmp_path, None, SILENT)
    with pytest.raises(ConfigError, match=r"nowhere\.jsonl: no such file"):
        prepare(make_cell('corpus.annotated=["nowhere.jsonl"]'), tmp_path, None, SILENT)
    corpus = CorpusConfig(sources=(str(tmp_path),), decontaminate="tests")
    cell = replace(make_cell(), recipe=Recipe("x", corpus=corpus))
    with pytest.raises(ConfigError, match=r"decontaminate: not in a grid"):
        prepare(cell, tmp_path, None, SILENT)
