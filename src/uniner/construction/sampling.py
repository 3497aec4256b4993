"""A sample of a corpus by many processes, on one machine or on many."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path

from uniner.construction.cluster import stream
from uniner.corpus.collect import (
    Collected,
    Counts,
    SampleConfig,
    check_ready,
    choose,
    fill,
    keep_distinct,
    merge_all,
    screen,
)
from uniner.corpus.contamination import HeldOut
from uniner.corpus.documents import Found, read_documents
from uniner.corpus.files import File, list_files
from uniner.corpus.reservoir import Reservoir
from uniner.corpus.rows import Layout
from uniner.records import Passage

BATCH = 1_000
"""Passages that are handed over at a time where none are drawn."""


@dataclass(slots=True)
class Screened:
    """What came of a file; where none are drawn in parts, of which the last has the counts."""

    counts: Counts = field(default_factory=Counts)
    found: Found = field(default_factory=Found)
    reservoirs: dict[str, Reservoir] = field(default_factory=dict)
    passages: list[Passage] = field(default_factory=list)
    last: bool = True


def collect_on_ray(
    sources: Sequence[str],
    layout: Layout,
    config: SampleConfig,
    held_out: HeldOut | None,
    advance: Callable[[int], object],
) -> Collected:
    """What `collect` makes of all the sources, each file of which is a task of its own.

    What is left of them is drawn here, and here nearly the same passages are told apart. All
    machines must see the same files.
    """
    check_ready(config)
    counts = Counts()
    screening = Screening(layout, place_tokenizer(config), held_out)
    parts = screen_sources(sources, screening, counts, advance)
    if config.drawn:
        return Collected(draw(parts, config, counts), counts)
    passages = (passage for part in parts for passage in part.passages)
    return Collected(keep_distinct(passages, config, counts), counts)


def draw(parts: Iterator[Screened], config: SampleConfig, counts: Counts) -> Iterator[Passage]:
    """The sample of what was drawn of each file."""
    reservoirs = merge_all((part.reservoirs for part in parts), config)
    yield from choose(reservoirs, config, counts)


def screen_sources(
    sources: Sequence[str], screening: "Screening", counts: Counts, advance: Callable[[int], object]
) -> Iterator[Screened]:
    """What came of the files in their order; InputError where a source has no document at all."""
    files = {source: list(map(place_file, list_files(source))) for source in sources}
    with closing(stream(list(chain(*files.values())), screening)) as parts:
        for source in sources:
            found = Found()
            for file in files[source]:
                for part in take_file(parts):
                    counts.add(part.counts)
                    found.add(part.found)
                    yield part
                advance(file.size)
            found.check(source)


def take_file(parts: Iterator[Screened]) -> Iterator[Screened]:
    """The parts of the next file."""
    for part in parts:
        yield part
        if part.last:
            return


@dataclass(frozen=True, slots=True)
class Screening:
    """Reads a file and keeps what is of use."""

    layout: Layout
    config: SampleConfig
    held_out: HeldOut | None

    def __call__(self, file: File) -> Iterator[Screened]:
        """What was drawn of a file, or all that is left of it in parts."""
        counts, found = Counts(), Found()
        documents = found.watch(read_documents(file, self.layout))
        passages = screen(documents, self.config, counts, self.held_out)
        if self.config.drawn:
            yield Screened(counts, found, fill(passages, self.config))
            return
        while batch := list(islice(passages, BATCH)):
            yield Screened(passages=batch, last=False)
        yield Screened(counts, found)


def place_file(file: File) -> File:
    """The same file by a name that holds in any folder."""
    if file.kind == "hub" and not Path(file.path).exists():
        return file
    return replace(file, path=str(Path(file.path).absolute()))


def place_tokenizer(config: SampleConfig) -> SampleConfig:
    """The same config with a name of the tokenizer that holds in any folder."""
    return replace(config, tokenizer=config.tokenizer and str(Path(config.tokenizer).absolute()))
