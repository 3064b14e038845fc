"""Many annotators saving at the same time: ``python -m benchmarks.annotators_saving``.

A real Postgres (durable, as shipped) holds a session for each of 50 annotators; the real server
answers on loopback, and each annotator's browser also listens to the live events. Each saves about
once a second, at times of their own, for as long as asked (``--seconds 600`` for ten minutes). The
time of a save runs from the moment that it was *due*, so that waiting counts. In the same run, on
the same Postgres, commits of the same size are timed without any server: what no server can beat.
The processor time of a save tells more than its waits where the machine has other work to do.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import os
import random
import statistics
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
from sqlalchemy import Engine, text

from backend.core.accounts import service as accounts
from backend.core.database import migrate
from backend.core.database.engine import make_engine
from backend.core.database.session import transaction
from backend.domain.workflow import Role
from backend.ops.embedded.postgres import EmbeddedPostgres
from benchmarks.save_frame import SKELETON, server
from benchmarks.table import Row, print_table, within_limit

ANNOTATORS = 50
FRAMES = 200
SECONDS = 60.0
PAUSE_S = 1.0
WARM_UP_S = 5.0
BARE_PER_S = 5.0
LIMIT_MS = 25.0

_FILL = f"""
INSERT INTO infants (pseudonym) VALUES ('bench');
INSERT INTO recordings (name, source, infant_id, consent, stage, round, annotator_id)
    SELECT 'session of ' || u.id, 'home_visit', (SELECT id FROM infants), 'research',
           'annotating', 1, u.id FROM users u;
INSERT INTO cameras (recording_id, index, name) SELECT id, 0, 'camera 1' FROM recordings;
INSERT INTO moments (recording_id, index, time_s)
    SELECT r.id, i, i / 3.0 FROM recordings r, generate_series(0, {FRAMES} - 1) i;
INSERT INTO frames (recording_id, camera_id, moment_id, position, time_s, width, height, sha256,
                    image_key, thumbnail_key, sharpness, mean_luma, clipped_dark, clipped_bright,
                    dhash)
    SELECT m.recording_id, c.id, m.id, m.index, m.time_s, 1280, 720, md5(m.id::text),
           m.id || '.jpg', m.id || '.t.jpg', 100 + random(), 120, 0, 0, m.id
    FROM moments m JOIN cameras c ON c.recording_id = m.recording_id;
INSERT INTO candidates (frame_id, rank, score, keypoints, skeleton, box, model)
    SELECT f.id, k, 0.9 - 0.1 * k, {SKELETON}, {SKELETON}, ARRAY[90, 50, 200, 150]::float8[],
           'bench'
    FROM frames f, generate_series(0, 2) k;
INSERT INTO annotations (frame_id, recording_id, version, verdict, state, candidate_id, keypoints)
    SELECT f.id, f.recording_id, 0, 'undecided', 'undecided', c.id, c.skeleton
    FROM frames f JOIN candidates c ON c.frame_id = f.id AND c.rank = 0;
"""
_BARE = (
    "INSERT INTO annotation_revisions (frame_id, version, round, author_id, operation_id,"
    " operations, verdict, state, candidate_id, keypoints)"
    " SELECT frame_id, version + 1, 1, %(author)s, gen_random_uuid(), %(operations)s, verdict,"
    " state, candidate_id, keypoints FROM annotations WHERE frame_id = %(frame)s",
    "UPDATE annotations SET version = version + 1, keypoints = keypoints,"
    " updated_by_id = %(author)s WHERE frame_id = %(frame)s",
)


@dataclass
class Annotator:
    """Somebody with a session of their own, and the versions that they have read."""

    id: int
    token: str
    frames: list[int] = field(default_factory=list)
    versions: dict[int, int] = field(default_factory=dict)


def fill(engine: Engine, many: int) -> list[Annotator]:
    """Make the data: the annotators, and one more for the bare commits."""
    people = []
    with transaction(engine) as session:
        for number in range(many + 1):
            user = accounts.create_user(
                session, None, email=f"bench{number}@example.org", name=f"Bench {number}",
                password="a long password", roles=[Role.ANNOTATOR],
            )  # fmt: skip
            _, token = accounts.make_token(session, user, "bench")
            people.append(Annotator(user.id, token))
    with engine.begin() as connection:
        for statement in _FILL.split(";\n"):
            if statement.strip():
                connection.execute(text(statement))
    with engine.connect() as connection:
        for person in people:
            query = "SELECT f.id FROM frames f JOIN recordings r ON r.id = f.recording_id" \
                    " WHERE r.annotator_id = :id ORDER BY f.position"  # fmt: skip
            person.frames = list(connection.execute(text(query), {"id": person.id}).scalars())
            person.versions = dict.fromkeys(person.frames, 0)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))
    return people


class Browser:
    """One connection that stays open, with as little work of its own as a client can do."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self.host, self.port = parts.hostname, parts.port
        self.head = f"Host: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)

    async def save(self, frame_id: int, version: int, x: float) -> int:
        """Move a joint; returns the new version."""
        body = json.dumps(
            {
                "operation_id": str(uuid.uuid4()),
                "operations": [{"type": "moveJoint", "joint": 9, "x": x, "y": 210.25}],
            }
        )
        self.writer.write(
            f"POST /api/v1/frames/{frame_id}/operations HTTP/1.1\r\n{self.head}"
            f'If-Match: "{version}"\r\nContent-Type: application/json\r\n'
            f"Content-Length: {len(body)}\r\nAccept-Encoding: gzip\r\n\r\n{body}".encode()
        )
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        answer = await self.reader.readexactly(length)
        assert " 200 " in head.partition("\r\n")[0], (head, answer)
        return int(head.partition('etag: "')[2].partition('"')[0])

    async def listen(self) -> None:
        """Read live events until cancelled."""
        self.writer.write(f"GET /api/v1/events HTTP/1.1\r\n{self.head}\r\n".encode())
        while await self.reader.read(65536):
            pass


