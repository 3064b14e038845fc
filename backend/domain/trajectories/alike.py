"""Errors of marks that are alike in all frames and views: what a model has wrong about bodies.

A model that was trained on other bodies puts hips too far out and wrists short of the hand, in each
frame and from each side. Views that err alike look like views that agree, so that nothing but what
people say shows it. Such errors turn with the body: of each joint they are a sum of the body's own
directions in the picture (along the trunk, across it, along the limb), with coefficients that hold
for all frames and cameras of a session. These are learnt by Bayesian linear regression; how large
coefficients are at all is read from the evidence (MacKay 1992), so that marks whose errors are not
alike are left as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.domain.skeleton import JOINTS, MIRROR, N_JOINTS
from backend.domain.trajectories.evidence import Array, CameraEvidence, found_at
from backend.domain.trajectories.sizes import SPREAD, frame_sizes

MOST: Final = 100
"""So many confirmed frames of a camera are asked at most."""

SIZES: Final = (0.0, 0.15, 0.3, 0.6, 1.0, 1.6, 2.5)
"""Deviations of a coefficient that are weighed against each other, in OKS spreads."""

_DOUBTED: Final = np.log((0.5, *((0.5 / (len(SIZES) - 1),) * (len(SIZES) - 1))))
"""Before anybody spoke: half for marks that do not err alike."""

_NOISES: Final = (0.25, 0.4, 0.65, 1.0, 1.6)
"""Deviations of what is not alike, in spreads."""

_GLANCE: Final = 0.3
"""Deviation of what was let stand where it was shown, in spreads."""

_TAILS: Final = 4.0
"""Degrees of freedom of what is not alike: some marks are on something else."""

_TOGETHER: Final = 0.35
"""Joints of a frame and neighbouring frames err together: each counts for so much."""

_FARTHEST: Final = 8.0
"""Spreads beyond which a mark is on something else and says nothing."""

_LEAST: Final = 8
"""Joints from which anything is read."""


@dataclass(frozen=True, eq=False)
class Alike:
    """What is known of errors that are alike.

    Attributes:
        coefficients: (17, 3) in OKS spreads, along the body's directions.
        size: Deviation of a coefficient; 0 where errors are not alike.
    """

    coefficients: Array
    size: float

    def offset(self, marks: Array, sizes: Array) -> Array:
        """(T, 17, 2) pixels by which marks (T, 17, 2) of bodies of sizes (T,) err."""
        if self.size == 0:
            return np.zeros(marks.shape)
        return np.asarray(np.einsum("tjkx,jk->tjx", directions(marks, sizes), self.coefficients))


NOTHING: Final = Alike(np.zeros((N_JOINTS, 3)), 0.0)


def directions(joints: Array, sizes: Array) -> Array:
    """(T, 17, 3, 2) the body's directions at each joint, one OKS spread long for a body that lies
    flat before the camera; 0 where they are unknown."""
    middle = (joints + joints[:, _MIRROR]) / 2
    trunk = middle[:, _SHOULDER] - middle[:, _HIP]
    across = joints[:, _SHOULDER] - joints[:, _SHOULDER + 1] + joints[:, _HIP] - joints[:, _HIP + 1]
    limb = joints - joints[:, _BEFORE]
    whole = (
        np.broadcast_to(trunk[:, None], joints.shape),
        np.broadcast_to(across[:, None], joints.shape),
    )
    out = np.stack((*whole, limb), axis=2) / (sizes[:, None, None, None] * _LONG[:, :, None])
    known = np.isfinite(out).all((2, 3))
    unit = SPREAD * sizes[:, None]
    return np.where(known[..., None, None], out * unit[..., None, None], 0.0)


def read(cameras: Sequence[CameraEvidence]) -> Alike:
    """What confirmed frames of all cameras of a session say of their marks."""
    parts = [part for camera in cameras if (part := _misses(camera)) is not None]
    if not parts:
        return NOTHING
    miss, way, loose = (np.concatenate(x) for x in zip(*parts, strict=True))
    if np.isfinite(loose).sum() < _LEAST:
        return NOTHING
    return _learnt(miss, way, loose)


def _misses(camera: CameraEvidence) -> tuple[Array, Array, Array] | None:
    """Of confirmed frames: misses (K, 17, 2) and directions (K, 17, 3, 2), in OKS spreads, and the
    variance (K, 17) of what was said, infinite where nothing was."""
    said = camera.said
    at = np.flatnonzero((said & found_at(camera.marks)).any(1))
    if not len(at):
        return None
    if len(at) > MOST:
        at = at[np.linspace(0, len(at) - 1, MOST).astype(int)]
    said, marks = said[at] & found_at(camera.marks[at]), camera.marks[at]
    sizes = frame_sizes(np.where(said[..., None], camera.confirmed[at], marks))
    sizes = np.where(np.isfinite(sizes), sizes, np.nanmedian(sizes) if len(sizes) else 100.0)
    unit = (SPREAD * sizes[:, None])[..., None]
    miss = np.where(said[..., None], marks - camera.confirmed[at], 0.0) / unit
    said &= (miss**2).sum(-1) < _FARTHEST**2
    loose = np.where(camera.glanced[at], _GLANCE**2, 0.0)
    way = directions(marks, sizes) / unit[..., None]
    return np.where(said[..., None], miss, 0.0), way, np.where(said, loose, np.inf)


def _learnt(miss: Array, way: Array, loose: Array) -> Alike:
    """Coefficients, averaged over what the evidence leaves open of their size and of the noise."""
    noise, size, found, chances = 0.65, 0.0, np.zeros((N_JOINTS, 3)), _DOUBTED
    known = np.isfinite(loose)
    loose = np.where(known, loose, 0.0)
    for _ in range(_ROUNDS):
        left2 = ((miss - np.einsum("njkx,jk->njx", way, found)) ** 2).sum(-1)
        weight = np.where(known, (_TAILS + 2) / (_TAILS + left2 / (noise**2 + loose)), 0.0)
        sums = _sums(miss, way, weight, np.square(_NOISES)[:, None, None] + loose)
        odds = _evidence(*sums) + _DOUBTED[:, None]
        odds = np.exp(odds - odds.max())
        odds /= odds.sum()
        chances = odds.sum(1)
        noise = float(np.sqrt((odds.sum(0) * np.square(_NOISES)).sum()))
        _, (A,), (pull,) = _sums(miss, way, weight, (noise**2 + loose)[None])
        each = np.linalg.solve(
            A + _RIDGE, np.broadcast_to(pull[..., None], (*_RIDGE.shape[:2], 3, 1))
        )
        found = np.einsum("s,sjk->jk", chances[1:], each[..., 0])
        size = float(np.sqrt((chances * np.square(SIZES)).sum()))
    return NOTHING if chances[0] > 0.5 else Alike(found, size)


def _sums(miss: Array, way: Array, weight: Array, variance: Array) -> tuple[Array, Array, Array]:
    """For each of V variances (V, N, 17): log likelihood (V,) of the misses by themselves, and the
    normal equations (V, 17, 3, 3) and (V, 17, 3) of each joint."""
    used = weight > 0
    w = weight / variance
    alone = np.log(w[:, used]).sum(1) - 0.5 * (w * (miss**2).sum(-1)).sum((1, 2))
    both = np.einsum("njkx,njlx->jnkl", way, way).reshape(N_JOINTS, len(miss), 9)
    towards = np.einsum("njkx,njx->jnk", way, miss)
    rows = w.transpose(2, 0, 1)
    A, pull = (np.matmul(rows, x).transpose(1, 0, 2) for x in (both, towards))
    return alone, A.reshape(len(w), N_JOINTS, 3, 3), pull


def _evidence(alone: Array, A: Array, pull: Array) -> Array:
    """(S, V) log likelihood of the misses for each of ``SIZES`` and each of V variances,
    coefficients integrated out; arguments as ``_sums`` gives them."""
    s2 = np.square(np.array(SIZES))[:, None, None, None, None]
    B = np.eye(3) + s2 * A
    solved = np.linalg.solve(B, np.broadcast_to(pull[..., None], (*B.shape[:-1], 1)))[..., 0]
    gained = (pull * solved).sum((2, 3)) * s2[:, :, 0, 0, 0]
    return np.asarray(_TOGETHER * (alone + 0.5 * gained - 0.5 * np.linalg.slogdet(B)[1].sum(2)))


_ROUNDS = 3

_RIDGE = (
    np.eye(3) / np.square(np.array(SIZES[1:]))[:, None, None, None] * np.ones((1, N_JOINTS, 1, 1))
)


_MIRROR = np.array(MIRROR)
_SHOULDER, _HIP = JOINTS.index("left_shoulder"), JOINTS.index("left_hip")
_LONG = np.tile(np.array((1.0, 1.2, 0.6)), (N_JOINTS, 1))
"""About how long the directions are, in body sizes."""


def _before() -> np.ndarray:
    """The joint from which each one's limb comes."""
    chain = {"nose": "left_ear", "left_eye": "left_ear", "right_eye": "right_ear",
             "left_ear": "left_shoulder", "right_ear": "right_shoulder",
             "left_shoulder": "left_hip", "right_shoulder": "right_hip",
             "left_elbow": "left_shoulder", "right_elbow": "right_shoulder",
             "left_wrist": "left_elbow", "right_wrist": "right_elbow",
             "left_hip": "left_shoulder", "right_hip": "right_shoulder",
             "left_knee": "left_hip", "right_knee": "right_hip",
             "left_ankle": "left_knee", "right_ankle": "right_knee"}  # fmt: skip
    return np.array([JOINTS.index(chain[name]) for name in JOINTS])


_BEFORE = _before()
