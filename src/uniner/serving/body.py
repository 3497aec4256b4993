"""Bodies of requests: whole or line by line, bounded, UTF-8 and JSON."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any, NoReturn

from fastapi import Request

from uniner.serving.failures import RefusalError

JSON, LINES = "application/json", "application/x-ndjson"
MEMBERS = 16
"""No object of ours has more members, and each that is not ours would have an error of its own."""


def check_kind(request: Request, kinds: Sequence[str]) -> str:
    """The content type of a body, one of `kinds`; anything else is refused."""
    given = request.headers.get("content-type", "")
    kind, _, rest = given.partition(";")
    encoding = request.headers.get("content-encoding", "identity")
    charset = rest.replace(" ", "").strip('"').lower().partition("charset=")[2].strip('"')
    if kind.strip().lower() not in kinds or charset not in ("", "utf-8", "utf8"):
        told = " or ".join(kinds)
        raise RefusalError(415, f"{given[:80]!r} is not read; send {told} in UTF-8", "Content-Type")
    if encoding.lower() != "identity":
        raise RefusalError(
            415, f"{encoding[:80]!r} is not read; send the body as it is", "Content-Encoding"
        )
    return kind.strip().lower()


async def read_whole(request: Request, most: int) -> Any:
    """The JSON value of a body of at most `most` bytes."""
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and len(told) < 20 and int(told) > most:
        refuse_size(int(told), most)
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > most:
            refuse_size(len(data), most)
    return parse_json(bytes(data), "body")


async def read_lines(request: Request, most: int) -> AsyncIterator[tuple[int, Any]]:
    """Numbered JSON values of a body of JSON lines, each of at most `most` bytes, as they come.

    Blank lines are skipped.
    """
    number, rest = 0, b""
    async for chunk in request.stream():
        *lines, rest = (rest + chunk).split(b"\n") if b"\n" in chunk else [rest + chunk]
        for line in lines:
            number += 1
            check_line(line, most, number)
            if line.strip():
                yield number, parse_json(line, f"line {number}")
        check_line(rest, most, number + 1)
    if rest.strip():
        yield number + 1, parse_json(rest, f"line {number + 1}")


def check_line(line: bytes, most: int, number: int) -> None:
    """Refuse a line that is too long, before it has ended."""
    if len(line) > most:
        raise RefusalError(
            413, f"a line of more than {most:,} bytes; cut the text", f"line {number}"
        )


def refuse_size(size: int, most: int) -> NoReturn:
    """Refuse a body."""
    raise RefusalError(
        413, f"a body of {size:,} bytes or more, and at most {most:,} are taken; send less", "body"
    )


def parse_json(data: bytes, where: str) -> Any:
    """The JSON value that bytes stand for; RefusalError where they are none."""
    try:
        return json.loads(
            data.decode("utf-8"),
            parse_int=read_integer,
            parse_constant=refuse_constant,
            object_pairs_hook=make_object,
        )
    except UnicodeDecodeError as error:
        byte = f"byte {data[error.start]:#04x} at {error.start:,}"
        raise RefusalError(400, f"not UTF-8 ({byte}); send UTF-8", where) from None
    except json.JSONDecodeError as error:
        what = f"{error.msg}, character {error.pos:,}" if data.strip() else "it is empty"
        raise RefusalError(400, f"not JSON ({what})", where) from None
    except RecursionError:
        raise RefusalError(400, "JSON that is nested too deeply", where) from None
    except ValueError as error:
        raise RefusalError(400, f"JSON that is of no use ({error})", where) from None


def read_integer(digits: str) -> int:
    """A number that is not absurd; Python would refuse it in words of its own."""
    if len(digits) > 1000:
        raise ValueError(f"a number of {len(digits):,} digits")
    return int(digits)


def refuse_constant(name: str) -> NoReturn:
    """Refuse what Python would take for a number."""
    raise ValueError(f"{name} is not a number of JSON")


def make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose members are few and have distinct names."""
    if len(pairs) > MEMBERS:
        raise ValueError(f"an object with {len(pairs):,} members")
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"a member {twice[:40]!r} that is there twice")
    return found
