"""What of a frame an annotator may change after the inspector spoke: only what was sent back.

When a recording is returned, the frames that the inspector vouched for stay approved and are
locked; of a frame in which single joints were marked wrong, only those joints are open. An
inspector opens a frame again by marking it to revise in a later round, a maintainer opens all by
reopening the recording.
"""

from __future__ import annotations

from collections.abc import Collection

from backend.domain.document import changed_joints
from backend.domain.keypoints import Skeleton
from backend.domain.skeleton import label


def why_locked(
    approved_round: int | None,
    open_joints: Collection[int] | None,
    before: Skeleton | None,
    after: Skeleton | None,
) -> str | None:
    """Why a change is not possible; None if it is.

    Args:
        approved_round: The round in which the frame was approved; None while it is open.
        open_joints: The joints that were sent back; None for all.
        before: The joints as they are.
        after: The joints as they would be.
    """
    if approved_round is not None:
        return f"This frame was approved in round {approved_round} and is locked."
    if open_joints is None:
        return None
    closed = [joint for joint in changed_joints(before, after) if joint not in open_joints]
    if not closed:
        return None
    back = ", ".join(label(joint) for joint in sorted(open_joints))
    others = ", ".join(label(joint) for joint in closed)
    return f"Only what was sent back can be changed ({back}); the inspector found {others} right."
