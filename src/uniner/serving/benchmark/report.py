"""A comparison written to a folder, in the formats that are asked for."""

import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from uniner.benchmark.comparison import Comparison
from uniner.benchmark.zero_shot import ZeroShot
from uniner.records import ConfigError
from uniner.records.store import write_whole
from uniner.serving.benchmark import background, details, scores
from uniner.serving.benchmark.lines import write_csv
from uniner.serving.benchmark.markdown import write_markdown
from uniner.serving.benchmark.objects import comparison_to_json
from uniner.serving.benchmark.tables import Part
from uniner.serving.benchmark.web import write_page

Format: TypeAlias = Literal["md", "csv", "json", "html"]
FORMATS: tuple[Format, ...] = get_args(Format)

TITLE = "Universal NER benchmark"


def check_charts() -> None:
    """ConfigError where charts cannot be drawn, before hours of counting and not after."""
    try:
        import uniner.serving.benchmark.plots  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            f"charts of the HTML report need {error.name}: pip install 'uniner[report]', "
            "or leave it out with --format md"
        ) from None


def write_report(
    comparison: Comparison, near: ZeroShot, folder: Path, formats: Collection[Format]
) -> list[Path]:
    """Write `report.md`, `report.csv`, `report.json` and `report.html`, or those that are asked."""
    parts = list_parts(comparison, near)
    write: dict[Format, Callable[[], str]] = {
        "md": lambda: write_markdown(TITLE, parts),
        "csv": lambda: write_csv(comparison),
        "json": lambda: write_json(comparison, near),
        "html": lambda: write_page(TITLE, parts, draw_charts(comparison), comparison),
    }
    paths = []
    for kind in FORMATS:
        if kind in formats:
            path = folder / f"report.{kind}"
            text = write[kind]()
            with write_whole(path) as stream:
                stream.write(text)
            paths.append(path)
    return paths


def write_json(comparison: Comparison, near: ZeroShot) -> str:
    """The report as one JSON object for people to read."""
    return json.dumps(comparison_to_json(comparison, near), indent=2, ensure_ascii=False) + "\n"


def list_parts(comparison: Comparison, near: ZeroShot) -> list[Part]:
    """The parts of a report in the order in which they are read."""
    parts = [
        scores.averages(comparison),
        scores.domains(comparison),
        scores.datasets(comparison),
        details.significance(comparison),
        details.views(comparison),
        details.weakest(comparison),
        details.errors(comparison),
        background.zero_shot(comparison, near),
        background.left_out(comparison),
        background.runs(comparison),
    ]
    return [part for part in parts if part is not None]


def draw_charts(comparison: Comparison) -> dict[str, str]:
    """The charts as HTML, by the heading that they stand under."""
    check_charts()
    from uniner.serving.benchmark.plots import chart_errors, chart_scores

    charts = {"By data set": chart_scores(comparison), "Errors": chart_errors(comparison)}
    return {title: f'<div class="wide">{svg}</div>' for title, svg in charts.items() if svg}
