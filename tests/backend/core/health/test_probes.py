"""Probes for machines: what they say, and that they say it in time."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient

from backend.core.settings import Settings
from backend.web.app import create_app


@contextmanager
def frozen_server() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_whole_installation_is_ready(client: TestClient) -> None:
    assert client.get("/readyz").json() == {"status": "ready"}
    assert client.get("/healthz").json() == {"status": "ok"}


def test_a_full_disk_is_told_with_its_folder(settings: Settings) -> None:
    full = settings.model_copy(update={"spare_disk_bytes": 2**62})
    with TestClient(create_app(full, with_pages=False)) as client:
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert list(answer.json()["faults"]) == ["disk"]
    assert f"the disk of {settings.data_dir} is full" in answer.json()["detail"]
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("part", ["database", "redis"])
def test_a_frozen_part_is_named_and_does_not_freeze_the_probe(
    settings: Settings, part: str
) -> None:
    with frozen_server() as port:
        scheme = {"database": "postgresql+psycopg", "redis": "redis"}[part]
        address = f"{scheme}://127.0.0.1:{port}/0"
        frozen = settings.model_copy(update={f"{part}_url": address})
        with TestClient(create_app(frozen, with_pages=False)) as client:
            answer = client.get("/readyz")
            assert client.get("/healthz").status_code == 200
    assert answer.status_code == 503
    assert answer.json()["faults"] == {part: "no answer within 0.7 s"}


def test_an_unreachable_database_is_named(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    gone = settings.model_copy(
        update={"database_url": f"postgresql+psycopg://127.0.0.1:{port}/none"}
    )
    with TestClient(create_app(gone, with_pages=False)) as client:
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "refused" in answer.json()["faults"]["database"]
