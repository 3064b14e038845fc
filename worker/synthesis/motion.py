"""Poses from limb targets, key-framed and interpolated on the rotation group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from worker.synthesis.body import Body

Array = NDArray[np.float64]
Vector = Sequence[float] | Array
SPINE = ("spine05", "spine04", "spine03", "spine02", "spine01")
NECK = ("neck01", "neck02", "head")


def unit(v: Vector) -> Array:
    """Scale to length one."""
    a = np.asarray(v, float)
    return np.asarray(a / max(float(np.linalg.norm(a)), 1e-12))


def cross(a: Vector, b: Vector) -> Array:
    """Cross product of two (3,) vectors; numpy's own takes many times as long for one pair."""
    x, y, z = (float(v) for v in a)
    u, v, w = (float(v) for v in b)
    return np.array([y * w - z * v, z * u - x * w, x * v - y * u])


def turn(vector: Vector) -> Array:
    """Rotation vector (radians) to a (3, 3) matrix (Rodrigues)."""
    v = np.asarray(vector, float)
    angle = float(np.linalg.norm(v))
    if angle < 1e-9:
        return np.eye(3)
    x, y, z = v / angle
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * k @ k)


def facing(up: Sequence[float] | Array, front: Vector) -> Array:
    """Root rotation that points the body's long axis along ``up`` and its belly to ``front``."""
    z = unit(up)
    y = -np.asarray(front, float)
    y = unit(y - z * (y @ z))
    return np.stack([cross(y, z), y, z], axis=1)


def quaternion(R: Array) -> Array:
    """(3, 3) to (4,) w, x, y, z, of which the first that is not 0 is positive."""
    m = np.array(
        [
            [R[0, 0] - R[1, 1] - R[2, 2], 0, 0, 0],
            [R[0, 1] + R[1, 0], R[1, 1] - R[0, 0] - R[2, 2], 0, 0],
            [R[0, 2] + R[2, 0], R[1, 2] + R[2, 1], R[2, 2] - R[0, 0] - R[1, 1], 0],
            [R[2, 1] - R[1, 2], R[0, 2] - R[2, 0], R[1, 0] - R[0, 1], R[0, 0] + R[1, 1] + R[2, 2]],
        ]
    )
    _, vectors = np.linalg.eigh(m / 3)
    x, y, z, w = vectors[:, -1]
    q = np.array([w, x, y, z])
    # Libraries for linear algebra differ in the sign of an eigenvector.
    return q * np.sign(q[np.flatnonzero(np.abs(q) > 1e-9)[0]])


def matrix(q: Array) -> Array:
    """(4,) w, x, y, z to (3, 3)."""
    w, x, y, z = unit(q)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def slerp(a: Array, b: Array, t: float) -> Array:
    """Spherical interpolation between unit quaternions, the short way round."""
    if a @ b < 0:
        b = -b
    angle = np.arccos(np.clip(a @ b, -1, 1))
    if angle < 1e-6:
        return a
    return np.asarray((np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle))


@dataclass(frozen=True)
class Limb:
    """Where a hand or foot goes.

    target: (3,) metres; pole: where the elbow or knee points. Both are in the frame of the chest
    (arms) or pelvis (legs), from the shoulder or hip, mirrored in x for the right side so that
    +x is always outward; or in the world when ``world``. ends: (direction of fingers or toes,
    direction of palm or sole) in the same frame, or None for relaxed.
    """

    target: Vector
    pole: Vector
    world: bool = False
    ends: tuple[Vector, Vector] | None = None
    curl: float = 0.35


@dataclass(frozen=True)
class Pose:
    """Root rotation and place, and a quaternion (4,) per turned bone."""

    root: Array
    at: Array
    bones: dict[str, Array] = field(default_factory=dict)

    def transforms(self, body: Body) -> Array:
        """(B, 3, 4) bone transforms."""
        rotations = {name: matrix(q) for name, q in self.bones.items()}
        return body.bone_transforms(rotations, matrix(self.root), self.at)


