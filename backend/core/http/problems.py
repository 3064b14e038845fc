"""Each domain error as an RFC 9457 problem, mapped once."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import DataError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from backend.domain import errors

log = structlog.get_logger(__name__)

STATUS: dict[type[errors.DomainError], int] = {
    errors.InvalidInput: 422,
    errors.NotFound: 404,
    errors.Unauthenticated: 401,
    errors.TooManyAttempts: 429,
    errors.Forbidden: 403,
    errors.Conflict: 409,
    errors.StaleVersion: 412,
    errors.TooLarge: 413,
    errors.WeightsMissing: 409,
    errors.Cancelled: 409,
}

PROBLEM_TYPE = "application/problem+json"


RETRY_AFTER_S = 2

_TWO_AT_ONCE = "Two changes conflicted with each other. Nothing was changed; please try again."
_BUSY = {
    "55P03": (
        "busy",
        "Somebody else is changing the same thing right now. Nothing was changed; please try "
        "again.",
    ),
    "40P01": ("busy", _TWO_AT_ONCE),
    "40001": ("busy", _TWO_AT_ONCE),
    "57014": (
        "too-slow",
        "The database took too long for this. Nothing was changed; please try again later.",
    ),
    "53100": (
        "disk-full",
        "The database’s disk is full. Nothing was changed. Tell whoever runs the server, and try"
        " again when there is room.",
    ),
    "25P03": (
        "too-slow",
        "The server took too long for this. Nothing was changed; please try again later.",
    ),
}
"""By Postgres's codes: lock not available, deadlock, serialisation, limits of time, full disk."""
_UNREACHABLE = (
    "database-unreachable",
    "The database does not answer. Whether this was stored is not known; please try again.",
)


class PreconditionRequired(errors.DomainError):
    """A write came without the version that it read."""


STATUS[PreconditionRequired] = 428


def problem(
    status: int, kind: str, detail: str, headers: dict[str, str] | None = None, **extra: Any
) -> Response:
    """A problem document.

    Args:
        status: HTTP status.
        kind: Short machine-readable name; becomes ``/problems/<kind>``.
        detail: Sentences for a person.
        headers: Further headers.
        **extra: Members beside the standard ones.
    """
    body = {
        **extra,
        "type": f"/problems/{kind}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return Response(
        orjson.dumps(body, default=str), status, headers=headers, media_type=PROBLEM_TYPE
    )


def _kind(error: type[errors.DomainError]) -> str:
    name = error.__name__
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")


def status_of(error: errors.DomainError) -> int:
    """HTTP status of a domain error, by its nearest mapped class."""
    for cls in type(error).__mro__:
        if cls in STATUS:
            return STATUS[cls]
    return 400


async def _domain_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, errors.DomainError)
    extra = dict(error.context)
    if isinstance(error, errors.StaleVersion):
        extra["current"] = error.current
    headers = None
    if isinstance(error, errors.TooManyAttempts):
        headers = {"Retry-After": str(error.context.get("retry_after_s", 60))}
    return problem(status_of(error), _kind(type(error)), error.message, headers, **extra)


async def _validation_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [{"loc": list(e["loc"]), "msg": e["msg"]} for e in error.errors()]
    where = ".".join(str(part) for part in faults[0]["loc"][1:]) if faults else ""
    detail = f"{where}: {faults[0]['msg']}" if where else "The request could not be read."
    return problem(422, "invalid-input", detail, errors=faults)


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, "http", str(error.detail), dict(error.headers or {}))


async def _data_error(_: Request, error: Exception) -> Response:
    return problem(422, "invalid-input", "A value is out of the range that can be stored.")


async def _database_busy(request: Request, error: Exception) -> Response:
    """The database gave up waiting, or cannot be reached.

    Asking again is safe: writes that count carry an operation id, or a version that they read.
    """
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    if isinstance(error, InternalError) and state not in _BUSY:
        raise error
    log.warning("database_busy", path=request.url.path, sqlstate=state, error=_first_line(error))
    kind, detail = _BUSY.get(state or "", _UNREACHABLE)
    return problem(503, kind, detail, {"Retry-After": str(RETRY_AFTER_S)})


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(errors.DomainError, _domain_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(DataError, _data_error)
    app.add_exception_handler(OperationalError, _database_busy)
    app.add_exception_handler(InternalError, _database_busy)
    app.add_exception_handler(PoolTimeout, _database_busy)
