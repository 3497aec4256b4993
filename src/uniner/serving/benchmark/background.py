"""The tables around the scores: how zero-shot it was, what was left out, which runs these are."""

from collections.abc import Iterator, Mapping

from uniner.benchmark.comparison import Comparison
from uniner.benchmark.familiarity import MENTIONS, Familiarity
from uniner.benchmark.gather import System
from uniner.benchmark.zero_shot import ZeroShot
from uniner.corpus.naming import shorten
from uniner.serving.benchmark.tables import NONE, Part, Table, show_share

LISTED = 3
"""Training types named beside an evaluated one."""


def zero_shot(comparison: Comparison, near: ZeroShot) -> Part:
    """How near training was to what the first system was asked."""
    title, name = "How zero-shot it was", comparison.systems[0].name
    if near.overall is None:
        return Part(title, (), (f"{name}: {near.about}",))
    rows = {**near.rows, "all types, each once": near.overall}
    headers = ("Data set", "types", "seen", "mentions seen", "nearest", "Familiarity", "typical")
    cells = tuple(
        (
            row,
            f"{len(value.types):,}",
            show_share(value.seen_types),
            show_share(value.seen_mentions),
            f"{value.similarity:.2f}",
            f"{value.value:.2f}",
            f"{value.typical:.2f}",
        )
        for row, value in rows.items()
    )
    notes = (
        f"{name}. Training types: {near.about}.",
        "seen: % of the types whose name training had, case and blanks aside; mentions seen: % of "
        "the gold mentions that have such a type; nearest: mean cosine of each type and the "
        "training type most like it; Familiarity: as in arXiv 2412.10121, mean cosine of the "
        f"{MENTIONS:,} nearest training mentions weighted by 1 / rank; typical: mean cosine of a "
        "type and all training types, below which nothing is near.",
        "Names are compared by the vectors that the bundled student makes of them, so the cosines "
        "cannot be set beside those of another embedding.",
    )
    types = Table(
        ("Type", "Data sets", "Nearest in training", "gold", "nearest", "Familiarity"),
        tuple(list_types(near.overall, near.rows)),
        3,
        "Types, the least familiar first",
    )
    return Part(title, (Table(headers, cells), types), notes)


def list_types(overall: Familiarity, rows: Mapping[str, Familiarity]) -> Iterator[tuple[str, ...]]:
    """Every type with the training types nearest to it."""
    places: dict[str, list[str]] = {}
    for title, value in rows.items():
        for kind in value.types:
            places.setdefault(kind.type, []).append(title)
    for kind in sorted(overall.types, key=lambda kind: (kind.familiarity, kind.type)):
        near = ", ".join(f"{shorten(n.type)} {n.similarity:.2f}" for n in kind.nearest[:LISTED])
        yield (
            shorten(kind.type),
            ", ".join(places[kind.type]),
            f"seen; {near}" if kind.seen else near,
            f"{kind.gold:,}",
            f"{kind.similarity:.2f}",
            f"{kind.familiarity:.2f}",
        )


def left_out(comparison: Comparison) -> Part:
    """What was not asked or could not be used, and how often."""
    reading, faults = {}, []
    for row in comparison.rows:
        for why, times in row.sample.files.notes.items():
            reading[row.title, why] = f"{times:,}"
        for name, marked in row.marks.items():
            faults += [(row.title, name, why, f"{n:,}") for why, n in marked.faults.items()]
    tables = []
    if reading:
        cells = tuple((*key, times) for key, times in reading.items())
        tables.append(Table(("Data set", "What", "times"), cells, 2, "When files were read"))
    if faults:
        headers = ("Data set", "System", "Why", "times")
        tables.append(Table(headers, tuple(faults), 3, "Answers of no use"))
    notes = [note for system in comparison.systems for note in list_gaps(system)]
    return Part(
        "What was left out",
        tuple(tables),
        tuple(notes) or (() if tables else ("Nothing.",)),
    )


def list_gaps(system: System) -> Iterator[str]:
    """Data sets that a system was not asked, and those that are not looked at."""
    absent = dict.fromkeys(name for run in system.runs for name in run.absent)
    if absent:
        yield f"{system.name}: not there to be asked: {', '.join(absent)}."
    for files in system.repeats:
        yield f"{system.name}: {files.stem} of {files.folder} is in an earlier run too, not used."


def runs(comparison: Comparison) -> Part:
    """Each run as its manifest describes it, one column a run."""
    columns: list[dict[str, str]] = []
    for system in comparison.systems:
        marks = [row.marks[system.name] for row in comparison.rows_of(system.name)]
        for run in system.runs:
            asked = [m for m in marks if m.files.folder == run.folder]
            columns.append(
                {
                    "system": system.name,
                    "folder": str(run.folder),
                    "data sets": f"{len(asked):,}",
                    "queries": f"{sum(m.queries for m in asked):,}",
                    **dict(flatten(run.settings)),
                    **dict(flatten(run.versions)),
                }
            )
    names = dict.fromkeys(name for column in columns for name in column)
    cells = tuple((n, *(column.get(n, NONE) for column in columns)) for n in names)
    [headers, *rows] = cells
    about = f"Intervals and examples: seed {comparison.settings.seed}, "
    about += f"{comparison.settings.resamples:,} resamples."
    return Part("Runs", (Table(headers, tuple(rows), len(headers)),), (about,))


def flatten(values: Mapping[str, object], before: str = "") -> Iterator[tuple[str, str]]:
    """Settings by dotted names; the hashes of inputs are counted only."""
    for name, value in values.items():
        match value:
            case dict() if name == "inputs":
                yield f"{before}{name}", f"{len(value):,} files or folders, hashes in the manifest"
            case dict():
                yield from flatten(value, f"{before}{name}.")
            case bool():
                yield f"{before}{name}", "yes" if value else "no"
            case None | "":
                yield f"{before}{name}", NONE
            case _:
                yield f"{before}{name}", str(value)
