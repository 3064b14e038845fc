"""Seven parts of a body, and where a posed body shows each of them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.multiview.bodies.model_file import JOINT_NAMES, BodyModel
from worker.synthesis.raster import rasterize

Array = NDArray[np.float64]

PARTS: Final = ("head", "chest", "hips", "left_arm", "right_arm", "left_leg", "right_leg")
_OF: Final = {
    "head": "head", "neck": "head", "collar": "chest", "spine3": "chest", "spine2": "chest",
    "spine1": "hips", "pelvis": "hips", "shoulder": "arm", "elbow": "arm", "wrist": "arm",
    "hand": "arm", "hip": "leg", "knee": "leg", "ankle": "leg", "foot": "leg",
}  # fmt: skip


def _part(joint: str) -> int:
    side, _, plain = joint.rpartition("_")
    name = _OF[plain]
    return PARTS.index(f"{side}_{name}" if f"{side}_{name}" in PARTS else name)


PART_OF_JOINT: Final = tuple(_part(name) for name in JOINT_NAMES)
"""For each of SMPL's 24 joints the part that tells its rotation."""
EXCHANGED: Final = tuple(
    PARTS.index(name.replace("left", "right") if "left" in name else name.replace("right", "left"))
    for name in PARTS
)
"""Parts as a mirror has them."""


def vertex_parts(body: BodyModel) -> NDArray[np.int64]:
    """(V,) the part of each vertex: that of the joint that moves it most."""
    return np.asarray(PART_OF_JOINT)[np.asarray(body.part, np.int64)]


def face_parts(body: BodyModel) -> NDArray[np.int64]:
    """(F,) the part of each triangle: that of its first corner."""
    return np.asarray(vertex_parts(body)[body.faces[:, 0]])


def part_map(
    vertices: Array, faces: NDArray[np.int32], parts: NDArray[np.int64], focal: float, side: int
) -> NDArray[np.int64]:
    """(side, side) of a square view: 0 where no body is, k + 1 where part k is nearest.

    Args:
        vertices: (V, 3) metres in the view's camera, whose axis goes through the middle.
        faces: (F, 3).
        parts: (F,).
        focal: In pixels of the map.
        side: Of the map in pixels.
    """
    z = np.maximum(vertices[:, 2], 1e-6)
    screen = np.column_stack(
        [vertices[:, :2] / z[:, None] * focal + side / 2, vertices[:, 2]]
    ).astype(float)
    depth = np.full((side, side), np.inf, np.float32)
    ids = np.full((side, side), -1, np.int32)
    shares = np.zeros((side, side, 2), np.float32)
    rasterize(np.ascontiguousarray(screen), faces, 0, 0.01, depth, ids, shares)
    return np.where(ids >= 0, parts[np.maximum(ids, 0)] + 1, 0)
