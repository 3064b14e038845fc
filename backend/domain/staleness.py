"""When a box (and later a body fit) no longer belongs to the joints it was made from.

A new keypoint revision makes what was derived from the old one stale; stale things cannot be
approved, released or exported.
"""

from __future__ import annotations

from backend.domain.keypoints import Skeleton


def is_stale(made_from: Skeleton | None, current: Skeleton | None) -> bool:
    """Whether the joints changed since something was derived from them.

    Args:
        made_from: The joints that the box or fit was made from.
        current: The frame's joints now.
    """
    return made_from != current
