"""`uniner bench`: the Universal NER benchmark, the paper's figures beside the model's."""

import sys
from importlib.resources import files
from pathlib import Path

import click

from uniner.benchmark.catalog import SYSTEMS, load_catalog
from uniner.benchmark.report import BenchReport, DatasetResult
from uniner.cli.progress import show_progress
from uniner.cli.tables import new_table, percent, print_table
from uniner.evaluation.faults import describe_faults
from uniner.evaluation.score import Policy
from uniner.records import ConfigError

RUNS = "runs"


@click.group("bench")
def command() -> None:
    """The Universal NER benchmark: list it, run it."""


@command.command("list")
@click.option("--data", type=click.Path(path_type=Path), help="Look for the files in this folder.")
def list_datasets(data: Path | None) -> None:
    """List suites and data sets, with the paper's zero-shot F1 and where each is published."""
    from uniner.benchmark.readers import is_present

    if data is not None and not data.is_dir():
        raise ConfigError(f"--data {data}: no such folder")
    catalog = load_catalog()
    columns = ("Data set", "Domain", "Types", "Passages", "Here", *SYSTEMS)
    table = new_table("", *columns, left=2)
    places: dict[str, list[str]] = {}
    for row in catalog.datasets.values():
        here = "?" if data is None else ("yes" if is_present(row, data) else "no")
        figures = [percent(row.paper.get(system)) for system in SYSTEMS]
        table.add_row(row.name, row.domain, str(row.types), f"{row.passages:,}", here, *figures)
        places.setdefault(f"{row.source} ({row.licence})", []).append(row.path)
    suites = [f"Suite {name}: {', '.join(rows)}" for name, rows in catalog.suites.items()]
    sources = [f"From {place}: {', '.join(paths)}" for place, paths in places.items()]
    print_table(table, *suites, *sources)


@command.command("run")
@click.option("--model", help="A model's name, folder or address; the bundled one if not given.")
@click.option("--suite", default="ood7", show_default=True, help="A suite or a data set.")
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
@click.option("--limit", type=int, help="Passages of each data set, sampled.")
@click.option("--seed", default=0, show_default=True, help="Seed of that sample.")
@click.option("--threshold", type=float, help="The lowest score kept, 0 to 1; the model's own.")
@click.option("--nested", is_flag=True, help="Let entities of different types overlap.")
def run(  # noqa: PLR0913, PLR0917 -- one for each option of the command line
    model: str | None,
    suite: str,
    data: Path,
    out: Path | None,
    limit: int | None,
    seed: int,
    threshold: float | None,
    nested: bool,
) -> None:
    """Run a model over a suite; run again to go on after a stop."""
    if not data.is_dir():
        raise ConfigError(f"--data {data}: no such folder")
    load_catalog().list_suite(suite)

    from uniner.benchmark.run import RESULTS, BenchConfig, run_bench
    from uniner.students.load import load_extractor

    extractor = load_extractor(model)
    folder = out or Path(RUNS) / f"bench-{extractor.name.replace('/', '_')}-{suite}"
    config = BenchConfig(
        suite=suite,
        data=data,
        out=folder,
        limit=limit,
        seed=seed,
        threshold=threshold,
        nested=nested,
        fingerprint=fingerprint(model),
    )
    shown = sys.stderr.isatty()
    report = run_bench(
        extractor, config, lambda label, total: show_progress(label, total, shown=shown)
    )
    show(report)
    click.echo(f"Figures and predictions: {folder / RESULTS}")


def fingerprint(model: str | None) -> str:
    """A hash of a model's files; of a served one, where it is and how it is asked.

    The model's own name is in a manifest anyway.
    """
    from uniner.records.manifest import hash_model
    from uniner.students.names import BUNDLED, Place, read_name

    match read_name(model or BUNDLED).where:
        case Place() as place:
            return " ".join((place.endpoint.url, place.template, place.end, place.dataset)).strip()
        case Path() as folder:
            return hash_model(folder)
        case name:
            return hash_model(Path(str(files("uniner") / "models" / name)))


def show(report: BenchReport) -> None:
    """Print one row a data set and their average, in percent."""
    sound: list[Policy] = [
        policy
        for policy in ("strict", "partial")
        if any(policy in result.scores for result in report.results)
    ]
    model = f"{report.model} F1"
    columns = ("Data set", "Passages", "P", "R", model, *sound, *SYSTEMS)
    about = f"{report.suite}, policy uniner2023"
    table = new_table(f"{about}; {report.subset}" if report.subset else about, *columns)
    for result in report.results:
        table.add_row(*list_cells(result, sound))
    if len(report.results) > 1:
        table.add_section()
        table.add_row(
            "average",
            *("", "", ""),
            percent(report.average("uniner2023")),
            *(percent(report.average(policy)) for policy in sound),
            *(percent(report.paper_average(system)) for system in SYSTEMS),
        )
    notes = [f"{', '.join(SYSTEMS)}: the paper's zero-shot F1 on every passage."]
    if report.faults:
        notes.append(f"{report.model}: {describe_faults(report.faults)}.")
    print_table(table, *notes)


def list_cells(result: DatasetResult, sound: list[Policy]) -> list[str]:
    """One row of the table."""
    micro = result.scores["uniner2023"].micro
    asked = f"{result.passages:,}"
    if result.passages < result.available:
        asked += f" of {result.available:,}"
    return [
        result.dataset.title,
        asked,
        percent(100 * micro.precision),
        percent(100 * micro.recall),
        percent(result.f1("uniner2023")),
        *(percent(result.f1(policy)) for policy in sound),
        *(percent(result.dataset.paper.get(system)) for system in SYSTEMS),
    ]
