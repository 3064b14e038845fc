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
_SCALE_OFF = 0.03
_EXCHANGED_PX = 40.0


def compare(before: Sequence[Camera], after: Sequence[Camera]) -> list[Drift]:
    """What each camera did between two calibrations.

    Args:
        before: Placed cameras.
        after: The same cameras in the same order, placed, in any world. With fewer than three the
            movement of one cannot be told from that of the other; with one, only its lens counts.
    """
    return aligned(before, after)[0]


def aligned(before: Sequence[Camera], after: Sequence[Camera]) -> tuple[list[Drift], list[Camera]]:
    """The same, and the later cameras in the world of the earlier ones."""
    points = view_volume(before)
    best: tuple[float, list[Drift], list[Camera]] | None = None
    for subset in _subsets(len(before)):
        T_after_before = align_worlds([before[i] for i in subset], [after[i] for i in subset])
        there = [a.in_world(a.pose @ T_after_before) for a in after]
        found = [drift(b, a, points) for b, a in zip(before, there, strict=True)]
        cost = float(sum(np.nan_to_num(d.pixels, nan=1e4) for d in found))
        if best is None or cost < best[0]:
            best = (cost, found, there)
    assert best is not None
    return best[1], best[2]


def contradictions(before: Sequence[Camera], after: Sequence[Camera]) -> list[str]:
    """What two calibrations of the same cameras say that cannot both be, in words.

    Args:
        before: Placed cameras.
        after: The same cameras in the same order, placed, in any world.
    """
    if len(before) < 3:
        return []
    pairs = list(combinations(range(len(before)), 2))
    apart = np.array(
        [
            [np.linalg.norm(cameras[a].centre - cameras[b].centre) for a, b in pairs]
            for cameras in (before, after)
        ]
    )
    if apart.min() < 0.02:
        return []
    ratios = apart[1] / apart[0]
    share = float(np.median(ratios))
    if abs(share - 1) > _SCALE_OFF and np.abs(ratios / share - 1).max() < _SCALE_OFF / 2:
        return [
            f"All cameras stand {share:.2f} times as far apart as in the calibration before: the"
            " sizes of squares that were given for the two contradict each other. Measure the"
            " board."
        ]
    worst = _worst(before, after)
    if not worst > _EXCHANGED_PX:
        return []
    tried = []
    for a, b in pairs:
        order = list(range(len(after)))
        order[a], order[b] = b, a
        swapped = [after[i] for i in order]
        tried.append((_worst(before, swapped), a, b))
    least, a, b = min(tried)
    if least < 0.25 * worst:
        return [
            f"{before[a].name} and {before[b].name} seem to be exchanged: each stands where the"
            " other stood in the calibration before. Are their folders the right way round?"
        ]
    return []


def _worst(before: Sequence[Camera], after: Sequence[Camera]) -> float:
    return max(float(np.nan_to_num(d.pixels, nan=1e4)) for d in compare(before, after))


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
