"""Where a correction helps most, and how large the expected error still is.

A joint with a deviation of sigma along each axis has an expected OKS of 1 / (1 + a), a = sigma² /
(k s)²: the mean of exp(-d²/2k²s²) under a Gaussian. A correction takes away its loss, and of each
frame around it the share that its error has in common with the corrected one: the square of their
correlation, which along a chain is the product of those between neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erf

import numpy as np

from backend.domain.skeleton import N_JOINTS
from backend.domain.trajectories.answer import Answer, CameraAnswer, Source
from backend.domain.trajectories.evidence import Array, Flags, SessionEvidence
from backend.domain.trajectories.settings import DEFAULTS, Settings
from backend.domain.trajectories.sizes import SILHOUETTE, SPREAD

_ELSEWHERE = 0.7
"""Of a joint's error in space another camera's correction takes about two of three directions."""

_WORTH_A_LOOK = 0.02
"""Expected loss of a joint's OKS from which it is named in a question."""

_ALIKE = 0.3
"""Correlation of the errors of a frame's joints."""

_GOOD = 0.9


@dataclass(frozen=True, slots=True)
class Question:
    """A frame to look at.

    Attributes:
        camera: Number of the camera.
        frame: Number of the frame.
        joints: Joints worth a look, the most doubtful first; possibly none.
        gain: By how much the session's expected mean OKS would rise.
    """

    camera: int
    frame: int
    joints: tuple[int, ...]
    gain: float


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to be expected of the session as it stands.

    Attributes:
        oks: Expected mean OKS of all frames that take part.
        error: 1 - oks.
        good: Expected share of frames at OKS .9 or better.
        target: The OKS to reach. reached: Whether it is.
    """

    oks: float
    error: float
    good: float
    target: float
    reached: bool


def losses(answer: CameraAnswer) -> Array:
    """(T, 17) expected loss of OKS of each joint; 1 where nothing is known."""
    a = (answer.sigmas / (SPREAD * SILHOUETTE * answer.scale[:, None])) ** 2
    with np.errstate(invalid="ignore"):
        loss = np.where(np.isfinite(a), a / (1 + a), 1.0)
    return np.asarray(np.where(answer.source == Source.CONFIRMED, 0.0, loss))


def _taking_part(answer: Answer, session: SessionEvidence) -> list[Flags]:
    return [np.asarray(~e.discarded) for e in session.cameras[: len(answer.cameras)]]


def next_questions(
    answer: Answer, session: SessionEvidence, settings: Settings = DEFAULTS, count: int = 1,
    apart: float = 1.0,
) -> list[Question]:  # fmt: skip
    """The frames whose correction would lower the session's expected error most, best first.

    Args:
        answer: As it stands. session: Its evidence. settings: Unused numbers of the model.
        count: How many to name at most.
        apart: Seconds by which they lie apart, as one answers for those around it.
    """
    part = _taking_part(answer, session)
    frames = sum(int(p.sum()) for p in part)
    several = session.calibrated
    loss = [np.where(p[:, None], losses(a), 0.0) for a, p in zip(answer.cameras, part, strict=True)]
    reached = [_reached(x, a.reach) for x, a in zip(loss, answer.cameras, strict=True)]
    gains = []
    for c, own in enumerate(reached):
        total = own.sum(1)
        if c in several:
            total = total + _ELSEWHERE * _from_others(reached, session, c)
        open_ = part[c] & ~session.cameras[c].settled
        gains.append(np.where(open_, total / N_JOINTS / max(frames, 1), -1.0))
    out: list[Question] = []
    while len(out) < count:
        c = int(np.argmax([g.max() if len(g) else -1.0 for g in gains]))
        if not len(gains[c]) or gains[c].max() < 0:
            break
        t = int(gains[c].argmax())
        order = np.argsort(-reached[c][t])
        joints = tuple(int(j) for j in order if loss[c][t, j] > _WORTH_A_LOOK)
        out.append(Question(c, t, joints, float(gains[c][t])))
        _taken(gains, session, c, t, apart)
    return out


def next_question(
    answer: Answer, session: SessionEvidence, settings: Settings = DEFAULTS
) -> Question | None:
    """The frame whose correction would lower the session's expected error most; None where every
    frame is confirmed or takes no part."""
    return next(iter(next_questions(answer, session, settings)), None)


def _reached(loss: Array, reach: Array) -> Array:
    """(T, 17) losses that a correction of each joint and frame takes away."""
    rho2 = np.nan_to_num(reach) ** 2
    forward, backward = loss.copy(), loss.copy()
    for t in range(1, len(loss)):
        forward[t] += rho2[t - 1] * forward[t - 1]
        back = len(loss) - 1 - t
        backward[back] += rho2[back] * backward[back + 1]
    return forward + backward - loss


def _from_others(reached: list[Array], session: SessionEvidence, camera: int) -> Array:
    """(T,) what a correction takes away in the other calibrated cameras."""
    out = np.zeros(len(reached[camera]))
    moments = session.moments
    for other in session.calibrated:
        if other != camera:
            both = (moments[:, camera] >= 0) & (moments[:, other] >= 0)
            out[moments[both, camera]] += reached[other][moments[both, other]].sum(1)
    return out


def _taken(gains: list[Array], session: SessionEvidence, c: int, t: int, apart: float) -> None:
    """Frames near a question are answered with it."""
    near = np.abs(session.cameras[c].times - session.cameras[c].times[t]) < apart
    gains[c][near] = -1.0
    if c in session.calibrated:
        at = np.flatnonzero((session.moments[:, c] >= 0) & near[session.moments[:, c]])
        for other in session.calibrated:
            frames = session.moments[at, other]
            gains[other][frames[frames >= 0]] = -1.0


def expected_error(
    answer: Answer, session: SessionEvidence, settings: Settings = DEFAULTS
) -> Expected:
    """The session's expected error, for the bar."""
    means, good = [], []
    for a, part in zip(answer.cameras, _taking_part(answer, session), strict=True):
        loss = losses(a)[part]
        mean = 1 - loss
        # Of exp(-d²/2): the second moment is 1 / (1 + 2a), with a = loss / (1 - loss).
        ratio = loss / np.maximum(mean, 1e-9)
        variance = np.maximum(1 / (1 + 2 * ratio) - mean**2, 0.0)
        alone, shared = variance.sum(1), np.sqrt(variance).sum(1) ** 2
        spread = np.sqrt((1 - _ALIKE) * alone + _ALIKE * shared) / N_JOINTS
        frame = mean.mean(1)
        z = (frame - _GOOD) / np.maximum(spread, 1e-6)
        good.append(np.array([0.5 * (1 + erf(x / np.sqrt(2))) for x in z]))
        means.append(frame)
    every = np.concatenate(means) if means else np.zeros(0)
    if not len(every):
        return Expected(1.0, 0.0, 1.0, settings.target_oks, True)
    oks = float(every.mean())
    return Expected(
        oks, 1 - oks, float(np.concatenate(good).mean()), settings.target_oks,
        oks >= settings.target_oks,
    )  # fmt: skip
