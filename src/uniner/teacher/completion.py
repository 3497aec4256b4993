"""What stands in a chat completion, however carelessly a server made it."""

import json
from typing import Any, NamedTuple

MANY = 1_000_000_000
"""No reply has so many tokens; such a count is a mistake."""


class BrokenReplyError(Exception):
    """A server answered with something that is not a chat completion."""


class Completion(NamedTuple):
    """A text and its model, the tokens where the server counts them, and whether it is whole."""

    content: str
    model: str
    prompt_tokens: int | None
    completion_tokens: int | None
    whole: bool


def read_completion(body: bytes) -> Completion:
    """The first choice of a completion; BrokenReplyError where there is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise BrokenReplyError("the reply is not JSON") from None
    match value:
        case {"choices": [{"message": {"content": str() | None as content}} as choice, *_]}:
            usage = value.get("usage")
            return Completion(
                mend(content or ""),
                mend(str(value.get("model") or "")),
                read_count(usage, "prompt_tokens"),
                read_count(usage, "completion_tokens"),
                choice.get("finish_reason") != "length",
            )
        case {"error": error}:
            raise BrokenReplyError(f"the reply is an error, {json.dumps(error)}")
        case _:
            raise BrokenReplyError("the reply is not a chat completion")


def read_count(usage: Any, name: str) -> int | None:
    """A count of tokens, where there is one."""
    count = usage.get(name) if isinstance(usage, dict) else None
    return count if isinstance(count, int) and 0 <= count < MANY else None


def mend(text: str) -> str:
    """A text with `\ufffd` for half characters, which cannot be written and are in no passage."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
