"""`uniner bench`: the Universal NER benchmark, the paper's figures beside the model's."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from uniner.benchmark.catalog import SPLIT_CHOICES, SplitChoice, load_catalog
from uniner.benchmark.paper import MODES, SYSTEMS, Mode
from uniner.benchmark.prepare import MAX_QUERIES, Preparation
from uniner.benchmark.results import BenchReport, DatasetResult
from uniner.cli.bench_data import fetch, list_datasets, list_sizes
from uniner.cli.bench_report import command as report
from uniner.cli.progress import Console
from uniner.cli.tables import new_table, percent, print_table
from uniner.evaluation.faults import describe_faults
from uniner.evaluation.score import Policy
from uniner.records import ConfigError

if TYPE_CHECKING:
    from uniner.benchmark.run import Student
    from uniner.students.extractor import Extractor

RUNS = "runs"
SHOWN_SYSTEMS = {"zero-shot": ("ChatGPT", "UniNER-7B"), "supervised": ("BERT-base", "UniNER-7B")}
"""Those of the paper's systems that have a figure for nearly every data set."""


@click.group("bench")
def command() -> None:
    """The Universal NER benchmark: list it, fetch it, run it, report on runs."""


command.add_command(list_datasets)
command.add_command(fetch)
command.add_command(list_sizes)
command.add_command(report)


@command.command("run")
@click.option("--model", help="A model's name, folder or address; the bundled one if not given.")
@click.option(
    "--suite", default="ood7", show_default=True, help="Suites or data sets, with commas."
)
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    help="The folder with the files that `bench list` names.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help=f"Folder for predictions and results; {RUNS}/bench-MODEL-SUITE if not given.",
)
@click.option(
    "--split",
    default="test",
    show_default=True,
    type=click.Choice(SPLIT_CHOICES),
    help="Which split; any: the first of test, dev and train that is there.",
)
@click.option(
    "--mode",
    default="zero-shot",
    show_default=True,
    type=click.Choice(MODES),
    help="supervised: the model is told the data set's name.",
)
@click.option("--limit", type=int, help="Passages of each data set, sampled.")
@click.option("--seed", default=0, show_default=True, help="Seed of samples.")
@click.option("--threshold", type=float, help="The lowest score kept, 0 to 1; the model's own.")
@click.option("--nested", is_flag=True, help="Let entities of different types overlap.")
@click.option("--original-labels", is_flag=True, help="Ask for the labels as the files have them.")
@click.option("--keep-dropped", is_flag=True, help="Ask for the labels too that the paper drops.")
@click.option("--whole-documents", is_flag=True, help="Ask of articles, not of their sentences.")
@click.option(
    "--max-queries",
    type=int,
    default=MAX_QUERIES,
    show_default=True,
    help="Passage-query pairs of a data set at most; 0: all.",
)
@click.option("--lenient", is_flag=True, help="Skip and count what is malformed in the files.")
def run(  # noqa: PLR0913, PLR0917 -- one for each option of the command line
    model: str | None,
    suite: str,
    data: Path,
    out: Path | None,
    split: SplitChoice,
    mode: Mode,
    limit: int | None,
    seed: int,
    threshold: float | None,
    nested: bool,
    original_labels: bool,
    keep_dropped: bool,
    whole_documents: bool,
    max_queries: int,
    lenient: bool,
) -> None:
    """Run a model over a suite; run again to go on after a stop.

    Data sets of the suite that are not in the folder are named and left out.
    """
    if not data.is_dir():
        raise ConfigError(f"--data {data}: no such folder")
    load_catalog().list_suite(suite)

    from uniner.benchmark.run import RESULTS, BenchConfig, run_bench
    from uniner.students.load import load_extractor

    extractor = load_extractor(model)
    named = f"{extractor.name}-{suite}".replace("/", "_").replace(",", "+")
    folder = out or Path(RUNS) / f"bench-{named}"
    config = BenchConfig(
        suite=suite,
        data=data,
        out=folder,
        split=split,
        mode=mode,
        preparation=Preparation(
            labels="original" if original_labels else "natural",
            dropped=keep_dropped,
            whole=whole_documents,
            max_queries=max_queries or None,
            seed=seed,
        ),
        lenient=lenient,
        limit=limit,
        seed=seed,
        threshold=threshold,
        nested=nested,
        fingerprint=fingerprint(model),
    )
    found = run_bench(choose_student(extractor, mode), config, Console().progress)
    show(found)
    click.echo(f"Figures and predictions: {folder / RESULTS}; `uniner bench report {folder}`")


