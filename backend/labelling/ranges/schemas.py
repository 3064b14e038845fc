"""Acts on ranges as the HTTP interface takes them, and what they came to."""

from __future__ import annotations

import uuid
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.domain.limits import MAX_REASON_LENGTH
from backend.domain.ranges import MAX_RANGE_FRAMES, PLAYBACK_SPEEDS, RangeAct, Skip
from backend.domain.skeleton import N_JOINTS
from backend.domain.verdicts import DiscardReason, FrameState, Verdict
from backend.labelling.annotations.schemas import JointIndex

FrameId = Annotated[int, Field(ge=1, lt=2**63)]
Version = Annotated[int, Field(ge=0, lt=2**31)]


class RangeIn(BaseModel):
    """Which frames, and what was read of each."""

    model_config = ConfigDict(extra="forbid")

    operation_id: uuid.UUID
    """The act's own id; a second act with it changes nothing and is answered as the first was."""
    frames: Annotated[list[FrameId], Field(min_length=1, max_length=MAX_RANGE_FRAMES)]
    versions: Annotated[list[Version | None], Field(max_length=MAX_RANGE_FRAMES)]
    """The version of each frame that was read; null where one's own change to it was still on its
    way: then the last change to the frame must be one's own."""

    @model_validator(mode="after")
    def _one_version_each(self) -> Self:
        if len(self.versions) != len(self.frames):
            raise ValueError("each frame needs its version")
        if len(set(self.frames)) != len(self.frames):
            raise ValueError("a frame is named twice")
        return self


class RangeVerdictIn(RangeIn):
    """Keep a range, discard it with a reason, or take its verdicts back."""

    verdict: Verdict
    reason: DiscardReason | None = None
    text: Annotated[str, Field(max_length=MAX_REASON_LENGTH)] | None = None
    proposal_id: FrameId | None = None
    """The proposal that this act takes."""


class RangeAcceptIn(RangeIn):
    """Accept what was seen in playback."""

    fps: Annotated[float, Field(gt=0, le=max(PLAYBACK_SPEEDS))]
    """Frames a second at which they were seen: of each frame the fastest showing that counts."""


class RangeUndoIn(BaseModel):
    """Take an act back; taking that back does it again."""

    model_config = ConfigDict(extra="forbid")

    operation_id: uuid.UUID
    act: uuid.UUID
    """The operation id of the act that is taken back."""


class SkippedFrame(BaseModel):
    """A frame that an act left as it is."""

    frame_id: int
    why: Skip
    words: str
    version: int | None = None
    state: FrameState | None = None
    by: str | None = None
    """Who changed it meanwhile."""


class PlaybackCheckIn(BaseModel):
    """A frame that was accepted in playback, looked at by itself."""

    model_config = ConfigDict(extra="forbid")

    version: Version
    wrong: Annotated[list[JointIndex], Field(max_length=N_JOINTS)]
    """The joints that are wrong; empty where all are right."""


class PlaybackCheckOut(BaseModel):
    """What is said of a frame that was accepted in playback."""

    version: int
    fps: float | None
    """Frames a second at which it was seen; null if it was looked at by itself."""
    may_check: bool
    wrong: list[int] | None
    """Null while nobody has checked it as it is now."""
    checked_by: str | None


class RangeOut(BaseModel):
    """What an act came to. The lists of changed frames are of one length."""

    operation_id: uuid.UUID
    kind: RangeAct
    frames: list[int]
    """Those that were changed."""
    versions: list[int]
    states: list[FrameState]
    reasons: list[DiscardReason | None]
    playback_fps: list[float | None]
    skipped: list[SkippedFrame]
    """Those that were left as they are, and why."""