async def save_at_times(
    url: str, person: Annotator, began: float, seconds: float, waits: list[float]
) -> None:
    """Save about once a second from ``began`` on; each wait in milliseconds goes into ``waits``."""
    rng = random.Random(person.id)
    browser = Browser(url, person.token)
    await browser.open()
    due = began + rng.random() * PAUSE_S
    number = 0
    while due < began + seconds:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        frame = person.frames[number % len(person.frames)]
        version = await browser.save(frame, person.versions[frame], 300 + number % 100)
        person.versions[frame] = version
        if due > began + WARM_UP_S:
            waits.append((time.perf_counter() - due) * 1000)
        number += 1
        due += PAUSE_S * (0.5 + rng.random())


async def commit_at_times(
    url: str, person: Annotator, began: float, seconds: float, waits: list[float]
) -> None:
    """The bare commits: the two rows of a save, and nothing else."""
    operations = json.dumps([{"type": "moveJoint", "joint": 9, "x": 321.5, "y": 210.25}])
    address = url.replace("postgresql+psycopg://", "postgresql://")
    async with await psycopg.AsyncConnection.connect(address) as connection:
        due, number = began, 0
        while due < began + seconds:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            frame = person.frames[number % len(person.frames)]
            values = {"frame": frame, "author": person.id, "operations": operations}
            for statement in _BARE:
                await connection.execute(statement, values)
            await connection.commit()
            if due > began + WARM_UP_S:
                waits.append((time.perf_counter() - due) * 1000)
            number += 1
            due += 1 / BARE_PER_S


async def run(
    address: str, database: str, people: list[Annotator], seconds: float
) -> tuple[list[float], list[float]]:
    """Everybody at once; returns the waits of saves and of bare commits."""
    saves: list[float] = []
    commits: list[float] = []
    listeners = [Browser(address, person.token) for person in people[:-1]]
    for listener in listeners:
        await listener.open()
    listening = [asyncio.create_task(listener.listen()) for listener in listeners]
    gc.freeze()
    began = time.perf_counter() + 1.0
    await asyncio.gather(
        commit_at_times(database, people[-1], began, seconds, commits),
        *(save_at_times(address, person, began, seconds, saves) for person in people[:-1]),
    )
    for task in listening:
        task.cancel()
    return saves, commits


def processor_s() -> tuple[float, float]:
    """Processor time that the web server and Postgres have used so far, in seconds."""
    web = postgres = 0.0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            used = process.cpu_times()
            if process.name() == "postgres":
                postgres += used.user + used.system + used.children_user + used.children_system
            elif process.name().startswith("python"):
                web += used.user + used.system
    return web, postgres


def p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[-1]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--annotators", type=int, default=ANNOTATORS)
    options = parser.parse_args()
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="infantnet-bench-") as name:
        folder = Path(name)
        with EmbeddedPostgres(folder) as postgres:
            database = postgres.ensure_database("bench")
            migrate.upgrade(database)
            engine = make_engine(database)
            people = fill(engine, options.annotators)
            engine.dispose()
            with server(folder, database) as address:
                web_before, postgres_before = processor_s()
                saves, commits = asyncio.run(
                    run(address, database, people, options.seconds + WARM_UP_S)
                )
                web_after, postgres_after = processor_s()
    warm = 1 + WARM_UP_S / options.seconds  # those saves are not timed, but they took work
    web = (web_after - web_before) * 1000 / (len(saves) * warm)
    postgres_ms = (postgres_after - postgres_before) * 1000 / (len(saves) * warm)
    bare = statistics.median(commits)
    rows: list[Row] = [
        Row("a bare commit of the same size, median", f"{bare:.3g} ms", "-", None, "-", None),
        Row("… 99th percentile", f"{p99(commits):.3g} ms", "-", None, "-", None),
        Row(
            "a save over HTTP, median", f"{statistics.median(saves):.3g} ms",
            f"bare commit: {bare:.3g} ms", statistics.median(saves) / bare, "-", None,
        ),
        within_limit("… 99th percentile", p99(saves), "ms", LIMIT_MS),
        Row("… longest", f"{max(saves):.3g} ms", "-", None, "-", None),
        Row("processor time of a save, web server", f"{web:.3g} ms", "-", None, "-", None),
        Row("… and Postgres", f"{postgres_ms:.3g} ms", "-", None, "-", None),
    ]  # fmt: skip
    print_table(
        f"{options.annotators} annotators saving, {len(saves) / options.seconds:.0f} saves a second"
        f" for {options.seconds:.0f} s (load of the machine before: {load_before:.1f})",
        rows,
    )


if __name__ == "__main__":
    main()
