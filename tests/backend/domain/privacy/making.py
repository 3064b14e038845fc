"""Heads of known pose, and people made of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.domain.boxes import Box
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.privacy.heads import HEADS, PersonKind
from backend.domain.privacy.people import FittedHead, Person
from backend.domain.skeleton import JOINTS

Array = NDArray[np.float64]

WIDTH, HEIGHT = 640, 480


def rotation(seed: int) -> Array:
    """A random (3, 3) rotation."""
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return q if np.linalg.det(q) > 0 else -q


def seen(points: Array, turn: Array, length: float, at: tuple[float, float]) -> Array:
    """Points of a head (n, 3), in its lengths, in the image: (n, 2) pixels."""
    turned = points @ turn.T
    return np.array(at) + length * turned[:, :2] * (1, -1)


def surface(kind: PersonKind = PersonKind.INFANT) -> Array:
    """(400, 3) points on a head without margin, in head lengths."""
    head = HEADS[kind][0]
    rays = np.random.default_rng(1).normal(size=(400, 3))
    return head.centre + head.axes * rays / np.linalg.norm(rays, axis=1, keepdims=True)


def skeleton(**places: tuple[float, float]) -> Skeleton:
    """Joints by name; all others are absent."""
    joints = [ABSENT_JOINT] * len(JOINTS)
    for name, (x, y) in places.items():
        joints[JOINTS.index(name)] = Joint(float(x), float(y), Visibility.VISIBLE)
    return Skeleton(tuple(joints))


def face(
    turn: Array,
    length: float = 60,
    at: tuple[float, float] = (320, 240),
    *,
    joints: tuple[int, ...] = (0, 1, 2, 3, 4),
    kind: PersonKind = PersonKind.INFANT,
    box: Box | None = None,
    head: FittedHead | None = None,
    **places: tuple[float, float],
) -> Person:
    """Somebody of whom some joints of the face are placed."""
    points = seen(HEADS[kind][0].joints, turn, length, at)
    names = {JOINTS[k]: (float(points[k, 0]), float(points[k, 1])) for k in joints}
    return Person.labelled(skeleton(**names, **places), kind=kind, box=box, head=head)


FRONT = np.eye(3)
"""A head that looks into the camera."""

PROFILE = np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])
"""A head that looks to the right of the image."""
