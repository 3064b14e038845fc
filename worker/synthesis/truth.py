"""Labels that follow from a rendering: joints, their visibility, masks and boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.domain.skeleton import JOINTS
from worker.synthesis.body import PARTS
from worker.synthesis.camera import Camera
from worker.synthesis.scene import Rendering

Array = NDArray[np.float64]
OUTSIDE, OCCLUDED, VISIBLE = 0, 1, 2

_BESIDE: dict[str, tuple[tuple[str, ...], float]] = {
    "nose": (("head",), 0.030),
    "eye": (("head",), 0.028),
    "ear": (("head",), 0.035),
    "shoulder": (("torso", "upper_arm", "head"), 0.075),
    "elbow": (("upper_arm", "forearm"), 0.050),
    "wrist": (("forearm", "hand"), 0.040),
    "hip": (("torso", "thigh"), 0.110),
    "knee": (("thigh", "shin"), 0.060),
    "ankle": (("shin", "foot"), 0.050),
}
"""Body parts whose surface may cover a joint that still counts as seen, and how far in front of
the joint that surface may lie, in metres for a person of 0.72 m."""


def parts_beside(joint: str) -> tuple[tuple[int, ...], float]:
    """Indices in PARTS of the flesh around a joint, and the depth at which it may lie."""
    side, _, name = joint.rpartition("_")
    parts, depth = _BESIDE[name]
    suffix = {"left": ".L", "right": ".R", "": ""}[side]
    names = [p if p in PARTS else p + suffix for p in parts]
    return tuple(PARTS.index(n) for n in names), depth


@dataclass(frozen=True)
class Labels:
    """One person in one image.

    joints: (17, 2) px. visibility: (17,) 2 seen, 1 hidden, 0 outside the image. mask: (H, W)
    uint8. box: (4,) x0, y0, x1, y1 px: the smallest rectangle around mask ∪ hidden joints,
    clipped to the image; NaN when there is nothing to box.
    """

    joints: Array
    visibility: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    box: Array


def label(
    rendering: Rendering, camera: Camera, actor: int, joints: Array, stature: float
) -> Labels:
    """Label one actor. joints: (17, 3) world metres. stature: metres, scales depth tolerances."""
    projected = camera.project(joints)
    xy, z = projected[:, :2], projected[:, 2]
    size = np.array([camera.width, camera.height])
    inside = (z > 0) & np.all((xy >= 0) & (xy < size), axis=1)
    visibility = np.zeros(len(joints), np.uint8)
    scale = (stature / 0.72) ** 0.75
    for k in np.nonzero(inside)[0]:
        seen = _seen(rendering, actor, xy[k], float(z[k]), JOINTS[k], scale)
        visibility[k] = VISIBLE if seen else OCCLUDED
    mask = rendering.mask(actor)
    return Labels(xy, visibility, mask, box(mask, xy[visibility == OCCLUDED]))


def _seen(rendering: Rendering, actor: int, xy: Array, z: float, joint: str, scale: float) -> bool:
    s = rendering.supersample
    h, w = rendering.owner.shape
    column, row = int(xy[0] * s), int(xy[1] * s)
    window = (
        slice(max(row - 1, 0), min(row + 2, h)),
        slice(max(column - 1, 0), min(column + 2, w)),
    )
    parts, depth = parts_beside(joint)
    ours = (rendering.owner[window] == actor) & np.isin(rendering.part[window], parts)
    near = rendering.depth[window] > z - depth * scale
    return bool((ours & near).any())


def box(mask: NDArray[np.uint8], hidden: Array) -> Array:
    """Smallest rectangle around the mask's pixels and the hidden joints, clipped to the image."""
    rows, cols = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    points = [hidden]
    if len(rows):
        points.append(np.array([[cols[0], rows[0]], [cols[-1] + 1, rows[-1] + 1]], float))
    corners = np.concatenate(points)
    if not len(corners):
        return np.full(4, np.nan)
    limit = [mask.shape[1], mask.shape[0]]
    return np.concatenate([np.clip(corners.min(0), 0, limit), np.clip(corners.max(0), 0, limit)])
