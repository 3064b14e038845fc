"""What an inspector says of a frame, and how a review ends."""

from __future__ import annotations

from enum import StrEnum

from backend.domain.boxes import BoxStatus


class ReviewKind(StrEnum):
    """What is under review."""

    KEYPOINTS = "keypoints"
    BOXES = "boxes"


class Mark(StrEnum):
    """The inspector's mark on a frame."""

    GOOD = "good"
    REVISE = "revise"


class JointMark(StrEnum):
    """The inspector's mark on a single joint."""

    RIGHT = "right"
    WRONG = "wrong"


class QuickReason(StrEnum):
    """Why a frame or a joint goes back, where a word is enough."""

    OFF = "off"
    """Beside its place."""
    SIDES = "sides"
    """Left and right exchanged."""
    VISIBILITY = "visibility"
    """Seen, hidden or not there is wrong."""
    PERSON = "person"
    """On another person."""
    MISSING = "missing"
    """A joint that could be placed is not."""
    DISCARD = "discard"
    """The frame should be discarded, or kept."""


class ReviewDecision(StrEnum):
    """How a round ended."""

    RETURNED = "returned"
    APPROVED = "approved"


def status_of_mark(mark: Mark | None) -> BoxStatus:
    """What a mark says of a box: good approves it, revise sends it back."""
    if mark is None:
        return BoxStatus.PROPOSED
    return BoxStatus.APPROVED if mark is Mark.GOOD else BoxStatus.SENT_BACK


def mark_of_status(status: BoxStatus) -> Mark | None:
    """The mark that a judgement of a box comes to."""
    if status is BoxStatus.PROPOSED:
        return None
    return Mark.GOOD if status is BoxStatus.APPROVED else Mark.REVISE
