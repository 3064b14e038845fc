"""Whether an inferred pose is a body at all, where little but a motion prior vouches for it.

Between frames that follow each other closely the picture's own motion carries a pose, and what it
becomes is better than the pre-label even where checks doubt it: of 21 such frames on sessions for
development all were. Where frames lie far apart there is no such witness. There a pose of which
anatomy doubts joints (limbs longer than this infant's, sides that point against each other, another
stature, places outside the image) that it does not doubt in the pre-label is not taken.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from backend.domain.limbs import BONES
from backend.domain.suspicion.doubts import HALF_LARGER, HALF_LIMB, HALF_SMALLER
from backend.domain.suspicion.reference import USUAL_LONGEST
from backend.domain.suspicion.sides import opposed
from backend.domain.suspicion.surroundings import outside
from backend.domain.suspicion.tracks import OthersFound, Track, bone_lengths, quietly
from backend.domain.trajectories.evidence import Array, CameraEvidence, Flags, Ints, found_at

MORE: Final = 4
"""So many more joints of the inferred pose than of the pre-label are doubted: an arm and a side."""

_ENDS: Final = np.array([bone.ends for bone in BONES])


def not_taken(evidence: CameraEvidence, inferred: Array, relax: float) -> Flags:
    """(T,) frames whose pre-label stands, since the inferred pose is doubted much more.

    Args:
        evidence: Of one camera. inferred: (T, 17, 2) pixels, NaN for unknown.
        relax: Seconds beyond which frames say little of each other.
    """
    out = np.zeros(len(evidence), np.bool_)
    marked = found_at(evidence.marks)
    far = np.concatenate(([True], np.diff(evidence.times) > relax, [True]))
    lone = far[:-1] & far[1:] & evidence.open & marked.any(1) & found_at(inferred).any(1)
    at = np.flatnonzero(lone & ~evidence.said.any(1))
    if not len(at):
        return out
    usual = _Usual(np.where(evidence.said[..., None], evidence.confirmed, evidence.marks))
    size = (evidence.width, evidence.height)
    more = usual.doubted(inferred[at], size) - usual.doubted(evidence.marks[at], size)
    out[at] = more >= MORE
    return out


class _Usual:
    """The infant as labels show it: robust against a share of wrong frames."""

    def __init__(self, joints: Array) -> None:
        """joints: (T, 17, 2) pixels."""
        track = _track(joints, (1, 1))
        self.stature = float(quietly(np.nanmedian, track.stature))
        ratios = bone_lengths(joints) / track.stature[:, None]
        self.limbs = quietly(np.nanquantile, ratios, USUAL_LONGEST, axis=0)

    def doubted(self, joints: Array, size: tuple[int, int]) -> Ints:
        """(K,) how many joints of each pose (K, 17, 2) in an image of this size are doubted."""
        track = _track(joints, size)
        wrong = (opposed(track) > 0) | (outside(track) > 0)
        over = bone_lengths(joints) / self.stature - self.limbs >= HALF_LIMB
        for number, ends in enumerate(_ENDS):
            wrong[:, ends] |= over[:, number, None]
        with np.errstate(all="ignore"):
            growth = np.log(track.stature / self.stature)
        other = (growth >= HALF_LARGER) | (growth <= -HALF_SMALLER)
        return np.asarray((wrong | other[:, None]).sum(1), np.int64)


def _track(joints: Array, size: tuple[int, int]) -> Track:
    n = len(joints)
    nothing = np.full(joints.shape[:2], np.nan)
    return Track(np.arange(float(n)), joints, nothing, size, np.ones(n), OthersFound.nobody(n))
