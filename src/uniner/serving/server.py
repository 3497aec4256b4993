"""A server process: its socket, and an end that finishes what was begun."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI

from uniner.records import ConfigError
from uniner.serving.service import Service

LAST_SECONDS = 2
"""For connections to close, once everything is answered or time is up."""


def open_socket(host: str, port: int) -> socket.socket:
    """A socket bound to an address; ConfigError where it is taken, or is none of this machine."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise ConfigError(f"--host {host}: no such host; try 127.0.0.1 or 0.0.0.0") from None
    family, kind, protocol, _, address = found[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen()  # else a second server could bind it too, and fail only later
    except OSError as error:
        bound.close()
        raise ConfigError(
            f"{host}:{port} cannot be listened at ({(error.strerror or str(error)).lower()}); "
            "give another --port or --host"
        ) from None
    return bound


def describe_address(bound: socket.socket) -> str:
    """The address of a bound socket, as a URL."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """On SIGTERM or SIGINT it takes no new work, answers what it has taken, and ends.

    A second signal, or `grace` seconds, end it at once.
    """

    def __init__(
        self,
        app: FastAPI,
        grace: float,
        announce: Callable[[], None] = lambda: None,
    ) -> None:
        """Serve an app built around a service; `announce` is called when it listens."""
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                ws="none",
                server_header=False,
                proxy_headers=False,
                lifespan="on",
                timeout_graceful_shutdown=LAST_SECONDS,
            )
        )
        self.service: Service = app.state.service
        self.grace = grace
        self.announce = announce
        self.ending: asyncio.Task[None] | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        self.loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self.announce()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end at the first signal; end at the second.

        The signal is not raised again afterwards, as uvicorn does: this end is a good one.
        """
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.begin_end)

    def begin_end(self) -> None:
        """Take no new work, and see to the end; called again, wait no longer."""
        if self.ending is None:
            self.ending = asyncio.create_task(self._finish())
        else:
            self.should_exit = self.force_exit = True

    async def _finish(self) -> None:
        self.service.stopping.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.grace):
                await self.service.idle.wait()
        self.should_exit = True
