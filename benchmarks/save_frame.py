"""Saving one frame, as the editor does after each operation: ``python -m benchmarks.save_frame``.

A real Postgres (durable, as shipped) holds a session of 10,000 frames in its second round and
200,000 revisions by the same annotator; the real server answers on loopback. Each save moves a
joint of another frame. Measured twice: inside the server, from a request's arrival to its answer
(the ``Server-Timing`` header), and as the client waits for it. The filmstrip of all 10,000 frames
and the document of one are measured beside it. Label Studio's figures are quoted from another
machine.
"""

from __future__ import annotations

import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import Engine, text

from backend.core.accounts import service as accounts
from backend.core.database import migrate
from backend.core.database.engine import make_engine
from backend.core.database.session import transaction
from backend.domain.workflow import Role
from backend.ops.embedded.postgres import EmbeddedPostgres
from benchmarks.table import Row, print_table, quoted, within_limit

FRAMES = 10_000
SAVES = 500
WARM_UP = 50
LIMIT_MS = 10.0
LABEL_STUDIO_SAVE_MS, LABEL_STUDIO_OPEN_MS = 136.0, 108.0

# 17 joints at different places, visible.
SKELETON = "ARRAY(SELECT unnest(ARRAY[100 + 10 * j, 60 + 7 * j, 2]::float8[])" \
            " FROM generate_series(0, 16) j)"  # fmt: skip
_FILL = f"""
INSERT INTO infants (pseudonym) VALUES ('bench');
INSERT INTO recordings (name, source, infant_id, consent, stage, round, annotator_id)
    SELECT 'session ' || i, 'home_visit', (SELECT id FROM infants), 'research', 'annotating', 2,
           :annotator
    FROM generate_series(1, 2) i;
INSERT INTO cameras (recording_id, index, name) SELECT id, 0, 'camera 1' FROM recordings;
INSERT INTO moments (recording_id, index, time_s)
    SELECT r.id, i, i / 3.0 FROM recordings r, generate_series(0, :frames - 1) i;
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
INSERT INTO annotations (frame_id, recording_id, version, verdict, state, candidate_id, keypoints,
                         updated_by_id)
    SELECT f.id, f.recording_id, 10, 'keep', 'accepted', c.id, c.skeleton, :annotator
    FROM frames f JOIN candidates c ON c.frame_id = f.id AND c.rank = 0;
INSERT INTO annotation_revisions (frame_id, version, round, author_id, operation_id, operations,
                                  verdict, state, candidate_id, keypoints)
    SELECT a.frame_id, v, 1, :annotator, gen_random_uuid(),
           '[{{"type": "moveJoint", "joint": 3, "x": 1, "y": 1}}]', 'keep', 'accepted',
           a.candidate_id, a.keypoints
    FROM annotations a, generate_series(1, 10) v;
"""


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one request, inside the server and as the client waited."""

    server: float
    client: float


def fill(engine: Engine) -> tuple[str, int, list[int]]:
    """Make the data; returns a token, the recording's id and its frames' ids."""
    with transaction(engine) as session:
        user = accounts.create_user(
            session, None, email="bench@example.org", name="Bench",
            password="a long password", roles=[Role.ANNOTATOR],
        )  # fmt: skip
        _, token = accounts.make_token(session, user, "bench")
        user_id = user.id
    with engine.begin() as connection:
        for statement in _FILL.split(";\n"):
            if statement.strip():
                values = {"annotator": user_id, "frames": FRAMES}
                used = {k: v for k, v in values.items() if f":{k}" in statement}
                connection.execute(text(statement), used)
    with engine.connect() as connection:
        recording_id = connection.execute(text("SELECT max(id) FROM recordings")).scalar_one()
        frames = connection.execute(
            text("SELECT id FROM frames WHERE recording_id = :id"), {"id": recording_id}
        ).scalars()
        ids = list(frames)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))
    return token, recording_id, ids


@contextmanager
def server(folder: Path, database_url: str) -> Iterator[str]:
    """The real server on a free port of the loopback interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "INFANTNET_DATABASE_URL": database_url,
        "INFANTNET_DATA_DIR": str(folder),
        "INFANTNET_PORT": str(port),
        "INFANTNET_VITE_DEV_URL": "http://127.0.0.1:9",  # pages are not asked for
        "INFANTNET_LOG_LEVEL": "warning",
    }
    process = subprocess.Popen([sys.executable, "-m", "backend.web.serve"], env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                httpx.get(f"{url}/healthz").raise_for_status()
                break
            except httpx.TransportError:
                if process.poll() is not None:
                    raise
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def timed(send: httpx.Response, started: float) -> Timing:
    waited = (time.perf_counter() - started) * 1000
    send.raise_for_status()
    inside = float(send.headers["server-timing"].partition("dur=")[2])
    return Timing(inside, waited)


def save(client: httpx.Client, frame_id: int) -> Timing:
    body = {
        "operation_id": str(uuid.uuid4()),
        "operations": [{"type": "moveJoint", "joint": 9, "x": 321.5, "y": 210.25}],
    }
    path = f"/api/v1/frames/{frame_id}/operations"
    started = time.perf_counter()
    return timed(client.post(path, json=body, headers={"If-Match": '"10"'}), started)


def read(client: httpx.Client, path: str) -> Timing:
    started = time.perf_counter()
    return timed(client.get(path), started)


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="infantnet-bench-") as name:
        folder = Path(name)
        with EmbeddedPostgres(folder) as postgres:
            url = postgres.ensure_database("bench")
            migrate.upgrade(url)
            engine = make_engine(url)
            token, recording_id, frames = fill(engine)
            engine.dispose()
            random.Random(0).shuffle(frames)
            with server(folder, url) as address, httpx.Client(
                base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60
            ) as client:  # fmt: skip
                for frame_id in frames[:WARM_UP]:
                    save(client, frame_id)
                saves = [save(client, i) for i in frames[WARM_UP : WARM_UP + SAVES]]
                opened = [read(client, f"/api/v1/frames/{i}") for i in frames[-SAVES // 2 :]]
                strips = [
                    read(client, f"/api/v1/recordings/{recording_id}/frames") for _ in range(10)
                ]
    inside, waited = [t.server for t in saves], [t.client for t in saves]
    median = statistics.median
    rows: list[Row] = [
        within_limit("save a frame, inside the server, median", median(inside), "ms", LIMIT_MS),
        quoted("… 95th percentile", p95(inside), "ms", "limit of the median", LIMIT_MS),
        within_limit("save a frame over HTTP, median", median(waited), "ms", LIMIT_MS),
        quoted("… 95th percentile", p95(waited), "ms", "limit of the median", LIMIT_MS),
        quoted(
            "save a frame over HTTP", median(waited), "ms", "Label Studio", LABEL_STUDIO_SAVE_MS
        ),
        quoted(
            "open a frame over HTTP", median([t.client for t in opened]), "ms", "Label Studio",
            LABEL_STUDIO_OPEN_MS,
        ),
        Row(
            "filmstrip of 10,000 frames, in the server",
            f"{median([t.server for t in strips]):.3g} ms", "-", None, "-", None,
        ),
    ]  # fmt: skip
    print_table(f"Saving one of {FRAMES:,} frames, {SAVES} times", rows)


if __name__ == "__main__":
    main()
