"""100,000 people of a COCO file become candidates: ``python -m benchmarks.import_people``.

The file is the one of :mod:`benchmarks.export_coco`. Its frames are in the database already, as an
import makes them of images before it comes to people. Times are processor time of the worker and of
Postgres.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from backend.core.database import migrate
from backend.core.database.engine import make_engine
from backend.labelling.annotations.proposals import import_columns
from backend.ops.embedded.postgres import EmbeddedPostgres
from benchmarks.export_coco import (
    IMAGES,
    READ_LIMIT_MB,
    READ_LIMIT_S,
    beside_bare,
    in_child,
    kept,
    peak_mb,
)
from benchmarks.table import Row, print_table, within_limit

_BATCH = 1_000
_FRAMES = f"""
WITH infant AS (INSERT INTO infants (pseudonym) VALUES ('B01') RETURNING id),
recording AS (
    INSERT INTO recordings (name, source, infant_id, consent)
    SELECT 'bench', 'youtube', id, 'research' FROM infant RETURNING id
),
camera AS (
    INSERT INTO cameras (recording_id, index, name) SELECT id, 0, 'images' FROM recording
    RETURNING id, recording_id
),
moment AS (
    INSERT INTO moments (recording_id, index, time_s)
    SELECT id, i, i FROM recording, generate_series(0, {IMAGES - 1}) i RETURNING id, index
),
frame AS (
    INSERT INTO frames (recording_id, camera_id, moment_id, position, time_s, width, height, sha256,
        image_key, thumbnail_key, sharpness, mean_luma, clipped_dark, clipped_bright, dhash)
    SELECT c.recording_id, c.id, m.id, m.index, m.index, 1280, 720, lpad(m.index::text, 64, '0'),
        'image ' || m.index, 'thumbnail ' || m.index, 1, 1, 0, 0, 0
    FROM camera c, moment m RETURNING id, recording_id
)
INSERT INTO annotations (frame_id, recording_id) SELECT id, recording_id FROM frame
"""


def cpu_of(folder: Path) -> float:
    """Processor time of a Postgres and its processes, also of those that have ended."""
    pid = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
    server = psutil.Process(pid)
    times = [server.cpu_times(), *(child.cpu_times() for child in server.children())]
    ended = times[0].children_user + times[0].children_system
    return sum(one.user + one.system for one in times) + ended


def bare_copy(engine: Engine, cpu: Callable[[], float]) -> float:
    """Postgres's processor time for the same candidates into a table without keys and indexes."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE bare (LIKE candidates)"))
        raw = connection.connection.driver_connection
        assert raw is not None
        with raw.cursor() as cursor:
            with cursor.copy("COPY candidates TO STDOUT (FORMAT BINARY)") as out:
                rows = b"".join(out)
            before = cpu()
            with cursor.copy("COPY bare FROM STDIN (FORMAT BINARY)") as into:
                into.write(rows)
    return cpu() - before


def main() -> None:
    """Measure and print."""
    with (
        tempfile.TemporaryDirectory(prefix="infantnet-bench-") as name,
        EmbeddedPostgres(Path(name)) as postgres,
    ):
        path = Path(name) / "people.json"
        writer = [sys.executable, "-m", "benchmarks.export_coco", "write", str(path)]
        subprocess.run(writer, check=True, stdout=subprocess.DEVNULL)
        url = postgres.ensure_database("bench")
        migrate.upgrade(url)
        engine = make_engine(url)
        with engine.begin() as connection:
            connection.execute(text(_FRAMES.replace("::", "\\:\\:")))
            connection.execute(text("ANALYZE"))
        before, began = cpu_of(Path(name)), time.process_time()
        found = kept(path)
        came = time.process_time() - began
        with Session(engine) as session:
            frames = session.scalars(text("SELECT id FROM frames ORDER BY position")).all()
            paths = list(found)
            for i in range(0, len(paths), _BATCH):
                batch = zip(frames[i : i + _BATCH], paths[i : i + _BATCH], strict=True)
                people = found.columns(list(batch))
                import_columns(session, people, source="COCO file people.json")
            session.commit()
        worker = time.process_time() - began
        database = cpu_of(Path(name)) - before
        peak = peak_mb()
        bare = bare_copy(engine, lambda: cpu_of(Path(name)))
        engine.dispose()
        parsed = in_child("bare", path)["seconds"]
    print_table(
        f"{IMAGES:,} people of a COCO file, into the database",
        [
            within_limit("read with all checks and kept, CPU", came, "s", READ_LIMIT_S),
            beside_bare(came, parsed),
            Row("stored, CPU of the worker", f"{worker - came:.3g} s", "-", None, "-", None),
            Row(
                "stored, CPU of Postgres",
                f"{database:.3g} s",
                f"bare COPY: {bare:.3g} s",
                database / bare,
                "-",
                None,
            ),
            within_limit(
                "all of it, CPU of the worker and Postgres", worker + database, "s", READ_LIMIT_S
            ),
            within_limit("peak memory of the worker", peak, "MB", READ_LIMIT_MB),
        ],
    )


if __name__ == "__main__":
    main()
