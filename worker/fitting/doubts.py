"""What is odd about a fit, by name: a mark, a view, a camera, the shape, a limb that nobody saw.

Limits are angles and lengths, not pixels: so many standard deviations of this recording's marks,
and so many millimetres at the infant's distance. They hold for any resolution and distance.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from backend.domain.fit_quality import LENGTH_M, UNSEEN_MM, Doubt, half_widths
from backend.domain.skeleton import MIRROR
from worker.fitting.evident import middles, trust
from worker.fitting.odd import Odd
from worker.fitting.problem import Problem
from worker.fitting.projection import errors_px
from worker.fitting.rig import JointBasis
from worker.fitting.shape import expected_scale
from worker.fitting.uncertainty import Evidence

Array = NDArray[np.float64]

MARK_SIGMAS: Final = 5.0
MARK_MM: Final = 15.0
"""A mark is odd when it lies so many standard deviations and millimetres from where the other views
have the joint."""

VIEW_SIGMAS: Final = 3.0
VIEW_MM: Final = 10.0
"""A view is odd when the middle one of its marks does."""

MIRRORED: Final = 0.5
"""Sides count as exchanged when exchanging them leaves less than this share of the error."""

CAMERA_SIGMAS: Final = 1.0
CAMERA_MM: Final = 5.0
"""A camera is odd when the shift that all moments share is so large."""

CAMERA_STATED: Final = 1.5
"""… and by so many standard deviations of what its calibration leaves open: within that it is as
well known as it says, and the residuals only tell it better."""

SHAPE_SIGMAS: Final = 2.5
BETA_SIGMAS: Final = 3.0
"""Size and single betas so far from the usual infant are warned of."""

FEWEST_OF_VIEW: Final = 4
"""Marks that a view needs before it is doubted as a whole."""


def doubts_of(
    problem: Problem, basis: JointBasis, betas: Array, scale: float, evidence: Evidence,
    covariance: Float[Array, "t 17 3 3"],
) -> list[list[Odd]]:  # fmt: skip
    """What is odd, moment by moment, the weightiest first."""
    noise, seen = evidence.whole.noise_px, evidence.seen
    given = problem.w2 > 0
    r = np.linalg.norm(seen.r, axis=3)
    away, mm = r * np.sqrt(trust(problem)) / noise, r * seen.mm
    far, far_px, far_mm = (middles(value, given) for value in (away, r, mm))
    swapped = _swapped(problem, evidence.X)
    whole = [*camera_doubts(problem, evidence), *shape_doubts(problem, basis, betas, scale)]
    wrong_cameras = {odd.camera for odd in whole if odd.kind is Doubt.CAMERA}
    wide = 1000 * half_widths(covariance)
    out = []
    for t in range(problem.moments):
        views, marks = [], []
        for c in range(given.shape[1]):
            if not given[t, c].any():
                continue
            px, off_mm = float(far_px[t, c]), float(far_mm[t, c])
            crowd = given[t, c].sum() >= FEWEST_OF_VIEW
            if crowd and far[t, c] > VIEW_SIGMAS and off_mm > VIEW_MM:
                exchanged = swapped[t, c] < MIRRORED * px
                if c not in wrong_cameras or exchanged:
                    kind = Doubt.SIDES if exchanged else Doubt.VIEW
                    views.append(Odd(kind, c, px=round(px, 1), mm=round(off_mm, 1)))
                continue
            odd = given[t, c] & (away[t, c] > MARK_SIGMAS) & (mm[t, c] > MARK_MM)
            for k in np.flatnonzero(odd):
                marks.append(
                    Odd(Doubt.MARK, c, int(k), round(float(r[t, c, k]), 1),
                        round(float(mm[t, c, k]), 1))
                )  # fmt: skip
        unseen = [
            Odd(Doubt.UNSEEN, joint=int(k), mm=round(float(wide[t, k]), 1))
            for k in np.flatnonzero(wide[t] > UNSEEN_MM)
        ]
        marks.sort(key=lambda odd: -(odd.mm or 0))
        out.append([*views, *whole, *unseen, *marks])
    return out


def _swapped(problem: Problem, X: Array) -> Array:
    """(T, C) median error of each view were its sides exchanged, px."""
    mirror = list(MIRROR)
    errors = np.empty(problem.w2.shape)
    errors_px(
        problem.cams, np.ascontiguousarray(problem.obs[:, :, mirror]),
        np.ascontiguousarray(problem.w2[:, :, mirror]), np.ascontiguousarray(X), errors,
    )  # fmt: skip
    given = problem.w2[:, :, mirror] > 0
    found = middles(np.where(np.isfinite(errors), errors, 1e6), given)
    return np.where(given.any(2), found, np.inf)


def camera_doubts(problem: Problem, evidence: Evidence) -> list[Odd]:
    """Cameras that all moments say are turned, or have another focal length, by more than their
    calibration allows for."""
    out: list[Odd] = []
    given = problem.w2 > 0
    cameras = evidence.whole.cameras
    shifts: dict[int, tuple[float, float]] = {}
    for c, camera in enumerate(problem.cameras):
        if camera is None or not given[:, c].any():
            continue
        shift = np.linalg.norm(evidence.seen.own[:, c] @ evidence.whole.misfit[c], axis=2)[
            given[:, c]
        ]
        mm = shift * evidence.seen.mm[:, c][given[:, c]]
        shifts[c] = float(np.median(shift)), float(np.median(mm))
    if not shifts:
        return out
    # The others follow a wrong camera a little: it is the one that is furthest off.
    worst = max(shifts, key=lambda c: shifts[c][0])
    px, mm_off = shifts[worst]
    own = evidence.seen.own[:, worst][given[:, worst]]
    usual = np.sqrt(np.einsum("npa,ab,npb->n", own, cameras.stated[worst], own))
    if (
        px < max(CAMERA_SIGMAS * evidence.whole.noise_px, CAMERA_STATED * float(np.median(usual)))
        or mm_off < CAMERA_MM
    ):
        return out
    camera = problem.cameras[worst]
    assert camera is not None
    misfit = evidence.whole.misfit[worst]
    degrees = float(np.degrees(np.linalg.norm(misfit[:3])))
    share = 100 * float(abs(misfit[6]) / camera.K[0, 0])
    # A lens that is off shows in scale, a turn in a shift.
    what, value = ("focal", share) if share > 2 * degrees else ("turned", degrees)
    return [Odd(Doubt.CAMERA, worst, px=round(px, 1), mm=round(mm_off, 1), what=what,
                value=round(value, 2))]  # fmt: skip


def shape_doubts(problem: Problem, basis: JointBasis, betas: Array, scale: float) -> list[Odd]:
    """A size or shape that infants of 0 to 36 months hardly have."""
    out = []
    length = scale * basis.length
    expected, spread = expected_scale(basis, problem.config)
    if not LENGTH_M[0] <= length <= LENGTH_M[1] or abs(scale - expected) > 3 * spread:
        out.append(Odd(Doubt.SHAPE, what="length", value=round(length, 3)))
    worst = float(np.abs(betas).max(initial=0.0))
    usual = float(np.sqrt(betas @ basis.beta_precision @ betas / max(1, len(betas))))
    if worst > BETA_SIGMAS or usual > SHAPE_SIGMAS / 1.6:
        out.append(Odd(Doubt.SHAPE, what="betas", value=round(worst, 2)))
    return out
