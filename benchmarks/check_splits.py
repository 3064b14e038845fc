"""Near-duplicates among as many images as InfantNet has, and splits of many infants.

``python -m benchmarks.check_splits``.

The hashes are those of 70 cameras that see a few scenes each, with a few bits changed from frame to
frame, and a hundred images planted in two recordings. Against it stands comparing each image with
each by numpy, timed on a sample of rows and scaled up. The solver divides 500 infants of two
sources, as unequal as those of a real dataset.
"""

from __future__ import annotations

import random
import sys
import time

import numpy as np

from backend.domain.quality import NEAR_DUPLICATE_DISTANCE
from backend.domain.splits.components import Component, find_components
from backend.domain.splits.folds import k_folds
from backend.domain.splits.near_duplicates import find_near_duplicates
from backend.domain.splits.proposing import Proposal, propose
from backend.domain.splits.units import SplitUnit
from benchmarks.table import Row, print_table, speed_against_peer, within_limit

IMAGES = 206_436
CAMERAS = 70
PLANTED = 100
SAMPLE = 200
INFANTS = 500
TARGETS = {
    "youtube": {"train": 0.8, "val": 0.1, "test": 0.1},
    "home_visit": {"train": 0.7, "val": 0.1, "test": 0.2},
}


def hashes_of_videos() -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    cameras = np.sort(draw.integers(0, CAMERAS, IMAGES))
    scenes = draw.integers(0, 2**64, CAMERAS * 20, dtype=np.uint64)
    hashes = scenes[cameras * 20 + draw.integers(0, 20, IMAGES)]
    for _ in range(3):
        hashes ^= np.uint64(1) << draw.integers(0, 64, IMAGES).astype(np.uint64)
    start, end = np.arange(PLANTED) * 7, IMAGES - 1 - np.arange(PLANTED) * 5
    hashes[end] = hashes[start] ^ np.uint64(0b1001)
    return hashes, cameras


def near_duplicates() -> list[Row]:
    hashes, cameras = hashes_of_videos()
    began = time.perf_counter()
    found = find_near_duplicates(hashes, cameras)
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    for i in range(SAMPLE):
        near = np.bitwise_count(hashes[i] ^ hashes) <= NEAR_DUPLICATE_DISTANCE
        np.flatnonzero(near & (cameras != cameras[i]))
    each = (time.perf_counter() - began) / SAMPLE
    # A row has half of all other images behind it, on average.
    naive = each * IMAGES / 2
    starts, ends = np.arange(PLANTED) * 7, IMAGES - 1 - np.arange(PLANTED) * 5
    pairs = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    planted = sum(pair in pairs for pair in zip(starts.tolist(), ends.tolist(), strict=True))
    return [
        speed_against_peer(
            f"near-duplicates of {IMAGES:,}", seconds, "each with each", naive, at_least=10
        ),
        Row(
            "planted pairs found",
            f"{planted}",
            f"planted: {PLANTED}",
            planted / PLANTED,
            "ratio >= 1",
            planted == PLANTED,
        ),
    ]


def infants() -> list[Component]:
    draw = random.Random(1)
    units = []
    for i in range(INFANTS):
        age, sex = draw.uniform(4, 20), draw.choice(("female", "male", None))
        for _ in range(draw.randint(1, 2)):
            frames = int(draw.lognormvariate(6, 1))
            parts = [draw.random() for _ in range(12)]
            postures = {f"p{j}": int(frames * p / sum(parts)) for j, p in enumerate(parts)}
            source = draw.choice(("youtube", "home_visit"))
            units.append(
                SplitUnit(len(units), f"I{i}", frozenset(), source, frames, age, sex, postures)
            )
    return find_components(units)


def worst(proposal: Proposal, kind: str) -> float:
    return max(100 * abs(held.off) for held in proposal.held if held.kind == kind)


def solver() -> list[Row]:
    components = infants()
    began = time.perf_counter()
    proposal = propose(components, TARGETS)
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    k_folds(components, 5)
    in_folds = time.perf_counter() - began
    return [
        within_limit(f"split of {INFANTS} infants", seconds, "s", 10),
        within_limit("… farthest from a source's target", worst(proposal, "source"), "points", 1),
        within_limit("… age groups, farthest", worst(proposal, "age"), "points", 5),
        within_limit("5 folds of the same", in_folds, "s", 10),
    ]


def main() -> int:
    rows = [*near_duplicates(), *solver()]
    print_table("Splits and their leaks", rows)
    return 0 if all(row.passed is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
