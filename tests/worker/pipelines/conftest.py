"""Pipelines on real tables of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from backend.core.settings import Settings
from backend.web.app import create_app
from tests.fixtures.cluster import Cluster
from tests.worker.bench import Bench
from tests.worker.evaluation_board import Board
from tests.worker.label_senders import Import
from tests.worker.release_lab import Lab, Templates


@pytest.fixture
def bench(fresh_database_url: str, settings: Settings) -> Bench:
    return Bench(settings.model_copy(update={"database_url": fresh_database_url}))


@pytest.fixture(scope="session")
def templates(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Templates:
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "labs"
    folder.mkdir(exist_ok=True)
    return Templates(cluster, folder)


@pytest.fixture
def lab(templates: Templates, settings: Settings) -> Iterator[Lab]:
    """A lab with a draft that is ready to be checked."""
    with templates.furnished().copied(settings) as lab:
        yield lab


@pytest.fixture
def checked_lab(templates: Templates, settings: Settings) -> Iterator[Lab]:
    """A lab whose first version is checked."""
    with templates.checked().copied(settings) as lab:
        yield lab


@pytest.fixture
def published_lab(templates: Templates, settings: Settings) -> Iterator[Lab]:
    """A lab whose first version is published."""
    with templates.published().copied(settings) as lab:
        yield lab


@pytest.fixture(scope="module")
def board(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A published release and its web server, for the tests of one module."""
    settings = Settings(
        database_url=module_database_url,
        redis_url=None,
        data_dir=tmp_path_factory.mktemp("board"),
        storage_url=None,
        demo=False,
    )
    with TestClient(create_app(settings, with_pages=False)) as client:
        yield Board(Bench(settings), client)


@pytest.fixture(scope="module")
def label_bench(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("labels")
    return Bench(
        Settings(database_url=module_database_url, data_dir=folder, storage_url=None, demo=False)
    )


@pytest.fixture
def labels(label_bench: Bench) -> Import:
    """Whoever sends labels, for the tests of one module."""
    return Import(label_bench)
