"""All evidence together: how likely each joint needs a hand, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from backend.domain.suspicion import bodies, sides, surroundings, trajectory
from backend.domain.suspicion.doubts import (
    DOUBTS,
    HALF_DROP,
    HALF_EXCHANGED,
    HALF_JUMP,
    HALF_LIMB,
    HALF_OFF_MASK,
    HALF_SCORE,
    HALF_VIEWS,
    ONE_SPOT,
    SUSPICIOUS,
    UNSURE_AT_MOST,
    USUAL_VIEWS,
    Doubt,
    fallen,
    grown,
)
from backend.domain.suspicion.reference import Reference, local_size, measured
from backend.domain.suspicion.tracks import Track, rolling_maximum

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

CERTAIN: Final = 0.99
"""Nothing is surer than this: a person decides."""

BY_ITSELF: Final = 0.7
"""Of bodies whose shoulders and hips point against each other, so many are exchanged."""

MOST_OF_JUMP: Final = 0.7
NEAR_JUMP: Final = 8
"""Of joints that jump within so many frames, those that jump by this share of the farthest are
wrong, and the others only lie next to them."""

reference_of = measured


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What is doubted in one camera.

    Attributes:
        joints: (T, 17) probability that a joint needs a hand; 0 where it is not present.
        doubts: (T, 17) the plainest reason that suffices, a place in ``doubts.DOUBTS``.
        frames: (T,) for the order of frames: the most doubted joint's, and a little for the rest.
    """

    joints: Float[Array, "t 17"]
    doubts: Int[Integers, "t 17"]
    frames: Float[Array, " t"]

    def suspicious(self, t: int) -> list[tuple[int, Doubt]]:
        """The joints of a frame that stand in the queue, the most doubted first."""
        found = np.flatnonzero(self.joints[t] >= SUSPICIOUS)
        order = found[np.argsort(-self.joints[t, found], kind="stable")]
        return [(int(j), DOUBTS[self.doubts[t, j]]) for j in order]


def rank(track: Track, usual: Reference | None = None) -> Suspicion:
    """How likely each joint of one camera needs a hand, and why.

    Kinds of evidence count as independent: a joint is right only if none of its doubts holds. A
    wrong frame makes its neighbours look wrong as well; so joints are foretold a second time
    without those that were doubted most around them.

    Args:
        track: The infant, in order of time.
        usual: What is usual; measured from the track itself where it is not given.
    """
    usual = usual or measured(track)
    size = local_size(track)
    size = np.where(np.isfinite(size) & (size > 0), size, usual.stature)
    size = np.where(np.isfinite(size) & (size > 0), size, float(max(track.size)))
    away = trajectory.jumps(track, size, usual.noise)
    jump = grown(away, HALF_JUMP)
    known = np.isfinite(away)
    ones = np.ones(track.joints.shape[:2])
    evidence = {
        Doubt.OUTSIDE: 0.9 * surroundings.outside(track),
        Doubt.WRONG_BODY: bodies.wrong_body(track, size, usual)[:, None] * ones,
        # Where no frame is near, one body can still contradict itself.
        Doubt.EXCHANGED: np.where(
            known.any(axis=1, keepdims=True),
            grown(sides.exchanged(track, size), HALF_EXCHANGED),
            BY_ITSELF * sides.opposed(track),
        ),
        Doubt.FROZEN: trajectory.frozen(track)[:, None] * ones,
        Doubt.JUMP: jump,
        Doubt.LIMB: grown(bodies.limbs_too_long(track, size, usual, away), HALF_LIMB),
        Doubt.OTHER_PERSON: surroundings.on_others(track, size, np.where(known, jump, np.nan)),
        Doubt.SAME_SPOT: ONE_SPOT * sides.same_spot(track, size),
        Doubt.UNSURE: UNSURE_AT_MOST
        * np.maximum(
            fallen(track.scores, HALF_SCORE), grown(usual.scores - track.scores, HALF_DROP)
        ),
    }
    if track.disagreement is not None:
        limit = np.fmax(HALF_VIEWS, USUAL_VIEWS * usual.views)
        evidence[Doubt.VIEWS] = grown(track.disagreement / limit, 1.0)
    if track.off_mask is not None:
        evidence[Doubt.OFF_MASK] = grown(track.off_mask / size[:, None], HALF_OFF_MASK)
    present = np.isfinite(track.joints).all(-1)
    wrong = _together(evidence | {Doubt.JUMP: 0 * jump}, np.asarray(present)).joints >= SUSPICIOUS
    wrong |= (jump >= SUSPICIOUS) & (away >= MOST_OF_JUMP * rolling_maximum(away, NEAR_JUMP))
    trusted = np.where(wrong[..., None], np.nan, track.joints)
    again = trajectory.jumps(track, size, usual.noise, trusted)
    evidence[Doubt.JUMP] = np.where(np.isfinite(again), grown(again, HALF_JUMP), jump)
    return _together(evidence, np.asarray(present))


def _together(evidence: dict[Doubt, Array], present: NDArray[np.bool_]) -> Suspicion:
    stacked = np.zeros((len(DOUBTS), *present.shape))
    for doubt, chance in evidence.items():
        stacked[DOUBTS.index(doubt)] = np.where(present, np.clip(chance, 0.0, CERTAIN), 0.0)
    joints = np.minimum(1 - np.prod(1 - stacked, axis=0), CERTAIN)
    joints = np.where(present, joints, 0.0)
    worst = joints.max(axis=1)
    rest = joints.mean(axis=1)
    return Suspicion(joints, _reasons(stacked), 1 - (1 - worst) * (1 - 0.5 * rest))


def _reasons(chances: Array) -> Integers:
    """(T, 17) the plainest doubt that suffices by itself, or else the strongest."""
    enough = chances >= SUSPICIOUS
    return np.asarray(np.where(enough.any(axis=0), enough.argmax(axis=0), chances.argmax(axis=0)))
