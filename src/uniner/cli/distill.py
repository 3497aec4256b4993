"""`uniner distill`: from a corpus and a teacher to a student of your own, with a report."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from uniner.cli.progress import Console
from uniner.cli.tables import new_table, print_table
from uniner.records import ConfigError, InputError
from uniner.records.manifest import write_json
from uniner.records.store import write_records, write_whole

if TYPE_CHECKING:
    from uniner.training.judge import Verdict


@click.command()
@click.argument("recipe", default="sample", metavar="[RECIPE.toml]", type=click.Path())
@click.option("--out", type=click.Path(path_type=Path), help="Run folder; runs/NAME if not given.")
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="student.epochs=5, say.")
def command(recipe: str, out: Path | None, changes: tuple[str, ...]) -> None:
    """Annotate passages with a teacher, train a student on them, and report how good it is.

    Without a RECIPE: a part of the bundled sample and its recorded teacher, in minutes on a CPU.
    Every step leaves a file in the run folder; the same command goes on where it was stopped.
    """
    try:
        import torch  # noqa: F401
    except ImportError:
        raise ConfigError("training needs torch: pip install 'uniner[train]'") from None
    from uniner.cli.corpus import learn_tests
    from uniner.evaluation.questions import Question
    from uniner.serving.distilled import distilled_page
    from uniner.students.lexicon import learn_lexicon
    from uniner.students.load import BUNDLED, load_extractor
    from uniner.training.data import read_drops
    from uniner.training.distill import distill, list_losses
    from uniner.training.judge import Verdict, judge, verdict_to_json
    from uniner.training.recipe import load_recipe

    plan = load_recipe(recipe, changes)
    folder = out or Path("runs") / plan.name
    console = Console()
    tests = [Path(plan.corpus.decontaminate)] if plan.corpus.decontaminate else []
    result = distill(plan, folder, console, lambda: learn_tests(tests))
    rivals = {f"{plan.name} (this run)": load_extractor(str(result.model))}
    try:
        rivals[f"{BUNDLED} (bundled)"] = load_extractor(BUNDLED)
    except InputError as error:
        console.say(f"left out of the comparison: {error}")
    rivals["lexicon (floor)"] = learn_lexicon(result.train)
    verdicts: list[Verdict] = []
    questions: list[Question] = result.test
    for name, extractor in rivals.items():
        with console.progress(f"asking {name}", len(questions)) as advance:
            verdicts.append(judge(name, extractor, questions, advance))
    write_records(folder / "predictions.jsonl", verdicts[0].answers)
    write_json(folder / "results.json", {"verdicts": [verdict_to_json(v) for v in verdicts]})
    losses = list_losses(folder)
    with write_whole(folder / "report.html") as stream:
        stream.write(distilled_page(plan.name, verdicts, questions, losses, read_drops(folder)))
    show(verdicts, len(questions))
    click.echo(f"Model: {result.model}   Report: {folder / 'report.html'}")


def show(verdicts: "list[Verdict]", count: int) -> None:
    """Print one row an extractor, figures in percent."""
    columns = ("Extractor", "P", "R", "F1", "partial F1", "ms/passage")
    table = new_table(f"Held-out questions on {count:,} passages, strict", *columns)
    for verdict in verdicts:
        strict = verdict.micro("strict")
        figures = (strict.precision, strict.recall, strict.f1, verdict.micro("partial").f1)
        speed = f"{1000 * verdict.seconds / max(1, count):.1f}"
        table.add_row(verdict.name, *(f"{100 * figure:.1f}" for figure in figures), speed)
    print_table(table)
