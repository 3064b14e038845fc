"""What of a frame an annotator may change after the inspector spoke.

When a recording is returned, the frames that the inspector vouched for stay approved and are
locked. A frame in which single joints were marked wrong is open as a whole: who corrects one joint
may see that another is wrong as well, and the inspector is shown which others changed. An inspector
opens a locked frame again by marking it to revise in a later round, a maintainer opens all by
reopening the recording.
"""

from __future__ import annotations


def why_locked(approved_round: int | None) -> str | None:
    """Why a change is not possible; None if it is.

    Args:
        approved_round: The round in which the frame was approved; None while it is open.
    """
    if approved_round is None:
        return None
    return f"This frame was approved in round {approved_round} and is locked."
