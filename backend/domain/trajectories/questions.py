"""Where a correction helps most, and how large the expected error still is.

A joint with a deviation of sigma along each axis has an expected OKS of 1 / (1 + a), a = sigma² /
(k s)²: the mean of exp(-d²/2k²s²) under a Gaussian. A correction takes away its loss, and of each
frame around it the share that its error has in common with the corrected one: the square of their
correlation, which along a chain is the product of those between neighbours.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import erf

import numpy as np

from backend.domain.skeleton import N_JOINTS
from backend.domain.trajectories import sureness
from backend.domain.trajectories.answer import Answer, CameraAnswer, Source
from backend.domain.trajectories.contradiction import contradicted, heard
from backend.domain.trajectories.evidence import Array, CameraEvidence, Flags, SessionEvidence
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
        check: Whether it is asked to check how sure the engine may be of itself.
        again: Whether people decided it, and all around contradicts them (``contradiction``).
    """

    camera: int
    frame: int
    joints: tuple[int, ...]
    gain: float
    check: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to be expected of the session as it stands.

    Attributes:
        oks: Expected mean OKS of all frames that take part.
        error: 1 - oks.
        good: Expected share of frames at OKS .9 or better.
        target: The OKS to reach. reached: Whether it is, and was checked on enough frames.
        checked: So many frames were answered for the sake of checking.
        enough: Whether that suffices.
        off_px: Pixels by which a joint is off in all frames, where answers show that what the marks
            say is not to be believed; else None.
    """

    oks: float
    error: float
    good: float
    target: float
    reached: bool
    checked: int = 0
    enough: bool = False
    off_px: float | None = None


def losses(answer: CameraAnswer) -> Array:
    """(T, 17) expected loss of OKS of each joint; 1 where nothing is known."""
    a = (answer.sigmas / (SPREAD * SILHOUETTE * answer.scale[:, None])) ** 2
    with np.errstate(invalid="ignore"):
        loss = np.where(np.isfinite(a), a / (1 + a), 1.0)
    return np.asarray(np.where(answer.source == Source.CONFIRMED, 0.0, loss))


def standing(answer: CameraAnswer, evidence: CameraEvidence) -> Array:
    """(T, 17) expected loss of OKS of the joints that stand: the answer's, but in frames that were
    let pass without a look those that were let pass.

    Of exp(-|d + e|²/2k²) under a Gaussian e with a, as above, the mean is exp(-d²/2k²(1 + a)) /
    (1 + a).
    """
    loss = losses(answer)
    if evidence.waved is None:
        return loss
    unit2 = (SPREAD * SILHOUETTE * answer.scale[:, None]) ** 2
    off2 = ((evidence.waved - answer.positions) ** 2).sum(-1) / unit2
    told = evidence.passed[:, None] & np.isfinite(off2)
    off = np.exp(-np.where(told, off2, 0.0) * (1 - loss) / 2)
    return np.asarray(np.where(told, 1 - (1 - loss) * off, loss))


def _taking_part(answer: Answer, session: SessionEvidence) -> list[Flags]:
    return [np.asarray(~e.discarded) for e in session.cameras[: len(answer.cameras)]]


def next_questions(
    answer: Answer,
    session: SessionEvidence,
    count: int = 1,
    apart: float = 1.0,
    among: Sequence[Flags] | None = None,
) -> list[Question]:
    """The frames whose correction would lower the session's expected error most, best first.

    Args:
        answer: As it stands. session: Its evidence.
        count: How many to name at most.
        apart: Seconds by which they lie apart, as one answers for those around it.
        among: Of each camera (T,) the frames that may be asked; None for all.
    """
    session = heard(session)
    part = _taking_part(answer, session)
    loss, reached = _losses(answer, part)
    gains = _only(_gains(session, reached, sum(int(p.sum()) for p in part)), among)
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
    answer: Answer,
    session: SessionEvidence,
    settings: Settings = DEFAULTS,
    seen: Collection[tuple[int, int]] = (),
    among: Sequence[Flags] | None = None,
) -> Question | None:
    """The frame whose correction would lower the session's expected error most, or one to check
    the engine's sureness by; None where every frame is confirmed or takes no part.

    Before all others come frames that people decided and that all around contradicts: one look
    tells. Those in ``seen`` (camera, frame) were looked at again. ``among`` says of each camera
    (T,) which frames may be asked: those of the asking person's part.
    """
    once_more = _again(answer, session, seen, among)
    if once_more is not None:
        return once_more
    session = heard(session)
    if check_due(session) or expected_error(answer, session, settings).oks >= settings.target_oks:
        found = check(answer, session, among)
        if found is not None:
            return found
    return next(iter(next_questions(answer, session, among=among)), None)


def _only(values: list[Array], among: Sequence[Flags] | None) -> list[Array]:
    """Of each camera (T,), -1 where a frame may not be asked."""
    if among is None:
        return values
    return [np.where(may, x, -1.0) for x, may in zip(values, among, strict=True)]


def _again(
    answer: Answer,
    session: SessionEvidence,
    seen: Collection[tuple[int, int]],
    among: Sequence[Flags] | None,
) -> Question | None:
    """The contradicted frame that may be farthest off."""
    found: Question | None = None
    frames = sum(int(p.sum()) for p in _taking_part(answer, session))
    now = heard(session)
    flags = contradicted(session)
    for c, (a, camera) in enumerate(zip(answer.cameras, now.cameras, strict=True)):
        if not flags[c].any():
            continue
        loss = standing(a, camera)
        asked = flags[c] if among is None else flags[c] & among[c]
        for t in np.flatnonzero(asked).tolist():
            gain = float(loss[t].sum()) / N_JOINTS / max(frames, 1)
            if (c, t) not in seen and (found is None or gain > found.gain):
                order = np.argsort(-loss[t])
                joints = tuple(int(j) for j in order if loss[t, j] > _WORTH_A_LOOK)
                found = Question(c, t, joints, gain, again=True)
    return found


def check_due(session: SessionEvidence) -> bool:
    """Whether the next question is to check how sure the engine may be: the first, the third, and
    then ever more seldom."""
    asked, checked = sureness.answered(session)
    if checked < len(_CHECKS):
        return asked >= _CHECKS[checked]
    return asked >= _CHECKS[-1] + _EVERY * (checked - len(_CHECKS) + 1)


def _losses(answer: Answer, part: list[Flags]) -> tuple[list[Array], list[Array]]:
    """Of each camera (T, 17) the expected losses, and what a correction of each takes away."""
    loss = [np.where(p[:, None], losses(a), 0.0) for a, p in zip(answer.cameras, part, strict=True)]
    return loss, [_reached(x, a.reach) for x, a in zip(loss, answer.cameras, strict=True)]


_CHECKS = (0, 2, 5, 8)
"""Frames answered before each of the first checks."""

_EVERY = 5
"""And so many from one to the next later on."""


def check(
    answer: Answer, session: SessionEvidence, among: Sequence[Flags] | None = None
) -> Question | None:
    """A frame far from all that people confirmed, whatever the engine thinks of it."""
    part = _taking_part(answer, session)
    away = _only(_far(session, part), among)
    if not away or max(float(a.max(initial=-1.0)) for a in away) < 0:
        return None
    fewest = [int(e.settled.sum()) for e in session.cameras[: len(away)]]
    farthest = max(float(a.max(initial=-1.0)) for a in away)
    # Cameras take turns; a frame nearly as far away is as good.
    c = min(
        (c for c, a in enumerate(away) if a.max(initial=-1.0) >= _NEARLY * farthest),
        key=lambda c: (fewest[c], c),
    )
    t = int(away[c].argmax())
    loss, reached = _losses(answer, part)
    order = np.argsort(-loss[c][t])
    joints = tuple(int(j) for j in order if loss[c][t, j] > _WORTH_A_LOOK)
    gains = _gains(session, reached, sum(int(p.sum()) for p in part))
    gain = max(float(gains[c][t]), 0.0)
    return Question(c, t, joints, gain, check=True)


_NEARLY = 0.8


def _far(session: SessionEvidence, part: list[Flags]) -> list[Array]:
    """Of each camera (T,) seconds to the nearest frame that a person confirmed; -1 where there is
    nothing to ask. The ends of a recording are as near as half of a gap."""
    own = [_since(e.times, e.settled) for e in session.cameras[: len(part)]]
    several = session.calibrated
    moments = session.moments
    for c in several:
        for other in several:
            if other != c:
                both = (moments[:, c] >= 0) & (moments[:, other] >= 0)
                at = moments[both, c]
                theirs = _since(session.cameras[other].times, session.cameras[other].settled)
                own[c][at] = np.minimum(own[c][at], theirs[moments[both, other]])
    # What was let pass without a look is asked once nothing else is open.
    some = any(e.open.any() for e in session.cameras[: len(part)])
    return [
        np.where(e.open if some else p & ~e.settled, x, -1.0)
        for x, p, e in zip(own, part, session.cameras, strict=False)
    ]


def _since(times: Array, settled: Flags) -> Array:
    if not len(times):
        return np.zeros(0)
    ends = 2 * np.minimum(times - times[0], times[-1] - times)
    at = times[settled]
    if not len(at):
        return np.asarray(ends)
    after = np.clip(np.searchsorted(at, times), 0, len(at) - 1)
    before = np.clip(after - 1, 0, None)
    nearest = np.minimum(np.abs(at[after] - times), np.abs(at[before] - times))
    return np.asarray(np.minimum(nearest, ends))


def _gains(session: SessionEvidence, reached: list[Array], frames: int) -> list[Array]:
    """Of each camera (T,) by how much the mean OKS would rise; -1 where there is nothing to ask."""
    out = []
    for c, own in enumerate(reached):
        total = own.sum(1)
        if c in session.calibrated:
            total = total + _ELSEWHERE * _from_others(reached, session, c)
        out.append(np.where(session.cameras[c].open, total / N_JOINTS / max(frames, 1), -1.0))
    return out


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
    session = heard(session)
    means, good = [], []
    for c, (a, part) in enumerate(zip(answer.cameras, _taking_part(answer, session), strict=True)):
        loss = standing(a, session.cameras[c])[part]
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
    _, checked = sureness.answered(session)
    left = any((e.open | e.passed).any() for e in session.cameras)
    enough = checked >= sureness.ENOUGH or not left
    if not len(every):
        return Expected(1.0, 0.0, 1.0, settings.target_oks, True, checked, True)
    oks = float(every.mean())
    return Expected(
        oks, 1 - oks, float(np.concatenate(good).mean()), settings.target_oks,
        oks >= settings.target_oks and enough, checked, enough, _off(answer, session),
    )  # fmt: skip


def _off(answer: Answer, session: SessionEvidence) -> float | None:
    """Pixels by which joints are off far from confirmed frames; None where that is little."""
    sure = sureness.read(session)
    if sure.checked < _SEEN or sure.low < _WORTHLESS:
        return None
    size = float(np.median(np.concatenate([a.scale for a in answer.cameras])))
    # The median length of an error of this deviation along each axis.
    return float(1.18 * np.sqrt(np.mean((sure.floor * SPREAD) ** 2)) * size)


_SEEN, _WORTHLESS = 2, 0.5
"""Checks after which, and OKS spreads by which labels are off so that people are told."""
