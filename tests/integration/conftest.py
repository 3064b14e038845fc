"""What integration tests share: one running product with the demo, people of it, and videos."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.domain.workflow import Role
from tests.fixtures.server import Server, start_server
from tests.integration.people import LONG, Caller, make_video

# These tests need no pages: they also run where the frontend is not built.
ENVIRONMENT = {"INFANTNET_VITE_DEV_URL": "http://127.0.0.1:9"}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One product for all of them: they belong to one group, so that one process runs them all."""
    settings = ENVIRONMENT | {"INFANTNET_DEMO": "1", "INFANTNET_MODELS": "0"}
    with start_server(tmp_path_factory.mktemp("server"), settings) as server:
        yield server


@pytest.fixture(scope="session")
def maintainer(server: Server) -> Caller:
    """Somebody who imports recordings and runs jobs."""
    return Caller(server, server.add_person("Mara", [Role.MAINTAINER]))


@pytest.fixture(scope="session")
def short_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight frames: an import of a blink."""
    return make_video(tmp_path_factory.mktemp("videos") / "short.mov", 8)


@pytest.fixture(scope="session")
def long_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough large frames that an import can be interrupted."""
    return make_video(tmp_path_factory.mktemp("videos") / "long.mov", LONG, (1280, 720))
