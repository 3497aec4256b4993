"""Figures: one for each format, the same for the same data, whatever names are in them."""

from pathlib import Path

import pytest

from uniner.corpus.statistics import Statistics, count_annotated
from uniner.records import Annotated, Entity, Passage

pytest.importorskip("matplotlib")

from uniner.construction.plots import FORMATS, plot_statistics

SIGNATURES = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


def count(passages: int, types: int, domains: int) -> Statistics:
    text = "Oslo"
    return count_annotated(
        Annotated(
            Passage(str(n), text, f"a $b {n % domains}"),
            (Entity(0, 4, text, f"kind {n % types}"),) if types else (),
        )
        for n in range(passages)
    )


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_figure_is_of_the_format_its_name_says(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "new" / f"figure{suffix}"
    plot_statistics(count(60, 20, 25), path)
    assert path.read_bytes().startswith(SIGNATURES[suffix])


def test_a_figure_names_bands_lengths_and_domains_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "figure.svg"
    plot_statistics(count(60, 20, 25), path)
    drawn = path.read_text(encoding="utf-8")
    for words in ("20 types by frequency", "top 1%", "10%-100%", "129-256", "a $b 0"):
        assert f">{words}<" in drawn, words
    assert ">and 5 more domains with 10 passages<" in drawn
    assert "a $b 24" not in drawn


def test_the_same_data_give_the_same_figure(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.svg", "b.svg")]
    for path in paths:
        plot_statistics(count(9, 3, 2), path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("size", [(1, 0, 1), (1, 1, 1), (5, 2, 1)])
def test_a_little_is_drawn_too(tmp_path: Path, size: tuple[int, int, int]) -> None:
    plot_statistics(count(*size), tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 1000
