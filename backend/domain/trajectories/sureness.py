"""How sure the engine may be of itself: what people's answers say of its own predictions.

Before a person looks at a frame it is foretold where the joints lie and how sure that is. The
answer is a measurement: a miss that nothing else in the session shows, since views and frames that
err alike look like views and frames that agree. Misses have the variance

    a² s² + b² k²,

s the deviation that was foretold, k the joint's OKS spread. The engine asks where s is large; what
is wrong where it felt sure shows in b, which such frames tell as well as others, and frames that
were asked for the sake of checking tell best. Joints that people let stand missed by less than they
mind, no more is known of them (a censored likelihood; Tobin 1958). a and b are averaged over what
the misses leave open.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.domain.skeleton import JOINTS, N_JOINTS
from backend.domain.trajectories.answer import CameraAnswer
from backend.domain.trajectories.evidence import (
    Array,
    CameraEvidence,
    Flags,
    Foretold,
    Ints,
    SessionEvidence,
)
from backend.domain.trajectories.sizes import SPREAD

FLOORS: Final = np.array((0.0, 0.15, 0.25, 0.4, 0.6, 0.85, 1.2, 1.7, 2.4))
"""b, in OKS spreads."""

FACTORS: Final = np.array((0.85, 1.0, 1.2, 1.45, 1.8, 2.3, 3.0))
"""a."""

_USUAL_FLOOR, _USUAL_FACTOR, _OFTEN_WRONG = 0.12, 0.15, 0.1
"""Before anybody spoke: b is about 0, by this scale of an exponential, but one model in ten has
bodies wrong, by any amount; a is about 1, by this deviation of its logarithm."""

_ANYTHING: Final = 0.25
"""Spreads from which b is something: as sure as people are of what they let stand."""

MINDED: Final = 0.5
"""Spreads below which people let a joint stand: .8 of COCO's sigma for a joint that is seen and 1.2
for one that is inferred."""

_TOGETHER: Final = 0.4
"""Joints of a frame err together: each counts for so much."""

_DOUBTED: Final = 0.5
"""And so much of that where the frame was asked because it was doubted."""

_FADES: Final = 0.85
"""An answer counts so much for each one that was given after it: what is foretold gets better."""

_OTHERS: Final = 0.5
"""So much do other parts of the body say of a part."""

_FARTHEST: Final = 6.0
"""Spreads beyond which a miss is counted as this."""

_ALIKE: Final = 0.7
"""Seconds after which the error of a frame is alike by 1/e."""

ENOUGH: Final = 5
"""So many frames are asked for the sake of checking before the engine takes its word for it."""

NOT_ASKED, DOUBTED, CHECKED = 0, 1, 2
"""Why a frame was asked."""

PARTS: Final = (
    ("nose", "left_eye", "right_eye", "left_ear", "right_ear"),
    ("left_shoulder", "right_shoulder", "left_hip", "right_hip"),
    ("left_elbow", "right_elbow", "left_knee", "right_knee"),
    ("left_wrist", "right_wrist", "left_ankle", "right_ankle"),
)
_part_of: Final = np.array([next(k for k, p in enumerate(PARTS) if name in p) for name in JOINTS])


@dataclass(frozen=True, eq=False)
class Sureness:
    """What misses say of the engine's own deviations.

    Attributes:
        factor: (17,) a, by which deviations grow.
        floor: (17,) b, OKS spreads that are added as variance far from all that people said.
        asked: Frames whose misses are known. checked: Those among them asked to check.
        low: And high: b over all joints lies between, with four chances in five.
        shown: Chance that there is such a b at all, and more than what marks err by anyway.
    """

    factor: Array
    floor: Array
    asked: int = 0
    checked: int = 0
    low: float = 0.0
    high: float = float("inf")
    shown: float = 0.0

    @property
    def typical(self) -> float:
        """b over all joints, in OKS spreads."""
        return float(np.sqrt((self.floor**2).mean()))


UNTOLD: Final = Sureness(np.ones(N_JOINTS), np.zeros(N_JOINTS))
"""Before anybody answered the engine is taken at its word."""


def read(session: SessionEvidence) -> Sureness:
    """What people's answers say of what was foretold of their frames."""
    parts = [_misses(camera) for camera in session.cameras if camera.foretold is not None]
    parts = [part for part in parts if len(part.order)]
    if not parts:
        return UNTOLD
    miss = Misses.joined(parts)
    weight = _weights(miss)
    table = _likelihood(miss) * (_TOGETHER * weight)[:, None, None, None]
    each = np.stack([table[:, _part_of == k].sum((0, 1)) for k in range(len(PARTS))])
    usual = (1 - _OFTEN_WRONG) * np.exp(-FLOORS / _USUAL_FLOOR) / _USUAL_FLOOR
    floors, factors = np.log(usual + _OFTEN_WRONG / FLOORS[-1]), np.log(FACTORS) / _USUAL_FACTOR
    prior = floors[None] - factors[:, None] ** 2 / 2
    together = _chances(prior + each.sum(0))
    factor, floor = np.ones(N_JOINTS), np.zeros(N_JOINTS)
    for k in range(len(PARTS)):
        chance = _chances(prior + each[k] + _OTHERS * (each.sum(0) - each[k]))
        factor[_part_of == k] = np.sqrt((chance.sum(1) * FACTORS**2).sum())
        floor[_part_of == k] = np.sqrt((chance.sum(0) * FLOORS**2).sum())
    rising = np.cumsum(together.sum(0))
    low, high = (float(np.interp(q, rising, FLOORS)) for q in (0.1, 0.9))
    shown = float(together.sum(0)[FLOORS >= _ANYTHING].sum())
    checked = int((miss.why == CHECKED).sum())
    return Sureness(
        np.maximum(factor, 1.0), floor, len(miss.order), checked, low, high, shown
    )  # fmt: skip


