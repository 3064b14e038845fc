"""Infants in the twelve postures of the AIMS classification, each held against its geometry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from backend.domain.posture_geometry import TWELVE, postures_met
from worker.synthesis import postures, props
from worker.synthesis.body import PARTS, Body
from worker.synthesis.motion import Limb, Pose, facing, pose, turn, unit
from worker.synthesis.moves import (
    DEEPEST,
    UP,
    Move,
    free_arm,
    gaze,
    joint_offsets,
    lying_on_back,
    lying_on_side,
    settle,
    sitting_free,
    standing_up,
    varied_pose,
)
from worker.synthesis.open_infants import Infant, random_infant
from worker.synthesis.rooms import colour
from worker.synthesis.scene import Mesh
from worker.synthesis.textures import plain

Array = NDArray[np.float64]
Rng = np.random.Generator
STATURE = 0.72
TRIES = 80
"""Poses drawn until one meets the posture's geometry; one in some tries does."""


@dataclass(frozen=True)
class _Way:
    """How a posture is drawn.

    rests: parts on the floor. arms, legs: standard deviation of joints about the pose, radians.
    """

    base: Callable[[Body, Rng], Pose]
    rests: tuple[str, ...]
    arms: float
    legs: float


def aims_move(body: Body, rng: Rng, posture: str) -> Move:
    """Draw a pose of one of the twelve postures, for a body of 0.72 m on the floor.

    Raises:
        RuntimeError: none that was drawn met the posture's geometry.
    """
    way = _WAYS[posture]
    wanted = TWELVE.index(posture)
    for attempt in range(TRIES):
        strength = (1.0, 0.6, 0.3, 0.0)[attempt % 4]
        base = way.base(body, rng)
        varied = varied_pose(base, joint_offsets(rng, way.arms, way.legs), strength)
        settled, deepest = settle(body, varied, way.rests)
        if deepest < -DEEPEST:
            continue
        (bare,) = body.skin(settled.transforms(body), body.vertices)
        if postures_met((body.coco @ bare)[None], UP)[0, wanted]:
            supports = _cushion(body, bare, rng) if posture == "sitting_with_support" else ()
            return Move(posture, settled, supports)
    raise RuntimeError(f"{TRIES} poses drawn for {posture}, and none meets its geometry")


class AimsPeople:
    """Open infants of random shapes; picture i shows posture number i of the twelve, in turn."""

    def infant(self, rng: Rng, index: int) -> Infant:
        """See :class:`~worker.synthesis.shots.People`."""
        return random_infant(rng, STATURE)

    def move(self, body: Body, rng: Rng, index: int) -> Move:
        """See :class:`~worker.synthesis.shots.People`."""
        return aims_move(body, rng, TWELVE[index % len(TWELVE)])


def _prone_lying(body: Body, rng: Rng) -> Pose:
    """Chest on the floor, arms flat beside the head or the trunk, the head turned or a bit up."""
    d = postures.direction(rng.uniform(-np.pi, np.pi))
    arms, legs = [], []
    for _ in range(2):
        up = rng.random() < 0.6
        along = rng.uniform(0.02, 0.17) if up else rng.uniform(-0.20, -0.08)
        place = (rng.uniform(0.05, 0.16), rng.uniform(-0.05, 0.0), along)
        arms.append(Limb(place, (1.0, -0.05, -0.2 if up else 0.3), curl=rng.uniform(0.2, 0.7)))
        bent = rng.uniform(-0.25, -0.15)
        legs.append(Limb((rng.uniform(0.02, 0.12), 0.01, bent), (0.9, -0.4, 0.3)))
    head = (rng.uniform(-0.5, 0.0), 0.0, rng.choice((-1, 1)) * rng.uniform(0.1, 0.9))
    root = facing(unit(d + rng.uniform(-0.05, 0.05) * UP), -UP)
    return pose(body, root, [0, 0, 0.07], (arms[0], arms[1]), (legs[0], legs[1]), (0, 0, 0), head)


