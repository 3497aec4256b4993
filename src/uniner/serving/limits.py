"""How much one request may ask, and how much may be under way at once."""

from dataclasses import dataclass

from uniner.records import ConfigError


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that are checked before any work is done; ConfigError where one is impossible."""

    body_bytes: int = 2_000_000
    """Of a body; of a line where the body is JSON lines."""
    texts: int = 256
    types: int = 100
    characters: int = 100_000
    """Of one text."""
    threshold: float = 0.01
    """The lowest that may be asked for: at 0 every span of a text is an entity of every type."""
    requests: int = 256
    """Under way at once, streams among them."""

    def __post_init__(self) -> None:
        for option, value in (
            ("--max-body-bytes", self.body_bytes),
            ("--max-texts", self.texts),
            ("--max-types", self.types),
            ("--max-characters", self.characters),
            ("--max-requests", self.requests),
        ):
            check_count(option, value)
        if not 0 <= self.threshold <= 1:
            raise ConfigError(f"--min-threshold {self.threshold} is not within [0, 1]; try 0.01")


@dataclass(frozen=True, slots=True)
class Pace:
    """How texts are gathered for one call of the extractor, and how many may wait for theirs."""

    batch_texts: int = 32
    batch_characters: int = 50_000
    """A longer text has a call of its own."""
    wait: float = 0.002
    """Seconds that a text waits for others while the extractor has nothing to do."""
    queue_texts: int = 1024
    queue_characters: int = 8_000_000

    def __post_init__(self) -> None:
        check_count("--batch-texts", self.batch_texts)
        check_count("--queue-texts", self.queue_texts)
        if not 0 <= self.wait <= 10:
            raise ConfigError(
                f"--batch-wait-ms {1000 * self.wait:g} is not within [0, 10000]; try 2"
            )


def check_count(option: str, value: int) -> None:
    """Raise ConfigError unless the option's value is at least 1."""
    if value < 1:
        raise ConfigError(f"{option} {value} must be at least 1")
