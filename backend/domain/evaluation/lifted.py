"""Errors of joints that were lifted from one image into space.

Sources: Andriluka et al. 2014 (PCKh: a joint is right within a share of the head's length); Ionescu
et al. 2014 (MPJPE). The papers on infants say neither how long a head is nor where bodies are
aligned: here the head is measured on the body's mesh from chin to crown, and both the error with
the pelvises brought together and the one without are given.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from backend.domain.evaluation.body_errors import Alignment, pelvises, point_errors

SHARES: Final = (1.0, 2.0)
"""Of the head's length, within which a joint counts as right."""


def lifted_errors(
    predicted: Float[NDArray[Any], "n 17 3"],
    true: Float[NDArray[Any], "n 17 3"],
    heads: Float[NDArray[Any], " n"],
    predicted_px: Float[NDArray[Any], "n 17 2"],
    true_px: Float[NDArray[Any], "n 17 2"],
) -> dict[str, float]:
    """Means over all joints of all people.

    Args:
        predicted: Joints in the camera's axes, metres.
        true: The same; NaN where unknown.
        heads: Length of each head in metres; NaN where unknown.
        predicted_px: The predicted joints as the camera would see them.
        true_px: The true ones.

    Returns:
        ``MPJPE`` and ``MPJPE_unaligned`` in mm, ``PA-MPJPE`` in mm, ``PCKh@1.0`` and ``PCKh@2.0``
        (shares of joints, pelvises brought together), ``AJPE_mm`` (as MPJPE, over joints instead
        of people) and ``AJPE_px``.
    """
    aligned = point_errors(
        predicted,
        true,
        Alignment.PELVIS,
        predicted_pelvis=pelvises(predicted),
        true_pelvis=pelvises(true),
    )
    found = {
        "MPJPE": float(np.nanmean(np.nanmean(aligned, axis=1))),
        "MPJPE_unaligned": float(np.nanmean(point_errors(predicted, true, Alignment.NONE))),
        "PA-MPJPE": float(np.nanmean(point_errors(predicted, true, Alignment.PROCRUSTES))),
        "AJPE_mm": float(np.nanmean(aligned)),
        "AJPE_px": float(np.nanmean(np.linalg.norm(predicted_px - true_px, axis=2))),
    }
    measured = np.isfinite(heads)
    if measured.any():
        known = aligned[measured]
        for share in SHARES:
            right = known <= 1000 * share * heads[measured, None]
            found[f"PCKh@{share:.1f}"] = float(right[np.isfinite(known)].mean())
    return found
