"""What differs between two versions of a dataset, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from backend.domain.evaluation.similarity import oks

MOVED_PX = 0.01
"""Joints that lie this near to each other, in pixels, are in the same place."""


class ChangeKind(StrEnum):
    """What can differ between two versions."""

    CAME = "came"
    """Frames that only the later version holds."""
    WENT = "went"
    """Frames that only the earlier version holds."""
    MOVED = "moved"
    VISIBILITY = "visibility"
    """Came and went included: a joint that was absent has another visibility."""
    POSTURE = "posture"
    BOX = "box"
    FIT = "fit"


@dataclass(frozen=True, slots=True)
class LabelChanges:
    """Frames of both versions whose joints or box differ, a row for each, in the given order.

    Attributes:
        frame: (n,) ids.
        moved: (n, 17) pixels that each joint moved; NaN where it is absent in one of the two.
        oks: (n,) object keypoint similarity of the later joints to the earlier ones, with the
            earlier box's area; NaN where no joint was present in both.
        visibility: (n, 17) joints whose visibility differs.
        box_iou: (n,) overlap of the boxes; 1 where they are the same.
    """

    frame: Int[NDArray[Any], " n"]
    moved: Float[NDArray[Any], "n 17"]
    oks: Float[NDArray[Any], " n"]
    visibility: Bool[NDArray[Any], "n 17"]
    box_iou: Float[NDArray[Any], " n"]

    @property
    def far(self) -> Float[NDArray[Any], " n"]:
        """Pixels of the joint that moved most; 0 where none did."""
        moved = np.where(self.shifted, self.moved, 0.0)
        return np.asarray(moved.max(axis=1, initial=0.0))

    @property
    def shifted(self) -> Bool[NDArray[Any], "n 17"]:
        """Joints that moved."""
        return np.asarray(np.nan_to_num(self.moved) > MOVED_PX)


def compare_labels(
    frame: Int[NDArray[Any], " m"],
    before: Float[NDArray[Any], "m 17 3"],
    after: Float[NDArray[Any], "m 17 3"],
    boxes_before: Float[NDArray[Any], "m 4"],
    boxes_after: Float[NDArray[Any], "m 4"],
) -> LabelChanges:
    """Frames of which labels differ.

    Args:
        frame: Ids.
        before: Joints of the earlier version: x, y in image pixels, visibility 0 to 2.
        after: Joints of the later version.
        boxes_before: x, y, width, height in pixels.
        boxes_after: The same of the later version.
    """
    # Most frames are the same to the last bit: the rest alone is worth a closer look.
    other = (before != after).any(axis=(1, 2)) | (boxes_before != boxes_after).any(axis=1)
    rows = np.flatnonzero(other)
    a, b = before[rows], after[rows]
    placed = (a[..., 2] > 0) & (b[..., 2] > 0)
    moved = np.where(placed, np.linalg.norm(b[..., :2] - a[..., :2], axis=-1), np.nan)
    seen = a[..., 2] != b[..., 2]
    iou = _iou(boxes_before[rows], boxes_after[rows])
    differs = (np.nan_to_num(moved) > MOVED_PX).any(axis=1) | seen.any(axis=1) | (iou < 1)
    rows, a, b, placed = rows[differs], a[differs], b[differs], placed[differs]
    box = boxes_before[rows]
    # Joints that are absent from either side say nothing of how far joints moved.
    scores = oks(a[..., :2], placed.astype(np.int64), box[:, 2] * box[:, 3], box, b[..., :2])
    return LabelChanges(
        frame=frame[rows],
        moved=moved[differs],
        oks=np.where(placed.any(axis=1), scores, np.nan),
        visibility=seen[differs],
        box_iou=iou[differs],
    )


def _iou(a: Float[NDArray[Any], "n 4"], b: Float[NDArray[Any], "n 4"]) -> Float[NDArray[Any], " n"]:
    low = np.maximum(a[:, :2], b[:, :2])
    high = np.minimum(a[:, :2] + a[:, 2:], b[:, :2] + b[:, 2:])
    both = np.prod(np.clip(high - low, 0, None), axis=1)
    either = np.prod(a[:, 2:], axis=1) + np.prod(b[:, 2:], axis=1) - both
    same = (a == b).all(axis=1)
    return np.where(same, 1.0, both / np.where(either > 0, either, 1.0))
