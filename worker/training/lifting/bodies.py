"""Infants and adults in random poses before random cameras: joints only, nothing is rendered.

What a lifting network learns from needs no pixels. Adults are the source domain of the transfer:
the same ways to pose a body, with adult proportions and sizes, and mostly upright.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.multiview.bodies.model_file import OPEN_BODY
from worker.synthesis import postures
from worker.synthesis.body import Body, build_body
from worker.synthesis.joints import JointsOfBody, camera_around
from worker.synthesis.motion import Pose, sample
from worker.synthesis.moves import joint_offsets, random_move, varied_pose
from worker.synthesis.open_infants import random_infant, to_smpl
from worker.training import material
from worker.training.material import Sample

Array = NDArray[np.float64]
Rng = np.random.Generator
SIZE = (640, 480)
PER_BODY = 24
"""Poses of one body."""
STATURE = 0.72
INFANTS, ADULTS = (0.60, 0.88), (1.50, 1.95)
"""Statures in metres."""
ADULT_AGE = 2 / 3
"""Of anny's scale."""
FPS = 15.0
NOWHERE = Path("posed without a picture")
_ADULT_POSTURES = {
    "walking": 0.30,
    "on_heels": 0.10,
    "standing": 0.20,
    "sitting": 0.20,
    "crawling": 0.04,
    "supine": 0.08,
    "side": 0.04,
    "prone": 0.04,
}
"""How often adults are in which posture."""


