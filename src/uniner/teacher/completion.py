"""What stands in a chat completion, however carelessly a server made it."""

import json
from typing import Any, NamedTuple

MANY = 1_000_000_000
"""No reply has so many tokens; such a count is a mistake."""


class BrokenReplyError(Exception):
    """A server answered with something that is not a chat completion."""


class Unanswered(NamedTuple):
    """Why a server did not do what it was asked to, however often it was tried."""

    why: str


class Completion(NamedTuple):
    """A text and its model, the tokens where the server counts them, and whether it is whole."""

    content: str
    model: str
    prompt_tokens: int | None
    completion_tokens: int | None
    whole: bool


def read_completion(body: bytes) -> Completion:
    """The first choice of a completion; BrokenReplyError where there is none."""
    match load_body(body):
        case {
            "choices": [{"message": {"content": str() | None as content}} as choice, *_]
        } as value:
            usage = value.get("usage")
            return Completion(
                mend(content or ""),
                mend(str(value.get("model") or "")),
                read_count(usage, "prompt_tokens"),
                read_count(usage, "completion_tokens"),
                choice.get("finish_reason") != "length",
            )
        case value:
            raise refuse(value, "a chat completion")


def load_body(body: bytes) -> Any:
    """What a server sent as JSON; BrokenReplyError where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BrokenReplyError("the reply is not JSON") from None


def refuse(value: Any, wanted: str) -> BrokenReplyError:
    """What is wrong with a reply that is not what was wanted."""
    match value:
        case {"error": error}:
            return BrokenReplyError(f"the reply is an error, {json.dumps(error)}")
        case _:
            return BrokenReplyError(f"the reply is not {wanted}")


def read_count(usage: Any, name: str) -> int | None:
    """A count of tokens, where there is one."""
    count = usage.get(name) if isinstance(usage, dict) else None
    return count if isinstance(count, int) and 0 <= count < MANY else None


def mend(text: str) -> str:
    """A text with `\ufffd` for half characters, which cannot be written and are in no passage."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
