"""How far people agree who labelled the same frames apart from one another.

Places are compared in pixels and by OKS; visibility and verdicts, which are categories, by
Krippendorff's alpha: 1 where all agree, 0 where they agree as chance would have it. Source:
K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), whose example the tests
compute; human agreement by OKS as in Ronchi and Perona, "Benchmarking and Error Diagnosis in
Multi-Instance Pose Estimation" (ICCV 2017).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.domain.evaluation.similarity import joint_similarities
from backend.domain.keypoints import Skeleton

SEGMENT_SHARE: Final = 0.53
"""Area of a person's segment over that of the rectangle around their joints, where there is no
mask: the usual stand-in (as xtcocotools uses for CrowdPose)."""

_DRAWN_OUT_OF: Final = 1 << 64


class Scale(StrEnum):
    """What values are to one another, and so how far apart two different ones are."""

    NOMINAL = "nominal"
    """Names: any two are equally far apart. Verdicts."""
    ORDINAL = "ordinal"
    """Ranks: not present, occluded, visible."""
    INTERVAL = "interval"
    """Numbers on an even scale."""


def krippendorff_alpha(values: Float[NDArray[Any], "raters units"], scale: Scale) -> float | None:
    """Agreement beyond chance of any number of raters, some of whom may not have seen some units.

    Args:
        values: (R, U) what each rater said of each unit; NaN where they said nothing.
        scale: What the values are to one another.

    Returns:
        At most 1; None where no unit has two values, or all values are the same: then there is
        nothing by which chance could be told.
    """
    paired = values[:, np.sum(~np.isnan(values), axis=0) >= 2]
    known = paired[~np.isnan(paired)]
    levels = np.unique(known)
    if len(levels) < 2:
        return None
    # (V, U) how many raters gave the value to the unit.
    counts = np.stack([np.sum(paired == level, axis=0) for level in levels]).astype(float)
    per_unit = counts.sum(axis=0)
    # (V, V) coincidences: pairs of values within a unit, each unit weighing as its values.
    within = (counts / (per_unit - 1)) @ counts.T - np.diag((counts / (per_unit - 1)).sum(axis=1))
    totals = within.sum(axis=1)
    apart = _distances(levels, totals, scale)
    observed = float((within * apart).sum())
    expected = float((np.outer(totals, totals) * apart).sum())
    if expected <= 0:
        return None
    return 1.0 - (float(totals.sum()) - 1.0) * observed / expected


def _distances(
    levels: NDArray[np.float64], totals: NDArray[np.float64], scale: Scale
) -> NDArray[np.float64]:
    """(V, V) squared distances of values; on an ordinal scale by how many values lie between."""
    if scale is Scale.NOMINAL:
        return 1.0 - np.eye(len(levels))
    places = levels
    if scale is Scale.ORDINAL:
        # The sum from c to k less half of both ends is the difference of their middle ranks.
        places = np.cumsum(totals) - totals / 2
    return np.square(places[:, None] - places[None, :])


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two people's skeletons of one frame.

    Attributes:
        px: (17,) pixels between their places of each joint; NaN where not both placed it.
        oks: In 0 … 1 over the joints that either placed; a joint that only one placed counts 0.
            None where neither placed any.
        same_visibility: (17,) whether both gave the joint the same visibility.
    """

    px: NDArray[np.float64]
    oks: float | None
    same_visibility: NDArray[np.bool_]


def compare(one: Skeleton, other: Skeleton) -> Agreement:
    """How far two people agree on one infant; the same whichever of them is named first."""
    places, visible = zip(*(_arrays(skeleton) for skeleton in (one, other)), strict=True)
    both = (visible[0] > 0) & (visible[1] > 0)
    either = (visible[0] > 0) | (visible[1] > 0)
    px = np.where(both, np.hypot(*(places[0] - places[1]).T), np.nan)
    oks = None
    if either.any():
        area = np.mean([_area(p, v) for p, v in zip(places, visible, strict=True)])
        alike = joint_similarities(places[0][None], np.array([area]), places[1][None])[0]
        oks = float(np.where(both, alike, 0.0)[either].mean())
    return Agreement(px, oks, visible[0] == visible[1])


def _arrays(skeleton: Skeleton) -> tuple[NDArray[np.float64], NDArray[np.int_]]:
    joints = skeleton.joints
    return (
        np.array([(joint.x, joint.y) for joint in joints]),
        np.array([int(joint.visibility) for joint in joints]),
    )


def _area(places: NDArray[np.float64], visible: NDArray[np.int_]) -> float:
    placed = places[visible > 0]
    if not len(placed):
        return 0.0
    width, height = placed.max(axis=0) - placed.min(axis=0)
    return float(max(width, 1.0) * max(height, 1.0) * SEGMENT_SHARE)


def is_drawn(frame_id: int, share: float, seed: str) -> bool:
    """Whether a frame belongs to a random share of all.

    It hangs on the frame and the seed alone: the same whoever asks and whenever, and a larger
    share holds every frame of a smaller one. Source: consistent sampling by hash (Duffield and
    Grossglauser 2001, trajectory sampling).

    Raises:
        InvalidInput: the share is not in 0 … 1.
    """
    if not 0 <= share <= 1:
        raise InvalidInput(f"A share lies between 0 and 1, not at {share}.")
    digest = hashlib.sha256(f"{seed}:{frame_id}".encode()).digest()
    return int.from_bytes(digest[:8]) < share * _DRAWN_OUT_OF


def median_px(agreements: Sequence[Agreement]) -> NDArray[np.float64]:
    """(17,) median distance of each joint over frames; NaN where no frame has it twice."""
    if not agreements:
        return np.full(17, np.nan)
    every = np.stack([agreement.px for agreement in agreements])
    known = ~np.isnan(every).all(axis=0)
    found = np.full(every.shape[1], np.nan)
    found[known] = np.nanmedian(every[:, known], axis=0)
    return found
