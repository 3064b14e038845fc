"""Cameras that are a little off: by how much all in a view lies beside where the others expect it.

A camera that was touched after its calibration, or whose lens is known by a few pixels only, shows
every joint beside the point on which all views agree best, by much the same way. A pre-label's own
errors differ from joint to joint; what all joints of a camera have in common, over a whole session,
is the camera. So one shift of each camera's principal point is found together with the joints, by
least squares with a redescending loss in which the joints are eliminated (the reduced camera system
of bundle adjustment; Triggs et al. 2000). How sure it is is told by leaving out one joint at a time
(the jackknife; Quenouille 1956), since a joint's errors last: a shift that may be chance is none.
What moves all views alike moves the joints and is no shift: how unsure that is does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from backend.domain.cameras import Camera
from backend.domain.skeleton import N_JOINTS
from backend.domain.trajectories.evidence import Array, Flags, Ints, found_at
from backend.domain.trajectories.noise import units
from backend.domain.trajectories.views import View, project

_WIDE: Final = (8.0, 4.0, 2.0, 1.0, 1.0, 1.0)
"""OKS spreads at which a residual counts a quarter, round by round: shifts may be large."""

_SAID: Final = 4.0
"""What people said counts as so many marks."""

_SURE: Final = 8.0
"""Shifts that are in no direction so many of their own deviations are taken for chance. With right
cameras the most was 5.4 on sessions for development, but for labels that err by posture: 21."""

_LOOSE: Final = 0.05
"""Share of the greatest strength below which a direction is one in which all views may move."""

_GAUGE: Final = 1e-4
"""Share of the mean weight by which shifts are held at nothing: all views together may move."""

_ENOUGH: Final = 150
"""So many moments are asked, and those in which people spoke: neighbours say the same."""

_LEAST: Final = 50
"""Joints seen by two views or more below which nothing is asked."""


def found(views: Sequence[View], joints: Array) -> Array:
    """Shifts of the principal points.

    Args:
        views: C of them. joints: (M, 17, 3) metres, about where they are.

    Returns:
        (C, 2) pixels to add to what a camera projects; all zero where nothing is sure.
    """
    C = len(views)
    shift = np.zeros((C, 2))
    said = np.stack([found_at(view.confirmed) for view in views])
    at = _asked(said)
    joints, said = joints[at], said[:, at]
    marks, scores, sizes = (
        np.stack([part[at] for part in parts])
        for parts in zip(*((v.marks, v.scores, v.sizes) for v in views), strict=True)
    )
    there = said | found_at(marks)
    there &= there.sum(0) >= 2
    if np.count_nonzero(there.any(0)) < _LEAST:
        return shift
    confirmed = np.stack([view.confirmed[at] for view in views])
    shown = np.where(said[..., None], confirmed, np.nan_to_num(marks))
    unit = units(sizes)
    weight = np.where(there, np.where(said, _SAID, scores) / unit**2, 0.0)
    S, b = np.zeros((N_JOINTS, 2 * C, 2 * C)), np.zeros((N_JOINTS, 2 * C))
    for wide in _WIDE:
        seen = [project(view.camera, joints) for view in views]
        aim = shown - np.stack([s.at for s in seen])
        J = np.stack([np.moveaxis(s.J, (0, 1), (-2, -1)) for s in seen])
        away2 = ((aim - shift[:, None, None]) ** 2).sum(-1) / (wide * unit) ** 2
        w = weight * np.stack([s.ok for s in seen]) / (1 + away2) ** 2
        S, b, point = _reduced(J, aim, w)
        shift = _solved(S.sum(0), b.sum(0)).reshape(C, 2)
        joints = joints + point(shift)
    without = np.stack([_solved(S.sum(0) - S[j], b.sum(0) - b[j]) for j in range(N_JOINTS)])
    return shift if _is_sure(shift.ravel(), without, S.sum(0)) else np.zeros((C, 2))


def _is_sure(shift: Array, without: Array, S: Array) -> bool:
    """Whether shifts are more than chance.

    Views have directions in common in which the joints move with them; next to nothing is known
    along these, and they say nothing against the others. So each principal direction of the normal
    equations is asked by itself, as far as it is told at all.

    Args:
        shift: (2C,). without: (17, 2C) the same, each joint left out. S: (2C, 2C).
    """
    strength, ways = np.linalg.eigh(S)
    along, spread = shift @ ways, (without - without.mean(0)) @ ways
    deviation = np.sqrt((len(without) - 1) * (spread**2).mean(0))
    told = strength >= _LOOSE * strength[-1]
    return bool((np.abs(along) > _SURE * deviation)[told].any())


def _asked(said: Flags) -> Ints:
    """Numbers of the moments that are asked; ``said``: (C, M, 17) where people spoke."""
    count = said.shape[1]
    evenly = np.linspace(0, max(count - 1, 0), min(count, _ENOUGH)).astype(np.int64)
    return np.unique(np.concatenate((evenly, np.flatnonzero(said.any((0, 2))))))


def shifted(camera: Camera, shift: Array) -> Camera:
    """The camera with its principal point moved by (2,) pixels."""
    if not shift.any():
        return camera
    K = camera.K.copy()
    K[:2, 2] += shift
    return replace(camera, K=K)


def _reduced(J: Array, aim: Array, w: Array) -> tuple[Array, Array, Callable[[Array], Array]]:
    """Of each joint its part (17, 2C, 2C) and (17, 2C) of the normal equations of the shifts, and
    by how much joints (M, 17, 3) move with given ones.

    Args:
        J: (C, M, 17, 2, 3). aim: (C, M, 17, 2) from projections to what is seen. w: (C, M, 17).
    """
    C = len(J)
    wJ = w[..., None, None] * J
    N = np.einsum("cmkai,cmkaj->mkij", wJ, J)
    trace = np.trace(N, axis1=-2, axis2=-1)
    inverse = np.linalg.inv(N + (1e-6 * trace + 1e-9)[..., None, None] * np.eye(3))
    pull = np.einsum("cmkai,cmka->mki", wJ, aim)
    WJ = np.moveaxis(wJ, 0, 2).reshape(*w.shape[1:], 2 * C, 3)
    taken = WJ @ inverse
    S = -np.einsum("mkpi,mkqi->kpq", taken, WJ, optimize=True)
    S[:, np.arange(2 * C), np.arange(2 * C)] += np.repeat(w.sum(1).T, 2, axis=1)
    wa = np.moveaxis(w[..., None] * aim, 0, 2).reshape(*w.shape[1:], 2 * C)
    b = wa.sum(0) - np.einsum("mkpi,mki->kp", taken, pull)

    def point(shift: Array) -> Array:
        less = pull - np.einsum("cmkai,ca->mki", wJ, shift)
        return np.asarray(np.einsum("mkij,mkj->mki", inverse, less))

    return S, b, point


def _solved(S: Array, b: Array) -> Array:
    held = _GAUGE * np.trace(S) / len(S)
    return np.asarray(np.linalg.solve(S + held * np.eye(len(S)), b))
