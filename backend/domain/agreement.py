"""On which joints the views of a recording agree: many joints of many moments at once.

The rule, which the browser's editor follows as well (``editor/multiview/consensus.ts``): joints
that a person confirmed count first, where two views have them; else all that are visible; else
occluded ones too. Of those, as many views as possible must agree (``views.agree``). A mark that
lies farther than the threshold from the agreed point disagrees, wherever it comes from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.domain.limits import MAX_SHAPE_DIFFERENCE, MAX_VIEW_ERROR_PX
from backend.domain.views import reprojection_errors, triangulate

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_PAIR_STEPS = 3


class Trust(IntEnum):
    """What a mark is worth in one view."""

    NONE = 0
    OCCLUDED = 1
    VISIBLE = 2
    CONFIRMED = 3
    """Visible, and a person placed it or kept its frame."""


@dataclass(frozen=True, slots=True)
class Agreements:
    """What several views say of N joints.

    Attributes:
        points: (N, 3) metres; NaN where fewer than two views have a mark.
        errors: (C, N) pixels from each mark to the projected point; NaN without a mark.
        agreed: (N,) whether at least two views agree.
        disagrees: (C, N) marks that lie too far from the point, or all where no two views agree.
    """

    points: Array
    errors: Array
    agreed: Flags
    disagrees: Flags


def agree_by_trust(
    cameras: Sequence[Camera],
    pixels: ArrayLike,
    trust: ArrayLike,
    threshold_px: float = MAX_VIEW_ERROR_PX,
) -> Agreements:
    """Find the points on which most trusted views agree.

    Args:
        cameras: C placed cameras.
        pixels: (C, N, 2); what lies there without trust is not looked at.
        trust: (C, N) of :class:`Trust`.
        threshold_px: How far a mark may lie from the projected point.

    Raises:
        InvalidInput: the shapes do not fit together.
    """
    pixels, levels = np.asarray(pixels, float), np.asarray(trust, int)
    if pixels.shape != (len(cameras), levels.shape[-1], 2) or levels.shape != pixels.shape[:2]:
        raise InvalidInput(
            f"{len(cameras)} cameras, pixels of shape {pixels.shape}, trust of {levels.shape}."
        )
    n = levels.shape[1]
    marked = (levels > Trust.NONE) & np.isfinite(pixels).all(-1)
    pixels = np.where(marked[..., None], pixels, np.nan)
    points = np.full((n, 3), np.nan)
    agreed = np.zeros(n, bool)
    for level in (Trust.CONFIRMED, Trust.VISIBLE, Trust.OCCLUDED):
        used = marked & (levels >= level)
        open_ = np.flatnonzero(~agreed & (used.sum(axis=0) >= 2))
        if not len(open_):
            continue
        found, inliers = _agree(cameras, pixels[:, open_], used[:, open_], threshold_px)
        fresh = ~np.isfinite(points[open_]).all(-1) | inliers.any(axis=0)
        points[open_[fresh]] = found[fresh]
        agreed[open_] = inliers.any(axis=0)
    errors = reprojection_errors(cameras, points, pixels)
    several = marked & (marked.sum(axis=0) >= 2)
    disagrees = several & np.where(agreed, ~(errors <= threshold_px), True)
    return Agreements(points, errors, agreed, disagrees)


def _agree(
    cameras: Sequence[Camera], pixels: Array, used: Flags, threshold_px: float
) -> tuple[Array, Flags]:
    """``views.agree`` for many joints: points (N, 3) and inliers (C, N), none without majority."""
    n = pixels.shape[1]
    count, total = np.zeros(n, int), np.full(n, np.inf)
    inliers = np.zeros((len(cameras), n), bool)
    for a, b in combinations(range(len(cameras)), 2):
        at = np.flatnonzero(used[a] & used[b])
        if not len(at):
            continue
        pair = triangulate([cameras[a], cameras[b]], pixels[[a, b]][:, at], steps=_PAIR_STEPS)
        errors = reprojection_errors(cameras, pair, pixels[:, at])
        near = used[:, at] & (errors <= threshold_px)
        agreeing, far = near.sum(axis=0), np.where(near, errors, 0.0).sum(axis=0)
        better = (agreeing > count[at]) | ((agreeing == count[at]) & (far < total[at]))
        better &= agreeing >= 2
        won = at[better]
        count[won], total[won], inliers[:, won] = agreeing[better], far[better], near[:, better]
    seen = used.sum(axis=0)
    split = (count < 2) | ((seen >= 4) & (count * 2 <= seen))
    inliers[:, split] = False
    weights = np.where(split, used, inliers).astype(float)
    return triangulate(cameras, pixels, weights), inliers


def scaled_to(camera: Camera, width: int, height: int) -> Camera | None:
    """The same camera for images of another size; None where they have another shape."""
    if (camera.width, camera.height) == (width, height):
        return camera
    s = width / camera.width
    if abs(camera.height * s / height - 1) > MAX_SHAPE_DIFFERENCE:
        return None
    K = camera.K.copy()
    K[:2] *= s
    return replace(camera, width=width, height=height, K=K)
