"""What goes wrong between us and a server, and whether it is worth trying again."""

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite

from openai import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
)

from uniner.teacher.completion import BrokenReplyError

QUOTA = "insufficient_quota"
"""A rate limit that no waiting lifts."""
TIMED_OUT = 408


def is_passing(error: BaseException) -> bool:
    """Whether another attempt may do better."""
    match error:
        case RateLimitError():
            return error.code != QUOTA
        case APIConnectionError() | InternalServerError() | ConflictError() | TimeoutError():
            return True
        case BrokenReplyError():
            return True
        case APIStatusError():
            return error.status_code == TIMED_OUT
        case _:
            return False


def is_final(error: BaseException) -> bool:
    """Whether no prompt at all will be answered as things are."""
    if isinstance(error, RateLimitError):
        return error.code == QUOTA
    return isinstance(error, AuthenticationError | PermissionDeniedError | NotFoundError)


def explain(error: Exception, url: str, key: str = "") -> str:
    """A failure in one line without the key; raises what is no failure of server or network."""
    match error:
        case APIStatusError():
            why = f"status {error.status_code}, {read_message(error)}"
            if isinstance(error, NotFoundError) and not url.rstrip("/").endswith("/v1"):
                why += " (an address mostly ends in /v1)"
        case TimeoutError() | APITimeoutError():
            why = "timed out"
        case APIConnectionError():
            cause = error.__cause__ or error
            why = f"no connection ({str(cause) or type(cause).__name__})"
        case BrokenReplyError():
            why = str(error)
        case _:
            raise error
    # The key goes first: a message that is cut off could end in a part of it.
    shown = why.replace(key, "…") if key else why
    return " ".join(shown.split())[:300]


def read_message(error: APIStatusError) -> str:
    """What a server says of an error; all that it sent where that is not worded as OpenAI does."""
    said = error.message.removeprefix(f"Error code: {error.status_code}").removeprefix(" - ")
    return said or (json.dumps(error.body) if error.body else "without a word")


def read_retry_after(error: BaseException | None) -> float | None:
    """How many seconds a server asks to wait: a number or a date; None where it does not say."""
    if not isinstance(error, APIStatusError):
        return None
    told = error.response.headers.get("retry-after", "")
    try:
        return max(0.0, float(told)) if isfinite(float(told)) else None
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
