"""A user's labelled texts, and how a student is to learn from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from uniner.corpus.split import split_of
from uniner.evaluation.questions import Question, ask_all, list_types
from uniner.records import Annotated, ConfigError
from uniner.records.store import read_annotated


@dataclass(frozen=True, slots=True)
class AdaptConfig:
    """How to go on training; `replay` old passages are rehearsed for each of the user's."""

    epochs: int = 8
    rate: float = 1e-4
    batch: int = 16
    replay: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch"):
            if getattr(self, name) < 1:
                raise ConfigError(f"--{name} must be at least 1, not {getattr(self, name)!r}")
        if not 0 < self.rate < 1:
            raise ConfigError(f"--rate must be above 0 and below 1, not {self.rate!r}; try 1e-4")
        if not 0 <= self.replay <= 100:
            raise ConfigError(f"--replay must be within [0, 100], not {self.replay!r}; try 1")


@dataclass(frozen=True, slots=True)
class Texts:
    """A user's labelled texts, every one labelled with all of `types`."""

    train: Sequence[Annotated]
    dev: Sequence[Annotated]

    @property
    def types(self) -> tuple[str, ...]:
        """Every type that occurs, in alphabetical order."""
        return list_types((*self.train, *self.dev))

    @property
    def questions(self) -> list[Question]:
        """All types asked of each held-out text."""
        return ask_all(self.dev, self.types)


def read_texts(path: Path, dev: Path | None) -> Texts:
    """The texts of a file and those held out: a tenth by id, or another file's.

    ConfigError where either has no entity.
    """
    records = list(read_annotated(path))
    if dev is not None:
        texts = Texts(records, list(read_annotated(dev)))
    else:
        train = [record for record in records if split_of(record.passage.id) != "dev"]
        texts = Texts(train, [r for r in records if split_of(r.passage.id) == "dev"])
    if not any(record.entities for record in texts.train):
        raise ConfigError(f"{path}: no text to learn from has an entity; label some")
    if not any(record.entities for record in texts.dev):
        part = "" if dev else f" of the {len(texts.dev)} that are held out of {len(records)}"
        raise ConfigError(
            f"{dev or path}: no text{part} has an entity; give labelled ones as --dev"
        )
    return texts
