"""Angles between segments of the body as clinicians name them, in degrees.

All are read from bones (SMPL's 24, whose axes at rest are x to the left, y to the head, z to the
front), so that they do not depend on where a regressor puts a joint. Where a limb's direction
decides, its two angles are those of the direction in the axes of the segment above, as with a
goniometer; they jump where the limb points along the axis of the second one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from backend.domain.turns import as_quaternion, as_xzy, from_rotation_vectors

Array = NDArray[np.float64]

PARENTS: Final = (
    -1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21,
)  # fmt: skip

_PELVIS, _THORAX, _HEAD = 0, 9, 15
_HIPS, _KNEES, _ANKLES = (1, 2), (4, 5), (7, 8)
_SHOULDERS, _ELBOWS, _WRISTS = (16, 17), (18, 19), (20, 21)


@dataclass(frozen=True)
class Angle:
    """name: of the column. about: its definition, and what is positive."""

    name: str
    about: str


def _sided(name: str, about: str) -> tuple[Angle, Angle]:
    return Angle(f"left_{name}_deg", f"Left {about}"), Angle(f"right_{name}_deg", f"Right {about}")


ANGLES: Final[tuple[Angle, ...]] = (
    Angle("trunk_inclination_deg",
          "Angle of the line from pelvis to neck to the vertical: 0 upright, 90 lying, above 90"
          " head down."),
    Angle("chest_to_ceiling_deg",
          "Angle of the chest's front to the vertical: 0 on the back, 90 upright or on the side,"
          " 180 on the belly."),
    Angle("trunk_flexion_deg",
          "Thorax against pelvis, first of the turns x, z, y: bending forward is positive."),
    Angle("trunk_lateral_flexion_deg", "The second of them: bending to the left is positive."),
    Angle("trunk_rotation_deg", "The third: turning to the left is positive."),
    Angle("head_flexion_deg",
          "Head against thorax, first of the turns x, z, y: chin to chest is positive."),
    Angle("head_lateral_flexion_deg", "The second of them: left ear to left shoulder is positive."),
    Angle("head_rotation_deg", "The third: looking to the left is positive."),
    *_sided("hip_flexion",
            "thigh in the pelvis' sagittal plane: 0 in line with the trunk, positive to the"
            " front."),
    *_sided("hip_abduction", "thigh out of that plane: positive away from the other leg."),
    *_sided("hip_rotation",
            "thigh's turn about its own length from the body's rest pose: inward is positive."),
    *_sided("knee_flexion", "angle between thigh and shank: 0 straight."),
    *_sided("shoulder_elevation",
            "upper arm against the thorax' downward axis: 0 hanging, 90 level, 180 overhead."),
    *_sided("shoulder_plane",
            "plane in which the arm is raised: 0 to the side, 90 to the front, −90 to the back;"
            " empty below 10 degrees of elevation."),
    *_sided("elbow_flexion", "angle between upper arm and forearm: 0 straight."),
)  # fmt: skip
"""All columns, in order. Wrists, ankles, hands and feet have none: no joint tells of them."""


def joint_angles(
    pose: Float[Array, "n 72"], body: Float[Array, "n 24 3"], up: tuple[float, float, float]
) -> Float[Array, "n a"]:
    """Angles (N, A) in degrees, one column for each of ``ANGLES``.

    Args:
        pose: Axis-angles of SMPL's joints, radians; NaN where there is none.
        body: The body's own joints, metres.
        up: Direction against gravity in the world.
    """
    out = np.full((len(pose), len(ANGLES)), np.nan)
    rows = np.flatnonzero(np.isfinite(pose).all(1) & np.isfinite(body).all((1, 2)))
    if not len(rows):
        return out
    n = len(rows)
    local = from_rotation_vectors(pose[rows].reshape(n, 24, 3))
    world = local.copy()
    for joint in range(1, 24):
        world[:, joint] = world[:, PARENTS[joint]] @ local[:, joint]
    joints, vertical = body[rows], np.asarray(up, float)
    columns = [
        _between(joints[:, 12] - joints[:, _PELVIS], np.broadcast_to(vertical, (n, 3))),
        _between(world[:, _THORAX, :, 2], np.broadcast_to(vertical, (n, 3))),
        *_cardan(world[:, _PELVIS], world[:, _THORAX]),
        *_cardan(world[:, _THORAX], world[:, _HEAD]),
    ]
    thighs = [joints[:, k] - joints[:, h] for h, k in zip(_HIPS, _KNEES, strict=True)]
    shanks = [joints[:, a] - joints[:, k] for k, a in zip(_KNEES, _ANKLES, strict=True)]
    arms = [joints[:, e] - joints[:, s] for s, e in zip(_SHOULDERS, _ELBOWS, strict=True)]
    forearms = [joints[:, w] - joints[:, e] for e, w in zip(_ELBOWS, _WRISTS, strict=True)]
    outward = (1.0, -1.0)
    legs = [_within(world[:, _PELVIS], thigh) for thigh in thighs]
    columns += [np.arctan2(leg[:, 2], -leg[:, 1]) for leg in legs]
    columns += [
        np.arcsin(np.clip(s * leg[:, 0], -1, 1)) for s, leg in zip(outward, legs, strict=True)
    ]
    # About the thigh's length, which points down: a turn to the front of the outer side.
    columns += [s * _twist(local[:, hip]) for s, hip in zip((1.0, -1.0), _HIPS, strict=True)]
    columns += [_between(a, b) for a, b in zip(thighs, shanks, strict=True)]
    raised = [_within(world[:, _THORAX], arm) for arm in arms]
    elevation = [np.arccos(np.clip(-arm[:, 1], -1, 1)) for arm in raised]
    columns += elevation
    columns += [
        np.where(e > np.deg2rad(10), np.arctan2(arm[:, 2], s * arm[:, 0]), np.nan)
        for s, arm, e in zip(outward, raised, elevation, strict=True)
    ]
    columns += [_between(a, b) for a, b in zip(arms, forearms, strict=True)]
    out[rows] = np.rad2deg(np.stack(columns, axis=1))
    return out


def _within(axes: Array, vector: Array) -> Array:
    """Unit vectors (N, 3) in axes (N, 3, 3)."""
    local = np.einsum("nji,nj->ni", axes, vector)
    return np.asarray(local / np.maximum(np.linalg.norm(local, axis=1, keepdims=True), 1e-12))


def _between(a: Array, b: Array) -> Array:
    """Angles (N,) rad."""
    return np.asarray(np.arctan2(np.linalg.norm(np.cross(a, b), axis=1), (a * b).sum(1)))


def _cardan(base: Array, end: Array) -> tuple[Array, Array, Array]:
    """Flexion, to the left, turned to the left (N,) rad of a segment on another."""
    turns = as_xzy(base.transpose(0, 2, 1) @ end)
    return turns[:, 0], -turns[:, 1], turns[:, 2]


def _twist(turn: Array) -> Array:
    """(N,) rad of a turn about the downward axis of its segment (swing and twist)."""
    _, y, _, w = as_quaternion(turn).T
    twist = 2 * np.arctan2(-y, w)
    return np.asarray((twist + np.pi) % (2 * np.pi) - np.pi)
