"""From annotated passages to a file of conversations for a generative student."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from uniner.chat.compose import Composer, Tally, write_conversations
from uniner.chat.negatives import PassageNegatives, TypeSampler, add_heads, find_kin
from uniner.chat.variants import Define, Variant
from uniner.corpus.taxonomy import Definition, Taxonomy, definition_from_json
from uniner.records import Annotated, ConfigError, InputError, Passage, RecordError
from uniner.records.store import read_jsonl

DEFINING: tuple[Variant, ...] = ("definition", "name-definition")
"""The variants that ask for a type by what it means."""


@dataclass(frozen=True, slots=True)
class ConversationConfig:
    """Which types a passage is asked for, and how.

    Beside its own types it is asked for `ratio` times as many others; of hard ones, `hard_share`
    are near its own types, the rest as likely as frequent. `dataset` names the data set whose idea
    of the types is meant; `definitions` is a file, in place of the taxonomy's.
    """

    negatives: PassageNegatives = "frequency"
    ratio: float = 1.0
    seed: int = 0
    variant: Variant = "per-type"
    dataset: str = ""
    definitions: str = ""
    hard_share: float = 1.0

    def __post_init__(self) -> None:
        if not self.ratio > 0:
            raise ConfigError(f"ratio must be above 0, not {self.ratio!r}; see negatives = 'none'")
        if not 0 < self.hard_share <= 1:
            raise ConfigError(f"hard_share must be above 0, at most 1, not {self.hard_share!r}")
        if self.hard_share < 1 and self.negatives != "hard":
            raise ConfigError(f"hard_share is for negatives = 'hard', not {self.negatives!r}")
        if self.dataset.strip() != self.dataset or len(self.dataset.splitlines()) > 1:
            raise ConfigError(f"dataset must be a name on one line, not {self.dataset!r}")
        if self.definitions and self.variant not in DEFINING:
            raise ConfigError(
                f"definitions are not asked by variant {self.variant!r}; "
                f"choose one of {', '.join(DEFINING)}"
            )


def build_conversations(
    read: Callable[[str], Iterable[Annotated]],
    out: Path,
    config: ConversationConfig,
    taxonomy: Taxonomy | None,
    find_dataset: Callable[[Passage], str] = lambda _: "",
    *,
    told: bool = False,
) -> Tally:
    """Write conversations in two passes; `read`, told what for, begins a pass over the passages.

    Of passages of several data sets, as `find_dataset` says, each is asked for its own set's types
    and if `told` in its context.
    """
    define = choose_definitions(config, taxonomy)
    frequencies: dict[str, Counter[str]] = {}
    for record in read("counting types"):
        counts = frequencies.setdefault(find_dataset(record.passage), Counter())
        counts.update(entity.type for entity in record.entities)
    if not any(frequencies.values()):
        raise InputError(f"{out}: nothing to write, as no passage has an entity")
    composers = {
        name: make_composer(
            replace(config, dataset=name) if told else config, counts, taxonomy, define
        )
        for name, counts in frequencies.items()
    }
    dialogues = (
        composers[find_dataset(record.passage)].compose(record) for record in read("composing")
    )
    tally = write_conversations(out, dialogues)
    if config.variant in DEFINING:
        every = {name for counts in frequencies.values() for name in counts}
        tally.undefined = sum(name in tally.types for name in every if not define(name))
    return tally


def make_composer(
    config: ConversationConfig,
    frequencies: Mapping[str, int],
    taxonomy: Taxonomy | None,
    define: Define,
) -> Composer:
    """What asks the passages of one data set."""
    kin = find_kin(frequencies, taxonomy)
    sampler = TypeSampler(config.negatives, frequencies)
    if config.negatives == "hard" and config.variant != "ner":
        # Only here is the bundled student needed, which takes a while to load.
        from uniner.construction.neighbours import find_neighbours

        kin = add_heads(kin, frequencies)
        near = find_neighbours(frequencies, kin)
        sampler = TypeSampler(config.negatives, frequencies, near, config.hard_share)
    return Composer(sampler, kin, config.ratio, config.seed, config.variant, define, config.dataset)


def choose_definitions(config: ConversationConfig, taxonomy: Taxonomy | None) -> Define:
    """What types mean: by the file of the configuration, or else by the taxonomy."""
    if config.definitions:
        known = {row.type: row for row in read_definitions(config.definitions)}
        return Taxonomy({}, known).definition
    if taxonomy is not None:
        return taxonomy.definition
    if config.variant in DEFINING:
        raise ConfigError(
            f"variant {config.variant!r} has no definitions to ask by; "
            "name a file of them, or do not leave the taxonomy out"
        )
    return lambda _: None


def read_definitions(path: str) -> Iterator[Definition]:
    """The definitions of a JSONL file; InputError names the line that is none."""
    for number, row in read_jsonl(path):
        try:
            definition = definition_from_json(row)
        except RecordError as error:
            raise InputError(f"{path}:{number}: {error!s:.200}") from None
        yield definition
