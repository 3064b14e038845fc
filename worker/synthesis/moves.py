"""Random poses of infants on the floor: a posture (after the AIMS scale), varied at each joint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from worker.synthesis import postures
from worker.synthesis.body import PARTS, Body
from worker.synthesis.motion import (
    Limb,
    Pose,
    facing,
    matrix,
    pose,
    quaternion,
    turn,
    unit,
)
from worker.synthesis.scene import Mesh

Array = NDArray[np.float64]
Rng = np.random.Generator
POSTURES = ("supine", "prone", "side", "sitting", "crawling", "kneeling", "standing")
UP = postures.UP

_SUPPORT = {
    "supine": ("torso",),
    "prone": ("torso", "thigh"),
    "side": ("torso", "thigh"),
    "sitting": ("torso", "thigh"),
    "crawling": ("shin",),
    "kneeling": ("shin",),
    "standing": ("foot",),
}
"""Parts whose lowest point rests on the floor."""

_FREEDOM = {
    "supine": (0.30, 0.40),
    "prone": (0.12, 0.25),
    "side": (0.30, 0.20),
    "sitting": (0.25, 0.18),
    "crawling": (0.08, 0.06),
    "kneeling": (0.25, 0.06),
    "standing": (0.25, 0.08),
}
"""Standard deviation in radians of arms and legs about the posture."""

SINK = 0.006
DEEPEST = 0.03
"""Metres: how far the support is pressed into the floor, and any other part may be."""


@dataclass(frozen=True)
class Move:
    """A posture's name, the pose drawn for it, and what the body leans on."""

    posture: str
    pose: Pose
    supports: tuple[Mesh, ...] = ()


def random_move(body: Body, rng: Rng, posture: str | None = None) -> Move:
    """Draw a pose of a body of 0.72 m near the origin, resting on the floor.

    posture: one of POSTURES, or None for any.
    """
    name = posture or POSTURES[int(rng.integers(len(POSTURES)))]
    base = _BASES[name](body, rng)
    arms, legs = _FREEDOM[name]
    offsets = joint_offsets(rng, arms, legs)
    for strength in (1.0, 0.5, 0.25, 0.0):
        varied = varied_pose(base, offsets, strength)
        settled, deepest = settle(body, varied, _SUPPORT[name])
        if deepest > -DEEPEST:
            break
    if deepest < -DEEPEST:
        settled = replace(settled, at=settled.at + (-DEEPEST - deepest) * UP)
    return Move(name, settled)


def joint_offsets(rng: Rng, arms: float, legs: float) -> dict[str, Array]:
    """Random turns of joints; arms, legs: standard deviations in radians."""
    out = {}
    for side in "LR":
        for bone, spread in (
            ("upperarm01", arms),
            ("lowerarm01", arms * 0.7),
            ("wrist", 0.25),
            ("upperleg01", legs),
            ("lowerleg01", legs * 0.6),
            ("foot", 0.2),
        ):
            out[f"{bone}.{side}"] = rng.normal(0, spread, 3)
    out["spine03"] = rng.normal(0, 0.10, 3)
    out["neck02"] = rng.normal(0, (0.18, 0.12, 0.25))
    return out


def varied_pose(base: Pose, offsets: dict[str, Array], strength: float) -> Pose:
    """A pose with a share of the turns put on it."""
    bones = dict(base.bones)
    for name, vector in offsets.items():
        still = np.array([1.0, 0, 0, 0])
        turned = matrix(bones.get(name, still)) @ turn(vector * strength)
        bones[name] = quaternion(turned)
    return replace(base, bones=bones)


def settle(body: Body, varied: Pose, support: tuple[str, ...]) -> tuple[Pose, float]:
    """Put the supporting parts on the floor; also the lowest height of anything afterwards."""
    (points,) = body.skin(varied.transforms(body), body.vertices)
    names = [k for k, part in enumerate(PARTS) if part.split(".")[0] in support]
    resting = body.part_weights[:, names].sum(axis=1) > 0.6
    rise = -SINK - float(points[resting, 2].min())
    deepest = float(points[:, 2].min()) + rise
    return replace(varied, at=varied.at + rise * UP), deepest


def gaze(rng: Rng) -> Array:
    """Where the head looks: a rotation vector."""
    return rng.normal((0.05, 0, 0), (0.2, 0.12, 0.35))


def free_arm(rng: Rng) -> Limb:
    """A free arm: somewhere in front of, beside or above the shoulder."""
    target = rng.uniform((-0.10, -0.20, -0.16), (0.16, -0.02, 0.17))
    return Limb(target, (0.8, 0.35, -0.6), curl=rng.uniform(0.1, 0.9))


