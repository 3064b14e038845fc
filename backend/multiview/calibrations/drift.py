"""Calibrations before and after a visit, compared camera by camera.

The two may stand in different worlds (each begins at its own board), so they are aligned first. A
camera that moved must not spread its movement over the others: of several alignments (all cameras,
all but one, pairs) the one counts under which the pictures moved least in sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from backend.domain.views import Drift, align_worlds, drift

Array = NDArray[np.float64]

_HALF_ROOM_M = 0.4
_STEPS = 5


def compare(before: Sequence[Camera], after: Sequence[Camera]) -> list[Drift]:
    """What each camera did between two calibrations.

    Args:
        before: Placed cameras.
        after: The same cameras in the same order, placed, in any world. With fewer than three the
            movement of one cannot be told from that of the other; with one, only its lens counts.
    """
    points = view_volume(before)
    best: tuple[float, list[Drift]] | None = None
    for subset in _subsets(len(before)):
        T_after_before = align_worlds([before[i] for i in subset], [after[i] for i in subset])
        found = [
            drift(b, a.moved(a.pose @ T_after_before), points)
            for b, a in zip(before, after, strict=True)
        ]
        cost = float(sum(np.nan_to_num(d.pixels, nan=1e4) for d in found))
        if best is None or cost < best[0]:
            best = (cost, found)
    assert best is not None
    return best[1]


def _subsets(count: int) -> list[tuple[int, ...]]:
    everybody = tuple(range(count))
    subsets = [everybody]
    if count >= 3:
        subsets += list(combinations(everybody, count - 1))
    if 4 <= count <= 12:
        subsets += list(combinations(everybody, 2))
    return subsets


def view_volume(cameras: Sequence[Camera]) -> Array:
    """(N, 3) points around where the cameras look together, metres."""
    A, b = 1e-3 * np.eye(3), np.zeros(3)
    for camera in cameras:
        axis = camera.pose[2, :3]
        P = np.eye(3) - np.outer(axis, axis)
        A += P
        b += P @ camera.centre
        # A weak pull to two metres before each camera, where axes are parallel or there is one.
        b += 1e-3 / len(cameras) * (camera.centre + 2.0 * axis)
    middle = np.linalg.solve(A, b)
    along = np.linspace(-_HALF_ROOM_M, _HALF_ROOM_M, _STEPS)
    grid = np.stack(np.meshgrid(along, along, along), axis=-1).reshape(-1, 3)
    return np.asarray(middle + grid)
