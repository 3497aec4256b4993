"""Where a live teacher is, how it is asked and what it costs."""

from dataclasses import dataclass
from math import isfinite
from urllib.parse import urlsplit

from uniner.records import ConfigError

OPENAI_KEY, OTHER_KEY = "OPENAI_API_KEY", "UNINER_API_KEY"


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, asked and answered."""

    asked: float = 0.0
    answered: float = 0.0

    def of(self, prompt_tokens: float, completion_tokens: float) -> float:
        """The price of a request."""
        return (prompt_tokens * self.asked + completion_tokens * self.answered) / 1e6


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a live teacher is and how it is asked; a rate or a price of 0 is none.

    Prices are those of a million tokens, asked and answered; `timeout` is in seconds. The key is
    in the environment variable `key_variable`, or else in UNINER_API_KEY; OPENAI_API_KEY is for
    OpenAI's own address alone, so that it goes to nobody else unasked.
    """

    url: str
    model: str
    temperature: float = 0.0
    max_tokens: int = 2048
    workers: int = 8
    requests_per_minute: float = 0.0
    tokens_per_minute: float = 0.0
    timeout: float = 120.0
    attempts: int = 8
    price_asked: float = 0.0
    price_answered: float = 0.0
    key_variable: str = ""

    def __post_init__(self) -> None:
        check_address(self.url)
        if not self.model.strip():
            raise ConfigError(f"teacher {self.url}: say which of its models to ask, with --model")
        for name in ("max_tokens", "workers", "attempts", "timeout"):
            check_number(name, getattr(self, name), least=1e-3)
        for name in ("temperature", "requests_per_minute", "tokens_per_minute"):
            check_number(name, getattr(self, name), least=0)
        for name in ("price_asked", "price_answered"):
            check_number(name, getattr(self, name), least=0)

    @property
    def prices(self) -> Prices:
        """What tokens cost here."""
        return Prices(self.price_asked, self.price_answered)

    @property
    def is_openai(self) -> bool:
        """Whether this is OpenAI's own address."""
        return urlsplit(self.url).hostname == "api.openai.com"

    @property
    def variable(self) -> str:
        """The environment variable that holds the key."""
        return self.key_variable or (OPENAI_KEY if self.is_openai else OTHER_KEY)


def check_address(url: str, role: str = "teacher") -> None:
    """ConfigError, with what is sought there as its first word, unless a server can be there."""
    try:
        address = urlsplit(url)
        usable = address.scheme in ("http", "https") and address.hostname and address.port != 0
    except ValueError:
        usable = False
    if not usable or not url.isprintable() or " " in url:
        raise ConfigError(
            f"{role} {url!r}: not an address; give one like https://api.openai.com/v1"
        )
    if address.username or address.password:
        raise ConfigError(
            f"{role} {address.hostname}: leave the password out of the address, where it would be "
            "shown; put it in UNINER_API_KEY"
        )


def check_number(name: str, value: float, least: float) -> None:
    """ConfigError unless a number is finite and not too small."""
    if not (isfinite(value) and value >= least):
        raise ConfigError(f"teacher: {name} cannot be {value!r}")
