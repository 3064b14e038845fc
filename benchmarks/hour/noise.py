"""Pre-labels with faults like those of RTMO-L on infants, made from the truth, by seed.

Nobody has published RTMO-L's errors on infants frame by frame, and its weights cannot be had where
these benchmarks run. What is known: its AP on COCO is .748; BlazePose, the best model at hand, has
OKS .71 to .87 on four hand-labelled frames of a child in bed; every second frame of InfantNet was
discarded or corrected by hand. The faults are the kinds that pose networks make (Ronchi and Perona,
"Benchmarking and Error Diagnosis in Multi-Instance Pose Estimation", ICCV 2017: jitter, inversion,
swap, miss), and those that annotators of infants complain of (the adult is labelled, the sides are
exchanged when the infant lies on the belly, hips drift under the nappy). Their sizes are set so
that the mean OKS lies at about .8 and about a quarter of the frames hold a joint at fault;
the table prints what came of it. All lengths are in the units of OKS: COCO's σ of the joint times
the square root of the infant's area.

What makes it hard, on purpose: errors stay for many frames (drift, frozen poses, episodes), are
shared by all joints (exchanged, adult), and scores follow the jitter of a joint more than its
faults: exchanged sides and the adult's joints are as confident as right ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from backend.domain.skeleton import JOINTS, SIGMAS
from benchmarks.hour.sessions import BLUR, DARK, Session

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rng = np.random.Generator

_SIGMA = np.asarray(SIGMAS)
MIRROR = np.array(
    [JOINTS.index(n.replace("left", "?").replace("right", "left").replace("?", "right"))
     for n in JOINTS]
)  # fmt: skip
ARMS, LEGS = np.arange(7, 11), np.arange(11, 17)

BIAS, DRIFT, JITTER, WANDER = 0.25, 0.40, 0.40, 0.80
"""σ of: a joint's constant offset, what changes within a second or two, what changes from frame to
frame, and what is added to it where a joint is hidden."""
WORSE = {BLUR: 1.8, DARK: 2.0}
HIDDEN = 2.0


class Fault(IntEnum):
    """What was done to a joint."""

    NONE = 0
    MISSED = 1
    SWAPPED = 2
    ADULT = 3
    FROZEN = 4
    ELSEWHERE = 5


@dataclass(frozen=True)
class Prelabels:
    """What a model says. joints: (C, T, 17, 2) px, NaN where it found nobody. scores: (C, T, 17).

    other, other_scores: the second best candidate of the frame, NaN where there is none.
    fault: (C, T, 17), for the tables only; empty for a real model.
    """

    joints: Array
    scores: Array
    other: Array
    other_scores: Array
    fault: NDArray[np.uint8]


def episodes(rng: Rng, where: Array, length: float) -> Flags:
    """Stretches of about ``length`` frames that together cover the share ``where`` (T,) of time."""
    out = np.zeros(len(where), bool)
    for t in np.flatnonzero(rng.random(len(where)) < where / length):
        out[t : t + 1 + int(rng.exponential(length - 0.5))] = True
    return out


def _smooth(rng: Rng, shape: tuple[int, ...], width: float) -> Array:
    """Noise of standard deviation 1 along the first axis, correlated over ``width`` frames."""
    pad = int(4 * width) + 1
    noise = gaussian_filter1d(rng.normal(0, 1, (shape[0] + 2 * pad, *shape[1:])), width, axis=0)
    return np.asarray(noise[pad:-pad] / noise.std())


def like_rtmo(session: Session, seed: int) -> Prelabels:
    """Pre-labels of a session; the same for the same seed."""
    parts = [_camera(session, c, np.random.default_rng([seed, c])) for c in range(session.cameras)]
    return Prelabels(*(np.stack(p) for p in zip(*parts, strict=True)))


def _camera(
    session: Session, c: int, rng: Rng
) -> tuple[Array, Array, Array, Array, NDArray[np.uint8]]:
    truth, visible = session.joints2d[c], session.visibility[c] == 2
    area, condition = session.area[c], session.condition[c]
    typical = float(np.median(area))
    unit = np.sqrt(np.maximum(area, typical / 2))[:, None] * _SIGMA
    worse = np.ones(len(truth))
    for kind, factor in WORSE.items():
        worse[condition == kind] = factor

    placed, spread = _placed(rng, truth, visible, unit, worse)
    joints = truth + placed
    fault = np.zeros(joints.shape[:2], np.uint8)
    unsure = _elsewhere(rng, session, c, joints, unit, fault)
    scores = _scores(rng, spread, visible, worse, unsure)
    _swap(rng, session.activity, joints, scores, fault)
    _freeze(rng, joints, scores, fault)

    seen = session.adult_area[c] > 0
    adult = (
        session.adult2d[c]
        + rng.normal(0, 0.5, truth.shape)
        * (_SIGMA * np.sqrt(np.maximum(session.adult_area[c], 1))[:, None])[..., None]
    )
    adult[~seen] = np.nan
    adult_scores = np.where(session.adult_visibility[c] == 2, 0.85, 0.5) * np.ones_like(scores)
    adult_scores = np.clip(adult_scores + rng.normal(0, 0.06, scores.shape), 0.05, 0.99)
    large = seen & (session.adult_area[c] > 0.5 * typical)
    chosen = episodes(rng, 0.08 * large, 12) & large
    other, other_scores = adult.copy(), np.where(seen[:, None], adult_scores, np.nan)
    missed = _missed(rng, session, c)
    # Where the adult is taken, the infant is the second candidate in two of three stretches.
    second = chosen & ~missed & (_smooth(rng, (len(truth),), 6) > -0.43)
    other[chosen], other_scores[chosen] = np.nan, np.nan
    other[second], other_scores[second] = joints[second], scores[second]
    joints[chosen], scores[chosen], fault[chosen] = adult[chosen], adult_scores[chosen], Fault.ADULT

    missed &= ~chosen
    joints[missed], scores[missed], fault[missed] = np.nan, np.nan, Fault.MISSED
    return joints, scores, other, other_scores, fault


def _placed(
    rng: Rng, truth: Array, visible: Flags, unit: Array, worse: Array
) -> tuple[Array, Array]:
    """Offsets of joints that were found, (T, 17, 2) px, and their size in units (T, 17)."""
    shape = truth.shape
    hidden = gaussian_filter1d((~visible).astype(float), 2.0, axis=0)[..., None]
    jitter = 0.75 * _smooth(rng, shape, 1.5) + 0.66 * rng.standard_t(4, shape) / 1.41
    jitter = JITTER * jitter * (1 + (HIDDEN - 1) * hidden) * worse[:, None, None]
    drift = DRIFT * _smooth(rng, shape, 20) + WANDER * hidden * _smooth(rng, shape, 8)
    offset = BIAS * rng.normal(0, 1, (1, *shape[1:])) + drift + jitter
    return offset * unit[..., None], np.linalg.norm(jitter + drift, axis=2)


def _elsewhere(
    rng: Rng, session: Session, c: int, joints: Array, unit: Array, fault: NDArray[np.uint8]
) -> Flags:
    """Put joints on other joints, on the adult or beside the infant; which of them know it."""
    visible, truth = session.visibility[c] == 2, session.joints2d[c]
    unsure = np.zeros(fault.shape, bool)
    for j in range(17):
        share = np.where(visible[:, j], 0.003, 0.03)
        away = episodes(rng, share, 6)
        starts = np.flatnonzero(away & ~np.r_[False, away[:-1]])
        for t in starts:
            stop = t + int(np.argmin(np.r_[away[t:], False]))
            span = slice(t, stop)
            draw = rng.random()
            if draw < 0.5:
                target = truth[span, MIRROR[j]]
            elif draw < 0.8:
                target = truth[span, int(rng.integers(17))]
            elif np.isfinite(session.adult2d[c, span]).all():
                target = session.adult2d[c, span, j]
            else:
                size = unit[t, 0] / _SIGMA[0]
                target = truth[span, j] + rng.normal(0, 0.5 * size, 2)
            shake = 0.6 * rng.normal(0, 1, (stop - t, 2)) * unit[span, j, None]
            joints[span, j] = target + shake
            fault[span, j] = Fault.ELSEWHERE
            unsure[span, j] = rng.random() < 0.6
    return unsure


def _scores(rng: Rng, spread: Array, visible: Flags, worse: Array, unsure: Flags) -> Array:
    right = np.exp(-(spread**2) / 8)
    scores = 0.95 * right - 0.22 * ~visible - 0.10 * (worse[:, None] - 1)
    scores = np.where(unsure, 0.45 * scores, scores) + rng.normal(0, 0.09, scores.shape)
    doubt = _smooth(rng, scores.shape, 4)
    scores = np.where(doubt > 1.75, 0.5 * scores, scores)
    return np.asarray(np.clip(scores, 0.03, 0.98))


def _swap(
    rng: Rng, activity: NDArray[np.str_], joints: Array, scores: Array, fault: NDArray[np.uint8]
) -> None:
    """Exchange left and right: the whole body, the arms, the legs. More on the belly."""
    on_belly = np.isin(activity, ["rolling", "on the forearms", "crawling"])
    for parts, share in ((np.arange(17), 0.012), (ARMS, 0.012), (LEGS, 0.018)):
        here = episodes(rng, share * np.where(on_belly, 2.5, 1.0), 8)
        rows = np.flatnonzero(here)[:, None]
        joints[rows, parts] = joints[rows, MIRROR[parts]]
        scores[rows, parts] = scores[rows, MIRROR[parts]]
        fault[rows, parts] = Fault.SWAPPED


def _freeze(rng: Rng, joints: Array, scores: Array, fault: NDArray[np.uint8]) -> None:
    """Repeat a pose, as trackers and decoders do that lost the picture."""
    frozen = episodes(rng, np.full(len(joints), 0.012), 12)
    for t in np.flatnonzero(frozen[1:]) + 1:
        joints[t], scores[t], fault[t] = joints[t - 1], scores[t - 1], Fault.FROZEN


def _missed(rng: Rng, session: Session, c: int) -> Flags:
    condition = session.condition[c]
    share = np.full(session.moments, 0.012)
    share[condition == BLUR] = 0.2
    share[condition == DARK] = 0.45
    share[~session.usable[c]] = 0.5
    return episodes(rng, share, 4)
