"""`uniner corpus sample`: passages from texts, JSONL, Parquet and data sets of the hub."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import click

from uniner.cli.progress import Console
from uniner.cli.tables import new_table, print_table
from uniner.records import ConfigError, InputError, Passage
from uniner.records.manifest import describe_run, write_json
from uniner.records.store import read_passages, write_records

if TYPE_CHECKING:
    from uniner.benchmark.catalog import Dataset
    from uniner.corpus.collect import Collected, Counts, SampleConfig
    from uniner.corpus.contamination import HeldOut
    from uniner.corpus.rows import Layout

    Collect: TypeAlias = Callable[
        [Sequence[str], Layout, SampleConfig, HeldOut | None, Callable[[int], object]], Collected
    ]

ROWS = 20
"""Domains that the table shows; all are in the file beside the passages."""

OFF = "off"
Engine = Literal["local", "ray"]


def read_similarity(_ctx: click.Context, _param: click.Parameter, value: str) -> float:
    """A similarity above 0 and up to 1, or `off` as 0."""
    if value == OFF:
        return 0.0
    try:
        similarity = float(value)
    except ValueError:
        similarity = 0.0
    if not 0 < similarity <= 1:
        raise ConfigError(f"--near-duplicates {value}: neither a similarity such as 0.8 nor {OFF}")
    return similarity


@click.group("corpus")
def command() -> None:
    """Passages from texts of your own."""


@command.command("sample")
@click.argument("sources", metavar="SRC...", nargs=-1, required=True, type=click.Path())
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Passage JSONL.")
@click.option(
    "--n", type=click.IntRange(0), default=0, help="Draw so many passages; all if not given."
)
@click.option(
    "--per-domain", type=click.IntRange(0), default=0, help="Draw so many of each domain instead."
)
@click.option("--max-tokens", default=256, show_default=True, help="Tokens of a passage at most.")
@click.option("--min-tokens", default=16, show_default=True, help="Tokens of a passage at least.")
@click.option("--seed", default=0, show_default=True, help="Decides what is drawn.")
@click.option(
    "--language", default="en", show_default=True, help="Codes to keep, as in en,de; or any."
)
@click.option(
    "--near-duplicates",
    callback=read_similarity,
    default="0.8",
    show_default=True,
    metavar=f"SIMILARITY|{OFF}",
    help="Share of common five-word runs from which two passages are one.",
)
@click.option(
    "--decontaminate",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Leave out what shares eight words in a row with a test set: the benchmark's folder, or "
    "a file of passages.",
)
@click.option(
    "--text-field", default="text", show_default=True, help="A row's text; dots for inner fields."
)
@click.option(
    "--domain-field",
    default="",
    help="A row's domain; domain, else meta.pile_set_name, else the file's name, if not given.",
)
@click.option("--split", default="train", show_default=True, help="Part of an hf: data set.")
@click.option("--config", "subset", default="", help="Configuration of an hf: data set.")
@click.option("--tokenizer", default="", help="A tokenizer.json to count by; the bundled one's.")
@click.option("--lenient", is_flag=True, help="Count and skip what cannot be read.")
@click.option(
    "--engine",
    type=click.Choice(get_args(Engine)),
    default="local",
    show_default=True,
    help="Where documents are read and screened: in this process, or on Ray, each file by itself.",
)
@click.option("--ray-address", help="A Ray cluster; one on this machine if not given.")
def sample(**given: Any) -> None:
    """Cut documents into passages, leave out what is of no use, and draw from the rest.

    SRC is a text file (.txt, .md), JSONL (.jsonl, .ndjson), each also .gz or .zst, Parquet, a
    folder of these, or hf:NAME, a data set of the Hugging Face hub or a folder laid out as one.

    Passages that are drawn come shuffled: the texts and the seed decide, not the order of the
    sources. Memory is that of the passages drawn, however large the corpus. If all are kept
    they come in order, and some 4 kB of each are remembered to tell duplicates (0.1 kB with
    --near-duplicates off). Options and counts go to NAME.corpus.json beside the output.
    """
    run(**given)


def run(
    sources: Sequence[str],
    out: Path,
    decontaminate: Sequence[Path],
    engine: Engine,
    ray_address: str | None,
    **given: Any,
) -> None:
    """Sample, write both files and print what came of the corpus."""
    from uniner.corpus.collect import SampleConfig
    from uniner.corpus.files import check_sources
    from uniner.corpus.rows import Layout

    layout = Layout(*(given.pop(n) for n in ("text_field", "domain_field", "split", "subset")))
    config = SampleConfig(**given)
    check_sources(sources)
    check_apart(out, sources)
    inputs = measure(sources)
    held_out = learn_tests(decontaminate)
    with (
        choose_engine(engine, ray_address) as collect,
        Console().progress("bytes read", sum_sizes(inputs)) as advance,
    ):
        passages, counts = collect(sources, layout, config, held_out, advance)
        write_records(out, check_any(passages, counts))
    settings = {**asdict(config), **asdict(layout), "decontaminate": [*map(str, decontaminate)]}
    write_report(out, settings, inputs, counts, held_out)
    show(out, counts, config, held_out)


@contextmanager
def choose_engine(engine: Engine, address: str | None) -> Iterator["Collect"]:
    """What collects passages."""
    match engine:
        case "local":
            from uniner.corpus.collect import collect
            from uniner.corpus.documents import read_sources

            yield lambda sources, layout, config, held_out, advance: collect(
                read_sources(sources, layout, advance), config, held_out
            )
        case "ray":
            from uniner.construction.cluster import join
            from uniner.construction.sampling import collect_on_ray

            with join(address):
                yield collect_on_ray


def check_apart(out: Path, sources: Sequence[str]) -> None:
    """Raise ConfigError where the output would be read as a source the next time."""
    for source in map(Path, sources):
        if out.resolve().is_relative_to(source.resolve()):
            raise ConfigError(
                f"--out {out}: is in the source {source}, which the next run would read it with; "
                "write it elsewhere"
            )


def measure(sources: Sequence[str]) -> dict[str, tuple[int, int]]:
    """The number of files and their bytes (0 where unknown), by the name of each source."""
    from uniner.corpus.files import list_files, name_source

    sizes = {s: [file.size for file in list_files(s)] for s in sources}
    return {name_source(source): (len(each), sum(each)) for source, each in sizes.items()}


def sum_sizes(inputs: Mapping[str, tuple[int, int]]) -> int | None:
    """The bytes of all sources, or None where those of one are unknown."""
    sizes = [size for _, size in inputs.values()]
    return sum(sizes) if all(sizes) else None


def learn_tests(places: Sequence[Path]) -> "HeldOut | None":
    """The test sets in the places given, if any are."""
    if not places:
        return None
    from uniner.corpus.contamination import hold_out

    sets: dict[str, Iterator[str]] = {}
    for place in places:
        for name, texts in list_tests(place):
            if name in sets:
                raise ConfigError(f"--decontaminate {place}: a second test set called {name!r}")
            sets[name] = texts
    return hold_out(sets)


def list_tests(place: Path) -> Iterator[tuple[str, Iterator[str]]]:
    """The names of test sets and their texts: those of the catalog in a folder, or one file."""
    if not place.is_dir():
        yield place.stem, (passage.text for passage in read_passages(place))
        return
    from uniner.benchmark.catalog import load_catalog
    from uniner.benchmark.reading import list_present

    here = [row for row in load_catalog().datasets.values() if "test" in list_present(row, place)]
    if not here:
        raise ConfigError(
            f"--decontaminate {place}: has no data set of the catalog; `uniner bench list` names "
            "the files (or give a file of passages)"
        )
    names = {row.name for row in here}
    for dataset in here:
        if dataset.in_benchmark or dataset.row not in names:  # not the same passages twice
            yield dataset.name, read_texts(dataset, place)


def read_texts(dataset: "Dataset", folder: Path) -> Iterator[str]:
    """The test passages of a data set of the catalog, read when the first is needed."""
    from uniner.benchmark.prepare import Preparation
    from uniner.benchmark.reading import read_examples

    whole = Preparation(max_queries=None)
    for example in read_examples(dataset, "test", folder, whole, lenient=True).rows:
        yield example.passage.text


def check_any(passages: Iterable[Passage], counts: "Counts") -> Iterator[Passage]:
    """The passages; InputError where there is none."""
    yield from passages
    if not counts.sampled:
        reasons = ", ".join(f"{why}: {n:,}" for why, n in counts.drops.most_common(3) if n)
        raise InputError(
            f"no passage is left of {counts.documents:,} documents ({reasons or 'all are empty'}); "
            "see --language and --min-tokens"
        )


def write_report(
    out: Path,
    settings: Mapping[str, Any],
    inputs: Mapping[str, tuple[int, int]],
    counts: "Counts",
    held_out: "HeldOut | None",
) -> None:
    """Write options, sources and counts beside the passages."""
    from uniner.corpus.collect import counts_to_json

    sizes = {name: f"{files} files, {size} bytes" for name, (files, size) in inputs.items()}
    report = {**describe_run(settings, sizes), "counts": counts_to_json(counts)}
    if held_out is not None:
        tests = zip(held_out.names, held_out.passages, held_out.short, strict=True)
        report["test_sets"] = {
            name: {"passages": passages, "too_short": short} for name, passages, short in tests
        }
    write_json(out.with_name(f"{out.name.removesuffix(out.suffix)}.corpus.json"), report)


def show(out: Path, counts: "Counts", config: "SampleConfig", held_out: "HeldOut | None") -> None:
    """Print what was read, why passages were left out, and how many there are of each domain."""
    from rich.markup import escape

    from uniner.corpus.drops import Drop

    table = new_table(str(out), "", "Count")
    table.add_row("documents", f"{counts.documents:,}")
    if config.lenient:
        table.add_row("rows and files that cannot be read", f"{counts.unreadable:,}")
    table.add_row("passages cut", f"{counts.passages:,}")
    for drop in Drop:
        if counts.drops[drop]:
            table.add_row(f"- {drop}", f"{counts.drops[drop]:,}")
        if drop is Drop.CONTAMINATED:
            for name, count in counts.contaminated.most_common():
                table.add_row(f"    {escape(name)}", f"{count:,}")
    table.add_row("sampled", f"{counts.sampled:,}")
    table.add_section()
    ranked = counts.domains.most_common()
    for name, count in ranked[:ROWS]:
        table.add_row(escape(name), f"{count:,}")
    print_table(table, *list_notes(counts, config, held_out))


def list_notes(
    counts: "Counts", config: "SampleConfig", held_out: "HeldOut | None"
) -> Iterator[str]:
    """What the table does not say."""
    if len(counts.domains) > ROWS:
        yield f"{len(counts.domains) - ROWS:,} more domains are in the file beside the passages."
    wanting = sum(counts.domains[name] < config.per_domain for name in counts.domains)
    if counts.sampled < config.n:
        yield f"Fewer than the {config.n:,} passages wanted: {explain_few(counts)}."
    if wanting:
        yield f"{wanting:,} domains have fewer than {config.per_domain:,}: {explain_few(counts)}."
    if held_out is not None and any(held_out.short):
        yield (
            f"{sum(held_out.short):,} of {sum(held_out.passages):,} test passages have fewer than "
            f"{held_out.run} words: too short to look for."
        )


def explain_few(counts: "Counts") -> str:
    """Why fewer passages were sampled than wanted."""
    from uniner.corpus.drops import Drop

    if counts.drops[Drop.NOT_DRAWN] and counts.drops[Drop.NEAR]:
        return "there are no more, or too many of those drawn were nearly the same; ask for more"
    return "there are no more"
