"""A sample of a corpus: documents cut, screened, freed of duplicates, and drawn from.

`collect` does it in one process. Elsewhere each part of a corpus may be screened into reservoirs
of its own (`screen`, `fill`), which `merge_all` joins and `choose` draws from: the same sample.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from uniner.corpus.contamination import HeldOut
from uniner.corpus.cutting import Cut, cut_document
from uniner.corpus.documents import Document, Read
from uniner.corpus.drops import Drop
from uniner.corpus.duplicates import BATCH, Distinct
from uniner.corpus.language import detect_language, parse_languages
from uniner.corpus.reservoir import Drawn, Reservoir, priority_of
from uniner.records import ConfigError, InputError, Passage
from uniner.text.tokens import load_counter

SPARE = 1.25
"""How many times the passages wanted are drawn, in case some are nearly the same."""

SPARE_LEAST = 16
"""How many more are drawn at least."""


@dataclass(frozen=True, slots=True)
class SampleConfig:
    """What is a passage, which passages are left out, and how many are drawn.

    `n` in all or `per_domain` of each domain; every one where both are 0. `near_duplicates` is
    the least similarity of two passages that are nearly the same; 0 keeps them. `tokenizer` is a
    file, the bundled one if empty.
    """

    n: int = 0
    per_domain: int = 0
    max_tokens: int = 256
    min_tokens: int = 16
    seed: int = 0
    language: str = "en"
    near_duplicates: float = 0.8
    tokenizer: str = ""
    lenient: bool = False

    def __post_init__(self) -> None:
        if self.n < 0 or self.per_domain < 0 or (self.n and self.per_domain):
            raise ConfigError(
                f"n = {self.n} and per_domain = {self.per_domain}: give one of them, above 0"
            )
        if not 1 <= self.min_tokens <= self.max_tokens:
            raise ConfigError(
                f"no passage has {self.min_tokens} to {self.max_tokens} tokens; "
                "give 1 <= min_tokens <= max_tokens"
            )
        if not 0 <= self.near_duplicates <= 1:
            raise ConfigError(
                f"near_duplicates is {self.near_duplicates}; give a similarity above 0 and up to 1"
            )

    @property
    def drawn(self) -> int:
        """How many passages a reservoir holds; 0 where none is needed."""
        wanted = self.n or self.per_domain
        return wanted and max(int(wanted * SPARE), wanted + SPARE_LEAST)


@dataclass(slots=True)
class Counts:
    """What came of documents; `contaminated` counts by test set, `domains` what was sampled."""

    documents: int = 0
    unreadable: int = 0
    passages: int = 0
    drops: Counter[Drop] = field(default_factory=Counter)
    contaminated: Counter[str] = field(default_factory=Counter)
    domains: Counter[str] = field(default_factory=Counter)

    @property
    def sampled(self) -> int:
        """How many passages there are in the end."""
        return self.domains.total()

    def add(self, other: "Counts") -> None:
        """Count what came of other documents too."""
        self.documents += other.documents
        self.unreadable += other.unreadable
        self.passages += other.passages
        self.drops += other.drops
        self.contaminated += other.contaminated
        self.domains += other.domains


class Collected(NamedTuple):
    """Passages, to be read once, and counts that are complete when they have been."""

    passages: Iterator[Passage]
    counts: Counts


class Verdict(NamedTuple):
    """Why a passage is left out, None where it is not, and the test sets that it shares with."""

    drop: Drop | None
    sets: Sequence[str] = ()


def collect(
    documents: Iterable[Read], config: SampleConfig, held_out: HeldOut | None = None
) -> Collected:
    """The sample of a stream of documents.

    What is drawn comes in the order of its priority, which is a shuffle that the seed and the
    texts alone decide; without a number to draw, all passages come in the order of the stream
    (some 4 kB of each are then remembered, 0.1 kB where near duplicates are kept).
    """
    check_ready(config)
    counts = Counts()
    passages = screen(documents, config, counts, held_out)
    if config.drawn:
        return Collected(draw(passages, config, counts), counts)
    return Collected(keep_distinct(passages, config, counts), counts)


def check_ready(config: SampleConfig) -> None:
    """Raise ConfigError or InputError where what a config asks for is unknown or not there."""
    load_counter(config.tokenizer)
    parse_languages(config.language)
    start_distinct(config)


def passages_of(document: Document, config: SampleConfig) -> Cut:
    """The passages of one document."""
    counter = load_counter(config.tokenizer)
    return cut_document(document, counter, config.max_tokens, config.min_tokens)


def judge(passage: Passage, config: SampleConfig, held_out: HeldOut | None = None) -> Verdict:
    """Whether a passage is left out whatever other passages there are."""
    languages = parse_languages(config.language)
    if languages and detect_language(passage.text) not in languages:
        return Verdict(Drop.LANGUAGE)
    if held_out is not None and (sets := held_out.find(passage.text)):
        return Verdict(Drop.CONTAMINATED, sets)
    return Verdict(None)


def screen(
    documents: Iterable[Read],
    config: SampleConfig,
    counts: Counts,
    held_out: HeldOut | None = None,
) -> Iterator[Passage]:
    """The passages of documents that are not left out by themselves; all else is counted.

    InputError at the first unreadable one, unless the config is lenient.
    """
    for document in documents:
        if not isinstance(document, Document):
            if not config.lenient:
                raise InputError(document.why)
            counts.unreadable += 1
            continue
        counts.documents += document.offset == 0
        cut = passages_of(document, config)
        counts.passages += len(cut.passages) + cut.drops.total()
        counts.drops += cut.drops
        for passage in cut.passages:
            drop, sets = judge(passage, config, held_out)
            if drop is None:
                yield passage
            else:
                counts.drops[drop] += 1
                counts.contaminated.update(sets)


def fill(passages: Iterable[Passage], config: SampleConfig) -> dict[str, Reservoir]:
    """Reservoirs by domain, or one for all called ``""``, to which passages were offered."""
    reservoirs: dict[str, Reservoir] = {}
    for passage in passages:
        name = passage.domain if config.per_domain else ""
        if name not in reservoirs:
            reservoirs[name] = Reservoir(config.drawn)
        reservoirs[name].offer(Drawn(priority_of(passage.text, config.seed), passage))
    return reservoirs


def merge_all(parts: Iterable[dict[str, Reservoir]], config: SampleConfig) -> dict[str, Reservoir]:
    """The reservoirs of a whole corpus from those of its parts."""
    merged: dict[str, Reservoir] = {}
    for part in parts:
        for name, reservoir in part.items():
            merged.setdefault(name, Reservoir(config.drawn)).take_over(reservoir)
    return merged


def draw(passages: Iterable[Passage], config: SampleConfig, counts: Counts) -> Iterator[Passage]:
    """The sample of a stream of passages, which is read to its end before the first comes."""
    yield from choose(fill(passages, config), config, counts)


def choose(
    reservoirs: dict[str, Reservoir], config: SampleConfig, counts: Counts
) -> Iterator[Passage]:
    """The passages wanted of each reservoir, by priority, none the same or nearly as another."""
    wanted, distinct = config.n or config.per_domain, start_distinct(config)
    taken: Counter[str] = Counter()
    before = -1
    every = [(drawn, name) for name, reservoir in reservoirs.items() for drawn in reservoir]
    for drawn, name in sorted(every, key=lambda pair: (pair[0].priority, pair[0].passage.id)):
        counts.drops[Drop.EXACT] += drawn.times - 1
        if drawn.priority == before:
            counts.drops[Drop.EXACT] += 1
        elif taken[name] < wanted:
            if distinct is None or distinct.sift([drawn.passage.text])[0]:
                taken[name] += 1
                before = drawn.priority
                counts.domains[drawn.passage.domain] += 1
                yield drawn.passage
            else:
                counts.drops[Drop.NEAR] += 1
    rest = counts.passages - counts.drops.total() - counts.sampled
    counts.drops[Drop.NOT_DRAWN] += rest


def keep_distinct(
    passages: Iterable[Passage], config: SampleConfig, counts: Counts
) -> Iterator[Passage]:
    """All passages but those that are the same or nearly as one before."""
    stream = skip_same(passages, config.seed, counts)
    distinct = start_distinct(config)
    while batch := list(islice(stream, BATCH)):
        fresh = distinct.sift([p.text for p in batch]) if distinct else [True] * len(batch)
        for passage, new in zip(batch, fresh, strict=True):
            if new:
                counts.domains[passage.domain] += 1
                yield passage
            else:
                counts.drops[Drop.NEAR] += 1


def skip_same(passages: Iterable[Passage], seed: int, counts: Counts) -> Iterator[Passage]:
    """Passages without those whose text came before."""
    seen: set[int] = set()
    for passage in passages:
        priority = priority_of(passage.text, seed)
        if priority in seen:
            counts.drops[Drop.EXACT] += 1
        else:
            seen.add(priority)
            yield passage


def start_distinct(config: SampleConfig) -> Distinct | None:
    """What tells near duplicates apart, unless they are kept."""
    return Distinct(config.near_duplicates) if config.near_duplicates else None


def counts_to_json(counts: Counts) -> dict[str, Any]:
    """Counts as an object for a file, each of its parts with the most frequent first."""
    row = asdict(counts)
    for name in ("drops", "contaminated", "domains"):
        named = {str(key): count for key, count in getattr(counts, name).items()}
        row[name] = dict(sorted(named.items(), key=lambda item: (-item[1], item[0])))
    return {**row, "sampled": counts.sampled}
