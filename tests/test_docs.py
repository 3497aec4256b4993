"""The pages say what is there: commands, options and recipes in them are real."""

import re
import shlex
import tomllib
from itertools import takewhile
from pathlib import Path

import click
import pytest

from uniner.ablation.grid import parse_grid
from uniner.cli import cli
from uniner.training.recipe import Recipe, build

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MARKS = {"|", ">", "&&", "\\", "#"}


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of one language."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def find_calls() -> list[tuple[str, list[str]]]:
    """Every `uniner …` in the shell blocks and in the running text of a page."""
    calls = []
    for page in PAGES:
        shell = "\n".join([*blocks(page, "sh"), *blocks(page, "console")]).replace("\\\n", " ")
        lines = re.findall(r"^(?:\$ )?(?:\w+=\S+ )*(uniner .*)$", shell, re.MULTILINE)
        lines += re.findall(r"`(uniner [^`\n]*)`", page.read_text(encoding="utf-8"))
        for line in lines:
            words = takewhile(lambda word: word not in MARKS, shlex.split(line, comments=True)[1:])
            calls.append((page.name, list(words)))
    return calls


def resolve(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that words call, and the rest of them."""
    command: click.Command = cli
    rest = list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(click.Context(command), rest[0])
        assert found is not None, f"no command {rest[0]!r} in {' '.join(words)!r}"
        command, rest = found, rest[1:]
    return command, rest


@pytest.mark.parametrize(
    ("page", "words"), find_calls(), ids=lambda value: value if isinstance(value, str) else None
)
def test_a_command_that_is_shown_exists_with_its_options(page: str, words: list[str]) -> None:
    command, rest = resolve(words)
    known = {option for p in command.params for option in (*p.opts, *p.secondary_opts)} | {"--help"}
    given = {word.partition("=")[0] for word in rest if word.startswith("--")}
    assert given <= known, f"{page}: {' '.join(words)}"


def test_commands_are_found_on_the_pages() -> None:
    assert {"extract", "distill", "corpus", "annotate", "build", "stats", "types"} <= {
        words[0] for _, words in find_calls() if words
    }


@pytest.mark.parametrize(
    ("page", "recipe"), [(page.name, text) for page in PAGES for text in blocks(page, "toml")]
)
def test_a_recipe_or_grid_that_is_shown_is_one_that_uniner_accepts(page: str, recipe: str) -> None:
    table = tomllib.loads(recipe)
    if "axes" in table:
        assert len([*parse_grid(table, "mine", page, (), ()).cells()]) > 1
    else:
        assert build(Recipe, table, page).name == "mine"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_what_a_page_links_to_is_there(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
