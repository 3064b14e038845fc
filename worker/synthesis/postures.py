"""Key poses of infants (AIMS postures) and of a carer, solved for a body on a floor at z = 0."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from worker.synthesis.body import PARTS, Body
from worker.synthesis.motion import Limb, Pose, Vector, facing, pose, turn, unit

Array = NDArray[np.float64]
UP = np.array([0.0, 0.0, 1.0])


def direction(angle: float) -> Array:
    """Horizontal unit vector, angle in radians from +x."""
    return np.array([np.cos(angle), np.sin(angle), 0.0])


def _settled(
    body: Body, make: Callable[[Array], Pose], d: Array, upper: Sequence[str], lower: Sequence[str]
) -> Pose:
    """Tilt a lying pose until two parts of the body touch the floor at the same height.

    make: pose for a direction of the long axis. d: horizontal direction of the head.
    """
    share = body.part_weights
    ends = [share[:, [PARTS.index(p) for p in names]].sum(axis=1) > 0.7 for names in (upper, lower)]
    tilt = 0.0
    for _ in range(4):
        result = make(unit(d + tilt * UP))
        (points,) = body.skin(result.transforms(body), body.vertices)
        low, high = (points[e][np.argmin(points[e, 2])] for e in reversed(ends))
        tilt -= (high[2] - low[2]) / max(float((high - low) @ d), 0.1)
    return result


def resting(body: Body, make: Callable[[float], Pose], height: float, parts: Sequence[str]) -> Pose:
    """Choose the root's height so that the given parts touch the floor; hands are solved after.

    make: pose for a root height in metres. height: first guess.
    """
    names = [PARTS.index(p) for p in PARTS if p.split(".")[0] in parts]
    chosen = body.part_weights[:, names].sum(axis=1) > 0.7
    for _ in range(2):
        (points,) = body.skin(make(height).transforms(body), body.vertices)
        height -= float(points[chosen, 2].min()) - 0.004
    return make(height)


def supine(
    body: Body, centre: Sequence[float], angle: float, phase: float, look: float = 0.0
) -> Pose:
    """On the back, arms and legs in the air; phase in radians drives the kicking."""
    d = direction(angle)
    a, b = np.sin(phase), np.sin(phase + 2.3)
    c, e = np.sin(0.7 * phase + 1.0), np.sin(0.8 * phase + 3.0)
    legs = (
        Limb((0.055 + 0.01 * a, -0.15 + 0.05 * a, -0.10 - 0.07 * a), (0.5, -0.8, 0.5)),
        Limb((0.055 - 0.01 * b, -0.15 + 0.05 * b, -0.10 - 0.07 * b), (0.5, -0.8, 0.5)),
    )
    arms = (
        Limb((0.10 - 0.05 * c, -0.075 - 0.05 * c, 0.055 - 0.02 * c), (0.9, -0.1, -0.5), curl=0.55),
        Limb((0.10 - 0.05 * e, -0.075 - 0.05 * e, 0.035 + 0.02 * e), (0.9, -0.1, -0.5), curl=0.55),
    )
    at = np.array([*centre, 0.0]) - d * 0.06
    head = (0.12 + 0.04 * a, 0.0, look)
    return _settled(
        body,
        lambda up: pose(
            body,
            facing(up, UP - d * up[2]),
            [at[0], at[1], 0.07],
            arms,
            legs,
            (0.03, 0.03 * a, 0.05 * c),
            head,
        ),
        d,
        ("head",),
        ("torso",),
    )


def side_lying(body: Body, centre: Sequence[float], angle: float, toward: float) -> Pose:
    """On one side, the upper arm and leg reaching across; toward: angle that the belly faces."""
    d, front = direction(angle), direction(toward)
    left_is_up = np.cross(-front, d) @ UP > 0
    upper_arm = Limb((-0.02, -0.14, 0.01), (0.5, -0.4, -0.6))
    lower_arm = Limb((0.02, -0.10, 0.08), (0.2, -0.8, 0.3))
    upper_leg = Limb((-0.02, -0.15, -0.11), (0.2, -1, 0.3))
    lower_leg = Limb((0.02, -0.06, -0.20), (0.2, -1, 0.0))
    arms = (upper_arm, lower_arm) if left_is_up else (lower_arm, upper_arm)
    legs = (upper_leg, lower_leg) if left_is_up else (lower_leg, upper_leg)
    root = facing(d, unit(front - 0.15 * UP))
    return pose(body, root, [centre[0], centre[1], 0.09], arms, legs, (-0.15, 0, 0), (-0.25, 0, 0))


def prone(
    body: Body, centre: Sequence[float], angle: float, look: float = 0.0, rise: float = 1.0
) -> Pose:
    """On the belly, propped on the forearms, head up; rise 0 has the chest on the floor."""
    d = direction(angle)
    side = np.cross(UP, d)
    tilt = unit(d + 0.20 * rise * UP)
    root = facing(tilt, -UP)
    legs = (
        Limb((0.06, 0.035 * rise - 0.005, -0.24), (0.5, -1, 0)),
        Limb((0.05, 0.03 * rise - 0.005, -0.245), (0.5, -1, 0)),
    )

    def at_height(z: float) -> Pose:
        at = np.array([centre[0], centre[1], z])
        elbows = at + 0.235 * d
        arms = [
            Limb(
                tuple(elbows * [1, 1, 0] + 0.10 * d + s * 0.07 * side + [0, 0, 0.024]),
                tuple(-0.3 * d + s * 0.5 * side - UP),
                True,
                (tuple(d - 0.1 * s * side), (0, 0, -1)),
                0.2,
            )
            for s in (1, -1)
        ]
        return pose(
            body,
            root,
            at,
            (arms[0], arms[1]),
            legs,
            (-0.55 * rise, 0, 0),
            (-0.35 - 0.4 * rise, 0, look),
        )

    return resting(body, at_height, 0.075, ("torso", "thigh", "shin", "foot"))


def crawl(
    body: Body,
    place: Sequence[float],
    angle: float,
    cycle: float,
    look: float = 0.0,
    stride: float = 0.13,
) -> Pose:
    """On hands and knees; cycle counts strides (1.0 = both sides once)."""
    d = direction(angle)
    side = np.cross(UP, d)
    shoulder = body.head("upperarm01.L") - body.head("root")
    arm = sum(
        float(np.linalg.norm(body.head(b) - body.head(a)))
        for a, b in (("upperarm01.L", "lowerarm01.L"), ("lowerarm01.L", "wrist.L"))
    )
    thigh = float(np.linalg.norm(body.head("lowerleg01.L") - body.head("upperleg01.L")))
    hip_height, shoulder_height = thigh * 0.97 + 0.035, arm * 0.95 + 0.03
    pitch = np.arcsin(np.clip((shoulder_height - hip_height) / shoulder[2], -0.6, 0.6))
    up = d * np.cos(pitch) + UP * np.sin(pitch)
    sway = 0.06 * np.sin(2 * np.pi * cycle)
    root = facing(up, -UP) @ turn([0, sway * 0.6, sway])

    def at_height(z: float) -> Pose:
        at = np.array([place[0], place[1], z])
        front = at + d * shoulder[2] * np.cos(pitch)
        arms, legs = [], []
        for s, half in ((1, 0.0), (-1, 0.5)):
            reach, lift = _gait(cycle + half)
            hand = front + d * (reach * stride + 0.01) + side * s * 0.075
            hand[2] = 0.026 + 0.045 * lift
            arms.append(
                Limb(
                    tuple(hand),
                    tuple(-0.5 * d + s * 0.9 * side + 0.2 * UP),
                    True,
                    (tuple(d + 0.25 * s * side + [0, 0, -0.1]), (0, 0, -1)),
                    0.1,
                )
            )
            reach, lift = _gait(cycle + half + 0.5)
            ankle = at + d * (reach * stride * 0.9 - 0.115) + side * s * 0.07
            ankle[2] = 0.028 + 0.02 * lift
            legs.append(
                Limb(
                    tuple(ankle),
                    tuple(0.8 * d - UP * 0.9 + s * 0.1 * side),
                    True,
                    (tuple(-d - 0.25 * UP), tuple(UP - 0.2 * d)),
                )
            )
        return pose(
            body, root, at, (arms[0], arms[1]), (legs[0], legs[1]), (-0.12, 0, 0), (-0.80, 0, look)
        )

    return resting(body, at_height, hip_height, ("thigh", "shin", "foot"))


def _gait(cycle: float) -> tuple[float, float]:
    """Fore-and-aft place (−.5 … .5 of a stride) and lift (0..1) in a cycle, 65 % on the ground."""
    t = cycle % 1.0
    if t < 0.65:
        return 0.5 - t / 0.65, 0.0
    x = (t - 0.65) / 0.35
    return -0.5 + x * x * (3 - 2 * x), float(np.sin(np.pi * x))


def sitting(
    body: Body,
    place: Sequence[float],
    angle: float,
    left: Vector,
    right: Vector,
    lean: float = 0.1,
    look: Vector = (0.1, 0, 0),
) -> Pose:
    """Ring sitting. left, right: wrist targets in the chest frame from the shoulder."""
    d = direction(angle)
    side = np.cross(UP, d)
    root = facing(unit(UP - 0.16 * d), d)
    arms = (
        Limb(left, (0.7, 0.5, -0.6), curl=0.5),
        Limb(right, (0.7, 0.5, -0.6), curl=0.5),
    )

    def at_height(z: float) -> Pose:
        at = np.array([place[0], place[1], z])
        legs = []
        for s, reach in ((1, 0.178), (-1, 0.19)):
            ankle = at + d * reach + side * s * 0.105
            ankle[2] = 0.034
            out = s * side
            toes, sole = d - 0.2 * out + 0.30 * UP, 0.6 * d - 0.4 * out - 0.6 * UP
            legs.append(Limb(ankle, out - 0.1 * d + 0.28 * UP, True, (toes, sole)))
        return pose(body, root, at, arms, (legs[0], legs[1]), (lean + 0.2, 0, 0), look)

    return resting(body, at_height, 0.07, ("torso", "thigh"))


def standing(
    body: Body, place: Sequence[float], angle: float, step: float, height: float = 1.0
) -> Pose:
    """An adult upright, mid-stride; step −1..1 is the left foot's lead, height 1 stands tall."""
    d = direction(angle)
    side = np.cross(UP, d)
    hip = float(body.head("upperleg01.L")[2] - body.vertices[:, 2].min())
    at = np.array([place[0], place[1], hip * (0.97 * height) - 0.02 * abs(step)])
    legs = []
    for s in (1, -1):
        lead = s * step
        foot = at + side * s * 0.10 + d * 0.28 * lead
        foot[2] = 0.085 + 0.03 * max(0.0, -lead)
        legs.append(
            Limb(
                tuple(foot),
                tuple(d + 0.15 * s * side),
                True,
                (tuple(d + 0.1 * s * side), (0, 0, -1)),
            )
        )
    arms = (
        Limb((0.10, -0.10 + 0.12 * step, -0.48), (0.3, 0.8, 0)),
        Limb((0.10, -0.10 - 0.12 * step, -0.48), (0.3, 0.8, 0)),
    )
    root = facing(unit(UP + 0.06 * d), d)
    return pose(body, root, at, arms, (legs[0], legs[1]), (0.05, 0, 0.1 * step), (0.25, 0, 0))