def infants(seed: int, poses: int, views: int) -> Iterator[Sample]:
    """Random infants in random poses, each seen by some cameras."""
    for number in range(poses):
        if number % PER_BODY == 0:
            infant = random_infant(np.random.default_rng([seed, number, 7]), STATURE)
            joints_of = JointsOfBody(infant.body)
        rng = np.random.default_rng([seed, number, 8])
        stature = np.random.default_rng([seed, number // PER_BODY, 9]).uniform(*INFANTS)
        scale = stature / STATURE
        move = random_move(infant.body, rng)
        body = material.Body(
            OPEN_BODY,
            infant.betas,
            to_smpl(move.pose),
            infant.scale * scale,
            move.pose.at * scale,
        )
        joints = joints_of(move.pose) * scale
        for view in range(views):
            sample = _seen(joints, rng, f"{seed}-{number // PER_BODY}", number * views + view)
            yield replace(sample, body=body, posture=move.posture)


def adults(seed: int, poses: int, views: int) -> Iterator[Sample]:
    """Adults, likewise. Needs ``anny`` (the extra ``synthesis``)."""
    for number in range(poses):
        if number % PER_BODY == 0:
            body = _adult(np.random.default_rng([seed, number, 7]))
            joints_of = JointsOfBody(body)
        rng = np.random.default_rng([seed, number, 8])
        stature = np.random.default_rng([seed, number // PER_BODY, 9]).uniform(*ADULTS)
        joints = joints_of(_adult_pose(body, rng)) * (stature / STATURE)
        for view in range(views):
            yield _seen(joints, rng, f"adult {seed}-{number // PER_BODY}", number * views + view)


def _adult(rng: Rng) -> Body:
    if find_spec("anny") is None:
        raise InvalidInput(
            "Adults are drawn by anny, which is not installed: install the extra “synthesis”.",
            fault="no anny",
        )
    return build_body(
        ADULT_AGE,
        gender=rng.uniform(0, 1),
        weight=rng.uniform(0.2, 0.8),
        muscle=rng.uniform(0.2, 0.8),
        height=rng.uniform(0.2, 0.8),
        proportions=rng.uniform(0.2, 0.8),
        stature=STATURE,
    )


def _adult_pose(body: Body, rng: Rng) -> Pose:
    names = list(_ADULT_POSTURES)
    name = str(rng.choice(names, p=list(_ADULT_POSTURES.values())))
    angle = rng.uniform(-np.pi, np.pi)
    if name == "walking":
        # Written for an adult's metres.
        tall = _grown(body)
        made = postures.standing(tall, (0, 0), angle, rng.uniform(-1, 1), rng.uniform(0.9, 1.0))
        return replace(made, at=made.at / GROWTH)
    if name == "on_heels":
        tall = _grown(body)
        d = postures.direction(angle)
        side = np.cross(postures.UP, d)
        hands = [
            d * rng.uniform(0.1, 0.6) + s * side * rng.uniform(0.05, 0.5)
            + postures.UP * rng.uniform(0.2, 1.2)
            for s in (1, -1)
        ]  # fmt: skip
        made = postures.kneeling(
            tall, (0, 0), angle, (list(hands[0]), list(hands[1])), rng.uniform(0, 0.6)
        )
        return replace(made, at=made.at / GROWTH)
    return random_move(body, rng, name).pose


GROWTH = 1.70 / STATURE


def _grown(body: Body) -> Body:
    return replace(body, vertices=body.vertices * GROWTH, heads=body.heads * GROWTH)


def films(seed: int, count: int, seconds: float) -> Iterator[Sample]:
    """Infants who move their limbs before a camera that stands still, ``FPS`` images a second."""
    for number in range(count):
        rng = np.random.default_rng([seed, number, 7])
        body = random_infant(rng, STATURE).body
        yield from _film(
            body, random_move(body, rng).pose, INFANTS, seconds, rng, f"{seed}-{number}"
        )


def adult_films(seed: int, count: int, seconds: float) -> Iterator[Sample]:
    """Adults, likewise."""
    for number in range(count):
        rng = np.random.default_rng([seed, number, 7])
        if number % 4 == 0:
            body = _adult(rng)
        start = _adult_pose(body, rng)
        yield from _film(body, start, ADULTS, seconds, rng, f"adult {seed}-{number}")


def _film(
    body: Body, start: Pose, statures: tuple[float, float], seconds: float, rng: Rng, name: str
) -> Iterator[Sample]:
    keys = [(0.0, start)]
    while keys[-1][0] < seconds:
        moved = varied_pose(start, joint_offsets(rng, 0.45, 0.3), 1.0)
        keys.append((keys[-1][0] + rng.uniform(0.5, 1.5), moved))
    joints_of = JointsOfBody(body)
    scale = rng.uniform(*statures) / STATURE
    joints = np.array([joints_of(pose) * scale for pose in sample(keys, FPS, seconds)])
    camera = camera_around(joints.reshape(-1, 3), rng, SIZE)
    T = camera.T_camera_world
    for number, at in enumerate(joints @ T[:3, :3].T + T[:3, 3]):
        seen = sample_of(at, camera.K, name, number)
        yield replace(seen, recording=name, camera="1", time_s=number / FPS)


def _seen(joints: Array, rng: Rng, infant: str, number: int) -> Sample:
    """One person before a camera. joints: (17, 3) metres in the world."""
    camera = camera_around(joints, rng, SIZE)
    T = camera.T_camera_world
    return sample_of(joints @ T[:3, :3].T + T[:3, 3], camera.K, infant, number)


def sample_of(joints: Array, K: Array, infant: str, number: int) -> Sample:
    """A sample without a picture. joints: (17, 3) in the camera's axes, metres."""
    at = (joints / joints[:, 2:]) @ K[:2].T
    low, high = at.min(axis=0), at.max(axis=0)
    width, height = (float(v) for v in high - low)
    inside = np.asarray(((at >= 0) & (at <= SIZE)).all(axis=1))
    told = np.concatenate([at * inside[:, None], 2.0 * inside[:, None]], axis=1)
    return Sample(
        image=NOWHERE,
        image_id=number,
        width=SIZE[0],
        height=SIZE[1],
        joints=told,
        box=(float(low[0]), float(low[1]), width, height),
        area=0.5 * width * height,
        infant=infant,
        K=K,
        joints_3d=joints,
    )
