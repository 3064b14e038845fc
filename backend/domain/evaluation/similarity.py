"""Object keypoint similarity (OKS), many pairs of people at once.

Source: cocodataset.org, "Keypoint Evaluation": OKS = Σ exp(−d² / 2s²k²) / n over the n labelled
joints, with s² the area of the person's segment and k = 2σ.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from backend.domain.skeleton import N_JOINTS, SIGMAS

VARIANCES: Final = (np.array([round(10 * sigma, 3) for sigma in SIGMAS]) / 10.0 * 2) ** 2
"""(17,) k² of each joint, rounded as in pycocotools, which writes ten times σ and divides."""

_EPSILON: Final = np.spacing(1)
_CHUNK: Final = 1 << 16


def joint_similarities(
    truth: Float[NDArray[Any], "*n 17 2"],
    area: Float[NDArray[Any], "*n"],
    predicted: Float[NDArray[Any], "*n 17 2"],
) -> Float[NDArray[Any], "*n 17"]:
    """Similarity of each joint, exp(−d² / 2s²k²), in 0 … 1.

    Args:
        truth: (…, 17, 2) pixels.
        area: (…,) pixels.
        predicted: (…, 17, 2) pixels.
    """
    with np.errstate(over="ignore"):
        offset = predicted - truth
        square = offset[..., 0] ** 2 + offset[..., 1] ** 2
        return np.asarray(np.exp(-(square / VARIANCES / (area + _EPSILON)[..., None] / 2)))


def oks(
    truth: Float[NDArray[Any], "n 17 2"],
    visibility: Int[NDArray[Any], "n 17"],
    area: Float[NDArray[Any], " n"],
    box: Float[NDArray[Any], "n 4"],
    predicted: Float[NDArray[Any], "n 17 2"],
) -> Float[NDArray[Any], " n"]:
    """OKS of pairs, bit by bit as pycocotools computes it.

    A person without a labelled joint is measured by how far the predicted joints lie outside of a
    region three times as wide and high as the box (its own size added on every side), over all 17
    joints.

    Args:
        truth: (N, 17, 2) pixels.
        visibility: (N, 17).
        area: (N,) pixels.
        box: (N, 4) left, top, width, height.
        predicted: (N, 17, 2) pixels.

    Returns:
        (N,) in 0 … 1.
    """
    found = np.empty(len(truth))
    for begin in range(0, len(truth), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        found[part] = _oks(truth[part], visibility[part], area[part], box[part], predicted[part])
    return found


def _oks(truth: Any, visibility: Any, area: Any, box: Any, predicted: Any) -> Any:
    seen = visibility > 0
    counts = seen.sum(axis=1)
    with np.errstate(over="ignore", invalid="ignore"):
        offset = predicted - truth
        blank = np.flatnonzero(counts == 0)
        if len(blank):
            low = box[blank, :2] - box[blank, 2:]
            high = box[blank, :2] + box[blank, 2:] * 2
            there = predicted[blank]
            outside = np.maximum(0, low[:, None] - there) + np.maximum(0, there - high[:, None])
            offset[blank] = outside
        error = (offset[..., 0] ** 2 + offset[..., 1] ** 2) / VARIANCES
        error = error / (area + _EPSILON)[:, None] / 2
        kernel = np.exp(-error)
    found = np.empty(len(truth))
    # Sums of as many terms in the same order round as they do one person at a time.
    for count in np.unique(counts).tolist():
        rows = np.flatnonzero(counts == count)
        if count in (0, N_JOINTS):
            terms = kernel[rows]
        else:
            terms = kernel[rows][seen[rows]].reshape(-1, count)
        found[rows] = np.sum(terms, axis=1) / terms.shape[1]
    return found
