"""Infants of the synthesis in motion: joints in space along time, with known truth.

A motion starts from a random pose of a posture and goes on to variations of it: limbs turn, the
trunk shifts and turns a little, then it rests or goes on at once. Everything rests on the floor at
z = 0. Motion number i of a seed depends on both alone; it is made at 60 frames a second, so that
slower ones are the same motion seen less often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from backend.multiview.bodies.model_file import open_body
from worker.fitting.rig import basis_of
from worker.fitting.skin import posed_joints
from worker.synthesis.body import Body
from worker.synthesis.motion import Pose, complete, matrix, quaternion, sample, smoothed, turn
from worker.synthesis.moves import (
    _FREEDOM,
    _SUPPORT,
    POSTURES,
    joint_offsets,
    random_move,
    settle,
    varied_pose,
)
from worker.synthesis.open_infants import random_infant, to_smpl

Array = NDArray[np.float64]

FPS: Final = 60.0
STATURE: Final = 0.72


@dataclass(frozen=True)
class Motion:
    """T moments of one infant. times: (T,) s. coco: (T, 17, 3), body: (T, 24, 3) metres. pose:
    (T, 72). betas: (B,), scale: of the open body. posture: its name."""

    posture: str
    times: Array
    coco: Array
    body: Array
    pose: Array
    betas: Array
    scale: float

    def at(self, fps: float) -> Motion:
        """The same motion at a lower rate that divides 60."""
        step = round(FPS / fps)
        return replace(
            self,
            times=self.times[::step],
            coco=self.coco[::step],
            body=self.body[::step],
            pose=self.pose[::step],
        )


def motion(seed: int, number: int, seconds: float = 6.0, posture: str | None = None) -> Motion:
    """Draw a motion."""
    rng = np.random.default_rng([seed, number, 21])
    infant = random_infant(rng, STATURE)
    name = posture or POSTURES[number % len(POSTURES)]
    poses = _played(infant.body, rng, name, seconds)
    growth = rng.uniform(0.60, 0.88) / STATURE
    basis, scale = basis_of(open_body()), infant.scale * growth
    pose = np.stack([to_smpl(p) for p in poses])
    place = np.stack([p.at for p in poses]) * growth
    coco, body = posed_joints(basis, infant.betas, pose, place, scale)
    times = np.arange(len(poses)) / FPS
    return Motion(name, times, coco, body, pose, infant.betas, float(scale))


def _played(body: Body, rng: np.random.Generator, name: str, seconds: float) -> list[Pose]:
    base = random_move(body, rng, name).pose
    arms, legs = _FREEDOM[name]
    lively = rng.uniform(0.6, 1.6)
    keys: list[tuple[float, Pose]] = [(0.0, base)]
    now, last = 0.0, base
    while now < seconds:
        if rng.random() < 0.35:
            now += rng.uniform(0.3, 1.2)
            keys.append((now, last))
            continue
        now += rng.uniform(0.25, 0.9)
        offsets = joint_offsets(rng, arms * lively, legs * lively)
        moved = varied_pose(base, offsets, 1.0)
        turned = matrix(moved.root) @ turn(rng.normal(0, 0.08, 3))
        drift = np.array([*rng.normal(0, 0.012, 2), 0.0])
        moved = replace(moved, root=quaternion(turned), at=base.at + drift)
        last, _ = settle(body, moved, _SUPPORT[name])
        keys.append((now, last))
    whole = complete([pose for _, pose in keys])
    keys = [(t, pose) for (t, _), pose in zip(keys, whole, strict=True)]
    return smoothed(sample(keys, FPS, seconds), sigma=2.5)


def observed(
    coco: Array,
    cameras: Sequence[Camera],
    rng: np.random.Generator,
    noise_px: float,
    missing: float,
) -> Array:
    """(T, C, 17, 3) what cameras see of joints: with noise, and some of them not at all."""
    pixels = np.stack([camera.project(coco) for camera in cameras], axis=1)
    pixels = pixels + rng.normal(0, noise_px, pixels.shape)
    seen = np.where(rng.random(pixels.shape[:3]) < missing, 0.0, 2.0)
    return np.concatenate([pixels * (seen > 0)[..., None], seen[..., None]], axis=-1)
