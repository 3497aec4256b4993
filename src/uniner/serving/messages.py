"""What requests and answers say: checked as it comes in, and described in /openapi.json."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError

from uniner.records import RecordError
from uniner.records.types import MAX_TYPE_CHARACTERS, check_characters
from uniner.serving.failures import RefusalError
from uniner.serving.limits import Limits

Threshold = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Words = Annotated[str, Field(min_length=1, max_length=MAX_TYPE_CHARACTERS, pattern=r"\S")]
MEANINGS = {
    "bool_type": "neither true nor false",
    "extra_forbidden": "not known here; see /openapi.json",
    "finite_number": "not within [0, 1]",
    "float_type": "not a number",
    "greater_than_equal": "not within [0, 1]",
    "less_than_equal": "not within [0, 1]",
    "list_type": "not a list",
    "missing": "missing",
    "model_type": "not an object",
    "string_pattern_mismatch": "blank",
    "string_too_long": f"more than {MAX_TYPE_CHARACTERS} characters",
    "string_too_short": "empty",
    "string_type": "not a string",
    "string_unicode": "half a character; send whole ones",
    "too_short": "an empty list",
}
"""What is wrong, by what pydantic calls it."""


class Message(BaseModel):
    """An object that has these members and no others."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class AskedType(Message):
    """A type with more than a name; a model is asked with the definition where there is one."""

    name: Words
    definition: Words | None = None
    threshold: Threshold | None = None


def tag_type(value: object) -> Literal["name", "object"] | None:
    """Which of the two ways a type is given in."""
    match value:
        case str():
            return "name"
        case dict() | AskedType():
            return "object"
        case _:
            return None


TypeName = Annotated[
    Annotated[Words, Tag("name")] | Annotated[AskedType, Tag("object")],
    Discriminator(
        tag_type,
        custom_error_type="type",
        custom_error_message="neither a name nor an object with one",
    ),
]


class Wish(Message):
    """What is asked of every text."""

    types: Annotated[list[TypeName], Field(min_length=1)]
    threshold: Threshold | None = Field(None, description="The model's own if not given.")
    nested: bool = Field(False, description="Whether entities may overlap.")


class Inquiry(Wish):
    """Texts, and what is asked of them."""

    texts: Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]


class FoundEntity(BaseModel):
    """Characters (code points) [start, end) of a text, which read `text`."""

    start: int
    end: int
    text: str
    type: str
    score: float | None = Field(None, description="Left out where the model tells none.")


class FoundFault(BaseModel):
    """What the model answered that is of no use, and why."""

    type: str
    why: str
    raw: str


class Result(BaseModel):
    """What one text has, in reading order."""

    entities: list[FoundEntity]
    faults: list[FoundFault] | None = Field(None, description="Only where there are any.")


class Answer(BaseModel):
    """One result a text, in their order."""

    results: list[Result]


class ModelCard(BaseModel):
    """The model that answers, and what it may be asked at once."""

    name: str
    threshold: float | None = Field(description="What it keeps; null where nothing is scored.")
    limits: dict[str, int | float]


class ModelList(BaseModel):
    """The models that are served: one."""

    models: list[ModelCard]


class Health(BaseModel):
    """Whether texts are answered."""

    status: Literal["ok"]


class Problem(BaseModel):
    """What is wrong, and where in the request."""

    message: str
    where: str


class Failure(BaseModel):
    """An answer that says why there is none."""

    error: Problem


Asked = TypeVar("Asked", bound=Wish)


def read_message(kind: type[Asked], value: object, limits: Limits) -> Asked:
    """A request's message from its JSON value; RefusalError names the part that is wrong."""
    # Lists are measured first: each of a million wrong items would have an error of its own.
    if isinstance(value, dict):
        check_length(value.get("texts"), limits.texts, "texts")
        check_length(value.get("types"), limits.types, "types")
    try:
        message = kind.model_validate(value)
    except ValidationError as error:
        raise refuse(error) from None
    if isinstance(message, Inquiry):
        for number, text in enumerate(message.texts):
            check_text(text, limits, f"texts[{number}]")
    return message


def check_length(value: object, most: int, where: str) -> None:
    """Refuse a list that has more items than are allowed."""
    if isinstance(value, list) and len(value) > most:
        raise RefusalError(422, f"{len(value):,} {where}, and at most {most:,} are taken", where)


def check_text(text: str, limits: Limits, where: str) -> None:
    """Refuse a text that is too long or that is not made of whole characters."""
    if not text:
        raise RefusalError(422, "an empty text; leave it out", where)
    if len(text) > limits.characters:
        raise RefusalError(
            422,
            f"a text of {len(text):,} characters, and at most {limits.characters:,} are taken; "
            "cut it",
            where,
        )
    check_whole(text, where)


def check_whole(text: str, where: str) -> str:
    """The text, if it is made of whole characters."""
    try:
        return check_characters(text, "this")
    except RecordError as error:
        raise RefusalError(422, str(error), where) from None


def refuse(error: ValidationError) -> RefusalError:
    """The first thing that is wrong with a message, in one line."""
    first: Any = error.errors(include_url=False, include_input=False)[0]
    path = list(first["loc"])
    if path[:1] == ["types"]:
        del path[2:3]  # the tag of the way that the type is given in
    where = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).lstrip(".")
    return RefusalError(422, MEANINGS.get(first["type"], first["msg"]), where[:200] or "body")
