"""How a generative student is trained: every choice, its default, and its bounds."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from uniner.chat.template import TEMPLATE_NAMES, TemplateName
from uniner.chat.variants import Variant
from uniner.records import ConfigError
from uniner.students.generative.settings import Architecture

Adaptation: TypeAlias = Literal["full", "lora", "qlora"]
"""Which weights are trained: all, or low-rank additions to frozen ones (to 4-bit ones)."""

Precision: TypeAlias = Literal["auto", "bf16", "float32"]
"""Of matrix products; `auto` is bf16 where the processor multiplies it itself."""


@dataclass(frozen=True, slots=True)
class GenerativeConfig:
    """How a generative student is trained; the defaults are the paper's (section 4.3, appendix).

    `variant` is how the conversations ask, and so how the student is to be asked. `batch` rows of
    `max_tokens` make a step, taken `rows` at a time on each device; `queries` bounds what one
    passage is asked in one epoch (0: everything), anew in each. `isolated` exchanges see their
    passage and themselves alone, as in inference. `rate` and `warmup` are of a cosine schedule.
    For so many epochs before all that, `repeat`, the base learns to repeat what passages say: one
    that was never made to write, such as an encoder, needs it (`chat.repeating`).
    """

    base: str = "sentence-transformers/all-MiniLM-L6-v2"
    architecture: Architecture = "causal"
    template: TemplateName = "uniner"
    variant: Variant = "per-type"
    adaptation: Adaptation = "full"
    max_tokens: int = 1024
    repeat: int = 0
    epochs: int = 3
    rate: float = 2e-5
    warmup: float = 0.04
    weight_decay: float = 0.0
    batch: int = 32
    rows: int = 0
    queries: int = 0
    packed: bool = True
    isolated: bool = False
    checkpointing: bool = False
    precision: Precision = "auto"
    dropout: float = 0.0
    lora_rank: int = 16
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("max_tokens", 64), ("epochs", 1), ("batch", 1), ("lora_rank", 1)):
            if getattr(self, name) < least:
                raise ConfigError(f"{name} must be at least {least}, not {getattr(self, name)!r}")
        for name in ("rows", "queries", "repeat", "weight_decay"):
            if getattr(self, name) < 0:
                raise ConfigError(f"{name} must be 0 or more, not {getattr(self, name)!r}")
        if not self.rate > 0:
            raise ConfigError(f"rate must be above 0, not {self.rate!r}")
        for name in ("warmup", "dropout"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"{name} must be within [0, 1], not {getattr(self, name)!r}")
        if self.template not in TEMPLATE_NAMES:
            raise ConfigError(f"template {self.template!r} is not one of {TEMPLATE_NAMES}")
