"""What every request passes first: it is counted, and let in or turned away."""

import hmac
import time
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from uniner.serving.failures import GONE, RefusalError, respond
from uniner.serving.service import Service

OPEN = ("/", "/healthz", "/openapi.json")
"""What is answered without a key."""
WORK = "/v1/extract"
"""What takes the model's time begins so."""
ROUTES = (*OPEN, "/metrics", "/v1/models", "/v1/extract", "/v1/extract/stream")
OTHER = "other"


@dataclass(slots=True)
class Gate:
    """Middleware: counts, asks for the key, and keeps new work out when full or stopping."""

    app: ASGIApp
    service: Service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.monotonic(), GONE

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._pass(scope, receive, send_noted)
        except Exception:
            status = 500
            raise
        finally:
            route = scope["path"] if scope["path"] in ROUTES else OTHER
            self.service.metrics.count_request(route, status, time.monotonic() - started)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        refusal = self._check_key(path, scope)
        if refusal is None and path.startswith(WORK):
            refusal = self._check_room()
        if refusal is not None:
            await respond(refusal)(scope, receive, send)
            return
        if not path.startswith(WORK):
            await self.app(scope, receive, send)
            return
        self.service.enter()
        try:
            await self.app(scope, receive, send)
        finally:
            self.service.leave()

    def _check_key(self, path: str, scope: Scope) -> RefusalError | None:
        key = self.service.key
        if key is None or path in OPEN:
            return None
        headers = Headers(scope=scope)
        kind, _, bearer = headers.get("authorization", "").partition(" ")
        given = bearer.strip() if kind.lower() == "bearer" else headers.get("x-api-key", "")
        if hmac.compare_digest(given.encode("latin-1"), key):
            return None
        why = "the key is not the right one" if given else "a key is needed"
        return RefusalError(
            401,
            f"{why}; send it as Authorization: Bearer KEY",
            "Authorization",
            {"WWW-Authenticate": "Bearer"},
        )

    def _check_room(self) -> RefusalError | None:
        if self.service.stopping.is_set():
            headers = {"Retry-After": "5", "Connection": "close"}
            return RefusalError(
                503, "the server is stopping; ask another or later", "server", headers
            )
        if self.service.is_full:
            most = self.service.limits.requests
            told = f"{most:,} requests are under way, and no more are taken; come again"
            return RefusalError(429, told, "queue", {"Retry-After": "1"})
        return None
