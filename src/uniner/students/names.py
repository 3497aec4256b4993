"""What `--model` may say: a name, a folder, an address, and whose way of asking is meant."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal, TypeAlias, get_args
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from uniner.chat.template import TEMPLATE_NAMES, TemplateName
from uniner.records import ConfigError
from uniner.teacher.endpoint import Endpoint, check_address

BUNDLED, LEXICON = "mini", "lexicon"

Manner: TypeAlias = Literal["uniner", "chatgpt", "vicuna", "alpaca", "instructuie"]
"""Whose prompts are sent: those of the published UniNER models, or a rival's."""

MANNERS: tuple[Manner, ...] = get_args(Manner)

FORMS = (
    f"{BUNDLED}, {LEXICON}, a model folder, an address such as http://localhost:8000/v1#MODEL, "
    f"or one of {', '.join(MANNERS)} before an @ and a folder or an address"
)
UNKNOWN = "?"
"""Stands for a model until the server is asked which it has."""
SEVERAL = 32
"""Requests under way at once."""


@dataclass(frozen=True, slots=True)
class Place:
    """A model on a server and how its conversations are rendered; `base`: by the server.

    `end` is the special token that ends its turns.
    """

    endpoint: Endpoint
    model: str = ""
    template: TemplateName = "base"
    end: str = "</s>"
    dataset: str = ""


@dataclass(frozen=True, slots=True)
class ModelName:
    """A model by its name, its folder or its place on a server, and how it is asked, if said."""

    where: str | Path | Place
    manner: Manner | None = None


def locate_model(name: str) -> Path:
    """The folder of the bundled model, or the one that `name` is, whether or not it is there."""
    return Path(str(files("uniner") / "models" / BUNDLED)) if name == BUNDLED else Path(name)


def read_name(model: str) -> ModelName:
    """What a name stands for, whether or not there is such a model; ConfigError where it is none.

    A server's options stand in the query of its address: `workers`, `timeout` in seconds, and for
    students `template`, `end` and `dataset`.
    """
    if model in (BUNDLED, LEXICON):
        return ModelName(model)
    if Path(model).exists():
        return ModelName(Path(model))
    head, at, rest = model.partition("@")
    for manner in MANNERS:
        if at and head == manner:
            return ModelName(read_place(rest) if is_address(rest) else Path(rest), manner)
    if is_address(model):
        return ModelName(read_place(model))
    return ModelName(Path(model))


def is_address(text: str) -> bool:
    """Whether a server is meant."""
    return text.startswith(("http://", "https://"))


def read_place(address: str) -> Place:
    """The place that an address with options and a `#MODEL` stands for."""
    check_address(address, "model")
    parts = urlsplit(address)
    url = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    numbers = {
        name: read_number(name, options.pop(name))
        for name in ("workers", "timeout")
        if name in options
    }
    template = options.pop("template", "base")
    if template not in TEMPLATE_NAMES:
        raise ConfigError(
            f"model {url}: template {template!r} is not one of {', '.join(TEMPLATE_NAMES)}"
        )
    end, dataset = options.pop("end", "</s>"), options.pop("dataset", "")
    if options:
        raise ConfigError(
            f"model {url}: no option is called {min(options)!r}; "
            "there are workers, timeout, template, end and dataset"
        )
    endpoint = Endpoint(
        url,
        parts.fragment or UNKNOWN,
        workers=int(numbers.get("workers", SEVERAL)),
        timeout=numbers.get("timeout", 300.0),
        attempts=6,
    )
    return Place(endpoint, parts.fragment, template, end, dataset)


def read_number(name: str, value: str) -> float:
    """An option that must be a number, at least 1."""
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 1 <= number < 1e6:
        raise ConfigError(f"model: {name} must be a number of at least 1, not {value!r}")
    return number
