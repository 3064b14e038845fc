"""Errors of joints in pixels, and what kind of errors they are.

Sources: Yang & Ramanan 2013 (PCK); Andriluka et al. 2014 (PCKh); Ronchi & Perona 2017,
"Benchmarking and Error Diagnosis in Multi-Instance Pose Estimation" (kinds of errors).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from backend.domain.evaluation.pairing import Paired
from backend.domain.evaluation.samples import Predictions, Truths
from backend.domain.evaluation.similarity import joint_similarities
from backend.domain.skeleton import FACE, JOINTS, MIRROR, N_JOINTS

MIN_GOOD: Final = 0.85
MIN_NEAR: Final = 0.5
"""Similarity of a joint from which on it is good, and below which it is not near its place."""

_LEFT_SHOULDER, _RIGHT_SHOULDER = JOINTS.index("left_shoulder"), JOINTS.index("right_shoulder")
_LEFT_HIP, _RIGHT_HIP = JOINTS.index("left_hip"), JOINTS.index("right_hip")
_MIRROR: Final = np.array(MIRROR)
_PAIRED: Final = np.arange(N_JOINTS) != _MIRROR
_FACE: Final = np.array(FACE)


class ErrorKind(IntEnum):
    """What became of a labelled joint of a person who was located."""

    UNMEASURED = 0
    GOOD = 1
    """Similarity of at least 0.85."""
    JITTER = 2
    """At least 0.5: near its place."""
    INVERSION = 3
    """Below 0.5, but at least 0.5 to the other side's joint of the same person."""
    SWAP = 4
    """Below 0.5, but at least 0.5 to the same or the other side's joint of somebody else."""
    MISS = 5
    """Below 0.5 to all of these."""


def distances(
    truths: Truths, predictions: Predictions, paired: Paired
) -> Float[NDArray[Any], "n 17"]:
    """Pixels between labelled joints and their predictions.

    Returns:
        (N, 17); NaN where a joint is not labelled, or nobody was predicted.
    """
    found = np.full(truths.visibility.shape, np.nan)
    rows = np.flatnonzero(paired.prediction >= 0)
    offset = predictions.joints[paired.prediction[rows]] - truths.joints[rows]
    with np.errstate(over="ignore"):
        found[rows] = np.hypot(offset[..., 0], offset[..., 1])
    found[(truths.visibility == 0) | ~truths.measured[:, None]] = np.nan
    return found


def box_sides(truths: Truths) -> Float[NDArray[Any], " n"]:
    """(N,) the longer side of each box in pixels; NaN without a box."""
    side = truths.box[:, 2:].max(axis=1)
    return np.where(side > 0, side, np.nan)


def torso_lengths(truths: Truths) -> Float[NDArray[Any], " n"]:
    """(N,) the longer of the labelled diagonals from a shoulder to the opposite hip, in pixels.

    NaN where neither has both ends labelled, or all lie in one point.
    """
    lengths = [
        _between(truths, _LEFT_SHOULDER, _RIGHT_HIP),
        _between(truths, _RIGHT_SHOULDER, _LEFT_HIP),
    ]
    longest = np.fmax(*lengths)
    return np.where(longest > 0, longest, np.nan)


def head_lengths(truths: Truths) -> tuple[Float[NDArray[Any], " n"], bool]:
    """(N,) length of the head in pixels, and whether the file said it.

    COCO's joints hold neither the top of the head nor the neck. Where the file gives a head length
    for every person with labelled joints, that is taken; otherwise, for all alike, the largest
    distance between two labelled joints of the face (nose, eyes, ears), at least three of them.
    From the front that is ear to ear, from the side nose to ear: somewhat less than a head's
    length, so that such numbers cannot be compared with MPII's PCKh.
    """
    asked = truths.measured
    if asked.any() and bool((truths.head[asked] > 0).all()):
        return np.where(truths.head > 0, truths.head, np.nan), True
    longest = np.full(len(truths), np.nan)
    for i, a in enumerate(_FACE):
        for b in _FACE[i + 1 :]:
            longest = np.fmax(longest, _between(truths, int(a), int(b)))
    enough = (truths.visibility[:, _FACE] > 0).sum(axis=1) >= 3
    return np.where(enough & (longest > 0), longest, np.nan), False


def _between(truths: Truths, a: int, b: int) -> Float[NDArray[Any], " n"]:
    both = (truths.visibility[:, a] > 0) & (truths.visibility[:, b] > 0)
    offset = truths.joints[:, a] - truths.joints[:, b]
    return np.where(both, np.hypot(offset[:, 0], offset[:, 1]), np.nan)