def lying_on_back(body: Body, rng: Rng) -> Pose:
    """On the back, limbs anywhere."""
    angle = rng.uniform(-np.pi, np.pi)
    d = postures.direction(angle)
    if rng.random() < 0.35:
        return postures.supine(body, (0, 0), angle, rng.uniform(0, 20), rng.normal(0, 0.4))
    legs = [
        Limb(
            rng.uniform((0.0, -0.21, -0.24), (0.11, 0.0, 0.02)),
            (rng.uniform(0.1, 0.9), -0.8, 0.5),
        )
        for _ in range(2)
    ]
    if rng.random() < 0.5:
        legs = [replace(legs[0], target=(x, 0.0, -0.26 + 0.03 * x)) for x in rng.uniform(0, 0.1, 2)]
    arms = []
    for _ in range(2):
        kind = rng.random()
        if kind < 0.5:
            arms.append(free_arm(rng))
        elif kind < 0.8:
            target = (rng.uniform(0.06, 0.18), rng.uniform(-0.02, 0.02), rng.uniform(-0.14, 0.16))
            arms.append(Limb(target, (0.7, -0.1, -0.5), curl=0.5))
        else:
            arms.append(Limb((-0.02, -0.06, 0.08), (0.9, -0.2, -0.6), curl=0.8))
    root = facing(d, UP) @ turn((0, 0, rng.normal(0, 0.12)))
    spine = rng.normal(0, (0.08, 0.1, 0.1))
    return pose(body, root, [0, 0, 0.07], (arms[0], arms[1]), (legs[0], legs[1]), spine, gaze(rng))


def lying_on_belly(body: Body, rng: Rng) -> Pose:
    """On the belly, flat or propped on the forearms."""
    angle, rise = rng.uniform(-np.pi, np.pi), rng.uniform(0.0, 1.2)
    if rng.random() < 0.7:
        return postures.prone(body, (0, 0), angle, rng.normal(0, 0.3), rise)
    d = postures.direction(angle)
    legs = [Limb((rng.uniform(0.02, 0.12), 0.01, -0.24), (0.7, -1, 0)) for _ in range(2)]
    arms = [
        Limb((rng.uniform(0.04, 0.16), -0.02, rng.uniform(-0.12, 0.16)), (0.9, 0.1, -0.2), curl=0.3)
        for _ in range(2)
    ]
    head = (-0.3 * rise, 0.0, rng.choice((-1, 1)) * rng.uniform(0.2, 0.9))
    root = facing(d, -UP)
    return pose(body, root, [0, 0, 0.07], (arms[0], arms[1]), (legs[0], legs[1]), (0, 0, 0), head)


def lying_on_side(body: Body, rng: Rng) -> Pose:
    """On either side."""
    angle = rng.uniform(-np.pi, np.pi)
    d, front = (
        postures.direction(angle),
        postures.direction(angle + rng.choice((-1, 1)) * np.pi / 2),
    )
    left_is_up = np.cross(-front, d) @ UP > 0
    # The lower arm and leg lie on the floor, a little towards the body's middle.
    arms = [
        Limb(rng.uniform((-0.06, -0.17, -0.10), (0.06, -0.05, 0.14)), (0.6, -0.4, -0.5), curl=0.5),
        Limb(
            (-0.03, rng.uniform(-0.17, -0.06), rng.uniform(-0.06, 0.12)), (-0.3, -1, 0.2), curl=0.5
        ),
    ]
    legs = [
        Limb((-0.02, rng.uniform(-0.18, 0.0), rng.uniform(-0.24, -0.08)), (0.25, -1, 0.3)),
        Limb((-0.02, rng.uniform(-0.12, 0.02), rng.uniform(-0.25, -0.15)), (-0.05, -1, 0.0)),
    ]
    if not left_is_up:
        arms, legs = arms[::-1], legs[::-1]
    root = facing(d, unit(front - rng.normal(0.1, 0.3) * UP))
    bend = (rng.uniform(-0.2, 0.3), rng.normal(0, 0.08), 0.0)
    # The head is thicker than the shoulders are high; the neck bends it up from the floor.
    head = (rng.normal(-0.1, 0.2), (-0.3 if left_is_up else 0.3) * rng.uniform(-0.3, 1), 0.0)
    return pose(body, root, [0, 0, 0.09], (arms[0], arms[1]), (legs[0], legs[1]), bend, head)


