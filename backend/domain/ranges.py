"""Acts on many frames at once: what is done to which of them, and which are left as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend.domain.verdicts import Verdict

MAX_RANGE_FRAMES: Final = 100_000
"""At most so many frames in one act: the longest recording that the editor is made for."""

PLAYBACK_SPEEDS: Final = (2.0, 5.0, 10.0)
"""Frames a second at which frames are played; what was seen faster than the fastest was not seen.
At ten a second a picture stands for 100 ms, about the time in which people recognise the gist of a
scene (Potter 1976: 113 to 125 ms for a picture named beforehand)."""

REACTION_S: Final = 0.3
"""From seeing something wrong to the key being up: playback stops so much earlier. Simple reaction
to a visual change takes 0.2 to 0.3 s (Welford 1980); letting a key go takes the rest."""


class RangeAct(StrEnum):
    """What was done to a range."""

    VERDICT = "verdict"
    PLAYBACK = "playback"
    UNDO = "undo"


class Skip(StrEnum):
    """Why a frame of a range is left as it is."""

    CHANGED = "changed"
    NO_JOINTS = "no_joints"
    DECIDED = "decided"
    FLAGGED = "flagged"
    ELSEWHERE = "elsewhere"
    APPROVED = "approved"


SKIP_WORDS: Final[Mapping[Skip, str]] = {
    Skip.CHANGED: "changed by somebody meanwhile",
    Skip.NO_JOINTS: "no infant in it: nothing to keep",
    Skip.DECIDED: "decided already",
    Skip.FLAGGED: "flagged: look at it by itself",
    Skip.APPROVED: "approved by the inspector, and locked",
    Skip.ELSEWHERE: "not a frame of this recording",
}


@dataclass(frozen=True, slots=True)
class FrameNow:
    """A frame as an act finds it.

    Attributes:
        version: Of joints and verdict.
        verdict: What was decided.
        has_joints: Whether an infant with at least one joint is there.
        by_actor: Whether its last change was made by the person who acts.
    """

    version: int
    verdict: Verdict
    has_joints: bool
    by_actor: bool


def is_as_read(now: FrameNow, read: int | None) -> bool:
    """Whether a frame is as the person saw it.

    Args:
        now: The frame.
        read: The version that was read; None where the person had changed the frame and did not
            know the version that came of it: then the last change must be theirs.
    """
    return now.by_actor if read is None else now.version == read


def why_not_decide(now: FrameNow, read: int | None, verdict: Verdict) -> Skip | None:
    """Why a verdict on a range leaves this frame as it is; None if it does not.

    A frame needs joints to be kept, as everywhere (``document.apply``).
    """
    if not is_as_read(now, read):
        return Skip.CHANGED
    if verdict is Verdict.KEEP and not now.has_joints:
        return Skip.NO_JOINTS
    return None


def why_not_accept(now: FrameNow, read: int | None, *, flagged: bool) -> Skip | None:
    """Why acceptance in playback leaves this frame as it is; None if it does not.

    Only what nobody decided, has joints, and gives no cause for a second look.
    """
    if not is_as_read(now, read):
        return Skip.CHANGED
    if now.verdict is not Verdict.UNDECIDED:
        return Skip.DECIDED
    if not now.has_joints:
        return Skip.NO_JOINTS
    return Skip.FLAGGED if flagged else None
