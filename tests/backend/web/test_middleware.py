"""What surrounds every request: limits on bodies, an id in every answer, words when all fails."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from backend.web.middleware import MAX_LOGIN_BYTES, Limited, Observed

MAX = 256 * 1024


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    app = FastAPI()
    taken: list[int] = []

    @app.post("/api/v1/things")
    @app.post("/api/v1/auth/login")
    @app.patch("/api/v1/uploads/7")
    async def take(request: Request) -> dict[str, int]:
        taken.append(0)
        async for part in request.stream():
            taken[-1] += len(part)
        return {"bytes": taken[-1]}

    @app.post("/breaks")
    @app.get("/breaks")
    def breaks() -> None:
        raise RuntimeError("out of order")

    @app.post("/full")
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    app.state.taken = taken
    app.add_middleware(Limited, max_bytes=MAX)
    app.add_middleware(Observed, data_dir=lambda: tmp_path)
    structlog.contextvars.clear_contextvars()
    with TestClient(app, raise_server_exceptions=False) as client:
        client.app_state = app.state  # type: ignore[attr-defined]
        yield client


def _pieces(size: int) -> Iterator[bytes]:
    for _ in range(size // 1024):
        yield b"x" * 1024


def test_a_body_that_says_it_is_too_large_is_refused_unread(client: TestClient) -> None:
    answer = client.post("/api/v1/things", content=b"x" * (MAX + 1))

    assert answer.status_code == 413
    assert answer.json()["type"] == "/problems/too-large"
    assert client.app_state.taken == []  # type: ignore[attr-defined]


def test_a_body_that_does_not_say_its_size_is_cut_off(client: TestClient) -> None:
    answer = client.post("/api/v1/things", content=_pieces(4 * MAX))

    assert answer.status_code == 413


def test_a_stranger_may_send_little(client: TestClient) -> None:
    assert client.post("/api/v1/auth/login", content=b"x" * MAX_LOGIN_BYTES).status_code == 200
    answer = client.post("/api/v1/auth/login", content=b"x" * (MAX_LOGIN_BYTES + 1))
    assert answer.status_code == 413


def test_chunks_of_uploads_are_counted_elsewhere(client: TestClient) -> None:
    assert client.patch("/api/v1/uploads/7", content=b"x" * (2 * MAX)).json() == {"bytes": 2 * MAX}


def test_a_fault_carries_the_id_that_the_log_has(client: TestClient) -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        answer = client.get("/breaks", headers={"X-Request-Id": "from-the-proxy.7"})

    assert answer.status_code == 500
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"] == "from-the-proxy.7"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert {entry["request_id"] for entry in logs} == {"from-the-proxy.7"}
    assert "request_broke" in {entry["event"] for entry in logs}


def test_an_id_that_is_no_id_is_replaced(client: TestClient) -> None:
    answer = client.get("/breaks", headers={"X-Request-Id": "a b\tc"})

    assert answer.headers["X-Request-Id"] != "a b\tc"


def test_a_write_that_broke_does_not_claim_that_nothing_was_changed(client: TestClient) -> None:
    assert "Nothing was changed" in client.get("/breaks").json()["detail"]
    assert "not known" in client.post("/breaks").json()["detail"]


def test_a_full_disk_is_told_with_a_time_to_come_back(client: TestClient) -> None:
    answer = client.post("/full")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "The disk is full." in answer.json()["detail"]
