"""`uniner bench list`, `fetch` and `sizes`: the data sets, how to get them, what is in them."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import click

from uniner.benchmark.catalog import ALL, DOMAINS, Catalog, Dataset, load_catalog
from uniner.benchmark.paper import find_figures
from uniner.cli.progress import can_redraw, show_progress
from uniner.cli.tables import new_table, percent, print_table
from uniner.construction.narrator import Advance
from uniner.records import ConfigError, UninerError

LISTED = ("Data set", "Title", "Types", "Test", "ChatGPT", "UniNER", "Superv.", "Access", "Here")
SIZED = ("Data set", "Split", "Read", "Paper", "Differs", "Types", "Occur", "Paper's", "Why")

Layout = Literal["table", "md"]
FOLDER = click.Path(path_type=Path)


@click.command("list")
@click.option("--data", type=FOLDER, help="Say what lies in this folder.")
@click.option("--suite", default=ALL, show_default=True, help="Suites or data sets, with commas.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, with sources and labels.")
def list_datasets(data: Path | None, suite: str, as_json: bool) -> None:
    """List data sets and suites, with the paper's figures and what is there of the files."""
    check_folder(data)
    catalog = load_catalog()
    rows = catalog.list_suite(suite)
    if as_json:
        click.echo(json.dumps([dataset_to_json(row, data) for row in rows], ensure_ascii=False))
        return
    table = new_table("", *LISTED, left=2)
    table.columns[0].no_wrap = True
    table.columns[-1].justify = table.columns[-2].justify = "left"
    rows.sort(key=lambda row: DOMAINS.index(row.domain))
    for domain, group in groupby(rows, key=lambda row: row.domain):
        table.add_section()
        table.add_row(f"[bold]{domain}[/bold]")
        for row in group:
            table.add_row(*list_cells(row, data))
    print_table(table, *list_notes(rows, catalog, data))


def list_cells(row: Dataset, data: Path | None) -> list[str]:
    """One row of the list."""
    zero, supervised = find_figures(row.row, "zero-shot"), find_figures(row.row, "supervised")
    test = row.splits["test"].paper if "test" in row.splits else None
    return [
        row.name,
        row.title,
        str(row.types),
        "–" if test is None else f"{test:,}",
        percent(zero.get("ChatGPT")),
        percent(zero.get("UniNER-7B")),
        percent(supervised.get("UniNER-7B")),
        row.access,
        describe_presence(row, data),
    ]


def describe_presence(row: Dataset, data: Path | None) -> str:
    """Which splits are there."""
    if data is None:
        return "?"
    found = list_found(row, data)
    if len(found) == len(row.splits):
        return "all"
    return " ".join(found) or "–"


def list_found(row: Dataset, data: Path) -> Sequence[str]:
    """The splits that are there whole."""
    from uniner.benchmark.reading import list_present

    return list_present(row, data)


def list_notes(rows: Sequence[Dataset], catalog: Catalog, data: Path | None) -> Iterator[str]:
    """What stands below the list."""
    yield (
        "Test: the paper's passages. ChatGPT and UniNER (7B): its zero-shot F1; Superv.: UniNER-7B "
        "after training on the data set."
    )
    licences: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        licences[row.licence].append(row.name)
    yield from (f"Licence {name}: {', '.join(of)}" for name, of in licences.items())
    absent = [row for row in rows if data is None or len(list_found(row, data)) < len(row.splits)]
    where = data or "DIR"
    if fetchable := [row.name for row in absent if not row.how]:
        yield f"`uniner bench fetch NAME --data {where}` gets: {', '.join(fetchable)}"
    if by_hand := [row.name for row in absent if row.how]:
        yield f"`uniner bench fetch NAME` says what to do for: {', '.join(by_hand)}"
    if forms := [name for name in catalog.datasets if name not in {row.name for row in rows}]:
        yield f"Not listed: {', '.join(forms)}"
    sizes = (f"{name} ({len(of)})" for name, of in catalog.suites.items())
    yield f"Suites: {', '.join(sizes)}"


