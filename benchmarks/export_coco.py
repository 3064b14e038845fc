"""Writing 100,000 images with 17 joints, masks and boxes each as COCO: time and peak memory.

The writer runs in a process of its own, so that its memory is its own. The figures of CVAT's
exporter library (the same number of images and joints, without masks) are quoted from a run on
another day. Times are CPU time of the one thread that works, without making the data.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import orjson

from backend.core.cycles import without_search_for_cycles
from backend.domain import masks as run_lengths
from backend.domain.boxes import Box
from backend.domain.infants import WhoIfUnclear
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.pixels import PixelRule
from backend.publishing.formats.coco_reader import CocoFile
from backend.publishing.formats.coco_writer import write
from backend.publishing.formats.writing import WriteOptions
from backend.publishing.labelled import LabelledFrame, LabelledImage, LabelledMask
from benchmarks.table import Row, print_table, quoted, within_limit
from worker.pipelines.spooled_people import SpooledPeople

IMAGES = 100_000
LIMIT_MB = 500
READ_LIMIT_S, READ_LIMIT_MB = 7.0, 400
CVAT_SECONDS, CVAT_MB = 9.8, 1100
CVAT_READ_SECONDS, CVAT_READ_MB = 34.5, 2200
WIDTH, HEIGHT, MASKS = 1280, 720, 64


def masks() -> list[LabelledMask]:
    """Infant-sized blobs with limbs and uneven borders."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(MASKS):
        pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
        centre = rng.integers((400, 250), (900, 450))
        cv2.ellipse(pixels, centre.tolist(), (150, 90), rng.uniform(0, 180), 0, 360, 1, -1)
        for _ in range(5):
            end = centre + rng.integers(-260, 260, 2)
            cv2.line(pixels, centre.tolist(), end.tolist(), 1, int(rng.integers(30, 60)))
        rough = cv2.GaussianBlur(rng.normal(0, 1, pixels.shape).astype(np.float32), (0, 0), 4)
        inside = (cv2.GaussianBlur(pixels.astype(np.float32), (0, 0), 4) + rough) > 0.5
        found.append(LabelledMask(run_lengths.encode(inside), int(inside.sum())))
    return found


def frames() -> Iterator[LabelledFrame]:
    rng = np.random.default_rng(1)
    shapes = masks()
    for i in range(1, IMAGES + 1):
        points = rng.uniform((0, 0), (WIDTH, HEIGHT), (17, 2)).tolist()
        joints = [
            ABSENT_JOINT
            if j == i % 17
            else Joint(x, y, Visibility.OCCLUDED if j == i % 5 else Visibility.VISIBLE)
            for j, (x, y) in enumerate(points)
        ]
        yield LabelledFrame(
            LabelledImage(
                i, f"session-{i // 500:04d}/{i:06d}.jpg", WIDTH, HEIGHT, facts={"frame": i % 500}
            ),
            joints=Skeleton(tuple(joints)),
            box=Box(300.25, 120.5, 512.125, 400.75),
            mask=shapes[i % MASKS],
            provenance={"round": 2, "infant": f"infant-{i % 20:02d}", "source": "corrected"},
        )


def peak_mb() -> float:
    """Peak resident memory of this process."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss of a child begins with its parent's on Linux
        line = next(li for li in status.read_text().splitlines() if li.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def child(job: str, path: Path) -> dict[str, float]:
    start = time.process_time()
    making = 0.0

    def timed() -> Iterator[LabelledFrame]:
        nonlocal making
        source = frames()
        while True:
            before = time.process_time()
            item = next(source, None)
            making += time.process_time() - before
            if item is None:
                return
            yield item

    if job == "write":
        with path.open("wb") as file:
            write(timed(), file, WriteOptions("benchmark", version="1"))
    elif job == "bare":
        orjson.loads(path.read_bytes())
    else:
        read(path, keep=job == "import")
    return {"seconds": time.process_time() - start - making, "mb": peak_mb()}


def read(path: Path, *, keep: bool) -> None:
    """Read all people with all checks; ``keep`` them as an import does until their frames exist."""
    if keep:
        kept(path)
        return
    with without_search_for_cycles():
        for _ in CocoFile(path).blocks():
            pass


def kept(path: Path) -> SpooledPeople:
    """All people of a file, as an import keeps them until their frames exist."""
    file, found = CocoFile(path), SpooledPeople(WhoIfUnclear.ALONE)
    with without_search_for_cycles():
        paths = {key: image.file_name for key, image in file.head.images.items()}
        for block in file.blocks(rule=PixelRule.INDEX):
            found.add_block(paths, *block)
    return found


def in_child(job: str, path: Path) -> dict[str, float]:
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.export_coco", job, str(path)],
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(json.loads(result.stdout))


def beside_bare(seconds: float, bare: float) -> Row:
    """Reading beside what parsing the text alone takes: tells on any machine what reading costs."""
    return Row(
        "… beside parsing alone, CPU", f"{seconds:.3g} s", f"orjson.loads: {bare:.3g} s",
        seconds / bare, "-", None,
    )  # fmt: skip


def main() -> int:
    if len(sys.argv) == 3:
        print(json.dumps(child(sys.argv[1], Path(sys.argv[2]))))
        return 0
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "out.json"
        wrote = in_child("write", path)
        size = path.stat().st_size / 1e6
        came = in_child("read", path)
        kept = in_child("import", path)
        bare = in_child("bare", path)
    cvat = "CVAT's library"
    print_table(
        f"COCO, {IMAGES:,} images x 17 joints with masks, {size:.0f} MB",
        [
            within_limit("write, peak memory", wrote["mb"], "MB", LIMIT_MB),
            quoted("write, peak memory", wrote["mb"], "MB", cvat, CVAT_MB),
            quoted("write, CPU time", wrote["seconds"], "s", cvat, CVAT_SECONDS),
            within_limit("read with all checks, peak memory", came["mb"], "MB", READ_LIMIT_MB),
            within_limit("read with all checks, CPU time", came["seconds"], "s", READ_LIMIT_S),
            quoted("read with all checks, peak memory", came["mb"], "MB", cvat, CVAT_READ_MB),
            quoted("read with all checks, CPU time", came["seconds"], "s", cvat, CVAT_READ_SECONDS),
            within_limit("… and kept for an import, peak", kept["mb"], "MB", READ_LIMIT_MB),
            within_limit("… and kept for an import, CPU", kept["seconds"], "s", READ_LIMIT_S),
            beside_bare(kept["seconds"], bare["seconds"]),
        ],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
