"""Which of the people found in a frame is likely the infant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from backend.domain.estimates import PoseEstimate
from backend.domain.limbs import BONES
from backend.domain.limits import LOW_SCORE

GOOD_SCORE: Final = 0.3
"""A person below this score is not proposed while another one reaches it."""

SHARE_OF_BEST: Final = 0.5
"""A person must also reach this share of the best score in the frame."""

MIN_JOINTS: Final = 6
"""A person with fewer good joints is a fragment: its size cannot be told."""

SAME_SIZE: Final = 0.9
"""Sizes whose ratio is above this are equal; then the better score decides."""

_FROM: Final = np.array([bone.ends[0] for bone in BONES])
_TO: Final = np.array([bone.ends[1] for bone in BONES])
_SHARE: Final = np.array([bone.stature for bone in BONES])


def likeliest_infant(candidates: Sequence[PoseEstimate]) -> int | None:
    """Propose the infant: the smallest skeleton with a good score.

    A *good* candidate scores at least 0.3 and half of the frame's best score, and has six joints
    of score 0.3. Among the good ones the smallest apparent stature wins (see
    :func:`apparent_stature`); among sizes within a tenth of each other, the best score. Where
    nobody is good, the best score wins: a doubtful proposal that a person corrects is better than
    none.

    Stature is compared rather than the rectangle around the joints, because a carer of whom only a
    forearm and a face are in the picture covers less of it than the infant does.

    Returns:
        The index of the proposed candidate, or None where there are no candidates.
    """
    if not candidates:
        return None
    best = max(candidate.score for candidate in candidates)
    floor = max(GOOD_SCORE, SHARE_OF_BEST * best)
    statures = {
        index: apparent_stature(candidate)
        for index, candidate in enumerate(candidates)
        if candidate.score >= floor and int((candidate.scores >= LOW_SCORE).sum()) >= MIN_JOINTS
    }
    if not statures:
        return max(range(len(candidates)), key=lambda index: candidates[index].score)
    smallest = min(statures.values())
    alike = [i for i, stature in statures.items() if smallest >= SAME_SIZE * stature]
    return max(alike, key=lambda index: candidates[index].score)


def apparent_stature(candidate: PoseEstimate) -> float:
    """How tall the person would be in the image if stretched out, in pixels.

    Each bone between two good joints gives its length over its share of stature. Foreshortening
    makes bones look shorter, never longer, so the upper quartile is taken. With fewer than three
    such bones it is the diagonal of the rectangle around the good joints, or of the model's box.
    """
    good = candidate.scores >= LOW_SCORE
    usable = good[_FROM] & good[_TO]
    if int(usable.sum()) >= 3:
        bones = candidate.keypoints[_TO[usable]] - candidate.keypoints[_FROM[usable]]
        lengths = np.hypot(bones[:, 0], bones[:, 1])
        return float(np.quantile(lengths / _SHARE[usable], 0.75))
    if int(good.sum()) >= 2:
        extent = np.ptp(candidate.keypoints[good], axis=0)
    else:
        extent = np.array(candidate.box[2:])
    return float(np.hypot(extent[0], extent[1]))