def correct(
    truths: Truths,
    distance: Float[NDArray[Any], "n 17"],
    length: Float[NDArray[Any], " n"],
    threshold: float,
) -> Float[NDArray[Any], "n 17"]:
    """Whether joints lie within a share of a length (PCK).

    Args:
        truths: The ground truth.
        distance: (N, 17) from :func:`distances`.
        length: (N,) pixels that count as one.
        threshold: The share, as 0.2.

    Returns:
        (N, 17) 1 or 0; joints of somebody who was not predicted are wrong; NaN where a joint is not
        labelled or its person has no such length.
    """
    asked = (truths.visibility > 0) & truths.measured[:, None] & np.isfinite(length)[:, None]
    within = np.nan_to_num(distance, nan=np.inf) <= threshold * length[:, None]
    return np.where(asked, within.astype(float), np.nan)


def similarities(
    truths: Truths, predictions: Predictions, paired: Paired
) -> Float[NDArray[Any], "n 17"]:
    """(N, 17) similarity of labelled joints; 0 where nobody was predicted, NaN where unlabelled."""
    found = np.zeros(truths.visibility.shape)
    rows = np.flatnonzero(paired.prediction >= 0)
    found[rows] = joint_similarities(
        truths.joints[rows], truths.area[rows], predictions.joints[paired.prediction[rows]]
    )
    found[(truths.visibility == 0) | ~truths.measured[:, None]] = np.nan
    return found


def kinds(truths: Truths, predictions: Predictions, paired: Paired) -> Int[NDArray[Any], "n 17"]:
    """What kind of error each joint shows: values of :class:`ErrorKind`.

    A joint that is near its own place is never an inversion or a swap. Where both fit, the more
    similar one is said; of two that are equal, the inversion. Similarity to somebody else is scaled
    by that person's area.

    Args:
        truths: The ground truth.
        predictions: What is measured.
        paired: Who was located: ``pairing.located``.

    Returns:
        (N, 17); unmeasured where a joint is not labelled or its person was not located.
    """
    found = np.full(truths.visibility.shape, int(ErrorKind.UNMEASURED))
    rows = np.flatnonzero(paired.prediction >= 0)
    predicted = predictions.joints[paired.prediction[rows]]
    own = joint_similarities(truths.joints[rows], truths.area[rows], predicted)
    mirrored = _to_mirrored(truths, rows, predicted)
    others = _to_others(truths, rows, predicted)
    kind = np.full(own.shape, int(ErrorKind.MISS))
    kind[others >= MIN_NEAR] = ErrorKind.SWAP
    kind[(mirrored >= MIN_NEAR) & (mirrored >= others)] = ErrorKind.INVERSION
    kind[own >= MIN_NEAR] = ErrorKind.JITTER
    kind[own >= MIN_GOOD] = ErrorKind.GOOD
    kind[truths.visibility[rows] == 0] = ErrorKind.UNMEASURED
    found[rows] = kind
    return found


def _to_mirrored(truths: Truths, rows: Any, predicted: Any) -> Any:
    """(R, 17) similarity to the other side's joint of the person in each row."""
    there = (truths.visibility[rows][:, _MIRROR] > 0) & _PAIRED
    similar = joint_similarities(truths.joints[rows][:, _MIRROR], truths.area[rows], predicted)
    return np.where(there, similar, 0.0)


def _to_others(truths: Truths, rows: Any, predicted: Any) -> Any:
    """(R, 17) largest similarity to a joint of the same name or side's twin of somebody else."""
    found = np.zeros((len(rows), N_JOINTS))
    measured = np.flatnonzero(truths.measured)
    order = measured[np.argsort(truths.image[measured], kind="stable")]
    images = truths.image[order]
    first = np.searchsorted(images, truths.image[rows], side="left")
    last = np.searchsorted(images, truths.image[rows], side="right")
    for step in range(int((last - first).max(initial=0))):
        mine = np.flatnonzero(first + step < last)
        other = order[(first + step)[mine]]
        mine, other = mine[other != rows[mine]], other[other != rows[mine]]
        same = joint_similarities(truths.joints[other], truths.area[other], predicted[mine])
        same = np.where(truths.visibility[other] > 0, same, 0.0)
        twin = _to_mirrored(truths, other, predicted[mine])
        found[mine] = np.maximum(found[mine], np.maximum(same, twin))
    return found


def mended(
    truths: Truths,
    predictions: Predictions,
    paired: Paired,
    wrong: Bool[NDArray[Any], "n 17"],
) -> Predictions:
    """The predictions with some joints put where they belong: what a kind of error costs in AP."""
    joints = predictions.joints.copy()
    person, joint = np.nonzero(wrong & (paired.prediction >= 0)[:, None])
    joints[paired.prediction[person], joint] = truths.joints[person, joint]
    return predictions.with_joints(joints)