def pose(
    body: Body,
    root: Array,
    at: Sequence[float] | Array,
    arms: tuple[Limb, Limb],
    legs: tuple[Limb, Limb],
    spine: Vector = (0, 0, 0),
    head: Vector = (0, 0, 0),
) -> Pose:
    """Solve a pose. arms, legs: (left, right). spine, head: rotation vectors in the rest frame:
    +x bends forward, +y tilts to the left, +z turns to the left.
    """
    R: dict[str, Array] = {}
    for chain, whole in ((SPINE, spine), (NECK, head)):
        there = [name for name in chain if name in body.bone_number]
        for name in there:
            R[name] = turn(np.asarray(whole, float) / len(there))
    at = np.asarray(at, float)
    trunk = body.bone_transforms(R, root, at)
    for side, arm, leg in zip("LR", arms, legs, strict=True):
        _limb(body, R, trunk, side, arm, ("shoulder01", "upperarm01", "lowerarm01", "wrist"))
        _limb(body, R, trunk, side, leg, ("pelvis", "upperleg01", "lowerleg01", "foot"))
        _curl(body, R, side, arm.curl)
    return Pose(quaternion(root), at, {name: quaternion(m) for name, m in R.items()})


def _hand_axes(body: Body, side: str) -> tuple[Array, Array]:
    """Directions of fingers and palm at rest."""
    wrist = body.head(f"wrist.{side}")
    fingers = unit(body.head(f"finger3-1.{side}") - wrist)
    across = body.head(f"finger2-1.{side}") - body.head(f"finger5-1.{side}")
    palm = unit(cross(across, fingers)) * (1 if side == "L" else -1)
    thumb = body.head(f"finger1-3.{side}") - wrist
    if palm @ thumb < 0:
        palm = -palm
    return fingers, palm


def _limb(
    body: Body, R: dict[str, Array], trunk: Array, side: str, limb: Limb, names: Sequence[str]
) -> None:
    base, upper, lower, end = (f"{n}.{side}" for n in names)
    number = body.bone_number
    base = base if base in number else "root"
    mirror = np.array([1.0 if side == "L" else -1.0, 1, 1])
    parent = trunk[number[base], :, :3]
    origin = parent @ body.head(upper) + trunk[number[base], :, 3]
    frame = np.eye(3) if limb.world else parent
    flip = np.ones(3) if limb.world else mirror
    target = frame @ (np.asarray(limb.target) * flip)
    to = target - origin if limb.world else target
    pole = frame @ (np.asarray(limb.pole) * flip)
    a0, b0 = body.head(lower) - body.head(upper), body.head(end) - body.head(lower)
    a, b = np.linalg.norm(a0), np.linalg.norm(b0)
    reach = np.clip(np.linalg.norm(to), abs(a - b) * 1.05 + 0.35 * min(a, b), (a + b) * 0.995)
    direction = unit(to)
    perpendicular = unit(pole - direction * (pole @ direction))
    cosine = np.clip((a * a + reach * reach - b * b) / (2 * a * reach), -1, 1)
    u = direction * cosine + perpendicular * np.sqrt(1 - cosine * cosine)
    below = unit(direction * reach - a * u)
    hinge = unit(cross(direction, -perpendicular))
    if "leg" in upper:
        rest_hinge = unit(np.array([1.0, 0, 0]) - unit(a0) * unit(a0)[0])
    else:
        rest_hinge = cross(a0, b0)
        if np.linalg.norm(rest_hinge) < 0.15 * a * b:
            # An arm that is straight at rest: the elbow bends the forearm to the front.
            rest_hinge = cross(a0, [0.0, -1.0, 0.0])
        rest_hinge = unit(rest_hinge)
    G_upper = _frame(u, hinge) @ _frame(a0, rest_hinge).T
    G_lower = _frame(below, hinge) @ _frame(b0, rest_hinge).T
    R[upper] = parent.T @ G_upper
    if limb.ends is None:
        R[lower] = G_upper.T @ G_lower
        R[end] = turn([0.35, 0, 0]) if "foot" in end else np.eye(3)
        return
    first, second = (frame @ (np.asarray(v, float) * flip) for v in limb.ends)
    if "foot" in end:
        toes0 = body.head(f"toe3-1.{side}") - body.head(end)
        axes0 = (unit(toes0 * [1, 1, 0]), np.array([0.0, 0, -1]))
    else:
        axes0 = _hand_axes(body, side)
    G_end = _frame(first, second) @ _frame(*axes0).T
    # Half of the twist goes into the forearm, as in a real arm; all of it in the wrist would wring.
    half = G_upper.T @ G_lower
    local = G_lower.T @ G_end
    if "wrist" in end:
        q = quaternion(local)
        axis = unit(b0)
        twist = 2 * np.arctan2(q[1:] @ axis, q[0])
        twist = (twist + np.pi) % (2 * np.pi) - np.pi
        first_half = turn(axis * twist * 0.6)
        if f"lowerarm02.{side}" in number:
            R[f"lowerarm02.{side}"] = first_half
        else:
            half = half @ first_half
        local = first_half.T @ local
    R[lower] = half
    R[end] = local