def sitting_free(body: Body, rng: Rng) -> Pose:
    """On the floor, legs before the body, hands free."""
    angle = rng.uniform(-np.pi, np.pi)
    left, right = free_arm(rng), free_arm(rng)
    if rng.random() < 0.45:
        forward = rng.uniform(-0.05, 0.5)
        hands = (left.target, right.target)
        return postures.sitting(body, (0, 0), angle, *hands, forward, gaze(rng))
    d = postures.direction(angle)
    side = np.cross(UP, d)
    root = facing(unit(UP - rng.uniform(-0.1, 0.35) * d + rng.normal(0, 0.08) * side), d)
    reach, width = rng.uniform(0.15, 0.25, 2), rng.uniform(0.03, 0.17, 2)
    knees = rng.uniform((0.1, 0.2), (1.0, 1.0), (2, 2))
    lean = (rng.uniform(0.0, 0.6), rng.normal(0, 0.08), rng.normal(0, 0.15))
    look = gaze(rng)

    def at_height(z: float) -> Pose:
        legs = []
        for k, s in enumerate((1, -1)):
            out = s * side
            ankle = d * reach[k] + out * width[k] + 0.032 * UP
            knee = knees[k, 0] * out + knees[k, 1] * UP
            legs.append(Limb(ankle, knee, True, (d + 0.3 * out + 0.8 * UP, d - 0.6 * UP)))
        return pose(body, root, [0, 0, z], (left, right), (legs[0], legs[1]), lean, look)

    return postures.resting(body, at_height, 0.07, ("torso", "thigh"))


def _crawling(body: Body, rng: Rng) -> Pose:
    angle = rng.uniform(-np.pi, np.pi)
    return postures.crawl(body, (0, 0), angle, rng.uniform(0, 1), rng.normal(0, 0.3))


def _kneeling(body: Body, rng: Rng) -> Pose:
    angle = rng.uniform(-np.pi, np.pi)
    d = postures.direction(angle)
    side = np.cross(UP, d)
    thigh = float(np.linalg.norm(body.head("lowerleg01.L") - body.head("upperleg01.L")))
    # 1 stands on the knees, 0 sits on the heels.
    tall = rng.uniform(0.15, 1.0)
    at = np.array([0.0, 0.0, 0.05 + thigh * (0.45 + 0.5 * tall)])
    root = facing(unit(UP + rng.uniform(-0.1, 0.3) * d), d)
    legs = []
    for s in (1, -1):
        ankle = at + side * s * rng.uniform(0.05, 0.09) - d * (0.03 + 0.10 * tall)
        ankle[2] = 0.03
        toes = (-d - 0.1 * UP, UP - 0.1 * d)
        legs.append(Limb(ankle, d - 0.5 * UP + 0.15 * s * side, True, toes))
    lean = (rng.uniform(0.0, 0.4), rng.normal(0, 0.08), rng.normal(0, 0.15))
    return pose(body, root, at, (free_arm(rng), free_arm(rng)), (legs[0], legs[1]), lean, gaze(rng))


def standing_up(body: Body, rng: Rng) -> Pose:
    """On the feet, upright or stooping."""
    angle = rng.uniform(-np.pi, np.pi)
    d = postures.direction(angle)
    side = np.cross(UP, d)
    leg = float(body.head("upperleg01.L")[2] - body.head("foot.L")[2])
    at = np.array([0.0, 0.0, 0.03 + leg * rng.uniform(0.82, 0.97)])
    bend = rng.uniform(-0.05, 0.9) if rng.random() < 0.3 else rng.uniform(-0.05, 0.2)
    root = facing(unit(UP + bend * d), d)
    legs = []
    step = rng.normal(0, 0.04)
    for s in (1, -1):
        foot = at + side * s * rng.uniform(0.05, 0.11) + d * (s * step - 0.01 - 0.10 * bend)
        foot[2] = 0.03
        ends = (d + 0.25 * s * side, -UP)
        legs.append(Limb(foot, d + rng.uniform(0.1, 0.5) * s * side, True, ends))
    lean = (rng.uniform(0.0, 0.25), rng.normal(0, 0.08), rng.normal(0, 0.15))
    return pose(body, root, at, (free_arm(rng), free_arm(rng)), (legs[0], legs[1]), lean, gaze(rng))


_BASES: dict[str, Callable[[Body, Rng], Pose]] = {
    "supine": lying_on_back,
    "prone": lying_on_belly,
    "side": lying_on_side,
    "sitting": sitting_free,
    "crawling": _crawling,
    "kneeling": _kneeling,
    "standing": standing_up,
}
