"""Masks and boxes by SAM 2.1 against its bare image encoder, in one run.

    python -m benchmarks.segment [--model sam2.1-tiny] [--frames 8] [--device auto]

*Bare* is the encoder's forward pass over images that lie in memory, already scaled and normalised:
what no pipeline can do without. *Pipeline* starts from JPEG files as the product stores them:
decode, scale, encode, prompt with the infant's joints (as often as the ladder of prompts asks),
clean the mask, find the box, pack the mask. Seconds are those of the processor on a CPU, on which
other work then hardly tells, and of the clock on a GPU.

The weights are random, so that no mask fits its joints and the ladder is climbed to its end: the
worst case. With trained ones most frames need one prompt.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch

from backend.domain import masks
from backend.models.checkpoints.registry import KNOWN, WeightKind
from benchmarks.prelabel import decode, jpegs
from benchmarks.table import Row, print_table, speed_against_peer
from worker.adapters.random_weights import write_random_checkpoint
from worker.adapters.sam2 import Sam2Segmenter, propose_mask
from worker.runtime import choose_device

GOAL = 0.9


def taken(work: Callable[[], Any], device: torch.device) -> float:
    """Seconds: of the clock on an accelerator, else of the processor."""
    clock = time.process_time if device.type == "cpu" else time.perf_counter
    start = clock()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return clock() - start


def measure(name: str, files: list[bytes], rounds: int, device: torch.device) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / KNOWN[name].file_name
        write_random_checkpoint(name, checkpoint)
        model = Sam2Segmenter(KNOWN[name].variant, checkpoint, device)  # type: ignore[arg-type]
    network, transforms = model._predictor.model, model._predictor._transforms
    inputs = [transforms(decode(file))[None] for file in files]
    rng = np.random.default_rng(0)
    joints = rng.uniform((400, 200), (800, 500), (17, 2))
    visible = np.full(17, 2)
    attempts: list[int] = []

    def bare() -> None:
        with torch.inference_mode(), model._precision():
            for image in inputs:
                network.forward_image(image.to(device))

    def pipeline() -> None:
        # As the job does it: one image is read while the model works on another.
        with ThreadPoolExecutor(1) as pool:
            ahead = pool.submit(decode, files[0])
            for following in [*files[1:], None]:
                image = ahead.result()
                if following is not None:
                    ahead = pool.submit(decode, following)
                found = propose_mask(model, image, joints, visible)
                attempts.append(len(found.attempts))
                masks.encode(found.mask)

    bare()  # warms up: neither way is to pay for it
    attempts.clear()
    times: dict[str, list[float]] = {"bare": [], "pipeline": []}
    for _ in range(rounds):
        times["bare"].append(taken(bare, device))
        times["pipeline"].append(taken(pipeline, device))
    middle = {way: statistics.median(found) for way, found in times.items()}
    rate = len(files) / middle["pipeline"]
    print(f"{name}: {statistics.mean(attempts):.1f} prompts a frame, {rate:.2f} frames/s")
    return [
        speed_against_peer(
            f"{name} pipeline", middle["pipeline"], "bare encoder", middle["bare"], at_least=GOAL
        )
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [known.name for known in KNOWN.values() if known.kind is WeightKind.SEGMENT]
    parser.add_argument("--model", action="append", choices=names)
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    arguments = parser.parse_args()
    device = choose_device(arguments.device)
    files = jpegs(arguments.frames)
    rows = [
        row
        for name in arguments.model or ["sam2.1-tiny"]
        for row in measure(name, files, arguments.rounds, device)
    ]
    print_table(f"Masks of {arguments.frames} JPEGs of 1280x720 on {device}", rows)
    return 0 if all(row.passed for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
