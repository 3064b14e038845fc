"""Cameras that were knocked in the middle of a visit: which, when, and by how much.

Each camera's marks are compared with where the other cameras see the joints. A camera that turned
leaves a step in that difference. For every camera and every moment the step is fitted as a turn of
the camera (least squares over all marks before and after, from sums that run along the recording);
the best one is taken up if it is larger than chance and than what matters. Chance
is judged from how the differences scatter from moment to moment, with neighbours counted together
(Newey and West 1987), since marks of one joint err alike for seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from worker.calibration.adjustable import KnownPoint, LensFreedom
from worker.calibration.marks import Marks, Rig, points_of
from worker.calibration.refine import Refined, refine, turned_by_deg
from worker.calibration.uncertainty import local_jacobian, turned

Array = NDArray[np.float64]

_LEAST_MOMENTS: Final = 6
"""Moments on each side of a step."""
_GROSS_PX: Final = 40.0
_TURN_SD: Final = np.radians(3.0)
_CHANCE: Final = 60.0
"""Squared size of a step in its own standard deviations, in three dimensions, that is no chance,
for some thousands of moments and cameras that are tried and spreads that come from few moments."""
_LEAST_GAIN: Final = 60.0
"""By how many variances of a coordinate a step must explain the marks better."""
_LAGS: Final = 14
_RIVAL: Final = 0.35
_TRIAL_STEPS: Final = 8
MATTERS_PX: Final = 2.0


@dataclass(frozen=True, slots=True)
class Bump:
    """A movement of one camera.

    Attributes:
        camera: Index of the camera.
        first: Index of the first moment after it.
        last_before_s: Time of the last moment before it.
        first_after_s: Time of the first moment after it.
        earliest_s: Before this it is hardly credible that it happened.
        latest_s: After this neither.
        turned_deg: By how much the camera turned.
        shift_px: Median shift of the marks in its picture.
    """

    camera: int
    first: int
    last_before_s: float
    first_after_s: float
    earliest_s: float
    latest_s: float
    turned_deg: float
    shift_px: float


@dataclass(frozen=True, slots=True)
class _Step:
    camera: int
    first: int
    gain: float
    range: tuple[int, int]
    shift_px: float


def find_bumps(
    rig: Rig,
    marks: Marks,
    *,
    limit_px: float = MATTERS_PX,
    most: int = 4,
    lenses: LensFreedom = LensFreedom.FIXED,
    known: tuple[KnownPoint, ...] = (),
) -> tuple[Refined, list[Bump]]:
    """Find movements one after the other, and the cameras before and after each.

    Args:
        rig: Cameras as they are calibrated.
        marks: Joints of the recording.
        limit_px: Smaller shifts of the picture do not matter.
        most: Movements at most.
        lenses: What of the lenses may change.
        known: Scene points of known position.

    Returns:
        The adjusted cameras, with an entry for each time between two movements; the movements in
        the order of time. With two cameras none is looked for: which of them moved cannot be told.
    """
    found: list[_Step] = []
    current = refine(rig, marks, steps=_TRIAL_STEPS) if marks.trust.shape[1] >= 3 else None
    while current is not None and len(found) < most:
        here = _split_all(rig, found)
        here = Rig(current.rig.cameras, here.slot)
        steps = [s for c in range(marks.trust.shape[1]) if (s := _step(here, marks, c))]
        steps = [s for s in steps if s.shift_px > limit_px]
        if not steps:
            break
        top = max(s.gain for s in steps)
        rivals = [s for s in steps if s.gain > _RIVAL * top]
        tried = [refine(_split_all(rig, [*found, s]), marks, steps=_TRIAL_STEPS) for s in rivals]
        scale = min(done.sd_px for done in tried)
        best = int(np.argmin([done.cost(scale) for done in tried]))
        if current.cost(scale) - tried[best].cost(scale) < _LEAST_GAIN:
            break
        found.append(rivals[best])
        current = tried[best]
    found = _needed(rig, marks, found, current)
    refined = refine(_split_all(rig, found), marks, lenses=lenses, known=known)
    return refined, sorted(_told(refined, marks, found), key=lambda b: b.last_before_s)


def _needed(rig: Rig, marks: Marks, found: list[_Step], whole: Refined | None) -> list[_Step]:
    """Without steps that the others make superfluous: a camera that was taken for another one."""
    while whole is not None and len(found) > 1:
        less = [[s for s in found if s is not gone] for gone in found]
        tried = [refine(_split_all(rig, rest), marks, steps=_TRIAL_STEPS) for rest in less]
        losses = [done.cost(whole.sd_px) - whole.cost(whole.sd_px) for done in tried]
        least = int(np.argmin(losses))
        if losses[least] > _LEAST_GAIN:
            break
        found, whole = less[least], tried[least]
    return found


def _split_all(rig: Rig, steps: list[_Step]) -> Rig:
    for step in sorted(steps, key=lambda s: s.first):
        rig = rig.split(step.camera, step.first)
    return rig


def _step(rig: Rig, marks: Marks, c: int) -> _Step | None:
    """The largest step of one camera; None where there is none beyond chance."""
    terms = _terms(rig, marks, c)
    if terms is None:
        return None
    A, b, J, miss = terms
    prior = np.eye(3) / _TURN_SD**2
    sd2 = float(np.median(np.square(miss[np.isfinite(miss)]))) / 0.455
    prior = prior * sd2
    moments = len(A)
    sums_A, sums_b = np.cumsum(A, axis=0), np.cumsum(b, axis=0)
    full = np.isfinite(miss).any(axis=(1, 2))
    best: tuple[float, int] | None = None
    gains = np.full(moments, -np.inf)
    # Within one time between two movements that are known already.
    for k in np.unique(rig.slot[:, c]):
        mine = np.flatnonzero((rig.slot[:, c] == k) & full)
        if len(mine) < 2 * _LEAST_MOMENTS:
            continue
        start_A = sums_A[mine[0]] - A[mine[0]]
        start_b = sums_b[mine[0]] - b[mine[0]]
        whole_A, whole_b = sums_A[mine[-1]] - start_A, sums_b[mine[-1]] - start_b
        firsts = mine[_LEAST_MOMENTS : len(mine) - _LEAST_MOMENTS + 1]
        left_A, left_b = sums_A[firsts - 1] - start_A, sums_b[firsts - 1] - start_b
        one = _explained(whole_A[None], whole_b[None], prior)[0]
        two = _explained(left_A, left_b, prior) + _explained(
            whole_A - left_A, whole_b - left_b, prior
        )
        gains[firsts] = (two - one) / sd2
        at = int(firsts[np.argmax(gains[firsts])])
        if best is None or gains[at] > best[0]:
            best = (float(gains[at]), at)
    if best is None:
        return None
    gain, first = best
    here = np.flatnonzero((rig.slot[:, c] == rig.slot[first, c]) & full)
    before, after = here[here < first], here[here >= first]
    sides = [_fitted(A, b, part, prior) for part in (before, after)]
    change = sides[1][0] - sides[0][0]
    spread = sides[0][1] + sides[1][1]
    size = float(change @ np.linalg.solve(spread, change))
    if size < _CHANCE or gain < _LEAST_GAIN:
        return None
    shift = np.linalg.norm(J @ change, axis=-1)
    close = np.flatnonzero(gains > gain - 12.0)
    close = close[np.isin(close, here)]
    return _Step(c, first, gain, (int(close.min()), int(close.max())),
                 float(np.median(shift[np.isfinite(shift)])))  # fmt: skip


def _terms(rig: Rig, marks: Marks, c: int) -> tuple[Array, Array, Array, Array] | None:
    """By moment: normal matrix (T, 3, 3) and right side (T, 3) of the camera's turn; Jacobian
    (T, J, 2, 3) and differences (T, J, 2), NaN where there is no mark."""
    points = points_of(rig, marks, without=c)
    there = marks.seen[:, c] & np.isfinite(points).all(axis=-1)
    if there.sum() < 4 * _LEAST_MOMENTS:
        return None
    miss = np.full((*there.shape, 2), np.nan)
    J = np.full((*there.shape, 2, 3), np.nan)
    for k in np.unique(rig.slot[:, c]):
        camera = rig.cameras[k]
        t, j = np.nonzero(there & (rig.slot[:, c] == k)[:, None])
        local = camera.in_camera(points[t, j])
        to_pixel = local_jacobian(camera, local)
        J[t, j] = to_pixel @ turned(local)
        miss[t, j] = marks.pixels[t, c, j] - camera.project_local(local)
    there &= np.isfinite(miss).all(axis=-1) & np.isfinite(J).all(axis=(-1, -2))
    size = np.linalg.norm(miss, axis=-1)
    weight = np.where(there, marks.trust[:, c] * np.minimum(1, _GROSS_PX / np.maximum(size, 1)), 0)
    clean_J, clean = np.where(there[..., None, None], J, 0), np.where(there[..., None], miss, 0)
    A = np.einsum("tj,tjia,tjib->tab", weight, clean_J, clean_J)
    b = np.einsum("tj,tjia,tji->ta", weight, clean_J, clean)
    miss[~there] = np.nan
    J[~there] = np.nan
    return A, b, J, miss


def _explained(A: Array, b: Array, prior: Array) -> Array:
    """Squared pixels that a change of the camera explains, for each of several sums."""
    return np.asarray(np.einsum("na,na->n", b, np.linalg.solve(A + prior, b[..., None])[..., 0]))


def _fitted(A: Array, b: Array, rows: NDArray[np.int64], prior: Array) -> tuple[Array, Array]:
    """The change over some moments, and its covariance from how the moments scatter."""
    whole = np.linalg.inv(A[rows].sum(axis=0) + prior)
    x = whole @ b[rows].sum(axis=0)
    scores = b[rows] - A[rows] @ x
    V = scores.T @ scores
    most = min(_LAGS, len(rows) // 2)
    for lag in range(1, most + 1):
        G = scores[lag:].T @ scores[:-lag]
        V += (1 - lag / (most + 1)) * (G + G.T)
    # Sums over lags fall short by about the share of the lags that were used.
    few = len(rows) / max(1, len(rows) - most)
    return x, few * whole @ V @ whole + 1e-14 * np.eye(3)


def _told(refined: Refined, marks: Marks, steps: list[_Step]) -> list[Bump]:
    out = []
    times = marks.time_s
    for step in steps:
        c, first = step.camera, step.first
        before = refined.rig.cameras[refined.rig.slot[first - 1, c]]
        after = refined.rig.cameras[refined.rig.slot[first, c]]
        low, high = step.range
        out.append(
            Bump(
                c, first, float(times[first - 1]), float(times[first]),
                float(times[max(0, low - 1)]), float(times[high]),
                turned_by_deg(before, after), step.shift_px,
            )
        )  # fmt: skip
    return out
