"""What a person decided about a frame, and the state that every list and filmstrip shows.

Source: the InfantNet paper's filtering step; reasons as in the project's design.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backend.domain.errors import InvalidInput


class Verdict(StrEnum):
    """Decision on one frame."""

    UNDECIDED = "undecided"
    KEEP = "keep"
    DISCARD = "discard"


class DiscardReason(StrEnum):
    """Why a frame is left out. Discarded frames are counted, never deleted."""

    MOTION_BLUR = "motion_blur"
    CAMERA_SHAKE = "camera_shake"
    STRONG_OCCLUSION = "strong_occlusion"
    NO_INFANT = "no_infant"
    INFANT_TOO_OLD = "infant_too_old"
    LIGHTING = "lighting"
    SEVERAL_INFANTS = "several_infants"
    DUPLICATE = "duplicate"
    OTHER = "other"


class FrameState(StrEnum):
    """One word per frame for filmstrips and counts."""

    UNDECIDED = "undecided"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with its reason. ``other`` needs a text; only ``discard`` has a reason."""

    verdict: Verdict
    reason: DiscardReason | None = None
    text: str | None = None

    def __post_init__(self) -> None:
        if self.verdict is Verdict.DISCARD:
            if self.reason is None:
                raise InvalidInput("Say why the frame is discarded.")
            if self.reason is DiscardReason.OTHER and not (self.text or "").strip():
                raise InvalidInput("The reason “other” needs a few words.")
        elif self.reason is not None or self.text:
            raise InvalidInput("Only a discarded frame has a reason.")


def frame_state(verdict: Verdict, modified: bool) -> FrameState:
    """State shown for a frame.

    Args:
        verdict: The stored verdict.
        modified: Whether the joints differ from the chosen machine-made candidate, or were placed
            from nothing.
    """
    if verdict is Verdict.UNDECIDED:
        return FrameState.UNDECIDED
    if verdict is Verdict.DISCARD:
        return FrameState.DISCARDED
    return FrameState.CORRECTED if modified else FrameState.ACCEPTED
