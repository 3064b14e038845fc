"""Poses of the project's own infant postures, as SMPL joint angles.

The postures (lying, rolling, crawling, sitting, standing) are constructed, not recorded: they show
which joints bend together and check the ranges that the prior assumes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assets.open_infant.anny_infants import MEDIAN_AGE, MEDIAN_BUILD
from assets.open_infant.rest_pose import TO_SMPL, joint_heads, t_pose_rotations
from backend.multiview.bodies.model_file import JOINT_NAMES, PARENTS, POSE_VALUES
from worker.synthesis import postures
from worker.synthesis.body import Body, build_body
from worker.synthesis.motion import Pose

Array = NDArray[np.float64]

_BONES = {
    "pelvis": "root",
    "hip": "upperleg01",
    "knee": "lowerleg01",
    "ankle": "foot",
    "foot": "toe3-1",
    "spine1": "spine03",
    "spine2": "spine02",
    "spine3": "spine01",
    "neck": "neck02",
    "head": "head",
    "collar": "shoulder01",
    "shoulder": "upperarm01",
    "elbow": "lowerarm01",
    "wrist": "wrist",
    "hand": "finger3-1",
}


def rotation_vector(R: Array) -> Array:
    """(3, 3) to axis-angle (3,)."""
    angle = np.arccos(np.clip((np.trace(R) - 1) / 2, -1, 1))
    axis = np.array([R[2, 1] - R[1, 2], R[0, 2] - R[2, 0], R[1, 0] - R[0, 1]])
    length = float(np.linalg.norm(axis))
    if length < 1e-9:
        return np.zeros(3)
    return np.asarray(axis / length * angle)


def _angles(pose: Pose, body: Body, rest: Array) -> Array:
    """(69,) body pose. rest: (24, 3, 3) from anny's rest to the T pose."""
    moved = pose.transforms(body)[:, :, :3]
    at = []
    for k, name in enumerate(JOINT_NAMES):
        side, _, plain = name.rpartition("_")
        bone = _BONES[plain] + (f".{side[0].upper()}" if side else "")
        at.append(TO_SMPL @ moved[body.bone_number[bone]] @ TO_SMPL.T @ rest[k].T)
    local = [at[PARENTS[k]].T @ at[k] for k in range(1, len(PARENTS))]
    return np.concatenate([rotation_vector(R) for R in local])


def sample(count: int, seed: int) -> Array:
    """(N, 69) body poses, about ``count`` of each posture, and each one's mirror image."""
    rng = np.random.default_rng(seed)
    m = MEDIAN_BUILD
    body = build_body(
        MEDIAN_AGE,
        weight=0.75,
        muscle=0.3,
        head_scale=m.head,
        leg_scale=m.leg,
        arm_scale=m.arm,
        torso_scale=m.torso,
        stature=0.74,
    )
    rest = t_pose_rotations(joint_heads(body.heads[None], body.bones) @ TO_SMPL.T)[0]
    o = (0.0, 0.0)
    poses: list[Pose] = []

    def reach(far: float) -> tuple[float, float, float]:
        return (rng.uniform(-0.02, 0.10), rng.uniform(-0.15, -0.08), rng.uniform(-0.14, far))

    for _ in range(count):
        look = rng.normal(0, 0.35)
        poses.append(postures.supine(body, o, 0.0, rng.uniform(0, 20), look))
        poses.append(postures.side_lying(body, o, 0.0, np.pi / 2))
        poses.append(postures.prone(body, o, 0.0, look, rng.uniform(0, 1)))
        poses.append(postures.crawl(body, o, 0.0, rng.uniform(0, 1), look))
        poses.append(
            postures.sitting(
                body, o, 0.0, reach(0.05), reach(0.05), rng.uniform(-0.1, 0.3), (0.1, 0, look)
            )
        )
        poses.append(postures.standing(body, o, 0.0, rng.uniform(-0.6, 0.6), rng.uniform(0.8, 1.0)))
    found = np.stack([_angles(p, body, rest) for p in poses])
    return np.concatenate([found, mirrored(found)])


def mirrored(poses: Array) -> Array:
    """(N, 69) poses with left and right swapped."""
    other = [
        JOINT_NAMES.index(n.replace("left", "*").replace("right", "left").replace("*", "right"))
        for n in JOINT_NAMES[1:]
    ]
    p = poses.reshape(-1, POSE_VALUES // 3, 3)[:, np.array(other) - 1]
    return np.asarray((p * [1.0, -1.0, -1.0]).reshape(len(poses), POSE_VALUES))
