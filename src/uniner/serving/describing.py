"""What /openapi.json says beyond what FastAPI finds in the routes."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from uniner.serving.body import JSON, LINES
from uniner.serving.limits import Limits
from uniner.serving.messages import Failure, Inquiry

REFERENCE = "#/components/schemas/{model}"
MEANINGS = {
    400: "Not JSON in UTF-8",
    401: "No key, or not the right one",
    413: "Too many bytes",
    415: "A content type that is not read",
    422: "JSON that is no such request, or one beyond a limit",
    429: "Too much is waiting; Retry-After says when to come again",
    500: "An error of the server's own",
    502: "The model is on another server, which does not answer",
    503: "The server is stopping",
}
EXAMPLE = {"texts": ["Ada Lovelace lived in London."], "types": ["person", "city"]}


def describe_failures(*statuses: int, secured: bool) -> dict[int | str, dict[str, Any]]:
    """Each status with its meaning and the one shape of errors."""
    told = sorted({*statuses, 401} if secured else statuses)
    content = {JSON: {"schema": {"$ref": REFERENCE.format(model="Failure")}}}
    return {status: {"description": MEANINGS[status], "content": content} for status in told}


def describe_body(*kinds: str) -> dict[str, Any]:
    """The body that a route reads, for each content type."""
    content: dict[str, Any] = {
        JSON: {"schema": {"$ref": REFERENCE.format(model="Inquiry")}, "example": EXAMPLE},
        LINES: {"schema": {"type": "string"}, "example": '{"types": ["person"]}\n"Ada met Bo."\n'},
    }
    return {"requestBody": {"required": True, "content": {kind: content[kind] for kind in kinds}}}


def add_description(app: FastAPI, limits: Limits) -> None:
    """Have an app describe the bodies that it reads, with its limits."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
            schemas = schema["components"]["schemas"]
            for message in (Inquiry, Failure):
                described = message.model_json_schema(ref_template=REFERENCE)
                schemas.update(described.pop("$defs"), **{message.__name__: described})
            body = schemas["Inquiry"]
            members = body["properties"]
            members["texts"]["maxItems"] = limits.texts
            members["texts"]["items"]["maxLength"] = limits.characters
            members["types"]["maxItems"] = limits.types
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]  # FastAPI's documented way
