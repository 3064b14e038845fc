"""Two calibrations of the same cameras whose own intervals contradict each other.

Each states how well it knows a camera. Where the two are further apart than both together allow,
and that matters in the picture, at least one of them is wrong, however small its own figures are:
another zoom, other square sizes, exchanged folders, a bent board, or a camera that was moved. The
squared distance in units of the summed covariance is compared with what chance gives (chi squared).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from backend.multiview.calibrations.drift import aligned

Array = NDArray[np.float64]

_CHANCE: Final = {4: 28.0, 6: 32.0}
"""Squared distances that chance exceeds once in 100,000 times, by dimensions."""
_MATTERS_PX: Final = 2.0
_LENS_FLOOR: Final = 0.001
"""What a lens model leaves unsaid, as a share of the focal length."""
_TURN_FLOOR, _MOVE_FLOOR_M = np.radians(0.02), 0.001
"""What corners leave unsaid: boards bend, tripods settle."""


def stated_contradictions(before: Sequence[Camera], after: Sequence[Camera]) -> list[str]:
    """In words, each camera of which two calibrations say what cannot both be.

    Args:
        before: Cameras, placed or not.
        after: The same cameras in the same order, in any world.
    """
    out = [words for b, a in zip(before, after, strict=True) if (words := _lens(b, a))]
    both = [i for i, (b, a) in enumerate(zip(before, after, strict=True)) if b.placed and a.placed]
    if len(both) < 3:
        return out
    drifts, there = aligned([before[i] for i in both], [after[i] for i in both])
    for i, drifted, camera in zip(both, drifts, there, strict=True):
        if not drifted.pixels <= _MATTERS_PX and (words := _place(before[i], camera)):
            out.append(words)
    return out


def _lens(before: Camera, after: Camera) -> str | None:
    sizes = [(c.width, c.height) for c in (before, after)]
    known = [None if c.covariance is None else c.covariance.lens for c in (before, after)]
    if sizes[0] != sizes[1] or before.lens != after.lens:
        return None
    one, two = known
    if one is None or two is None:
        return None
    numbers = [np.array([c.K[0, 0], c.K[1, 1], c.K[0, 2], c.K[1, 2]]) for c in (before, after)]
    change = numbers[1] - numbers[0]
    focal = float(numbers[0][:2].mean())
    S = np.asarray(one) + np.asarray(two) + np.eye(4) * (_LENS_FLOOR * focal) ** 2
    reach = np.hypot(*sizes[0]) / 2
    shift = max(float(np.abs(change[:2]).max()) / focal * reach, float(np.abs(change[2:]).max()))
    far = float(change @ np.linalg.solve(S, change))
    if far < _CHANCE[4] or shift < _MATTERS_PX:
        return None
    said = [
        f"{float(np.sqrt(n[0] * n[1])):.1f} ± {2 * float(np.sqrt(np.trace(k[:2, :2]) / 2)):.1f} px"
        for n, k in zip(numbers, (np.asarray(one), np.asarray(two)), strict=True)
    ]
    return (
        f"{before.name}: two calibrations contradict each other: the focal length was {said[0]} and"
        f" is {said[1]} now, with centres {np.hypot(*change[2:]):.1f} px apart;"
        f" {_times(far, 4)} as far as the two allow. Was it zoomed, are folders exchanged, or is"
        " the board another one than was said?"
    )


def _place(before: Camera, after: Camera) -> str | None:
    """``after`` stands in the world of ``before``."""
    known = [None if c.covariance is None else c.covariance.pose for c in (before, after)]
    one, two = known
    if one is None or two is None:
        return None
    R = after.pose[:3, :3] @ before.pose[:3, :3].T
    turn = _vector(R)
    change = np.concatenate((turn, after.pose[:3, 3] - R @ before.pose[:3, 3]))
    floor = np.diag([_TURN_FLOOR**2] * 3 + [_MOVE_FLOOR_M**2] * 3)
    far = float(change @ np.linalg.solve(np.asarray(one) + np.asarray(two) + floor, change))
    if far < _CHANCE[6]:
        return None
    apart = 1000 * float(np.linalg.norm(after.centre - before.centre))
    return (
        f"{before.name}: two calibrations contradict each other: it stands {apart:.0f} mm away and"
        f" turned by {np.degrees(np.linalg.norm(turn)):.2f}° from where the one before has it;"
        f" {_times(far, 6)} as far as the two allow. One of them is wrong, or it was moved."
    )


def _times(far: float, dimensions: int) -> str:
    return f"{np.sqrt(far / dimensions):.0f} times"


def _vector(R: Array) -> Array:
    """The rotation vector of a rotation by less than half a turn."""
    angle = float(np.arccos(np.clip((np.trace(R) - 1) / 2, -1, 1)))
    axis = np.array([R[2, 1] - R[1, 2], R[0, 2] - R[2, 0], R[1, 0] - R[0, 1]])
    length = float(np.linalg.norm(axis))
    return axis * (angle / length) if length > 1e-12 else np.zeros(3)