def foretell(
    evidence: CameraEvidence, answer: CameraAnswer, frame: int, why: int, *, again: bool = False
) -> CameraEvidence:
    """The evidence with what an answer says of a frame kept, before a person says anything.

    Args:
        evidence: Of a camera. answer: Its answer, that does not know what is about to be said.
        frame: Its number. why: ``NOT_ASKED``, ``DOUBTED`` or ``CHECKED``.
        again: Whether people had confirmed it already: what they say now is no measurement but
            their last word (a deviation of 0 says so).
    """
    told = evidence.foretold or Foretold.nothing(len(evidence))
    now = Foretold(*(getattr(told, name).copy() for name in told.__dataclass_fields__))
    now.positions[frame] = answer.positions[frame]
    now.sigmas[frame] = 0.0 if again else answer.bare[frame]
    now.sizes[frame] = answer.scale[frame]
    now.why[frame] = why
    now.order[frame] = told.order.max(initial=-1) + 1
    return replace(evidence, foretold=now)


def said_again(camera: CameraEvidence) -> Flags:
    """(T,) frames that people confirmed, were asked about again, and answered."""
    told = camera.foretold
    if told is None:
        return np.zeros(len(camera), np.bool_)
    return np.asarray((told.order >= 0) & (told.sigmas == 0).all(1))


def answered(session: SessionEvidence) -> tuple[int, int]:
    """How many frames were asked and answered, and how many of them to check."""
    asked = checked = 0
    for camera in session.cameras:
        if camera.foretold is not None:
            why = camera.foretold.why[camera.settled & ~camera.discarded]
            asked += int((why != NOT_ASKED).sum())
            checked += int((why == CHECKED).sum())
    return asked, checked


@dataclass(frozen=True, eq=False)
class Misses:
    """Of frames that were asked and answered.

    Attributes:
        away2: (N, 17) squared miss in OKS spreads, NaN where nobody said anything.
        stated: (N, 17) variance that was foretold, in spreads². stands: (N, 17) joints that were
            let stand. why: (N,). order: (N,).
    """

    away2: Array
    stated: Array
    stands: Flags
    why: Ints
    order: Ints

    @classmethod
    def joined(cls, parts: list[Misses]) -> Misses:
        """Of several cameras."""
        names = ("away2", "stated", "stands", "why", "order")
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