def _forearm_support(body: Body, rng: Rng) -> Pose:
    """The back arched until the elbows reach the floor below the shoulders; forearms flat."""
    d = postures.direction(rng.uniform(-np.pi, np.pi))
    side = np.cross(UP, d)
    root = facing(unit(d + rng.uniform(0.02, 0.12) * UP), -UP)
    upper, fore = _lengths(body)
    wanted = 0.026 + upper * rng.uniform(0.92, 1.0)
    legs = [
        Limb((rng.uniform(0.03, 0.09), rng.uniform(0.0, 0.03), -0.24), (0.5, -1, 0))
        for _ in range(2)
    ]
    ahead, out = rng.uniform(-0.02, 0.03), rng.uniform(-0.02, 0.02)
    look = (-0.5, 0.0, rng.normal(0, 0.3))
    shoulders = [(f"upperarm01.{s}", body.bone_number[f"upperarm01.{s}"]) for s in "LR"]

    def arched(z: float, bend: float, arms: tuple[Limb, Limb]) -> tuple[Pose, list[Array]]:
        made = pose(body, root, [0, 0, z], arms, (legs[0], legs[1]), (-bend, 0, 0), look)
        at = made.transforms(body)
        return made, [at[k, :, :3] @ body.head(name) + at[k, :, 3] for name, k in shoulders]

    def at_height(z: float) -> Pose:
        low, high, idle = 0.0, 1.6, (Limb(d, UP), Limb(d, UP))
        for _ in range(6):
            bend = (low + high) / 2
            places = arched(z, bend, idle)[1]
            low, high = (bend, high) if places[0][2] < wanted else (low, bend)
        arms = []
        for place, s in zip(places, (1, -1), strict=True):
            wrist = place * [1, 1, 0] + (fore + ahead) * d + s * out * side + 0.026 * UP
            pole = -0.3 * d + 0.1 * s * side - UP
            arms.append(Limb(wrist, pole, True, (d - 0.2 * s * side, -UP), 0.3))
        return arched(z, bend, (arms[0], arms[1]))[0]

    return postures.resting(body, at_height, 0.075, ("thigh", "shin"))


def _lengths(body: Body) -> tuple[float, float]:
    """Of the upper arm and the forearm, metres."""
    names = ("upperarm01.L", "lowerarm01.L", "wrist.L")
    places = [body.head(name) for name in names]
    first, second = (float(np.linalg.norm(b - a)) for a, b in pairwise(places))
    return first, second


def _crawling(body: Body, rng: Rng) -> Pose:
    """On hands and knees mid-stride, or on the belly with an arm and the opposite leg drawn up."""
    angle = rng.uniform(-np.pi, np.pi)
    if rng.random() < 0.5:
        cycle = rng.choice((0.0, 0.5)) + rng.uniform(-0.06, 0.08)
        stride = rng.uniform(0.13, 0.19)
        return postures.crawl(body, (0, 0), angle, cycle, rng.normal(0, 0.3), stride)
    d = postures.direction(angle)
    root = facing(unit(d + rng.uniform(0.05, 0.3) * UP), -UP)
    before = Limb((rng.uniform(0.0, 0.08), -0.05, rng.uniform(0.10, 0.16)), (0.9, 0.2, -0.3))
    behind = Limb((rng.uniform(0.03, 0.10), -0.06, rng.uniform(-0.12, -0.04)), (0.9, 0.4, -0.1))
    drawn = Limb((rng.uniform(0.10, 0.15), -0.01, rng.uniform(-0.13, -0.08)), (1.0, -0.1, 0.6))
    straight = Limb((rng.uniform(0.02, 0.07), 0.02, -0.24), (0.5, -1, 0))
    arms, legs = (before, behind), (straight, drawn)
    if rng.random() < 0.5:
        arms, legs = arms[::-1], legs[::-1]
    look = (-0.5, 0.0, rng.normal(0, 0.3))
    return pose(body, root, [0, 0, 0.08], arms, legs, (-0.25, 0, 0), look)


def _four_point_kneeling(body: Body, rng: Rng) -> Pose:
    angle = rng.uniform(-np.pi, np.pi)
    cycle = rng.choice((0.0, 0.5)) + rng.uniform(0.0, 0.14)
    return postures.crawl(body, (0, 0), angle, cycle, rng.normal(0, 0.3), rng.uniform(0, 0.03))


