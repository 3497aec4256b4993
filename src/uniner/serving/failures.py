"""Errors as every answer words them: {"error": {"message", "where"}}."""

import json
import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from uniner.records import RecordError, UninerError

LOG = logging.getLogger(__name__)
GONE = 499
"""The status that is counted, and that nobody reads, where a client has left."""


class RefusalError(Exception):
    """What a client is told in place of an answer; `where` names the part of its request."""

    def __init__(
        self,
        status: int,
        message: str,
        where: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Refuse with an HTTP status."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.where = where
        self.headers = dict(headers or {})


def render_failure(message: str, where: str) -> bytes:
    """The one shape of an error, as ASCII, since what it quotes need not be whole characters."""
    row = {"error": {"message": message, "where": where}}
    return json.dumps(row, separators=(",", ":")).encode("ascii")


def respond(refusal: RefusalError) -> Response:
    """A refusal as a response."""
    return Response(
        render_failure(refusal.message, refusal.where),
        refusal.status,
        refusal.headers,
        "application/json",
    )


def explain(error: Exception) -> RefusalError:
    """What a client is told of an error; one that is nobody's fault but ours is logged."""
    match error:
        case RefusalError():
            return error
        case RecordError():
            return RefusalError(422, str(error), "types")
        case UninerError():
            return RefusalError(502, f"the model does not answer: {error}", "model")
        case _:
            LOG.error("a request failed", exc_info=error)
            return broken()


def broken() -> RefusalError:
    """What a client is told of an error that is ours."""
    return RefusalError(500, "an error of the server's own; its log says more", "server")


def add_handlers(app: FastAPI) -> None:
    """Have every error of an app answered in the one shape."""

    async def refuse(_: Request, error: Exception) -> Response:
        assert isinstance(error, RefusalError)
        return respond(error)

    async def refuse_route(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        path = request.url.path[:100]
        told = {404: "there is no such path; see /openapi.json"}
        if error.status_code == 405:
            told[405] = f"{request.method[:20]} is not answered here; see /openapi.json"
        message = told.get(error.status_code, str(error.detail))
        return respond(RefusalError(error.status_code, message, path, error.headers))

    async def leave(_: Request, error: Exception) -> Response:
        return respond(RefusalError(GONE, "the client has left", "connection"))

    async def fail(_: Request, error: Exception) -> Response:
        refusal = broken()
        refusal.headers["Connection"] = "close"  # uvicorn, which logs the error, will close it
        return respond(refusal)

    app.add_exception_handler(RefusalError, refuse)
    app.add_exception_handler(HTTPException, refuse_route)
    app.add_exception_handler(ClientDisconnect, leave)
    app.add_exception_handler(Exception, fail)
