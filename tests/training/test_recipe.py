"""A recipe says all that a distillation depends on, and nothing it does not know."""

from pathlib import Path

import pytest

from uniner.records import ConfigError
from uniner.training.recipe import bundled_recipes, load_recipe


def write(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("file", bundled_recipes(), ids=lambda file: str(file.name))
def test_a_bundled_recipe_loads_by_its_name(file: Path) -> None:
    name = file.name.removesuffix(".toml")
    assert load_recipe(name).name == name


def test_what_a_recipe_leaves_out_is_the_default(tmp_path: Path) -> None:
    recipe = load_recipe(write(tmp_path, 'name = "mine"\n[student]\ndropout = 0\n'))
    assert recipe.corpus.passages == "sample"
    assert recipe.student.dropout == 0.0
    assert isinstance(recipe.student.dropout, float)
    assert recipe.to_json()["student"]["max_width"] == 12


def test_every_mistake_of_a_section_is_named_at_once(tmp_path: Path) -> None:
    text = 'name = "m"\n[student]\nepoch = 3\nbatch = "many"\nclosure = 1\nnegatives = "some"\n'
    with pytest.raises(ConfigError) as error:
        load_recipe(write(tmp_path, text))
    message = str(error.value)
    assert "mine.toml [student]: " in message
    for part in (
        "unknown key 'epoch'",
        "'batch' must be a whole number, not 'many'",
        "'closure' must be true or false, not 1",
        "'negatives' must be 'none' or 'uniform' or 'frequency', not 'some'",
    ):
        assert part in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "missing key 'name'"),
        ("name = 3", "'name' must be a string, not 3"),
        ('name = "a"\nstudent = 3', "'student' must be a section"),
        ('name = "a"\n[students]', "unknown key 'students'"),
        ('name = "a"\n[corpus]\nlimit = true', "'limit' must be a whole number, not True"),
        ('name = "a"\n[corpus]\nlimit = -1', "corpus.limit must be 0"),
        ('name = "a"\n[corpus]\ntypes = -1', "corpus.types must be 0"),
        ('name = "a"\nfamily = "generative"\n[corpus]\ntypes = 9', "corpus.types is for span"),
        ('name = "a"\nfamily = "generative"\n[corpus]\nwithout = ["b"]', "without is for span"),
        ('name = "a"\n[corpus]\nannotated = ["a/x.jsonl", "b/x.jsonl"]', "a name of its own"),
        ('name = "a"\n[corpus]\nannotated = ["a"]\nsources = ["b"]', "give one of them"),
        ('name = "a"\nfamily = "generative"\n[corpus]\nunit = "both"', "both' is for span"),
        ('name = "a"\n[corpus]\ntold = true', "of which corpus.annotated file"),
        ('name = "a"\n[corpus]\ntold = true\nannotated = ["a"]', "told is for generative"),
        ('name = "a"\n[student]\nlayers = -1', "student.layers must be 0"),
        ('name = "a"\n[student]\nstart = "mini"\nepochs = -1', "student.epochs must be at least 0"),
        ('name = "a"\n[student]\nepochs = 0', "student.epochs must be at least 1"),
        ('name = "a"\n[evaluation]\ntypes = 0', "evaluation.types must be at least 1"),
        ('name = "a', "mine.toml: not TOML"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_recipe(write(tmp_path, text))


def test_changes_win_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, 'name = "mine"\n[student]\nepochs = 3\n')
    recipe = load_recipe(
        path, ["student.epochs=5", "student.base = my/model", "name=other", "corpus.limit=7"]
    )
    assert (recipe.name, recipe.student.epochs, recipe.student.base) == ("other", 5, "my/model")
    assert recipe.corpus.limit == 7


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("student.epochs", "write it as section.key=value"),
        ("=3", "write it as section.key=value"),
        ("name.first=3", "'name' is a value, not a section"),
        ("student.epoch=3", "unknown key 'epoch'"),
        ("student.epochs=three", "must be a whole number, not 'three'"),
    ],
)
def test_a_change_that_cannot_be_is_refused(tmp_path: Path, change: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_recipe(write(tmp_path, 'name = "mine"'), [change])


def test_no_such_recipe_names_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"gone: no such recipe.*'mini', 'sample'"):
        load_recipe("gone")


def test_a_recipe_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(ConfigError, match=r"mine\.toml: not UTF-8"):
        load_recipe(str(tmp_path / "mine.toml"))
