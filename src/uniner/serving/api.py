"""The HTTP API: which path is answered by what."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import partial
from typing import Any, TypeVar

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import ClientDisconnect

from uniner import __version__
from uniner.serving.body import JSON, LINES, check_kind, read_lines, read_whole
from uniner.serving.describing import add_description, describe_body, describe_failures
from uniner.serving.failures import RefusalError, add_handlers, explain
from uniner.serving.gate import Gate
from uniner.serving.messages import (
    Answer,
    Health,
    Inquiry,
    ModelCard,
    ModelList,
    Wish,
    check_text,
    read_message,
)
from uniner.serving.plan import Plan, make_plan
from uniner.serving.service import Service
from uniner.serving.stream import Stream, StreamedAnswers, wait_gone

Value = TypeVar("Value")


PAGE_HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'",  # the rest is in the page itself
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def build_app(
    service: Service,
    *,
    origins: Sequence[str] = (),
    page: Callable[[], str] | None = None,
) -> FastAPI:
    """The app around a service; `page` gives the HTML of `/`, which else points to /openapi.json.

    Pages of other `origins` may use it from a browser.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with service.batcher.running():
            yield

    # The pages that FastAPI has for /docs take their scripts from elsewhere.
    app = FastAPI(
        title="uniner",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    add_handlers(app)
    add_routes(app, page)
    add_description(app, service.limits)
    app.add_middleware(Gate, service=service)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-API-Key"],
            expose_headers=["Retry-After"],
        )
    return app


def add_routes(app: FastAPI, page: Callable[[], str] | None) -> None:
    """Answer every path."""

    async def show_page() -> Response:
        if page is None:
            return JSONResponse({"name": "uniner", "openapi": "/openapi.json"})
        return HTMLResponse(page(), headers=PAGE_HEADERS)

    app.get("/", include_in_schema=False)(show_page)
    failing = partial(describe_failures, secured=app.state.service.key is not None)
    app.get(
        "/metrics", summary="Counts, for Prometheus", response_class=PlainTextResponse,
        responses=failing(),
    )(show_metrics)  # fmt: skip
    app.get("/healthz", summary="Is it well?", response_model=Health, responses=failing(503))(
        show_health
    )
    app.get(
        "/v1/models", summary="The model and its limits", response_model=ModelList,
        responses=failing(),
    )(list_models)  # fmt: skip
    app.post(
        "/v1/extract", summary="Entities of texts", response_model=Answer,
        responses=failing(400, 413, 415, 422, 429, 500, 502, 503),
        openapi_extra=describe_body(JSON),
    )(extract)  # fmt: skip
    app.post(
        "/v1/extract/stream", summary="Entities of many texts, a line each",
        status_code=200, response_class=StreamedAnswers,
        responses=failing(400, 413, 415, 422, 429, 500, 503),
        openapi_extra=describe_body(JSON, LINES),
    )(extract_stream)  # fmt: skip


async def show_metrics(request: Request) -> Response:
    """What the server counts, for Prometheus."""
    service: Service = request.app.state.service
    return Response(service.metrics.render(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def show_health(request: Request) -> Response:
    """Status 200 as long as new texts are taken."""
    service: Service = request.app.state.service
    if service.stopping.is_set():
        raise RefusalError(503, "the server is stopping", "server")
    if not service.batcher.is_alive:
        raise RefusalError(503, "no texts are answered any more; start it again", "server")
    return JSONResponse({"status": "ok"})


async def list_models(request: Request) -> ModelList:
    """What answers, and how much it may be asked at once."""
    service: Service = request.app.state.service
    limits = asdict(service.limits)
    return ModelList(
        models=[ModelCard(name=service.name, threshold=service.threshold, limits=limits)]
    )


async def extract(request: Request) -> Response:
    """The entities of every text, in the order of texts."""
    service: Service = request.app.state.service
    check_kind(request, [JSON])
    value = await read_whole(request, service.limits.body_bytes)
    inquiry = read_message(Inquiry, value, service.limits)
    plan = make_plan(inquiry, service.limits)
    try:
        rows = await while_there(request, service.answer(plan, inquiry.texts))
    except ClientDisconnect:
        raise
    except Exception as error:
        raise explain(error) from None
    return JSONResponse({"results": rows})


async def extract_stream(request: Request) -> Response:
    """A line of JSON a text, in the order of texts, each as soon as it is known.

    The body is that of /v1/extract, or JSON lines: a first line with `types`, and what else but
    `texts` such a body has, then a text a line, as a string or as an object with `text`. Where
    something goes wrong later, the last line is an error.
    """
    service: Service = request.app.state.service
    most = service.limits.body_bytes
    if check_kind(request, [JSON, LINES]) == JSON:
        value = await read_whole(request, most)
        inquiry = read_message(Inquiry, value, service.limits)
        return stream(service, inquiry, give(inquiry.texts))
    lines = read_lines(request, most)
    async for _, value in lines:
        wish = read_message(Wish, value, service.limits)
        return stream(service, wish, read_texts(service, lines), endless=True)
    raise RefusalError(400, "the body is empty; begin with a line that has types", "body")


def stream(
    service: Service, wish: Wish, texts: AsyncIterator[str], *, endless: bool = False
) -> Response:
    """The response for texts that are, or that come."""
    plan = make_plan(wish, service.limits)
    until = service.stopping if endless else None
    return StreamedAnswers(Stream(texts, partial(ask_patiently, service, plan), until))


async def ask_patiently(service: Service, plan: Plan, text: str) -> dict[str, Any]:
    """The result of one text, which waits for room in the queue."""
    (row,) = await service.answer(plan, [text], patient=True)
    return row


async def give(texts: Sequence[str]) -> AsyncIterator[str]:
    """Texts that are there already."""
    for text in texts:
        yield text


async def read_texts(service: Service, lines: AsyncIterator[tuple[int, Any]]) -> AsyncIterator[str]:
    """The texts of lines; RefusalError names the line that has none."""
    async for number, value in lines:
        match value:
            case str(text) | {"text": str(text)}:
                check_text(text, service.limits, f"line {number}")
                yield text
            case _:
                told = "neither a string nor an object with a text"
                raise RefusalError(422, told, f"line {number}")


async def while_there(request: Request, work: Coroutine[Any, Any, Value]) -> Value:
    """What `work` returns; ClientDisconnect, and `work` cancelled, where the client leaves."""
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(wait_gone(request.receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)
