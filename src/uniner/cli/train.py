"""`uniner train`: a student from data that is already annotated."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from uniner.cli.progress import Console
from uniner.records import ConfigError

if TYPE_CHECKING:
    from uniner.training.recipe import Recipe

FAMILIES = ("span", "generative")


@click.command("train")
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--family", type=click.Choice(FAMILIES), default="span", show_default=True)
@click.option("--base", help="A model folder, a student to go on from, or a name on the hub.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Run folder.")
@click.option("--dev", type=click.Path(path_type=Path), help="Held-out data of the same kind.")
@click.option("--lora", is_flag=True, help="Train low-rank additions in place of all weights.")
@click.option(
    "--share",
    "shares",
    multiple=True,
    type=float,
    help="What part of each DATA an epoch takes, in their order: 2 is each example twice.",
)
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="epochs=5, say.")
def command(  # noqa: PLR0913, PLR0917 -- one for each option of the command line
    data: tuple[Path, ...],
    family: str,
    base: str | None,
    out: Path,
    dev: Path | None,
    lora: bool,
    shares: tuple[float, ...],
    changes: tuple[str, ...],
) -> None:
    """Train a student on DATA; the same command goes on where it was stopped.

    A span student learns from annotated passages (JSONL), a generative one from conversations, as
    `uniner build` writes them; several files are mixed. Each annotated file is a data set of its
    own: its passages are asked for its own types alone. Without --dev a tenth of DATA, chosen by
    id, is held out. On several devices: accelerate launch -m uniner train ...
    """
    try:
        import torch  # noqa: F401
    except ImportError:
        raise ConfigError("training needs torch: pip install 'uniner[train]'") from None
    if shares and len(shares) != len(data):
        raise ConfigError(f"{len(shares)} --share for {len(data)} files; give one for each")
    if family == "span" and (lora or shares):
        raise ConfigError("--lora and --share are for --family generative")
    recipe = make_recipe(family, out.name, base, lora=lora, changes=changes)
    match recipe.family:
        case "span":
            model: Path | None = train_spans(recipe, data, dev, out)
        case "generative":
            model = train_conversations(recipe, data, dev, shares or (1.0,) * len(data), out)
    if model:
        click.echo(f"Model: {model}")


def make_recipe(
    family: str, name: str, base: str | None, *, lora: bool, changes: Sequence[str]
) -> "Recipe":
    """The recipe that the command line amounts to."""
    from uniner.training.recipe import Recipe, apply_change, build

    section: dict[str, Any] = {}
    for change in changes:
        apply_change(section, change)
    if base is not None:
        section["base"] = base
        section = {**inherit(Path(base), family), **section}
    if lora:
        section["adaptation"] = "lora"
    part = "generative" if family == "generative" else "student"
    return build(Recipe, {"name": name, "family": family, part: section}, "uniner train")


def inherit(base: Path, family: str) -> dict[str, Any]:
    """What a generative student that training goes on from was already."""
    from uniner.students.generative.settings import FILE, read_settings

    if family != "generative" or not (base / FILE).is_file():
        return {}
    known = asdict(read_settings(base))
    return {name: known[name] for name in ("architecture", "template", "variant", "max_tokens")}


def train_spans(recipe: "Recipe", data: Sequence[Path], dev: Path | None, out: Path) -> Path:
    """A span student of annotated passages; each file is a data set of its own."""
    from uniner.corpus.split import split_of
    from uniner.records.manifest import claim_folder, describe_run, hash_file
    from uniner.training.data import read_data_sets
    from uniner.training.distill import MODEL, train_student
    from uniner.training.recipe import CorpusConfig

    names = tuple(map(str, data))
    recipe = replace(recipe, corpus=CorpusConfig(annotated=names))
    inputs = {str(path): hash_file(path) for path in (*data, *([dev] if dev else []))}
    records = list(read_data_sets(names))
    held_out = list(read_data_sets([str(dev)])) if dev else []
    if not dev:
        held_out = [record for record in records if split_of(record.passage.id) == "dev"]
        records = [record for record in records if split_of(record.passage.id) != "dev"]
    claim_folder(out, describe_run({"recipe": recipe.to_json()}, inputs))
    if not (out / MODEL / "settings.json").is_file():
        train_student(recipe, out, (records, held_out), Console())
    return out / MODEL


def train_conversations(
    recipe: "Recipe", data: Sequence[Path], dev: Path | None, shares: Sequence[float], out: Path
) -> Path | None:
    """A generative student of conversations; None in a process that another one speaks for."""
    from uniner.construction.narrator import Narrator, Silent
    from uniner.training.generative.curve import CURVE, plot_curve, read_curve
    from uniner.training.generative.data import hold_out, read_source
    from uniner.training.generative.trainer import is_first_process, train_generative

    first = is_first_process()
    console: Narrator = Console() if first else Silent()
    with console.progress("conversations", None) as advance:
        sources = [
            read_source(path, share, advance) for path, share in zip(data, shares, strict=True)
        ]
        held_out = read_source(dev, 1.0, advance).dialogues if dev else []
    if not dev:
        sources, held_out = hold_out(sources)
    model = train_generative(sources, held_out, recipe.generative, out, console)
    if first and find_spec("matplotlib"):
        plot_curve(read_curve(out / CURVE), out / "curve.svg")
    return model if first else None
