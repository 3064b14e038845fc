"""All approved frames of a dataset of InfantNet's size as COCO.

``python -m benchmarks.export_database``. The writer runs in a process of its own, so that its
memory is its own. Beside it, in the same run, the same content is written by ``orjson`` in one
piece, from memory: less is hardly possible.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database import migrate
from backend.core.database.engine import make_engine
from backend.core.database.tables import Recording
from backend.domain.workflow import Stage
from backend.ops.embedded.postgres import EmbeddedPostgres
from backend.publishing.exports.frames import labelled
from backend.publishing.formats.coco_writer import write
from backend.publishing.formats.writing import WriteOptions
from benchmarks.export_coco import peak_mb
from benchmarks.large_dataset import fill
from benchmarks.table import Row, print_table, within_limit

LIMIT_S, LIMIT_MB = 3.0, 300


def export(url: str, path: Path) -> dict[str, float]:
    """Write everything; seconds, seconds of this processor, peak memory, and how many images."""
    with Session(make_engine(url)) as session, path.open("wb") as file:
        approved = select(Recording.id).where(Recording.stage == Stage.APPROVED.value)
        ids = session.scalars(approved.order_by(Recording.id)).all()
        began, working = time.perf_counter(), time.process_time()
        written = write(labelled(session, ids), file, WriteOptions("bench", version="1"))
        return {
            "seconds": time.perf_counter() - began,
            "cpu": time.process_time() - working,
            "mb": peak_mb(),
            "images": written.images,
        }


def main() -> int:
    """Measure and print."""
    if len(sys.argv) == 3:
        print(json.dumps(export(sys.argv[1], Path(sys.argv[2]))))
        return 0
    with (
        tempfile.TemporaryDirectory(prefix="infantnet-bench-") as name,
        EmbeddedPostgres(Path(name)) as postgres,
    ):
        url = postgres.ensure_database("bench")
        migrate.upgrade(url)
        engine = make_engine(url)
        fill(engine)
        engine.dispose()
        path = Path(name) / "all.json"
        measure(url, path)
    return 0


def measure(url: str, path: Path) -> None:
    """Export from a filled database, the best of three."""
    command = [sys.executable, "-m", "benchmarks.export_database", url, str(path)]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(3)
    ]
    best = min(runs, key=lambda run: run["seconds"])
    content = orjson.loads(path.read_bytes())
    began = time.perf_counter()
    path.write_bytes(orjson.dumps(content))
    bare = time.perf_counter() - began
    print_table(
        f"COCO of {best['images']:,} frames, from the database",
        [
            within_limit("written", best["seconds"], "s", LIMIT_S),
            within_limit("… processor time of the worker", best["cpu"], "s", LIMIT_S),
            within_limit("… peak memory", best["mb"], "MB", LIMIT_MB),
            Row(
                "the same content from memory, in one piece",
                f"{bare:.3g} s",
                f"written: {best['seconds']:.3g} s",
                best["seconds"] / bare,
                "-",
                None,
            ),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