def _hands_to_legs(body: Body, rng: Rng) -> Pose:
    """On the back with the legs drawn up, each hand at a knee or an ankle of its side."""
    d = postures.direction(rng.uniform(-np.pi, np.pi))
    root = facing(d, UP) @ turn((0, 0, rng.normal(0, 0.12)))
    at, spine, look = [0, 0, 0.07], (rng.uniform(0.2, 0.5), 0, 0), gaze(rng)
    out = rng.uniform(0.02, 0.10)
    leg = Limb(
        (out, rng.uniform(-0.20, -0.12), rng.uniform(-0.04, 0.07)),
        (rng.uniform(0.2, 0.8), -0.5, 0.8),
    )
    idle = (free_arm(rng), free_arm(rng))
    there = pose(body, root, at, idle, (leg, leg), spine, look).transforms(body)
    bone = rng.choice(("lowerleg01", "foot"))
    arms = []
    for side in "LR":
        k = body.bone_number[f"{bone}.{side}"]
        hold = there[k, :, :3] @ body.heads[k] + there[k, :, 3]
        outward = root @ np.array([0.6 if side == "L" else -0.6, 0.1, -0.5])
        arms.append(Limb(hold + rng.normal(0, 0.012, 3), outward, True, curl=0.8))
    return pose(body, root, at, (arms[0], arms[1]), (leg, leg), spine, look)


def _seated(
    body: Body, rng: Rng, lean: float, bend: float, hands: Callable[[Array], tuple[Limb, Limb]]
) -> Pose:
    """On the floor. lean: of the pelvis to the back; bend: of the spine, radians.

    hands: arms for the place and direction of the front of the body.
    """
    d = postures.direction(rng.uniform(-np.pi, np.pi))
    side = np.cross(UP, d)
    root = facing(unit(UP - lean * d + rng.normal(0, 0.05) * side), d)
    reach, width = rng.uniform(0.16, 0.25, 2), rng.uniform(0.03, 0.15, 2)
    knees = rng.uniform((0.2, 0.2), (1.0, 0.8), (2, 2))
    twist = (bend, rng.normal(0, 0.06), rng.normal(0, 0.1))
    look, arms = gaze(rng), hands(d)

    def at_height(z: float) -> Pose:
        legs = []
        for k, s in enumerate((1, -1)):
            out = s * side
            ankle = d * reach[k] + out * width[k] + 0.032 * UP
            knee = knees[k, 0] * out + knees[k, 1] * UP
            legs.append(Limb(ankle, knee, True, (d + 0.3 * out + 0.8 * UP, d - 0.6 * UP)))
        return pose(body, root, [0, 0, z], arms, (legs[0], legs[1]), twist, look)

    return postures.resting(body, at_height, 0.07, ("torso", "thigh"))


def _sitting_with_support(body: Body, rng: Rng) -> Pose:
    arms = (free_arm(rng), free_arm(rng))
    return _seated(body, rng, rng.uniform(0.5, 1.1), rng.uniform(0.0, 0.2), lambda d: arms)


def _sitting_with_arm_support(body: Body, rng: Rng) -> Pose:
    """Hands on the floor before or beside the body, in some cases only one."""
    ahead, apart = rng.uniform(0.06, 0.17), rng.uniform(0.03, 0.15)
    free = int(rng.integers(2)) if rng.random() < 0.3 else None

    def hands(d: Array) -> tuple[Limb, Limb]:
        side = np.cross(UP, d)
        arms = []
        for k, s in enumerate((1, -1)):
            place = ahead * d + s * apart * side + 0.02 * UP
            floor = Limb(place, -0.5 * d + 0.9 * s * side, True, (d + 0.3 * s * side, -UP), 0.1)
            arms.append(free_arm(rng) if k == free else floor)
        return arms[0], arms[1]

    return _seated(body, rng, rng.uniform(-0.55, 0.0), rng.uniform(0.2, 0.8), hands)