def _frame(first: Array, second: Array) -> Array:
    x = unit(first)
    y = unit(np.asarray(second, float) - x * (np.asarray(second, float) @ x))
    return np.stack([x, y, cross(x, y)], axis=1)


def _curl(body: Body, R: dict[str, Array], side: str, angle: float) -> None:
    fingers, palm = _hand_axes(body, side)
    axis = cross(fingers, palm)
    for finger in (2, 3, 4, 5):
        for joint in (1, 2, 3):
            if f"finger{finger}-{joint}.{side}" not in body.bone_number:
                continue
            R[f"finger{finger}-{joint}.{side}"] = turn(unit(axis) * angle)


def blend(a: Pose, b: Pose, t: float) -> Pose:
    """Pose between two others, t in 0..1."""
    still = np.array([1.0, 0, 0, 0])
    names = set(a.bones) | set(b.bones)
    bones = {n: slerp(a.bones.get(n, still), b.bones.get(n, still), t) for n in sorted(names)}
    return Pose(slerp(a.root, b.root, t), a.at + (b.at - a.at) * t, bones)


def sample(keys: Sequence[tuple[float, Pose]], fps: float, seconds: float) -> list[Pose]:
    """Interpolate key poses at a frame rate, easing in and out between far keys."""
    times = [t for t, _ in keys]
    out = []
    for k in range(round(seconds * fps)):
        t = k / fps
        i = int(np.clip(np.searchsorted(times, t, side="right") - 1, 0, len(keys) - 2))
        span = times[i + 1] - times[i]
        x = float(np.clip((t - times[i]) / span, 0, 1))
        if span > 0.35:
            x = 0.4 * x + 0.6 * x * x * (3 - 2 * x)
        out.append(blend(keys[i][1], keys[i + 1][1], x))
    return out


def smoothed(poses: Sequence[Pose], sigma: float = 0.8) -> list[Pose]:
    """Gaussian smoothing over time, sigma in frames."""
    radius = int(np.ceil(3 * sigma))
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / max(sigma, 1e-6)) ** 2)
    n = len(poses)

    def mean(k: int, get: Callable[[Pose], Array]) -> Array:
        centre = get(poses[k])
        total = np.zeros_like(centre)
        for w, d in zip(weights, range(-radius, radius + 1), strict=True):
            value = get(poses[min(max(k + d, 0), n - 1)])
            total += w * (value if centre.shape != (4,) or value @ centre >= 0 else -value)
        return total

    out = []
    for k in range(n):
        at = mean(k, lambda p: p.at) / weights.sum()
        bones = {name: unit(mean(k, lambda p, b=name: p.bones[b])) for name in poses[k].bones}  # type: ignore[misc]
        out.append(Pose(unit(mean(k, lambda p: p.root)), at, bones))
    return out


def complete(poses: Sequence[Pose]) -> list[Pose]:
    """Give every pose the same bones."""
    names = sorted({n for p in poses for n in p.bones})
    still = np.array([1.0, 0, 0, 0])
    return [replace(p, bones={n: p.bones.get(n, still) for n in names}) for p in poses]


def grounded(
    poses: Sequence[Pose], body: Body, surface: Array, sink: float = 0.006, sigma: float = 0.7
) -> list[Pose]:
    """Shift each pose up or down so that its lowest point sinks ``sink`` metres into the mat."""
    lift = []
    for p in poses:
        (posed,) = body.skin(p.transforms(body), surface)
        lift.append(-sink - posed[:, 2].min())
    radius = int(np.ceil(3 * sigma))
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    padded = np.pad(np.asarray(lift), radius, mode="edge")
    smooth = np.convolve(padded, weights / weights.sum(), mode="valid")
    return [replace(p, at=p.at + np.array([0, 0, dz])) for p, dz in zip(poses, smooth, strict=True)]
