"""`uniner adapt`: go on training a span student on a few hundred labelled texts of your own."""

from pathlib import Path
from typing import Any

import click

from uniner.cli.progress import Console
from uniner.cli.tables import new_table, print_table
from uniner.records import ConfigError
from uniner.students.names import BUNDLED, locate_model
from uniner.training.texts import AdaptConfig, read_texts

DEFAULT = AdaptConfig()

FORGOTTEN = 2.0
"""Points of F1 on the sample whose loss is worth a warning."""

ASKED = {"dev": "your held-out texts", "sample": "the sample's test texts"}


@click.command("adapt")
@click.argument("texts", type=click.Path(path_type=Path), metavar="TEXTS.jsonl")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The new model folder.")
@click.option(
    "--model", default=BUNDLED, show_default=True, help="Student to go on from; a folder."
)
@click.option("--dev", type=click.Path(path_type=Path), help="Held-out texts of the same kind.")
@click.option("--epochs", default=DEFAULT.epochs, show_default=True, help="Passes over the texts.")
@click.option(
    "--rate", default=DEFAULT.rate, show_default=True, help="The encoder's learning rate."
)
@click.option(
    "--batch", default=DEFAULT.batch, show_default=True, help="Texts learnt from at once."
)
@click.option(
    "--replay",
    default=DEFAULT.replay,
    show_default=True,
    help="Sample passages rehearsed in each epoch, for each of your texts.",
)
@click.option("--seed", default=DEFAULT.seed, show_default=True, help="Seed of all that is drawn.")
def command(texts: Path, out: Path, model: str, dev: Path | None, **given: Any) -> None:
    """Teach a student the types of TEXTS, annotated passages, and see that it forgets nothing else.

    Every text must be labelled with every type. Without --dev a tenth of the texts, chosen by id,
    is held out. The best epoch on held-out texts becomes the model folder --out. The same command
    goes on where it was stopped.
    """
    try:
        import torch  # noqa: F401
    except ImportError:
        raise ConfigError("training needs torch: pip install 'uniner[train]'") from None
    from uniner.records.manifest import hash_file
    from uniner.training.adapt import Job, adapt

    config = AdaptConfig(**given)
    job = Job(read_texts(texts, dev), locate_model(model), config, out)
    paths = {"texts": texts, "dev": dev}
    hashes = {name: hash_file(path) for name, path in paths.items() if path is not None}
    show(adapt(job, hashes, Console()))
    click.echo(f"Model: {out}   Results: {out / 'results.json'}")


def show(results: dict[str, Any]) -> None:
    """Print how good the student was and is, figures in percent, and what it forgot."""
    columns = ("Asked about", "Student", "P", "R", "F1", "partial F1")
    table = new_table("Before and after, strict", *columns, left=2)
    for name, what in ASKED.items():
        for when, verdict in results[name].items():
            strict = read_figures(verdict, "strict")
            figures = (strict["precision"], strict["recall"], strict["f1"])
            partial = read_figures(verdict, "partial")["f1"]
            row = (f"{what} ({verdict['passages']:,})", f"{when}: {verdict['name']}")
            table.add_row(*row, *(f"{figure:.1f}" for figure in (*figures, partial)))
    print_table(table)
    gain = find_gain(results["dev"])
    if gain <= 0:
        click.echo(
            f"uniner: warning: no better on your held-out texts ({gain:+.1f} points of F1); "
            "give more texts, or see that each is labelled with every type",
            err=True,
        )
    if (lost := -find_gain(results["sample"])) > FORGOTTEN:
        click.echo(
            f"uniner: warning: forgot {lost:.1f} points of F1 on the sample's types; "
            "try a higher --replay, a lower --rate or fewer --epochs",
            err=True,
        )


def find_gain(verdicts: dict[str, Any]) -> float:
    """Points of strict F1 that were won."""
    before, after = (read_figures(verdicts[when], "strict")["f1"] for when in ("before", "after"))
    return after - before


def read_figures(verdict: dict[str, Any], policy: str) -> dict[str, float]:
    """The figures of all types together."""
    figures: dict[str, float] = verdict["scores"][policy]["micro"]
    return figures