def _four_point_standing(body: Body, rng: Rng) -> Pose:
    """On hands and feet with the knees off the floor."""
    d = postures.direction(rng.uniform(-np.pi, np.pi))
    side = np.cross(UP, d)
    leg = float(body.head("upperleg01.L")[2] - body.head("foot.L")[2])
    hip = 0.03 + leg * rng.uniform(0.75, 0.93)
    trunk = float(body.head("upperarm01.L")[2] - body.head("upperleg01.L")[2])
    arm = sum(_lengths(body))
    sink = np.clip((arm * 0.9 + 0.03 - hip) / trunk, -0.8, 0.5)
    up = d * np.sqrt(1 - sink**2) + UP * sink
    at = np.array([0.0, 0.0, hip])
    hands = at * [1, 1, 0] + d * (trunk * np.sqrt(1 - sink**2) + rng.uniform(0.0, 0.05))
    back, wide = rng.uniform(-0.02, 0.06), rng.uniform(0.05, 0.10)
    arms, legs = [], []
    for s in (1, -1):
        hand = hands + s * rng.uniform(0.05, 0.10) * side + 0.026 * UP
        forward = (d + 0.2 * s * side, -UP)
        arms.append(Limb(hand, -0.5 * d + 0.9 * s * side + 0.2 * UP, True, forward, 0.1))
        foot = d * (back + rng.normal(0, 0.02)) + s * wide * side + 0.03 * UP
        legs.append(Limb(foot, d + 0.3 * s * side, True, (d + 0.2 * s * side, -UP)))
    look = (-0.5, 0, rng.normal(0, 0.3))
    return pose(body, facing(up, -UP), at, (arms[0], arms[1]), (legs[0], legs[1]), (0, 0, 0), look)


_WAYS = {
    "prone_lying": _Way(_prone_lying, ("torso", "thigh"), 0.12, 0.2),
    "forearm_support": _Way(_forearm_support, ("torso", "thigh", "shin", "forearm"), 0.04, 0.06),
    "reciprocal_crawling": _Way(_crawling, ("torso", "thigh", "shin"), 0.10, 0.06),
    "four_point_kneeling": _Way(_four_point_kneeling, ("shin",), 0.08, 0.06),
    "supine_lying": _Way(lying_on_back, ("torso",), 0.30, 0.40),
    "hands_to_knees_or_feet": _Way(_hands_to_legs, ("torso",), 0.08, 0.08),
    "rolling": _Way(lying_on_side, ("torso", "thigh"), 0.30, 0.20),
    "sitting_with_support": _Way(_sitting_with_support, ("torso", "thigh"), 0.25, 0.18),
    "sitting_with_arm_support": _Way(_sitting_with_arm_support, ("torso", "thigh"), 0.06, 0.18),
    "sitting_without_support": _Way(sitting_free, ("torso", "thigh"), 0.25, 0.18),
    "four_point_standing": _Way(_four_point_standing, ("foot",), 0.06, 0.06),
    "standing": _Way(standing_up, ("foot",), 0.25, 0.08),
}


def _cushion(body: Body, bare: Array, rng: Rng) -> tuple[Mesh, ...]:
    """A firm cushion that the back leans on. bare: (V, 3) the posed body."""
    back = bare[body.part_weights[:, PARTS.index("torso")] > 0.7]
    joints = body.coco @ bare
    along = unit(joints[[5, 6]].mean(axis=0) - joints[[11, 12]].mean(axis=0))
    across = (joints[5] - joints[6]) + (joints[11] - joints[12])
    front = unit(np.cross(across, along))
    yaw = float(np.arctan2(front[1], front[0])) + np.pi / 2
    tilt = -float(np.arcsin(np.clip(front[2], -0.95, 0.95)))
    normal = turn((0, 0, yaw)) @ turn((tilt, 0, 0)) @ np.array([0.0, -1.0, 0.0])
    size = np.array([rng.uniform(0.25, 0.6), rng.uniform(0.08, 0.2), rng.uniform(0.32, 0.45)])
    middle = back.mean(axis=0)
    behind = float((back @ normal).min()) + 0.008
    centre = middle + (behind - float(middle @ normal) - size[1] / 2) * normal
    cloth = plain(colour(rng, (0.1, 0.8), (0.2, 0.95)))
    at = centre - np.array([0.0, 0.0, size[2] / 2])
    return (props.rounded_box(size, at, cloth, yaw, 0.04, (tilt, 0.0, 0.0)),)
