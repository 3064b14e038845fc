"""Rendered infants per second of one core: ``python -m benchmarks.synthesise [COUNT]``.

Everything that ``infantnet synthesise`` does is in it: shapes, outfits, rooms, poses, rendering,
labels, JPEG and the COCO file. Measured in CPU time of one process at 640x480, the compilation of
the kernels left out; with other work on the machine the wall clock tells less.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from benchmarks.table import Row, print_table
from worker.synthesis.dataset import Order, synthesise
from worker.synthesis.shots import SCENE

MIN_RATE = 5.0
COUNT = 10 * SCENE


def at_least(what: str, value: float, limit: float) -> Row:
    return Row(
        what, f"{value:.3g} images/s", f"limit: {limit:g} images/s", value / limit, "ratio >= 1",
        value >= limit,
    )  # fmt: skip


def main(count: int = COUNT) -> int:
    with tempfile.TemporaryDirectory() as folder:
        synthesise(Order(1, 0), Path(folder) / "warm")
        cpu, wall = time.process_time(), time.perf_counter()
        synthesise(Order(count, 1), Path(folder) / "renders")
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    rows = [
        at_least("rendered and labelled, per core", count / cpu, MIN_RATE),
        Row("… by the wall clock", f"{count / wall:.3g} images/s", "-", None, "-", None),
    ]
    print_table(f"{count} rendered infants at 640x480", rows)
    return 0 if rows[0].passed else 1


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in sys.argv[1:2])))
