"""A database of InfantNet's size: 206,436 frames, 108,902 kept, three revisions of each.

``python -m benchmarks.large_dataset`` fills an embedded Postgres and says how long that took;
``--scale 10`` makes it ten times as large. Other benchmarks call :func:`fill`.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from sqlalchemy import Engine, text

from backend.core.database import migrate
from backend.core.database.engine import make_engine
from backend.ops.embedded.postgres import EmbeddedPostgres
from benchmarks.table import print_table, within_limit

FRAMES = 206_436
KEPT = 108_902
FITS = 11_642
INFANTS = 110
RECORDINGS = 600
LIMIT_S = 180.0

_FILL = Path(__file__).with_suffix(".sql")


def fill(engine: Engine, scale: float = 1.0) -> float:
    """Fill an empty, migrated database; returns how many seconds that took."""
    began = time.perf_counter()
    recordings = round(RECORDINGS * scale)
    youtube = recordings // 3
    per_visit = round(FRAMES * scale) // (recordings - youtube + youtube) // 4
    values = {
        "infants": round(INFANTS * scale),
        "recordings": recordings,
        "short": per_visit,
        "long": 4 * per_visit,
        "frames": FRAMES,
        "kept": KEPT,
        "fits": round(FITS * scale),
    }
    with engine.begin() as connection:
        for statement in _FILL.read_text().split(";\n"):
            if statement.strip():
                connection.execute(text(statement.replace("::", "\\:\\:")), values)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return time.perf_counter() - began


def main() -> None:
    """Fill and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="infantnet-bench-") as name,
        EmbeddedPostgres(Path(name)) as postgres,
    ):
        database = postgres.ensure_database("bench")
        migrate.upgrade(database)
        engine = make_engine(database)
        seconds = fill(engine, options.scale)
        with engine.connect() as connection:
            frames, kept = connection.execute(
                text("SELECT count(*), count(*) FILTER (WHERE verdict = 'keep') FROM annotations")
            ).one()
        engine.dispose()
    print_table(
        f"A dataset of {frames:,} frames, {kept:,} kept",
        [within_limit("filling the database", seconds, "s", LIMIT_S * options.scale)],
    )


if __name__ == "__main__":
    main()
