"""What differs between two versions of a dataset, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from backend.domain.evaluation.similarity import oks

MOVED_PX = 0.01
"""Joints that lie this near to each other, in pixels, are in the same place."""


@dataclass(frozen=True, slots=True)
class FrameChange:
    """What differs in one frame that both versions hold.

    Attributes:
        frame_id: The frame.
        moved: (17,) pixels that each joint moved; NaN where it is absent in one of the two.
        oks: Object keypoint similarity of the later joints to the earlier ones, with the earlier
            box's area; NaN where no joint was present.
        visibility: Joints whose visibility differs, came and went included.
        box_iou: Overlap of the boxes; 1 where they are the same.
    """

    frame_id: int
    moved: Float[NDArray[Any], "17"]
    oks: float
    visibility: tuple[int, ...]
    box_iou: float

    @property
    def joints(self) -> tuple[int, ...]:
        """Joints that moved."""
        with np.errstate(invalid="ignore"):
            return tuple(np.flatnonzero(self.moved > MOVED_PX).tolist())

    @property
    def changed(self) -> bool:
        """Whether anything differs."""
        return bool(self.joints or self.visibility or self.box_iou < 1)


def compare_frames(
    frame_ids: Int[NDArray[Any], " n"],
    before: Float[NDArray[Any], "n 17 3"],
    after: Float[NDArray[Any], "n 17 3"],
    boxes_before: Float[NDArray[Any], "n 4"],
    boxes_after: Float[NDArray[Any], "n 4"],
) -> list[FrameChange]:
    """Frames of which labels differ, in the given order.

    Args:
        frame_ids: Ids.
        before: Joints of the earlier version: x, y in image pixels, visibility 0 to 2.
        after: Joints of the later version.
        boxes_before: x, y, width, height in pixels.
        boxes_after: The same of the later version.
    """
    placed = (before[..., 2] > 0) & (after[..., 2] > 0)
    moved = np.where(placed, np.linalg.norm(after[..., :2] - before[..., :2], axis=-1), np.nan)
    seen = before[..., 2] != after[..., 2]
    iou = _iou(boxes_before, boxes_after)
    with np.errstate(invalid="ignore"):
        differs = (moved > MOVED_PX).any(axis=1) | seen.any(axis=1) | (iou < 1)
    rows = np.flatnonzero(differs)
    # Joints that are absent from either side say nothing of how far joints moved.
    scores = oks(
        before[rows, :, :2],
        placed[rows].astype(np.int64),
        boxes_before[rows, 2] * boxes_before[rows, 3],
        boxes_before[rows],
        after[rows, :, :2],
    )
    return [
        FrameChange(
            frame_id=int(frame_ids[i]),
            moved=moved[i],
            oks=float(score) if placed[i].any() else float("nan"),
            visibility=tuple(np.flatnonzero(seen[i]).tolist()),
            box_iou=float(iou[i]),
        )
        for i, score in zip(rows.tolist(), scores.tolist(), strict=True)
    ]


def _iou(a: Float[NDArray[Any], "n 4"], b: Float[NDArray[Any], "n 4"]) -> Float[NDArray[Any], " n"]:
    low = np.maximum(a[:, :2], b[:, :2])
    high = np.minimum(a[:, :2] + a[:, 2:], b[:, :2] + b[:, 2:])
    both = np.prod(np.clip(high - low, 0, None), axis=1)
    either = np.prod(a[:, 2:], axis=1) + np.prod(b[:, 2:], axis=1) - both
    same = (a == b).all(axis=1)
    return np.where(same, 1.0, both / np.where(either > 0, either, 1.0))
