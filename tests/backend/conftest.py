"""What tests of the HTTP interface share: the real application on a real database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from backend.core.settings import Settings
from backend.web.app import create_app


@pytest.fixture(scope="session")
def application() -> FastAPI:
    """The application with all its routes: long to make, so made once and started often."""
    return create_app(Settings(database_url="postgresql://unused/unused"), with_pages=False)


@pytest.fixture
def client(application: FastAPI, settings: Settings) -> Iterator[TestClient]:
    """A browser or script before the application; it commits to the worker's database."""
    application.state.settings = settings
    with TestClient(application) as client:
        yield client


@pytest.fixture
def committed(engine: Engine) -> Iterator[Session]:
    """A session whose commits stay, for rows that :func:`client` shall see."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
