"""The suspicion queue as the HTTP interface shows it."""

from __future__ import annotations

import uuid
from typing import Annotated

from pydantic import BaseModel, Field, FiniteFloat

from backend.domain.limits import MAX_NOTE_LENGTH
from backend.domain.skeleton import N_JOINTS
from backend.domain.suspicion import Doubt
from backend.labelling.annotations.schemas import JointIndex


class DoubtedJoint(BaseModel):
    """A joint that probably needs a hand."""

    joint: JointIndex
    percent: int
    """How likely it needs a hand."""
    doubt: Doubt
    """The strongest reason."""
    reason: str
    """The same as a sentence for people."""
    x: float | None
    y: float | None
    """Where it lay when it was doubted; null where the frame changed since."""
    waived: WaivedBy | None
    """Whose word says that it is right as it lies; null while it stands in the queue."""


class WaivedBy(BaseModel):
    """Whose word says that a joint is right."""

    name: str
    note: str | None


class FrameSuspicionOut(BaseModel):
    """A frame with joints that probably need a hand."""

    frame_id: int
    percent: int
    """For the order of frames."""
    joints: list[DoubtedJoint]
    """The most doubted first; those that somebody waved through, too."""


class WordOut(BaseModel):
    """A person's word that a joint is right, as long as it lies where it lay."""

    frame_id: int
    joint: JointIndex
    x: float
    y: float
    name: str
    note: str | None


class UsualOut(BaseModel):
    """What is usual for the infant in one camera, in statures; null where it is not known."""

    camera_id: int
    stature: float | None
    """Pixels."""
    limbs: list[float | None]
    """The longest usual length of each bone."""
    noise: list[float | None]
    """By joint, the distance from where the frames around put it."""
    views: list[float | None]
    """By joint, the distance from where the other cameras see it, in units of the limit."""


class SuspicionsOut(BaseModel):
    """What is doubted in a recording, the most doubted frame first."""

    waiting: int
    """Frames that changed and were not looked at since."""
    frames: list[FrameSuspicionOut]
    quick: list[int]
    """Frames accepted as they were proposed, faster than anybody can look at them."""
    sampled: list[int]
    """Those of them that are drawn for the inspector."""
    words: list[WordOut]
    """What people waved through, also joints that the queue does not doubt."""
    usuals: list[UsualOut]
    """By camera: what a browser compares joints with while they are dragged."""


class PlaceIn(BaseModel):
    """A joint that a person means."""

    joint: JointIndex
    x: FiniteFloat | None = None
    y: FiniteFloat | None = None
    """Where it lies; without them, where it is stored."""


class WaiverIn(PlaceIn):
    """A person's word that a joint is right where it lies, or, with ``holds`` false, no more."""

    operation_id: uuid.UUID
    doubt: Doubt
    holds: bool = True
    also: Annotated[list[PlaceIn], Field(max_length=N_JOINTS - 1)] = []
    """Further joints of the frame that the same word is about: a limb's other end, a whole body."""
    note: Annotated[str, Field(max_length=MAX_NOTE_LENGTH)] | None = None


class LookOut(BaseModel):
    """What was asked for."""

    recording_id: int
