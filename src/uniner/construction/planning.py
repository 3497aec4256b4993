"""What a command line or a recipe says of teachers, as a plan of whom to ask and how."""

from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Literal

from uniner.construction.desk import Plan, Source
from uniner.corpus import sample
from uniner.records import ConfigError
from uniner.records.store import read_annotated
from uniner.teacher.annotate import Find, Method
from uniner.teacher.candidates import find_capitalised, learn_gazetteer
from uniner.teacher.endpoint import Endpoint
from uniner.teacher.prompts import Form, Mode
from uniner.teacher.recorded import read_recorded, recorded

SAMPLE = "sample"
"""In place of a file: the passages or the replies that come with uniner."""
CAPITALS = "capitals"
"""In place of a file: the capitalised phrases of the passage are its candidates."""


@dataclass(frozen=True, slots=True)
class TeacherConfig:
    """Who annotates, how, and at what pace and price; a limit of 0 is none.

    `recorded` needs `replies`, `live` needs `url` and `model`. Prices are those of a million
    tokens.
    """

    kind: Literal["recorded", "live"] = "recorded"
    replies: str = SAMPLE
    url: str = ""
    model: str = ""
    mode: Mode = "type"
    form: Form = "list"
    samples: int = 1
    agreement: float = 0.0
    candidates: str = ""
    verify: bool = False
    temperature: float = 0.0
    max_tokens: int = 2048
    workers: int = 8
    rpm: float = 0.0
    tpm: float = 0.0
    timeout: float = 120.0
    attempts: int = 8
    price_in: float = 0.0
    price_out: float = 0.0
    max_cost: float = 0.0
    key_env: str = ""

    def __post_init__(self) -> None:
        if self.max_cost < 0:
            raise ConfigError(f"max_cost must be 0 (no limit) or more, not {self.max_cost!r}")
        if self.max_cost and self.kind == "live" and not (self.price_in or self.price_out):
            raise ConfigError(
                "max_cost needs the prices of a million tokens: give price_in and price_out"
            )
        if self.samples > 1 and self.kind == "live" and not self.temperature:
            raise ConfigError(
                f"{self.samples} samples at temperature 0 are all the same; raise temperature"
            )


def make_plan(configs: list[TeacherConfig]) -> Plan:
    """The plan of one or several teachers, asked in the way that the first one's says."""
    first = configs[0]
    sources = tuple(map(make_source, configs))
    return Plan(sources, make_method(first), first.max_cost or inf)


def make_source(config: TeacherConfig) -> Source:
    """The teacher of a configuration."""
    match config.kind:
        case "recorded" if config.replies == SAMPLE:
            return recorded(sample.read_replies(), SAMPLE)
        case "recorded":
            return read_recorded(config.replies)
        case "live":
            return Endpoint(
                config.url,
                config.model,
                temperature=config.temperature,
                max_tokens=config.max_tokens,
                workers=config.workers,
                requests_per_minute=config.rpm,
                tokens_per_minute=config.tpm,
                timeout=config.timeout,
                attempts=config.attempts,
                price_asked=config.price_in,
                price_answered=config.price_out,
                key_variable=config.key_env,
            )


def make_method(config: TeacherConfig) -> Method:
    """How a configuration's teacher is asked."""
    return Method(
        mode=config.mode,
        form=config.form,
        samples=config.samples,
        agreement=config.agreement,
        candidates=make_candidates(config.candidates),
        verify=config.verify,
    )


def make_candidates(name: str) -> Find | None:
    """What finds candidates: capitalised phrases, the mentions of an annotated file, or nothing."""
    match name:
        case "":
            return None
        case _ if name == CAPITALS:
            return find_capitalised
        case _:
            return learn_gazetteer(read_annotated(Path(name)))
