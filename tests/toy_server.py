"""A server on this machine that speaks as OpenAI's do, and misbehaves where told to."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came: which one it was, what it said, when and over which connection."""

    number: int
    body: dict[str, Any]
    headers: Mapping[str, str]
    at: float
    connection: tuple[str, int]
    path: str = ""

    @property
    def asked(self) -> str:
        """What the user said in it, or the text that it wants to go on."""
        if "prompt" in self.body:
            return str(self.body["prompt"])
        return str(self.body["messages"][-1]["content"])


Act: TypeAlias = Callable[["Exchange"], None]
"""What the server does with a request."""
Script: TypeAlias = Callable[[Seen], Act]
"""What the server does with which request."""


@dataclass
class ToyServer:
    """The server's side of things: what it was asked, what it answered in full, and when."""

    script: Script
    models: Sequence[str] = ("toy",)
    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    answered: list[Seen] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def asked(self) -> list[str]:
        """What was asked, in the order of its coming."""
        return [seen.asked for seen in self.seen]


class Exchange(BaseHTTPRequestHandler):
    """One connection, over which one request comes after the other."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together; apart they would wait for each other
    disable_nagle_algorithm = True
    toy: ToyServer
    request_seen: Seen

    def do_GET(self) -> None:  # the name is the library's
        rows = [{"id": name, "object": "model"} for name in self.toy.models]
        found = self.path == "/v1/models" and rows
        value = {"object": "list", "data": rows} if found else {"error": {"message": "not here"}}
        self.send(json.dumps(value).encode(), 200 if found else 404)

    def do_POST(self) -> None:  # the name is the library's
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        address = (str(self.client_address[0]), int(self.client_address[1]))
        with self.toy.lock:
            number = len(self.toy.seen)
            seen = Seen(number, body, headers, time.monotonic(), address, self.path)
            self.toy.seen.append(seen)
        self.request_seen = seen
        try:
            self.toy.script(seen)(self)
        except OSError:  # the other side has gone
            self.close_connection = True

    def send(
        self,
        body: bytes,
        status: int = 200,
        kind: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """A whole response."""
        told = {"content-type": kind, "content-length": str(len(body)), **(headers or {})}
        self.send_response(status)
        for name, value in told.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class QuietServer(ThreadingHTTPServer):
    """Does not complain of clients that were killed."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing."""


@contextmanager
def serve(script: Script, models: Sequence[str] = ("toy",)) -> Iterator[ToyServer]:
    """A server on a free port of this machine, as long as the block lasts; no models, no list."""
    toy = ToyServer(script, models)
    handler = type("OwnExchange", (Exchange,), {"toy": toy})
    server = QuietServer(("127.0.0.1", 0), handler)
    toy.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield toy
    finally:
        toy.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def in_turn(*acts: Act) -> Script:
    """One act a request, in the order of requests; the last one for all that follow."""
    return lambda seen: acts[min(seen.number, len(acts) - 1)]


def where(mark: str, act: Act, *, otherwise: Act) -> Script:
    """An act for prompts in which a mark stands, another one for the others."""
    return lambda seen: act if mark in seen.asked else otherwise


def completion(content: str | None, *, finish: str = "stop", **fields: Any) -> dict[str, Any]:
    """A chat completion; `usage` counts 10 tokens asked and 5 answered unless given."""
    message = {"role": "assistant", "content": content}
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": "toy-1",
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        **fields,
    }


def answers(content: str | None = "[]", *, finish: str = "stop", **fields: Any) -> Act:
    """A reply as it should be."""
    return sends(completion(content, finish=finish, **fields))


def goes_on(text: str, *, finish: str = "stop", tokens: Sequence[tuple[str, float]] = ()) -> Act:
    """A text completion as it should be, with the logarithms of its tokens' probabilities."""
    logprobs = {
        "tokens": [token for token, _ in tokens],
        "token_logprobs": [value for _, value in tokens],
    }
    choice = {"index": 0, "finish_reason": finish, "text": text}
    if tokens:
        choice["logprobs"] = logprobs
    return sends({"id": "c", "object": "text_completion", "model": "toy-1", "choices": [choice]})


def sends(value: object) -> Act:
    """Any value as JSON, with status 200."""
    body = json.dumps(value).encode()

    def act(exchange: Exchange) -> None:
        exchange.send(body)
        with exchange.toy.lock:
            exchange.toy.answered.append(exchange.request_seen)

    return act


def sends_bytes(body: bytes, kind: str = "application/json") -> Act:
    """Anything, with status 200."""
    return lambda exchange: exchange.send(body, kind=kind)


def fails(
    status: int, message: str = "no", code: str | None = None, retry_after: str | None = None
) -> Act:
    """An error as OpenAI's servers word it."""
    body = json.dumps({"error": {"message": message, "type": "error", "code": code}}).encode()
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return lambda exchange: exchange.send(body, status, headers=headers)


def fails_saying(status: int, value: object) -> Act:
    """An error in words of the server's own."""
    return lambda exchange: exchange.send(json.dumps(value).encode(), status)


def slowly(seconds: float, act: Act) -> Act:
    """The same, later."""

    def later(exchange: Exchange) -> None:
        if not exchange.toy.stopping.wait(seconds):
            act(exchange)

    return later


def trickles(seconds: float) -> Act:
    """A reply that comes a byte at a time, with a pause after each."""

    def act(exchange: Exchange) -> None:
        body = json.dumps(completion("[]")).encode()
        exchange.send(b"", headers={"content-length": str(len(body))})
        for byte in body:
            if exchange.toy.stopping.wait(seconds):
                break
            exchange.wfile.write(bytes([byte]))
            exchange.wfile.flush()

    return act


def breaks_off(exchange: Exchange) -> None:
    """Half a reply, and the connection is closed."""
    body = json.dumps(completion("[]")).encode()
    exchange.send(body[: len(body) // 2], headers={"content-length": str(len(body))})
    exchange.close_connection = True


def hangs_up(exchange: Exchange) -> None:
    """The connection is closed without a word."""
    exchange.close_connection = True


def free_port() -> int:
    """A port of this machine at which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
