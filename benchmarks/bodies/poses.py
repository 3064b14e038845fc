"""Bodies of the synthesis in known postures, as joints in space and in the images of cameras.

Nothing is rendered: the rules of ``domain.posture_proposals`` see joints only. Pose number i of a
seed depends on both alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from worker.synthesis import postures as key_poses
from worker.synthesis.body import Body
from worker.synthesis.moves import POSTURES, random_move
from worker.synthesis.open_infants import random_infant

Array = NDArray[np.float64]
PER_BODY: Final = 24
TRUTH: Final = {
    "supine": "supine",
    "prone": "prone",
    "side": "rolling",
    "sitting": "sitting",
    "crawling": "four_point_kneeling",
    "kneeling": "none",
    "standing": "standing",
}
"""What the renders' postures are among the twelve; kneeling upright is none of them."""


@dataclass(frozen=True)
class Posed:
    """A body that rests on the floor at z = 0.

    joints: (17, 3) metres. truth: a value of TRUTH. fine: a posture by construction, or None.
    """

    joints: Array
    truth: str
    fine: str | None


def poses(seed: int, count: int) -> Iterator[Posed]:
    """Random bodies in random postures."""
    body: Body | None = None
    for i in range(count):
        if body is None or i % PER_BODY == 0:
            body = random_infant(np.random.default_rng([seed, i, 7]), 0.72).body
        rng = np.random.default_rng([seed, i, 8])
        name = POSTURES[i % len(POSTURES)]
        fine = None
        if name == "prone" and rng.random() < 0.5:
            # Propped on the forearms, or with the chest on the floor, by construction.
            rise = float(rng.choice((0.0, 1.0)))
            pose = key_poses.prone(body, (0, 0), rng.uniform(-3, 3), rng.normal(0, 0.3), rise)
            fine = "forearm_support" if rise else "prone_lying"
        else:
            pose = random_move(body, rng, name).pose
        (bare,) = body.skin(pose.transforms(body), body.vertices)
        yield Posed(np.asarray(body.coco @ bare), TRUTH[name], fine)


def seen(joints: Array, rng: np.random.Generator, size: float = 1.0) -> tuple[Array, Array]:
    """Joints as a camera anywhere around sees them: (17, 2) pixels and (17,) whether they are told.

    The camera stands as in the renders, 5 to 80 degrees above the floor and a little tilted.
    Joints have an error of 2 % of the infant's extent; one in ten is missing.
    """
    azimuth = rng.uniform(-np.pi, np.pi)
    elevation = np.arcsin(rng.uniform(0.08, 0.985))
    ray = np.array(
        [
            np.cos(elevation) * np.cos(azimuth),
            np.cos(elevation) * np.sin(azimuth),
            np.sin(elevation),
        ]
    )
    centre = (joints.min(axis=0) + joints.max(axis=0)) / 2
    eye = centre + ray * rng.uniform(0.9, 2.8)
    forward = -ray
    right = np.cross(forward, [0, 0, 1.0])
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    roll = rng.normal(0, 0.10)
    right, down = (
        np.cos(roll) * right + np.sin(roll) * down,
        -np.sin(roll) * right + np.cos(roll) * down,
    )
    at = (joints - eye) @ np.stack([right, down, forward], axis=1)
    places = at[:, :2] / at[:, 2:] * size
    extent = np.ptp(places, axis=0).max()
    places = places + rng.normal(0, 0.02 * extent, places.shape)
    return places, rng.random(len(places)) > 0.1
