"""`uniner view`: one page to look through annotated or predicted texts with."""

import random
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from uniner.cli.score_inputs import check_ids, index
from uniner.records import Annotated, ConfigError, InputError, Prediction
from uniner.records.store import read_annotated, read_predictions, write_whole
from uniner.serving.viewer.page import write_page
from uniner.serving.viewer.rows import Row, show_example, show_pair, show_prediction

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Sample:
    """How many passages the page holds at most, and the seed that draws them."""

    limit: int
    seed: int

    def draw(self, items: Sequence[Item]) -> list[Item]:
        """All items, or a sample in their order."""
        if len(items) <= self.limit:
            return list(items)
        chosen = random.Random(self.seed).sample(range(len(items)), self.limit)
        return [items[place] for place in sorted(chosen)]

    def say(self, total: int) -> str:
        """What the page says of what is in it."""
        if total <= self.limit:
            return f"{total:,} passages."
        return f"{self.limit:,} of {total:,} passages, drawn with seed {self.seed}."


@click.command("view")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--pred", type=click.Path(path_type=Path), help="Predictions, to set beside FILE.")
@click.option("--split", help="The data set of a run's folder, as in mit_movie.test.")
@click.option("--out", type=click.Path(path_type=Path), help="The page; beside FILE if not given.")
@click.option("--open", "shown", is_flag=True, help="Show the page in a browser.")
@click.option("--limit", default=2000, show_default=True, help="Passages in the page at most.")
@click.option("--seed", default=0, show_default=True, help="Seed of which passages these are.")
def command(
    file: Path,
    pred: Path | None,
    split: str | None,
    out: Path | None,
    shown: bool,
    limit: int,
    seed: int,
) -> None:
    """Write one HTML page to look through the passages of FILE with, offline.

    FILE is annotated passages or predictions (JSONL), or the folder of a benchmark run. With --pred
    or a run, gold stands beside predicted, and passages can be chosen by the errors in them.
    """
    if limit < 1:
        raise ConfigError(f"--limit must be at least 1, not {limit}")
    sample = Sample(limit, seed)
    if file.is_dir():
        if pred is not None:
            raise ConfigError(f"--pred with {file}: a run has its own predictions; leave it out")
        title, rows, total = read_split(file, split, sample)
        place = file / title
    elif split is not None:
        raise ConfigError(f"--split with {file}: is for the folder of a run; leave it out")
    else:
        title = f"{pred.name} beside {file.name}" if pred else file.name
        rows, total = read_pair(file, pred, sample) if pred else read_alone(file, sample)
        place = pred or file
    page = out or place.with_name(f"{place.name.removesuffix('.jsonl')}.view.html")
    with write_whole(page) as stream:
        stream.writelines(write_page(title, rows, sample.say(total)))
    click.echo(f"{page}: {sample.say(total)}")
    if shown:
        webbrowser.open(page.resolve().as_uri())


def read_alone(file: Path, sample: Sample) -> tuple[list[Row], int]:
    """The rows of annotated passages or of predictions, and of how many they are drawn."""
    records = index(str(file), ((record.passage.id, record) for record in read_predictions(file)))
    return [show_prediction(record) for record in sample.draw([*records.values()])], len(records)


def read_pair(file: Path, pred: Path, sample: Sample) -> tuple[list[Row], int]:
    """The rows of predictions beside annotated passages; InputError where they do not agree."""
    golds: dict[str, Annotated] = index(
        str(file), ((r.passage.id, r) for r in read_annotated(file))
    )
    found: dict[str, Prediction] = index(
        str(pred), ((r.passage.id, r) for r in read_predictions(pred))
    )
    check_ids(str(file), golds, str(pred), found)
    for name, gold in golds.items():
        if gold.passage.text != found[name].passage.text:
            raise InputError(f"{pred}: passage {name!r} has another text than in {file}")
    return [show_pair(golds[name], found[name]) for name in sample.draw([*golds])], len(golds)


def read_split(folder: Path, split: str | None, sample: Sample) -> tuple[str, list[Row], int]:
    """The name and the rows of a data set that a finished benchmark run asked."""
    from uniner.benchmark.catalog import load_catalog
    from uniner.benchmark.gather import read_run

    known = {files.stem: files for files in read_run(folder, load_catalog()).splits}
    name = next(iter(known)) if split is None and len(known) == 1 else split
    if name is None or name not in known:
        what = "which data set?" if name is None else f"no data set {name!r};"
        raise ConfigError(f"{folder}: {what} give --split, one of {', '.join(known)}")
    pairs = list(zip(*known[name].read(), strict=True))
    return name, [show_example(*pair) for pair in sample.draw(pairs)], len(pairs)
