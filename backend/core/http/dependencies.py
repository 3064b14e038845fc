"""What endpoints ask for: a transaction, the person, the settings, the blob store.

No request holds a lock, a transaction or a connection while it waits for a thread. The threads are
few; requests that waited for one with a lock in their hands would wait for those who have the
threads and want the lock, for ever. So each step that touches the database is one call in one
thread, with a transaction that begins and ends in it:

1. :func:`current_user` reads who asks, and gives the connection back;
2. the endpoint does its work and commits, see :class:`OneThreadRoute`.

Whatever needs neither a thread nor the database is ``async``, which costs no thread at all.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from backend.core.accounts import service as accounts
from backend.core.accounts.uses import Uses
from backend.core.database.tables import User
from backend.core.http.blind import OF, require_open
from backend.core.http.problems import PreconditionRequired
from backend.core.settings import Settings
from backend.core.storage import BlobStore
from backend.domain.errors import Forbidden, InvalidInput, Unauthenticated
from backend.domain.tokens import TokenScope

COOKIE = "infantnet_session"
CSRF_HEADER = "X-Infantnet"
PERSON_HEADER = "X-Infantnet-Person"
"""The id of the person who opened the page that asks."""
TOKEN, SESSION = "token", "session"
"""What the interface's description calls the two ways to say who asks."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class OneThreadRoute(APIRoute):
    """A route whose endpoint works and commits in one call in one thread.

    The commit comes before the response is built, so that a failing commit never answers 200; an
    error rolls everything back. Endpoints stay plain ``def`` functions that ask for a
    :data:`SessionDep`. An ``async`` endpoint may not: it would keep its transaction open while it
    waits. It opens short transactions of its own (:data:`EngineDep`) in threads.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        is_async = inspect.iscoroutinefunction(inspect.unwrap(endpoint))
        if not inspect.iscoroutinefunction(endpoint):
            endpoint = _in_one_thread(endpoint, reads="GET" in (options.get("methods") or ()))
        super().__init__(path, endpoint, **options)
        if is_async and any(part.call is get_session for part in self.dependant.dependencies):
            raise TypeError(f"{endpoint.__qualname__} is async: it may not hold a transaction")
        if any(part.call is current_user for part in self.dependant.dependencies):
            # The description names who may ask; what may be refused follows from it.
            who: dict[str, Any] = {"security": [{TOKEN: []}, {SESSION: []}]}
            self.openapi_extra = who | (self.openapi_extra or {})


class Router(APIRouter):
    """A router of :class:`OneThreadRoute`; the only kind that gives out sessions."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=OneThreadRoute, **options)


def _in_one_thread(endpoint: Callable[..., Any], *, reads: bool) -> Callable[..., Any]:
    """The endpoint and the end of its transaction, as one call in a thread of the pool.

    What is read of a recording or a frame is refused to whoever has to answer a frame of it on
    their own (:mod:`backend.core.http.blind`).
    """
    named = [name for name in OF if reads and name in inspect.signature(endpoint).parameters]

    def work(values: dict[str, Any]) -> Any:
        session = next((v for v in values.values() if isinstance(v, Session)), None)
        if session is None:
            return endpoint(**values)
        with session:  # what is not committed at its end is rolled back
            if named:
                user = next(v for v in values.values() if isinstance(v, User))
                require_open(session, user, {name: values[name] for name in named})
            answer = endpoint(**values)
            session.commit()
        return answer

    @functools.wraps(endpoint)
    async def call(**values: Any) -> Any:
        return await run_in_threadpool(work, values)

    return call


async def get_settings_of(request: Request) -> Settings:
    """The settings that the application was made with."""
    settings: Settings = request.app.state.settings
    return settings


async def get_engine(request: Request) -> Engine:
    """The application's engine."""
    engine: Engine = request.app.state.engine
    return engine


async def get_storage(request: Request) -> BlobStore:
    """The application's blob store."""
    storage: BlobStore = request.app.state.storage
    return storage


EngineDep = Annotated[Engine, Depends(get_engine)]


async def get_session(request: Request, engine: EngineDep) -> Session:
    """The request's session: no connection is taken before the endpoint uses it.

    Raises:
        RuntimeError: the route belongs to no :class:`Router`, so nobody would commit.
    """
    route = request.scope.get("route")
    if not isinstance(route, OneThreadRoute):
        raise RuntimeError(f"{request.url.path} is no OneThreadRoute: nothing would be committed")
    return Session(engine, expire_on_commit=False)


SettingsDep = Annotated[Settings, Depends(get_settings_of)]
StorageDep = Annotated[BlobStore, Depends(get_storage)]
SessionDep = Annotated[Session, Depends(get_session)]


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


def _guard_against_mistaken_person(request: Request, user: User) -> None:
    """A page that was opened by one person does not write in the name of another.

    All tabs of a browser share one cookie: when somebody else logs in beside them, an older tab
    still holds the first person's work. It names that person with each request.
    """
    named = request.headers.get(PERSON_HEADER)
    if named is not None and named != str(user.id):
        raise Unauthenticated(
            f"{user.name} is logged in with this browser now. Log in again to go on with this page."
        )


async def current_user(request: Request, session: SessionDep, settings: SettingsDep) -> User:
    """The person behind a request, by API token or by session cookie.

    Read in a transaction of its own that has ended when this returns. The person belongs to the
    request's session, so that a change of them is stored with the rest.

    Raises:
        Unauthenticated: neither is there, or it is no longer valid, or the page was opened by
            another person than the one who is logged in.
        Forbidden: a write with a cookie that does not come from our own pages, or with a token
            that may only read.
    """
    authorization = request.headers.get("authorization", "")
    secret = request.cookies.get(COOKIE)
    if not authorization and not secret:
        raise Unauthenticated("Please log in.")
    state = request.app.state
    user = await run_in_threadpool(
        _authenticate, state.reading, state.uses, settings, authorization, secret
    )
    if not authorization:
        _guard_against_forgery(request)
        _guard_against_mistaken_person(request, user)
    elif user.scope is TokenScope.READ and request.method not in _SAFE:
        raise Forbidden("This API token may only read.")
    session.add(user)
    return user


def _authenticate(
    reading: Engine, uses: Uses, settings: Settings, authorization: str, secret: str | None
) -> User:
    """Who has this token, or else this cookie; one statement, and no transaction stays open."""
    with Session(reading, expire_on_commit=False) as session:
        if authorization:
            scheme, _, token = authorization.partition(" ")
            bearer = scheme.lower() == "bearer"
            user = accounts.user_for_token(session, token, uses) if bearer else None
            if user is None:
                raise Unauthenticated("This API token is unknown or was revoked.")
            return user
        lifetime = timedelta(days=settings.session_days)
        user = accounts.user_for_cookie(session, secret, lifetime, uses) if secret else None
        if user is None:
            raise Unauthenticated("Please log in.")
        return user


CurrentUser = Annotated[User, Depends(current_user)]


async def parse_if_match(if_match: Annotated[str | None, Header()] = None) -> int | None:
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
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise InvalidInput(f"If-Match: {if_match!r} is not a version.")
    return int(value)


IfMatch = Annotated[int | None, Depends(parse_if_match)]
