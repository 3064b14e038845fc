"""Errors of bodies in 3D: joints and vertices, by the rule of alignment that is named.

Sources: Ionescu et al. 2014 (MPJPE); Goel et al. 2023, "Humans in 4D" (PA-MPJPE with scale);
Pavlakos et al. 2018 (per-vertex error). The papers of infant bodies name no joint to align by, so
that both the aligned and the unaligned error are given.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.domain.metrics import similarities
from backend.domain.skeleton import JOINTS, N_JOINTS

N_BODY_JOINTS: Final = 24
"""Joints of SMPL and SMIL; the first is the pelvis."""

_HIPS: Final = (JOINTS.index("left_hip"), JOINTS.index("right_hip"))


class Alignment(StrEnum):
    """What is done to a predicted body before it is compared."""

    NONE = "none"
    """Nothing: place, size and direction count."""

    PELVIS = "pelvis"
    """It is shifted so that the pelvises meet; size and direction count."""

    PROCRUSTES = "procrustes"
    """It is shifted, turned and scaled to lie as near as it can; never mirrored. Only the pose
    counts."""


def pelvises(joints: Float[NDArray[Any], "n j 3"]) -> Float[NDArray[Any], "n 3"]:
    """(N, 3) the pelvis of each body: the middle of COCO's hips, or SMPL's joint 0.

    Args:
        joints: (N, 17, 3) COCO joints or (N, 24, 3) SMPL's; NaN where unknown.

    Raises:
        InvalidInput: another number of joints.
    """
    if joints.shape[1] == N_JOINTS:
        return np.asarray(joints[:, _HIPS].mean(axis=1))
    if joints.shape[1] == N_BODY_JOINTS:
        return joints[:, 0]
    raise InvalidInput(
        f"{joints.shape[1]} joints: {N_JOINTS} (COCO) or {N_BODY_JOINTS} (SMPL) are wanted."
    )


def point_errors(
    predicted: Float[NDArray[Any], "n p 3"],
    true: Float[NDArray[Any], "n p 3"],
    alignment: Alignment,
    *,
    predicted_pelvis: Float[NDArray[Any], "n 3"] | None = None,
    true_pelvis: Float[NDArray[Any], "n 3"] | None = None,
) -> Float[NDArray[Any], "n p"]:
    """Distances of points after alignment.

    Args:
        predicted: (N, P, 3) metres: joints or vertices.
        true: (N, P, 3) metres; NaN points are left out.
        alignment: What is done to the predicted points first.
        predicted_pelvis: (N, 3) needed for alignment by the pelvis.
        true_pelvis: (N, 3) likewise.

    Returns:
        (N, P) millimetres; NaN where a point, or a pelvis that is needed, is unknown, or fewer than
        three points are known to Procrustes.
    """
    if alignment is Alignment.PELVIS:
        assert predicted_pelvis is not None
        assert true_pelvis is not None
        predicted = predicted - predicted_pelvis[:, None]
        true = true - true_pelvis[:, None]
    elif alignment is Alignment.PROCRUSTES:
        known = np.isfinite(predicted).all(axis=-1) & np.isfinite(true).all(axis=-1)
        scale, R, at = similarities(predicted, true, known)
        predicted = scale[:, None, None] * predicted @ R.transpose(0, 2, 1) + at[:, None]
    return np.asarray(1000 * np.linalg.norm(predicted - true, axis=-1))


def body_measures(
    predicted: Float[NDArray[Any], "n j 3"],
    true: Float[NDArray[Any], "n j 3"],
    predicted_vertices: Float[NDArray[Any], "n v 3"] | None = None,
    true_vertices: Float[NDArray[Any], "n v 3"] | None = None,
) -> dict[str, Float[NDArray[Any], " n"]]:
    """All measures of each body.

    Args:
        predicted: (N, 17 or 24, 3) metres.
        true: (N, the same, 3) metres; NaN where unknown.
        predicted_vertices: (N, V, 3) metres, or None.
        true_vertices: (N, V, 3) metres of the same mesh, or None.

    Returns:
        (N,) millimetres by the names of ``conventions``; NaN where a body cannot be measured.
    """
    pelvis = {"predicted_pelvis": pelvises(predicted), "true_pelvis": pelvises(true)}
    found = {
        "MPJPE": point_errors(predicted, true, Alignment.PELVIS, **pelvis),
        "MPJPE_unaligned": point_errors(predicted, true, Alignment.NONE),
        "PA-MPJPE": point_errors(predicted, true, Alignment.PROCRUSTES),
    }
    if predicted_vertices is not None and true_vertices is not None:
        vertices = predicted_vertices, true_vertices
        found["PVE"] = point_errors(*vertices, Alignment.PELVIS, **pelvis)
        found["PVE_unaligned"] = point_errors(*vertices, Alignment.NONE)
    return {name: _mean_of_known(errors) for name, errors in found.items()}


def _mean_of_known(errors: Float[NDArray[Any], "n p"]) -> Float[NDArray[Any], " n"]:
    known = np.isfinite(errors)
    count = known.sum(axis=1)
    total = np.where(known, errors, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
