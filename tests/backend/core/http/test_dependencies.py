"""A request's transaction: begun and ended in one thread, committed before the answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.database.session import after_commit
from backend.core.database.tables import Infant
from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.core.settings import Settings
from backend.domain.errors import Conflict
from backend.web.app import create_app
from tests.factories import bearer, make_user, unique

router = Router()
plain = APIRouter()
events: list[Any] = []


@router.post("/works/{name}")
def works(name: str, session: SessionDep) -> str:
    session.add(Infant(pseudonym=name))
    after_commit(session, lambda: events.append(threading.get_ident()))
    events.append(threading.get_ident())
    return name


@router.post("/fails/{name}")
def fails(name: str, session: SessionDep) -> str:
    session.add(Infant(pseudonym=name))
    session.flush()
    raise Conflict("no")


@router.post("/renames/{name}")
def renames(name: str, user: CurrentUser, session: SessionDep) -> str:
    user.name = name
    return name


@plain.post("/forgets")
def forgets(session: SessionDep) -> None:
    session.add(Infant(pseudonym=unique("infant")))


@pytest.fixture(scope="module")
def application() -> FastAPI:
    app = create_app(Settings(database_url="postgresql://unused/unused"), with_pages=False)
    app.include_router(router, prefix="/tests")
    app.include_router(plain, prefix="/tests")
    return app


@pytest.fixture
def client(application: FastAPI, settings: Settings) -> Iterator[TestClient]:
    application.state.settings = settings
    events.clear()
    with TestClient(application) as client:
        yield client


def how_many(session: Session, name: str) -> int:
    query = select(func.count()).select_from(Infant).where(Infant.pseudonym == name)
    return session.scalar(query) or 0


def test_an_endpoint_and_its_commit_are_in_one_thread(
    client: TestClient, committed: Session
) -> None:
    name = unique("infant")
    assert client.post(f"/tests/works/{name}").json() == name
    assert how_many(committed, name) == 1
    worked, ended = events
    assert worked == ended != threading.get_ident()


def test_an_error_rolls_back(client: TestClient, committed: Session) -> None:
    name = unique("infant")
    assert client.post(f"/tests/fails/{name}").status_code == 409
    assert how_many(committed, name) == 0


def test_a_failing_commit_is_no_success(client: TestClient) -> None:
    name = unique("infant")
    client.post(f"/tests/works/{name}")
    assert client.post(f"/tests/works/{name}").status_code == 500


def test_a_change_of_the_person_who_asks_is_stored(client: TestClient, committed: Session) -> None:
    user = make_user(committed)
    headers = bearer(committed, user)
    committed.commit()
    assert client.post("/tests/renames/Other", headers=headers).status_code == 200
    committed.refresh(user)
    assert user.name == "Other"


def test_a_route_that_would_not_commit_gets_no_session(client: TestClient) -> None:
    assert client.post("/tests/forgets").status_code == 500


def test_an_async_endpoint_cannot_ask_for_a_transaction() -> None:
    async def waits(session: SessionDep) -> None:
        pass

    with pytest.raises(TypeError, match="may not hold a transaction"):
        Router().get("/waits")(waits)