def choose_student(extractor: "Extractor", mode: Mode) -> "Student":
    """How the extractor is asked of each data set; ConfigError where it cannot be told which."""
    from uniner.students.extractor import Contextual

    match mode:
        case "zero-shot":
            return lambda _: extractor
        case "supervised" if isinstance(extractor, Contextual):
            told = extractor
            return lambda name: told.for_dataset(name) if name else told
        case _:
            raise ConfigError(
                f"{extractor.name} cannot be told a data set's name, only generative students can; "
                "use --mode zero-shot"
            )


def fingerprint(model: str | None) -> str:
    """A hash of a model's files; of a served one, where it is and how it is asked.

    The model's own name is in a manifest anyway.
    """
    from uniner.records.manifest import hash_tree
    from uniner.students.names import BUNDLED, Place, locate_model, read_name

    match read_name(model or BUNDLED).where:
        case Place() as place:
            return " ".join((place.endpoint.url, place.template, place.end, place.dataset)).strip()
        case Path() as folder:
            return hash_tree(folder)
        case name:
            return hash_tree(locate_model(name))


def show(report: BenchReport) -> None:
    """Print one row a data set and their average, in percent."""
    sound: list[Policy] = [
        policy
        for policy in ("strict", "partial")
        if any(policy in result.scores for result in report.results)
    ]
    systems = SYSTEMS[report.mode]
    if any(set(systems[:-1]) - set(r.paper(report.mode)) for r in report.results):
        systems = SHOWN_SYSTEMS[report.mode]
    columns = ("Data set", "Passages", "P", "R", f"{report.model} F1", *sound, *systems)
    about = f"{report.suite}, policy uniner2023"
    table = new_table(f"{about}; {report.subset}" if report.subset else about, *columns)
    for result in report.results:
        table.add_row(*list_cells(result, sound, [*map(result.paper(report.mode).get, systems)]))
    if len(report.results) > 1:
        table.add_section()
        table.add_row(
            "average",
            *("", "", ""),
            percent(report.average("uniner2023")),
            *(percent(report.average(policy)) for policy in sound),
            *(percent(report.paper_average(system)) for system in systems),
        )
    notes = [f"{', '.join(systems)}: the paper's {report.mode} F1 on every test passage."]
    if report.preparation != str(Preparation()):
        notes.append(f"Prepared with {report.preparation}.")
    if report.absent:
        notes.append(f"Not there: {', '.join(report.absent)}.")
    for result in report.results:
        parts = [f"{why} ({count:,})" for why, count in result.notes.items()]
        notes += [f"{result.title}: {', '.join(parts)}."] if parts else []
    if report.faults:
        notes.append(f"{report.model}: {describe_faults(report.faults)}.")
    print_table(table, *notes)


def list_cells(result: DatasetResult, sound: list[Policy], paper: list[float | None]) -> list[str]:
    """One row of the table."""
    micro = result.scores["uniner2023"].micro
    asked = f"{result.passages:,}"
    if result.passages < result.available:
        asked += f" of {result.available:,}"
    return [
        result.title,
        asked,
        percent(100 * micro.precision),
        percent(100 * micro.recall),
        percent(result.f1("uniner2023")),
        *(percent(result.f1(policy)) for policy in sound),
        *(percent(figure) for figure in paper),
    ]
