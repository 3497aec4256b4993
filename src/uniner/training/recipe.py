"""Recipes: TOML files that say all that a distillation depends on; unknown keys are errors."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

from uniner.construction.building import ConversationConfig
from uniner.construction.planning import SAMPLE, TeacherConfig
from uniner.corpus.collect import SampleConfig
from uniner.corpus.rows import Layout
from uniner.records import ConfigError, Passage
from uniner.training.config import SpanConfig
from uniner.training.generative.config import GenerativeConfig

Family: TypeAlias = Literal["span", "generative"]
"""Which students: those that score spans, or those that answer questions in words."""

Unit: TypeAlias = Literal["passage", "sentence", "both"]
"""What a student is trained on and asked about: passages as they are, or their sentences.

With `both` it is trained on both and asked about passages."""


@dataclass(frozen=True, slots=True)
class CorpusConfig:
    """Which passages: a file of them, `sources` to sample them from, or `annotated` files.

    An annotated file needs no teacher; `sample` is the bundled sample as its teacher annotated it.
    Each is a data set of its own: only its own types are asked of its passages, and if the student
    is `told`, it learns and answers in the data set's context. `limit` bounds the units trained on,
    of each file (0: all; passages for `both`), never dev and test. Of their entities span students
    learn the `types` most frequent types (0: all), and none of `without`.
    `decontaminate` names a folder of test sets, or a file of passages, that no sampled passage may
    share words with.
    """

    passages: str = SAMPLE
    sources: tuple[str, ...] = ()
    annotated: tuple[str, ...] = ()
    told: bool = False
    unit: Unit = "passage"
    layout: Layout = field(default_factory=Layout)
    sampling: SampleConfig = field(default_factory=SampleConfig)
    decontaminate: str = ""
    limit: int = 0
    types: int = 0
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.passages != SAMPLE) + bool(self.sources) + bool(self.annotated) > 1:
            raise ConfigError("corpus.passages, corpus.sources, corpus.annotated: give one of them")
        stems = [Path(name).stem for name in self.annotated]
        if len({*stems}) < len(stems):
            raise ConfigError(f"corpus.annotated: give each file a name of its own, not {stems}")
        if self.told and not self.annotated:
            raise ConfigError("corpus.told: of which corpus.annotated file a passage is; give some")
        if self.limit < 0:
            raise ConfigError(f"corpus.limit must be 0 (all) or more, not {self.limit!r}")
        if self.types < 0:
            raise ConfigError(f"corpus.types must be 0 (all) or more, not {self.types!r}")

    def find_dataset(self, passage: Passage) -> str:
        """The annotated file that a passage is from, or "" where there is none."""
        return passage.source if self.annotated else ""


@dataclass(frozen=True, slots=True)
class EvaluationConfig:
    """How the student is asked on dev and test: how many types a passage, drawn by which seed."""

    types: int = 12
    seed: int = 1

    def __post_init__(self) -> None:
        if self.types < 1:
            raise ConfigError(f"evaluation.types must be at least 1, not {self.types!r}")


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole distillation; `rename` is a table of type names that annotations are read through.

    `student` is how a span student is trained, `generative` how a generative one is.
    """

    name: str
    family: Family = "span"
    rename: str = ""
    corpus: CorpusConfig = field(default_factory=CorpusConfig)
    teacher: TeacherConfig = field(default_factory=TeacherConfig)
    conversations: ConversationConfig = field(default_factory=ConversationConfig)
    student: SpanConfig = field(default_factory=SpanConfig)
    generative: GenerativeConfig = field(default_factory=GenerativeConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)

    def __post_init__(self) -> None:
        for name in ("types", "without"):
            if getattr(self.corpus, name) and self.family != "span":
                raise ConfigError(f"corpus.{name} is for span students, not a {self.family} one")
        if self.corpus.unit == "both" and self.family != "span":
            raise ConfigError("corpus.unit = 'both' is for span students; choose one for others")
        if self.corpus.told and self.family != "generative":
            raise ConfigError(f"corpus.told is for generative students, not a {self.family} one")

    def to_json(self) -> dict[str, Any]:
        """Every value, defaults included, for a manifest."""
        row: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return row


Config = TypeVar("Config")


def load_recipe(name: str, changes: Sequence[str] = ()) -> Recipe:
    """The recipe in the file `name`, or the bundled one of that name, with `key=value` changes."""
    path = Path(name)
    bundled = files("uniner.recipes") / f"{name}.toml"
    try:
        if path.is_file():
            text = path.read_text(encoding="utf-8")
        elif bundled.is_file():
            text = bundled.read_text(encoding="utf-8")
        else:
            known = sorted(f.name.removesuffix(".toml") for f in bundled_recipes())
            raise ConfigError(f"{name}: no such recipe; give a TOML file or one of {known}")
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: not TOML ({error})") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{name}: not UTF-8; a recipe is a TOML file") from None
    for change in changes:
        apply_change(table, change)
    return build(Recipe, table, name)


def bundled_recipes() -> list[Any]:
    """The recipe files that come with uniner."""
    return [item for item in files("uniner.recipes").iterdir() if item.name.endswith(".toml")]


def apply_change(table: dict[str, Any], change: str) -> None:
    """Set one `section.key=value` in a recipe's table; a value that is not TOML is a string."""
    key, equals, value = change.partition("=")
    *sections, last = key.strip().split(".")
    if not equals or not last:
        raise ConfigError(f"--set {change!r}: write it as section.key=value")
    for section in sections:
        table = table.setdefault(section, {})
        if not isinstance(table, dict):
            raise ConfigError(f"--set {change!r}: {section!r} is a value, not a section")
    try:
        table[last] = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        table[last] = value.strip()


def build(kind: type[Config], table: Mapping[str, Any], where: str) -> Config:
    """A config from a table; ConfigError names unknown, missing and mistyped keys all at once."""
    hints = get_type_hints(kind)
    known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]
    wrong = [f"unknown key {key!r}" for key in table if key not in known]
    wrong += [
        f"missing key {key!r}"
        for key, item in known.items()
        if key not in table and item.default is MISSING and item.default_factory is MISSING
    ]
    values: dict[str, Any] = {}
    for key in known.keys() & table.keys():
        hint, value = hints[key], table[key]
        if is_dataclass(hint):
            if isinstance(value, dict):
                values[key] = build(hint, value, f"{where} [{key}]")  # type: ignore[arg-type]
            else:
                wrong.append(f"{key!r} must be a section")
        elif fits(value, hint):
            values[key] = convert(value, hint)
        else:
            wrong.append(f"{key!r} must be {describe(hint)}, not {value!r}")
    if wrong:
        raise ConfigError(f"{where}: {'; '.join(wrong)} (keys: {', '.join(known)})")
    return kind(**values)


def convert(value: Any, hint: Any) -> Any:
    """A TOML value that fits as what `hint` asks for."""
    if get_origin(hint) is tuple:
        return tuple(value)
    return float(value) if hint is float else value


def fits(value: object, hint: Any) -> bool:
    """Whether a TOML value can stand where `hint` is asked for."""
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if get_origin(hint) is tuple:
        return isinstance(value, list) and all(isinstance(part, str) for part in value)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, hint) and (hint is bool or not isinstance(value, bool))


def describe(hint: Any) -> str:
    """A type in words."""
    if get_origin(hint) is Literal:
        return " or ".join(map(repr, get_args(hint)))
    if get_origin(hint) is tuple:
        return "a list of strings"
    return {int: "a whole number", float: "a number", str: "a string", bool: "true or false"}[hint]
