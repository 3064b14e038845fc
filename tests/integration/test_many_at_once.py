"""Many requests of one person at the same time: every one is answered."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from backend.core.accounts import service as accounts
from backend.core.database.engine import make_engine
from backend.core.database.tables import AnnotationRevision, ApiToken, LoginSession, Recording
from tests.factories import bearer, frames_of, make_recording, make_user
from tests.fixtures.cluster import Cluster
from tests.fixtures.loops import at_once
from tests.fixtures.server import free_port

MANY = 200
THREADS = 8
PATIENCE_S = 180.0
"""A server that hangs never answers; a busy machine does within this."""


@dataclass(frozen=True)
class Web:
    """A web server process on a database of its own."""

    url: str
    engine: Engine
    blobs: Path
    log: Path


@pytest.fixture(scope="module")
def web(
    module_database_url: str, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Web]:
    folder = tmp_path_factory.mktemp("web")
    port = free_port()
    environment = os.environ | {
        "INFANTNET_DATABASE_URL": module_database_url,
        "INFANTNET_REDIS_URL": f"unix://{cluster.redis_socket}?db=0",
        "INFANTNET_DATA_DIR": str(folder),
        "INFANTNET_PORT": str(port),
        "INFANTNET_VITE_DEV_URL": "http://127.0.0.1:9",  # no pages are asked for
        "INFANTNET_DATABASE_LOCK_SECONDS": "3",
        "INFANTNET_WEB_THREADS": str(THREADS),
    }
    log = folder / "web.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "backend.web.serve"],
            env=environment,
            stdout=output,
            stderr=output,
        )
    engine = make_engine(module_database_url)
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}", process)
        yield Web(f"http://127.0.0.1:{port}", engine, folder / "blobs", log)
    finally:
        engine.dispose()
        process.kill()
        process.wait()


def wait_until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the web server ended"
        with suppress(httpx.TransportError):
            if httpx.get(f"{url}/healthz").is_success:
                return
        time.sleep(0.05)
    raise AssertionError("the web server did not start")


@dataclass(frozen=True)
class Work:
    """An annotator's session, and two ways to log in as them that nobody has used lately."""

    recording: int
    frames: Sequence[int]
    token: dict[str, str]
    cookie: dict[str, str]

    @property
    def pictures(self) -> list[httpx.Request]:
        return [httpx.Request("GET", f"/frames/{frame}/thumbnail") for frame in self.frames]

    @property
    def saves(self) -> list[httpx.Request]:
        return [
            httpx.Request(
                "POST",
                f"/frames/{frame}/operations",
                headers={"If-Match": '"0"'},
                json={
                    "operation_id": str(uuid.uuid4()),
                    "operations": [
                        {"type": "setVerdict", "verdict": "discard", "reason": "motion_blur"}
                    ],
                },
            )
            for frame in self.frames
        ]


@pytest.fixture
def work(web: Web) -> Work:
    with Session(web.engine, expire_on_commit=False) as session:
        user = make_user(session)
        recording = make_recording(session, frames=MANY, annotator=user)
        frames = frames_of(session, recording)
        picture = web.blobs / frames[0].thumbnail_key
        picture.parent.mkdir(parents=True, exist_ok=True)
        for frame in frames:
            (web.blobs / frame.thumbnail_key).write_bytes(b"a picture")
        token = bearer(session, user)
        secret = accounts.begin_login(session, user)
        session.execute(
            update(LoginSession)
            .where(LoginSession.user_id == user.id)
            .values(expires_at=LoginSession.expires_at - timedelta(hours=2))
        )
        session.commit()
    cookie = {"Cookie": f"infantnet_session={secret}", "X-Infantnet": "1"}
    return Work(recording.id, [frame.id for frame in frames], token, cookie)


class Client:
    """Somebody who sends many requests at the same time, each on a connection of its own."""

    def __init__(self, web: Web, headers: dict[str, str]) -> None:
        self.web = web
        self.headers = headers

    def send(self, requests: Sequence[httpx.Request]) -> list[httpx.Response]:
        return at_once(self.send_all(requests))

    async def send_all(self, requests: Sequence[httpx.Request]) -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(timeout=PATIENCE_S, limits=limits) as client:
            return await asyncio.gather(*(client.send(self._to_server(r)) for r in requests))

    def _to_server(self, request: httpx.Request) -> httpx.Request:
        return httpx.Request(
            request.method,
            f"{self.web.url}/api/v1{request.url.path}",
            headers=[*request.headers.items(), *self.headers.items()],
            content=request.content,
        )


def statuses(answers: Sequence[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def test_pictures_by_a_token_that_was_never_used(web: Web, work: Work) -> None:
    assert statuses(Client(web, work.token).send(work.pictures)) == {200: MANY}


def test_pictures_by_a_log_in_last_seen_two_hours_ago(web: Web, work: Work) -> None:
    assert statuses(Client(web, work.cookie).send(work.pictures)) == {200: MANY}


def test_saves_by_a_token_that_was_never_used(web: Web, work: Work) -> None:
    assert statuses(Client(web, work.token).send(work.saves)) == {200: MANY}
    assert revisions(web, work) == MANY


def test_saves_by_a_log_in_last_seen_two_hours_ago(web: Web, work: Work) -> None:
    assert statuses(Client(web, work.cookie).send(work.saves)) == {200: MANY}
    assert revisions(web, work) == MANY


def revisions(web: Web, work: Work) -> int:
    query = select(func.count()).where(AnnotationRevision.frame_id.in_(work.frames))
    with Session(web.engine) as session:
        return session.scalar(query) or 0


def test_nobody_waits_for_the_note_of_a_tokens_last_use(web: Web, work: Work) -> None:
    with web.engine.begin() as holder:
        holder.execute(select(ApiToken).order_by(ApiToken.id.desc()).limit(1).with_for_update())
        assert statuses(Client(web, work.token).send(work.pictures[:3])) == {200: 3}


def test_the_last_use_of_a_token_is_noted_soon(web: Web, work: Work) -> None:
    last_use = select(ApiToken.last_used_at).order_by(ApiToken.id.desc()).limit(1)
    deadline = time.monotonic() + PATIENCE_S
    Client(web, work.token).send(work.pictures[:1])
    with web.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.scalar(last_use) is None:
            assert time.monotonic() < deadline, "the last use was not noted"
            time.sleep(0.1)


def test_who_waits_too_long_for_somebody_elses_change_is_asked_to_come_back(
    web: Web, work: Work
) -> None:
    """Meanwhile the health check answers, although those who wait have taken every thread."""

    async def meanwhile() -> tuple[list[httpx.Response], int, bool]:
        waiting = asyncio.create_task(Client(web, work.token).send_all(work.saves[:THREADS]))
        async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
            while waiting_for_a_lock(web) < THREADS:
                await asyncio.sleep(0.02)
            health = await client.get(f"{web.url}/healthz")
            in_time = not waiting.done()
        return await waiting, health.status_code, in_time

    with web.engine.begin() as holder:
        holder.execute(select(Recording).where(Recording.id == work.recording).with_for_update())
        refused, health, in_time = at_once(meanwhile())
    assert (health, in_time) == (200, True)
    assert statuses(refused) == {503: THREADS}
    assert {answer.headers["content-type"] for answer in refused} == {"application/problem+json"}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
    assert "try again" in refused[0].json()["detail"]
    assert revisions(web, work) == 0
    assert statuses(Client(web, work.token).send(work.saves)) == {200: MANY}


def waiting_for_a_lock(web: Web) -> int:
    query = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with web.engine.connect() as connection:
        return int(connection.execute(query).scalar_one())