def _misses(camera: CameraEvidence) -> Misses:
    told = camera.foretold
    assert told is not None
    known = camera.settled & ~camera.discarded & ~said_again(camera)
    at = np.flatnonzero(known & (told.why != NOT_ASKED))
    unit = SPREAD * told.sizes[at, None]
    away2 = ((camera.confirmed[at] - told.positions[at]) ** 2).sum(-1) / unit**2
    stated = (told.sigmas[at] / unit) ** 2
    away2 = np.where(camera.said[at] & np.isfinite(stated), away2, np.nan)
    stands = camera.glanced[at] & (np.nan_to_num(away2) < MINDED**2)
    away2 = np.minimum(away2, _FARTHEST**2)
    return Misses(away2, stated, stands, told.why[at], told.order[at])


def _weights(miss: Misses) -> Array:
    """(N,) how much each frame counts."""
    later = (miss.order[None] > miss.order[:, None]).sum(1)
    return np.asarray(np.where(miss.why == DOUBTED, _DOUBTED, 1.0) * _FADES**later)


def _likelihood(miss: Misses) -> Array:
    """(N, 17, A, B) log likelihood of misses for each a and b; 0 where nobody said anything."""
    known = np.isfinite(miss.away2)
    stated = np.where(known, miss.stated, 1.0)[..., None, None]
    away2 = np.where(known, miss.away2, 0.0)[..., None, None]
    variance = FACTORS[:, None] ** 2 * stated + FLOORS**2
    placed = -away2 / (2 * variance) - np.log(variance)
    stood = np.log(-np.expm1(-(MINDED**2) / (2 * variance)))
    out = np.where(miss.stands[..., None, None], stood, placed)
    return np.asarray(np.where(known[..., None, None], out, 0.0))


def _chances(logs: Array) -> Array:
    out = np.exp(logs - logs.max())
    return np.asarray(out / out.sum())


def near(session: SessionEvidence) -> list[Array]:
    """For each camera (T, 17) how much alike errors are to those where people spoke, in any view
    of the moment."""
    own = [_near(camera.times, camera.said) for camera in session.cameras]
    out = [one.copy() for one in own]
    moments = session.moments
    for c in session.calibrated:
        for other in session.calibrated:
            both = (moments[:, c] >= 0) & (moments[:, other] >= 0)
            here, there = moments[both, c], moments[both, other]
            out[c][here] = np.maximum(out[c][here], own[other][there])
    return out


def apart(session: SessionEvidence) -> tuple[Array, ...]:
    """For each camera (T, 17) the share, 0 to 1, of the variance b² that is left there: nothing
    where a person spoke, all of it far away."""
    near = [_near(camera.times, camera.said) ** 2 for camera in session.cameras]
    out = [1 - own for own in near]
    moments = session.moments
    for c in session.calibrated:
        for other in session.calibrated:
            if other != c and near[other].any():
                both = (moments[:, c] >= 0) & (moments[:, other] >= 0)
                out[c][moments[both, c]] *= 1 - _OTHER_VIEW * near[other][moments[both, other]]
    return tuple(out)


_OTHER_VIEW = 0.7
"""Share of the variance that another calibrated camera's word takes away."""


def _near(times: Array, said: Flags) -> Array:
    """(T, 17) how much alike a joint's error is to that where a person spoke last or next."""
    n = len(times)
    out = np.zeros(said.shape)
    if not said.any():
        return out
    when = np.arange(n)[:, None]
    before = np.maximum.accumulate(np.where(said, when, -1), axis=0)
    after = np.minimum.accumulate(np.where(said, when, n)[::-1], axis=0)[::-1]
    for index, there in ((before, before >= 0), (after, after < n)):
        away = np.abs(times[np.clip(index, 0, n - 1)] - times[:, None])
        np.maximum(out, np.where(there, np.exp(-away / _ALIKE), 0.0), out=out)
    return out
