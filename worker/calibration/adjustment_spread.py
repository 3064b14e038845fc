"""How well cameras are known after an adjustment to marks."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.camera_covariance import CameraCovariance
from backend.domain.cameras import Camera
from worker.calibration.adjustment import Adjustment

Array = NDArray[np.float64]

_UNTOLD_SD: Final = np.radians(10.0)
"""Of what no mark tells: an angle, or a length as a share of the usual distance."""
_GAUGE: Final = 7
"""Free choices of a world that marks alone do not tell: place, orientation and size."""


def covariances(adjustment: Adjustment) -> list[Camera]:
    """The cameras, each with how well it is known now."""
    normal = adjustment.linearise()
    count = len(adjustment.cameras)
    pose = np.tile(np.arange(adjustment.size) < 6, count)
    for k in range(count):
        # The weak pull towards the start says nothing about the world.
        inverse_sd = adjustment.prior(k)[1][:6]
        at = adjustment.size * k
        normal.A[at : at + 6, at : at + 6] -= np.diag(inverse_sd**2)
    S, _, _, _ = adjustment.reduced(normal, 0.0)
    far = float(np.median(np.linalg.norm([c.centre for c in adjustment.cameras], axis=1)))
    length = max(0.3, far)
    unit = np.tile(np.array([1.0] * 3 + [length] * 3 + [1.0] * adjustment.lens_size), count)
    unit[~pose] = 1 / np.sqrt(np.maximum(np.diag(S)[~pose], 1e-30))
    # Place, orientation and size of the world are free, but for what points tell.
    # A camera without marks is known as before, and takes no part.
    seeing = [any(len(seen.rows) for seen in groups) for groups in adjustment.seen]
    used = np.flatnonzero(np.repeat(seeing, adjustment.size))
    unit = unit[used]
    free = _of_world(adjustment)[used] / unit[:, None]
    Q = np.linalg.qr(free)[0] if not adjustment.fixed else np.zeros((len(used), 0))
    P = np.eye(len(used)) - Q @ Q.T
    S = (S + S.T)[np.ix_(used, used)] / 2 * np.outer(unit, unit)
    values, vectors = np.linalg.eigh(P @ S @ P)
    # What no mark tells, such as where one group of cameras stands that shares no moment with
    # the others, is not known exactly but hardly at all.
    spread = P @ vectors / np.sqrt(np.maximum(values, 1 / _UNTOLD_SD**2))
    whole = np.zeros((adjustment.size * count,) * 2)
    whole[np.ix_(used, used)] = spread @ spread.T * np.outer(unit, unit)
    return [
        _told(adjustment, camera, whole, adjustment.size * k)
        if seeing[k]
        else replace(camera, covariance=adjustment.start[k].covariance)
        for k, camera in enumerate(adjustment.cameras)
    ]


def _of_world(adjustment: Adjustment) -> Array:
    """(n, 7) how all cameras change when the world is turned, moved and scaled."""
    out = np.zeros((adjustment.size * len(adjustment.poses), _GAUGE))
    for k, T in enumerate(adjustment.poses):
        R, t = T[:3, :3], T[:3, 3]
        rows = adjustment.size * k
        out[rows : rows + 3, :3] = -R
        out[rows + 3 : rows + 6, :3] = np.cross(R.T, t).T
        out[rows + 3 : rows + 6, 3:6] = -R
        out[rows + 3 : rows + 6, 6] = t
    return out


def _told(adjustment: Adjustment, camera: Camera, whole: Array, at: int) -> Camera:
    lens: Array | None = None if camera.covariance is None else camera.covariance.lens
    cross: Array | None = None
    if adjustment.lens_size == 6:
        lens = np.asarray(whole[at + 6 : at + 10, at + 6 : at + 10])
        cross = np.asarray(whole[at : at + 6, at + 6 : at + 10])
    elif adjustment.lens_size == 1:
        both = np.array([1.0, 1, 0, 0])
        lens = float(whole[at + 6, at + 6]) * np.outer(both, both)
        cross = np.outer(whole[at : at + 6, at + 6], both)
    pose = np.asarray(whole[at : at + 6, at : at + 6])
    known = CameraCovariance.of_own_axes(pose, camera.pose, lens, cross)
    return replace(camera, covariance=known)
