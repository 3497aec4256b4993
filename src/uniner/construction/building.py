"""From annotated passages to a file of conversations for a generative student."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from uniner.chat.compose import Composer, Tally, write_conversations
from uniner.chat.negatives import Negatives, TypeSampler, find_kin
from uniner.corpus.statistics import count_types
from uniner.corpus.taxonomy import Taxonomy
from uniner.records import Annotated, ConfigError


@dataclass(frozen=True, slots=True)
class ConversationConfig:
    """Which types a passage is asked beside its own: how drawn, and `ratio` times as many."""

    negatives: Negatives = "frequency"
    ratio: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.ratio > 0:
            raise ConfigError(f"ratio must be above 0, not {self.ratio!r}; see negatives = 'none'")


def build_conversations(
    read: Callable[[str], Iterable[Annotated]],
    out: Path,
    config: ConversationConfig,
    taxonomy: Taxonomy | None,
) -> Tally:
    """Write conversations in two passes; `read`, told what for, begins a pass over the passages."""
    frequencies = count_types(read("counting types"))
    sampler = TypeSampler(config.negatives, frequencies)
    composer = Composer(sampler, find_kin(frequencies, taxonomy), config.ratio, config.seed)
    return write_conversations(out, map(composer.compose, read("composing")))
