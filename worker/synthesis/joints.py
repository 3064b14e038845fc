"""Joints of posed bodies without rendering or even skinning them, and cameras that see them.

Linear blend skinning followed by a linear joint regressor is linear in the bones' transforms, so
that the seventeen joints of a body cost one small product per pose.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from worker.synthesis.body import PARTS, Body
from worker.synthesis.camera import Camera
from worker.synthesis.motion import Pose

Array = NDArray[np.float64]
Rng = np.random.Generator


class JointsOfBody:
    """Gives the COCO joints of a body in any pose, exactly as skinning its mesh would."""

    def __init__(self, body: Body) -> None:
        self.body = body
        rest = np.concatenate([body.vertices, np.ones((len(body.vertices), 1))], axis=1)
        self._share = np.zeros((len(body.coco), len(body.bones), 4))
        for k in range(body.bone_index.shape[1]):
            for joint, row in enumerate(body.coco):
                used = np.flatnonzero(row)
                weighted = (row[used] * body.bone_weight[used, k])[:, None] * rest[used]
                np.add.at(self._share[joint], body.bone_index[used, k], weighted)

    def __call__(self, pose: Pose) -> Array:
        """(17, 3) metres in the world."""
        moved = np.einsum("jbk,bik->ji", self._share, pose.transforms(self.body))
        return np.asarray(moved)


def head_length(body: Body) -> float:
    """Metres from the chin to the crown: the extent of the head's own part of the mesh at rest."""
    head = body.part_weights[:, PARTS.index("head")] > 0.9
    return float(np.ptp(body.vertices[head, 2]))


def camera_around(joints: Array, rng: Rng, size: tuple[int, int]) -> Camera:
    """A camera 5 to 80 degrees above the floor, anywhere around a person, as the renders' stand.

    joints: (17, 3) metres; all of them lie within the image. size: (width, height) px.
    """
    width, height = size
    low, high = joints.min(axis=0), joints.max(axis=0)
    centre, extent = (low + high) / 2, float(np.linalg.norm(high - low))
    while True:
        azimuth, elevation = rng.uniform(-np.pi, np.pi), np.arcsin(rng.uniform(0.08, 0.985))
        level = np.cos(elevation)
        ray = np.array([level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation)])
        distance = extent * rng.uniform(1.4, 3.5)
        share = rng.uniform(0.4, 0.85)
        focal = share * min(width, height) * distance / extent
        reach = distance / focal
        shift = rng.uniform(-0.5, 0.5, 2) * (1 - share) * np.array([width, height]) * reach
        side = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
        aim = centre + side * shift[0] + np.array([0.0, 0.0, shift[1]])
        camera = Camera.looking_at(
            "camera", size, focal, centre + ray * distance, aim, rng.normal(0, 0.10)
        )
        seen = camera.project(joints)
        if (seen[:, 2] > 0.1).all() and ((seen[:, :2] > 0) & (seen[:, :2] < size)).all():
            return camera