def kneeling(
    body: Body,
    place: Sequence[float],
    angle: float,
    hands: tuple[Sequence[float], Sequence[float]],
    lean: float = 0.25,
    look: Sequence[float] = (0.3, 0, 0),
) -> Pose:
    """An adult sitting on the heels; hands: wrist targets (left, right) in the world."""
    d = direction(angle)
    side = np.cross(UP, d)
    root = facing(unit(UP + 0.12 * d), d)

    def at_height(z: float) -> Pose:
        at = np.array([place[0], place[1], z])
        legs = []
        for s in (1, -1):
            ankle = at + side * s * 0.11 - d * 0.02
            ankle[2] = 0.085
            legs.append(
                Limb(
                    tuple(ankle),
                    tuple(d + 0.12 * s * side + [0, 0, -0.35]),
                    True,
                    (tuple(-d + [0, 0, -0.12]), tuple(UP - 0.1 * d)),
                )
            )
        arms = [
            Limb(tuple(h), tuple(s * 0.7 * side - 0.5 * d - 0.7 * UP), True)
            for s, h in zip((1, -1), hands, strict=True)
        ]
        return pose(body, root, at, (arms[0], arms[1]), (legs[0], legs[1]), (lean, 0, 0), look)

    return resting(body, at_height, 0.27, ("thigh", "shin", "foot"))
