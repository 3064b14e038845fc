"""Two skeletons of one infant in one picture: how far apart, in pixels and in similarity.

Similarity is that of OKS (``domain.evaluation.similarity``), scaled by the area of the rectangle
around the reference's joints, since a mask is not there yet while joints are inspected. That area
is larger than a mask's, so that such values lie somewhat above those of an evaluation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from backend.domain.evaluation.similarity import joint_similarities
from backend.domain.keypoints import Skeleton
from backend.domain.skeleton import N_JOINTS

LOW_AGREEMENT = 0.85
"""OKS below which a person and the model are said to disagree: where COCO's strictest usual
thresholds (.85 and above) stop to count a prediction as found."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs between a reference and another skeleton.

    Attributes:
        pixels: By joint, the distance; None where one of both has no place.
        similarity: By joint, 0 … 1; None where the reference has no place. A joint that only the
            reference has is not similar at all.
        oks: Mean similarity of the reference's joints; None where it has none.
    """

    pixels: tuple[float | None, ...]
    similarity: tuple[float | None, ...]
    oks: float | None


def compare(reference: Skeleton, other: Skeleton) -> Compared:
    """Compare two skeletons of one picture."""
    truth, here = _arrays(reference)
    guess, there = _arrays(other)
    if not here.any():
        return Compared((None,) * N_JOINTS, (None,) * N_JOINTS, None)
    alike = joint_similarities(truth[None], np.array([_area(truth[here])]), guess[None])[0]
    alike = np.where(there, alike, 0.0)
    distance = np.hypot(*(guess - truth).T)
    both = here & there
    return Compared(
        pixels=tuple(float(d) if b else None for d, b in zip(distance, both, strict=True)),
        similarity=tuple(float(s) if h else None for s, h in zip(alike, here, strict=True)),
        oks=float(alike[here].mean()),
    )


def _arrays(skeleton: Skeleton) -> tuple[Float[NDArray[np.float64], "17 2"], NDArray[np.bool_]]:
    flat = np.array(skeleton.to_flat()).reshape(N_JOINTS, 3)
    return flat[:, :2], flat[:, 2] > 0


def _area(joints: Float[NDArray[np.float64], "n 2"]) -> float:
    """Of the rectangle around joints, in pixels; at least one."""
    width, height = joints.max(axis=0) - joints.min(axis=0)
    return float(max(width, 1.0) * max(height, 1.0))
