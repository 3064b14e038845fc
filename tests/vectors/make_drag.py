"""Writes ``drag.json``: what moves along with a dragged joint.

``python -m tests.vectors.make_drag``; the browser's rule is held to the same file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from backend.domain.trajectories.drag import LEAST_SIGMA, TREE, drag_along

FILE = Path(__file__).with_name("drag.json")


def _plain(points: np.ndarray) -> list[list[float] | None]:
    return [[round(float(v), 6) for v in p] if np.isfinite(p).all() else None for p in points]


def vectors() -> dict[str, Any]:
    """What stands in the file; a joint that is nowhere is null."""
    random = np.random.default_rng(11)
    cases = []
    for joint in (0, 5, 7, 9, 12, 16):
        positions = np.round(random.uniform(50, 400, (17, 2)), 3)
        sigmas = np.round(random.uniform(0, 12, 17), 3)
        sigmas[random.integers(0, 17, 3)] = 0.0
        positions[random.integers(0, 17)] = np.nan
        to = np.round(np.nan_to_num(positions[joint], nan=100.0) + random.normal(0, 25, 2), 3)
        after = drag_along(positions, sigmas, joint, to)
        cases.append(
            {
                "positions": _plain(positions),
                "sigmas": sigmas.tolist(),
                "joint": joint,
                "to": to.tolist(),
                "after": _plain(after),
            }
        )
    return {"tree": [list(bone) for bone in TREE], "least_sigma": LEAST_SIGMA, "cases": cases}


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1) + "\n", encoding="utf-8")
