"""Pre-labelling against the bare network, in one run.

    python -m benchmarks.prelabel [--model rtmo-t --model rtmo-l] [--frames 48] [--device auto]

*Bare* is the network's forward pass over squares that lie in memory already, run in the faster of
two ways: batch by batch on all cores, or on a CPU image by image with one core each. *Pipeline*
starts from JPEG files as the product stores them: decode, letterbox, forward, threshold,
suppression of doubles, joints, image coordinates. The two take turns, so that other load on the
machine hits both, and medians are compared.

The weights are untrained, set so that a few people a frame pass the threshold as with trained ones
(``worker/adapters/random_weights.py``); with a threshold of 0 more than a thousand would, and the
suppression of doubles would be measured instead.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from backend.models.checkpoints.registry import KNOWN, WeightKind
from benchmarks.table import Row, print_table, speed_against_peer
from worker.adapters.cores import keep_to_one_core, usable_cores
from worker.adapters.letterbox import letterbox
from worker.adapters.random_weights import write_random_checkpoint
from worker.adapters.rtmo import RtmoEstimator
from worker.runtime import choose_device

GOAL = 0.8


def jpegs(count: int, width: int = 1280, height: int = 720) -> list[bytes]:
    """Frames with the detail and size (about 150 kB) of real ones."""
    files = []
    for seed in range(count):
        rng = np.random.default_rng(seed)
        image = np.full((height, width, 3), rng.integers(60, 200, 3), dtype=np.uint8)
        for _ in range(80):
            centre = (int(rng.integers(width)), int(rng.integers(height)))
            axes = (int(rng.integers(8, width // 6)), int(rng.integers(8, height // 6)))
            colour = tuple(int(c) for c in rng.integers(0, 255, 3))
            cv2.ellipse(image, centre, axes, float(rng.integers(180)), 0, 360, colour, -1)
        image = np.clip(image + rng.normal(0, 6, image.shape), 0, 255).astype(np.uint8)
        files.append(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes())
    return files


def decode(file: bytes) -> np.ndarray:
    image = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert image is not None
    return image


def bare_by_batches(model: RtmoEstimator, squares: list[np.ndarray]) -> None:
    for start in range(0, len(squares), model.batch_size):
        model.forward(model.to_input(squares[start : start + model.batch_size]))
    if model.device.type == "cuda":
        torch.cuda.synchronize()


def bare_by_cores(model: RtmoEstimator, squares: list[np.ndarray]) -> None:
    with ThreadPoolExecutor(usable_cores(), initializer=keep_to_one_core) as pool:
        for _ in pool.map(lambda square: model.forward(model.to_input([square])), squares):
            pass


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(name: str, files: list[bytes], rounds: int, device: torch.device) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / KNOWN[name].file_name
        write_random_checkpoint(name, checkpoint)
        model = RtmoEstimator(KNOWN[name].variant, checkpoint, device)  # type: ignore[arg-type]
    squares = [np.empty((model.network.side,) * 2 + (3,), dtype=np.uint8) for _ in files]
    for file, square in zip(files, squares, strict=True):
        letterbox(decode(file), model.network.side, square)
    sources = [partial(decode, file) for file in files]
    people = sum(len(found) for found in model.estimate_stream(sources[:8])) / len(sources[:8])

    ways = {
        "batches": lambda: bare_by_batches(model, squares),
        "pipeline": lambda: list(model.estimate_stream(sources)),
    }
    if device.type == "cpu":
        model.batch_size = 4
        ways["cores"] = lambda: bare_by_cores(model, squares)
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, work in ways.items():
            taken[way].append(seconds(work))
    middle = {way: statistics.median(times) for way, times in taken.items()}
    print(
        f"{name}: {people:.1f} people a frame; "
        + ", ".join(f"{way} {len(files) / middle[way]:.2f} frames/s" for way in ways)
    )
    pipeline = middle.pop("pipeline")
    fastest = min(middle, key=lambda way: middle[way])
    return speed_against_peer(
        f"{name} pipeline", pipeline, f"bare, {fastest}", middle[fastest], at_least=GOAL
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [known.name for known in KNOWN.values() if known.kind is WeightKind.POSE]
    parser.add_argument("--model", action="append", choices=names)
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    arguments = parser.parse_args()
    device = choose_device(arguments.device)
    files = jpegs(arguments.frames)
    rows = [
        measure(name, files, arguments.rounds, device)
        for name in arguments.model or ["rtmo-t", "rtmo-l"]
    ]
    print_table(
        f"Pre-labels of {arguments.frames} JPEGs of 1280x720 on {device}, {usable_cores()} cores",
        rows,
    )
    return 0 if all(row.passed for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