def dataset_to_json(row: Dataset, data: Path | None) -> dict[str, Any]:
    """A data set as JSON says it; `here` is null where nobody said where to look."""
    found = None if data is None else list_found(row, data)
    plain = ("name", "title", "row", "domain", "types", "licence", "access", "source", "hub", "how")
    return {
        **{name: getattr(row, name) for name in plain},
        "labels": dict(row.labels),
        "dropped": dict(row.drop),
        "splits": {
            name: {
                "files": list(split.files),
                "paper": split.paper,
                "here": None if found is None else name in found,
            }
            for name, split in row.splits.items()
        },
        "paper": {
            "zero_shot": dict(find_figures(row.row, "zero-shot")),
            "supervised": dict(find_figures(row.row, "supervised")),
        },
    }


@click.command("fetch")
@click.argument("names", nargs=-1, required=True)
@click.option("--data", type=FOLDER, help="Put the files below this folder.")
@click.pass_context
def fetch(ctx: click.Context, names: tuple[str, ...], data: Path | None) -> None:
    """Get the files of data sets or suites, or say how they are had.

    Open files are downloaded from their owners and checked; what is there already stays. Without
    --data nothing is fetched, only explained. Exits with 2 where something is still missing.
    """
    from uniner.benchmark.fetch import fetch_dataset, load_origins

    origins = load_origins()
    complete = True
    for row in load_catalog().list_suite(",".join(names)):
        if data is None:
            click.echo(explain(row, row.how or f"uniner bench fetch {row.name} --data DIR"))
            continue
        try:
            items = fetch_dataset(row, data, origins, show_bytes)
        except UninerError as error:
            click.echo(f"uniner: {row.name}: {error}", err=True)
            complete = False
            continue
        for item in items:
            if item.state != "absent":
                check = "checked" if item.checked else f"not checked, SHA-256 {item.sha256}"
                state = "fetched" if item.state == "fetched" else "already there"
                click.echo(f"{data / item.target}: {state}, {check}")
        if absent := [item.target for item in items if item.state == "absent"]:
            click.echo(explain(row, row.how))
            click.echo(f"  missing: {', '.join(str(data / target) for target in absent)}")
            complete = False
    if not complete:
        ctx.exit(2)


def show_bytes(label: str, total: int | None) -> AbstractContextManager[Advance]:
    """A bar of a download, on a terminal."""
    return show_progress(label, total, shown=can_redraw())


def explain(row: Dataset, how: str) -> str:
    """Where a data set is from, under which licence, and what to do."""
    files = dict.fromkeys(name for split in row.splits.values() for name in split.files)
    hub = f"\n  on the hub: https://huggingface.co/datasets/{row.hub}" if row.hub else ""
    return (
        f"{row.name}: {row.title} ({row.access}; {row.licence})\n  from: {row.source}{hub}\n"
        f"  to do: {how}\n  files: {', '.join(files)}"
    )


@click.command("sizes")
@click.option("--data", required=True, type=FOLDER, help="The folder with the files.")
@click.option("--suite", default=ALL, show_default=True, help="Suites or data sets, with commas.")
@click.option(
    "--format",
    "layout",
    default="table",
    show_default=True,
    type=click.Choice(["table", "md"]),
    help="A table for people, or in Markdown.",
)
def list_sizes(data: Path, suite: str, layout: Layout) -> None:
    """Read every split that is there, and count it beside the paper's own counts."""
    from uniner.benchmark.sizes import measure_sizes

    check_folder(data)
    sizes = list(measure_sizes(load_catalog().list_suite(suite), data))
    if not sizes:
        raise ConfigError(f"--data {data}: no split of {suite} is there; see `uniner bench list`")
    rows = [
        [
            size.dataset.name,
            size.split,
            f"{size.passages:,}",
            "–" if size.paper is None else f"{size.paper:,}",
            f"{size.difference:+,}" if size.difference else "",
            str(size.asked),
            str(size.occurring),
            str(size.dataset.types),
            size.why or ("not explained" if size.difference else ""),
        ]
        for size in sizes
    ]
    match layout:
        case "md":
            bars = ("---", "---", *["---:"] * 6, "---")
            for row in (SIZED, bars, *rows):
                click.echo(f"| {' | '.join(row)} |")
        case "table":
            table = new_table("", *SIZED, left=2)
            table.columns[-1].justify, table.columns[-1].no_wrap = "left", False
            for row in rows:
                table.add_row(*row)
            print_table(table, "Types: asked, and of these occurring; Paper's: the paper's types.")


def check_folder(data: Path | None) -> None:
    """ConfigError where the folder that is named is none."""
    if data is not None and not data.is_dir():
        raise ConfigError(f"--data {data}: no such folder")
