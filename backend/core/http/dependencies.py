"""What endpoints ask for: a transaction, the person, the settings, the blob store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Header, Request
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from backend.core.accounts import service as accounts
from backend.core.database.session import transaction
from backend.core.database.tables import User
from backend.core.http.problems import PreconditionRequired
from backend.core.settings import Settings
from backend.core.storage import BlobStore
from backend.domain.errors import Forbidden, InvalidInput, Unauthenticated

COOKIE = "infantnet_session"
CSRF_HEADER = "X-Infantnet"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def get_settings_of(request: Request) -> Settings:
    """The settings that the application was made with."""
    settings: Settings = request.app.state.settings
    return settings


def get_engine(request: Request) -> Engine:
    """The application's engine."""
    engine: Engine = request.app.state.engine
    return engine


def get_storage(request: Request) -> BlobStore:
    """The application's blob store."""
    storage: BlobStore = request.app.state.storage
    return storage


def get_session(engine: Annotated[Engine, Depends(get_engine)]) -> Iterator[Session]:
    """One transaction per request, committed before the response is sent.

    Only as ``Depends(get_session, scope="function")``: with the default scope a failing commit
    would come after a 200 was sent.
    """
    with transaction(engine) as session:
        yield session


SettingsDep = Annotated[Settings, Depends(get_settings_of)]
StorageDep = Annotated[BlobStore, Depends(get_storage)]
SessionDep = Annotated[Session, Depends(get_session, scope="function")]


def _guard_against_forgery(request: Request) -> None:
    """A browser's cookie counts for writes only from our own pages.

    Foreign pages can neither set a custom header without a preflight, nor fake ``Origin``.
    """
    if request.method in _SAFE:
        return
    if CSRF_HEADER.lower() not in request.headers:
        raise Forbidden(f"This request lacks the header {CSRF_HEADER}.")
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise Forbidden("This request comes from another site.")


def current_user(request: Request, session: SessionDep, settings: SettingsDep) -> User:
    """The person behind a request, by API token or by session cookie.

    Raises:
        Unauthenticated: neither is there, or it is no longer valid.
        Forbidden: a write with a cookie that does not come from our own pages.
    """
    authorization = request.headers.get("authorization", "")
    if authorization:
        scheme, _, token = authorization.partition(" ")
        user = accounts.user_for_token(session, token) if scheme.lower() == "bearer" else None
        if user is None:
            raise Unauthenticated("This API token is unknown or was revoked.")
        return user
    secret = request.cookies.get(COOKIE)
    lifetime = timedelta(days=settings.session_days)
    user = accounts.user_for_cookie(session, secret, lifetime) if secret else None
    if user is None:
        raise Unauthenticated("Please log in.")
    _guard_against_forgery(request)
    return user


CurrentUser = Annotated[User, Depends(current_user, scope="function")]


def parse_if_match(if_match: Annotated[str | None, Header()] = None) -> int | None:
    """The version that a write read, from ``If-Match: "7"``; None for ``*``.

    Raises:
        PreconditionRequired: the header is missing.
        InvalidInput: it is no version.
    """
    if if_match is None:
        raise PreconditionRequired('Say which version you read: If-Match: "<version>".')
    value = if_match.strip().removeprefix("W/").strip('"')
    if value == "*":
        return None
    if not value.isdigit():
        raise InvalidInput(f"If-Match: {if_match!r} is not a version.")
    return int(value)


IfMatch = Annotated[int | None, Depends(parse_if_match)]
