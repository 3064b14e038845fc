"""The interface's description, completed by what every route of a kind may answer.

Routes declare what is theirs alone: content types of files, statuses beyond the usual. Everything
that follows from what a route *is* (it asks for a person, names a thing in its path, takes a body,
a version, an ETag) is written here once. All refusals are problems as RFC 9457 has them.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI

from backend.core.http.dependencies import COOKIE, SESSION, TOKEN
from backend.core.http.problems import PROBLEM_TYPE

_WRITES: Final = frozenset({"post", "put", "patch", "delete"})
_TAKES_BODY: Final = frozenset({400, 413})

PROBLEM: Final[dict[str, Any]] = {
    "title": "Problem",
    "description": "Why a request was refused (RFC 9457); more members tell more of some kinds.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "/problems/ and the kind of problem"},
        "title": {"type": "string", "description": "The status in words"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "Sentences for a person"},
        "errors": {
            "type": "array",
            "description": "Each fault of a request that could not be read",
            "items": {
                "type": "object",
                "required": ["loc", "msg"],
                "properties": {
                    "loc": {
                        "type": "array",
                        "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
                    },
                    "msg": {"type": "string"},
                },
            },
        },
        "request_id": {"type": "string", "description": "What the server's log calls the request"},
    },
    "additionalProperties": True,
}
_REFERENCE: Final = {"$ref": "#/components/schemas/Problem"}
_DROPPED: Final = ("HTTPValidationError", "ValidationError")


def install(app: FastAPI) -> None:
    """Let the application describe itself completely; call it after all routers are included."""
    describe: Callable[[], dict[str, Any]] = app.openapi

    def complete() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = describe()
            _complete(schema)
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign]


def _complete(schema: dict[str, Any]) -> None:
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            responses = operation["responses"]
            for status in _refusals(path, method, operation):
                responses.setdefault(str(status), {})
            for status, response in responses.items():
                if int(status) >= 400:
                    _as_problem(int(status), response)
            if _header(operation, "if-none-match"):
                responses.setdefault("304", {"description": "The browser's copy is the newest"})
    schemas = schema["components"]["schemas"]
    for name in _DROPPED:
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM
    schema["components"]["securitySchemes"] = {
        TOKEN: {"type": "http", "scheme": "bearer", "description": "An API token"},
        SESSION: {"type": "apiKey", "in": "cookie", "name": COOKIE},
    }


def _header(operation: dict[str, Any], name: str) -> bool:
    return any(
        parameter["in"] == "header" and parameter["name"] == name
        for parameter in operation.get("parameters", ())
    )


def _refusals(path: str, method: str, operation: dict[str, Any]) -> set[int]:
    """The statuses of refusals that follow from what an operation is."""
    # A value that the database cannot hold, a fault of the server, a database that is away.
    found = {422, 500, 503}
    asks_user = "security" in operation
    if asks_user:
        found |= {401, 403}
    if "{" in path:
        found.add(404)
    if "requestBody" in operation:
        found |= _TAKES_BODY
        if asks_user:  # what its members name may be missing
            found.add(404)
    if method in _WRITES and asks_user:
        found.add(409)
    if _header(operation, "if-match"):
        found |= {412, 428}
    return found


def _as_problem(status: int, response: dict[str, Any]) -> None:
    """Give a refusal its type; a model of its own says more than the common one."""
    own = response.get("content", {}).get("application/json", {}).get("schema")
    if own is None or own.get("$ref", "").endswith("/HTTPValidationError"):
        own = _REFERENCE
    response["content"] = {PROBLEM_TYPE: {"schema": own}}
    if response.get("description") in (None, "", "Validation Error"):
        response["description"] = HTTPStatus(status).phrase


def binary(*media_types: str, about: str) -> dict[int | str, dict[str, Any]]:
    """The declaration of a route that answers with a file of one of these types."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media_types}
    return {200: {"content": content, "description": about}}


PICTURE: Final = binary("image/jpeg", "image/png", about="The picture")
