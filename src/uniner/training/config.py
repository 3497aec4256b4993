"""How a span student is trained: every choice, its default, and its bounds."""

from dataclasses import dataclass

from uniner.chat.negatives import Negatives
from uniner.records import ConfigError


@dataclass(frozen=True, slots=True)
class SpanConfig:
    """How a span student is trained; `docs/log.md` has the experiments behind these values.

    Of the base's layers the first `layers` are taken, all for 0. `start` is a student to go on
    from, a folder or the bundled one's name: what it was made with is taken in place of `base`,
    `layers`, `max_width` and `hidden`, and 0 epochs leave it as it is.
    """

    base: str = "sentence-transformers/all-MiniLM-L6-v2"
    layers: int = 0
    start: str = ""
    max_width: int = 12
    hidden: int = 512
    dropout: float = 0.1
    epochs: int = 8
    batch: int = 24
    encoder_rate: float = 1.5e-4
    head_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.06
    gamma: int = 1
    select: float = 1.0
    negatives: Negatives = "frequency"
    negative_count: int = 0
    alias: float = 0.2
    definition: float = 0.1
    lower: float = 0.1
    closure: bool = False
    freeze_embeddings: bool = True
    average: float = 0.999
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("max_width", "hidden", "epochs", "batch"):
            least = 0 if name == "epochs" and self.start else 1
            if getattr(self, name) < least:
                raise ConfigError(
                    f"student.{name} must be at least {least}, not {getattr(self, name)!r}"
                )
        if self.layers < 0:
            raise ConfigError(f"student.layers must be 0 (all) or more, not {self.layers!r}")
        for name in ("dropout", "alias", "definition", "lower", "average", "warmup"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(
                    f"student.{name} must be within [0, 1], not {getattr(self, name)!r}"
                )
        if self.negatives == "uniform" and self.negative_count < 1:
            raise ConfigError("student.negatives = 'uniform' needs student.negative_count, say 200")
        if self.gamma not in (0, 1):
            raise ConfigError(f"student.gamma must be 0 or 1, not {self.gamma!r}")
        if self.negatives not in ("none", "uniform", "frequency"):
            raise ConfigError(
                f"student.negatives must be none, uniform or frequency, not {self.negatives!r}"
            )
