"""Frames as the HTTP interface shows them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from backend.domain.boxes import BoxStatus
from backend.domain.checks import CheckKind
from backend.domain.infants import Apart
from backend.domain.quality import QualityFlag
from backend.domain.reviews import Mark
from backend.domain.skeleton import N_JOINTS
from backend.domain.verdicts import DiscardReason, FrameState, Verdict
from backend.domain.videos import Damage
from backend.labelling.annotations.schemas import AnnotationOut, JointIndex, Joints
from backend.labelling.boxes.schemas import BoxOut
from backend.labelling.reviews.schemas import CommentOut


class FrameBoxItem(BaseModel):
    """What a filmstrip shows of a box."""

    flagged: bool
    stale: bool
    status: BoxStatus
    consistency: float | None


class FrameItem(BaseModel):
    """One cell of a filmstrip."""

    id: int
    position: int
    camera_id: int
    moment_id: int
    moment_index: int
    time_s: float
    version: int
    """Of its joints and verdict."""
    state: FrameState
    reason: DiscardReason | None
    returned: bool
    """Sent back in the last round, and not touched since."""
    changed: bool
    """Differs from what was submitted before this round began."""
    in_playback: bool
    """Accepted as one of many that were seen in playback, and not looked at by itself since."""
    comments: int
    """Open ones."""
    mark: Mark | None
    duplicate_of_id: int | None
    flags: list[QualityFlag]
    """What the measures of its picture say against it."""
    sharpness: float
    mean_luma: float
    box: FrameBoxItem | None


class FrameList(BaseModel):
    """All frames of a recording in working order."""

    frames: list[FrameItem]


class FrameCell(BaseModel):
    """What a cell of a filmstrip shows."""

    state: FrameState
    reason: DiscardReason | None
    returned: bool
    """Sent back in the last round, and not touched since."""
    changed: bool
    """Differs from what was submitted before this round began."""
    in_playback: bool
    """Accepted as one of many that were seen in playback, and not looked at by itself since."""
    comments: int
    """Open ones."""
    mark: Mark | None
    flags: list[QualityFlag]
    """What the measures of its picture say against it."""
    box: FrameCellBox | None


class FrameCellBox(BaseModel):
    """What a filmstrip shows of a box."""

    flagged: bool
    stale: bool
    status: BoxStatus


Steps = Annotated[
    list[int],
    Field(
        description="A column of whole numbers by its differences: pairs of a difference and how"
        " often it comes one after the other. The first difference is that to 0, so that"
        " 5, 6, 7, 7 is sent as 5, 1, 1, 2, 0, 1."
    ),
]


class FrameStrip(BaseModel):
    """A part of a recording's frames in working order, by columns of one length."""

    total: int
    """How many frames the whole recording has."""
    next: int | None
    """The position from which the next part begins; none after the last."""
    id: Steps
    position: Steps
    camera_id: Steps
    moment_id: Steps
    moment_index: Steps
    time_us: Steps
    """In microseconds."""
    version: Steps
    """Of joints and verdict."""
    cells: list[FrameCell]
    """All kinds of cells that this part has."""
    cell: Steps
    """By frame, its place in ``cells``."""
    consistency: list[int]
    """How well mask and joints of each frame with a box agree, in thousandths; -1: not known."""


Scores = Annotated[list[float], Field(min_length=N_JOINTS, max_length=N_JOINTS)]


class CandidateOut(BaseModel):
    """A person that a model found; ``joints`` is what choosing them gives."""

    id: int
    rank: int
    score: float
    joints: Joints
    scores: Scores
    box: Annotated[list[float], Field(min_length=4, max_length=4)]
    model: str
    simulated: bool


class ApartOut(BaseModel):
    """Somebody in the image who cannot be the infant: a crowd, or a person without joints."""

    id: int
    why: Apart
    box: Annotated[list[float], Field(min_length=4, max_length=4)]


class PreviousOut(BaseModel):
    """A frame as it was submitted before this round began."""

    joints: Joints | None
    verdict: Verdict
    reason: DiscardReason | None
    reason_text: str | None
    round: int


class CheckOut(BaseModel):
    """What deserves a second look in a frame's joints: a hint for people, nothing is blocked."""

    kind: CheckKind
    message: str
    joints: list[JointIndex]
    """Those that it is about; none where it is about the whole body."""


class FrameDocument(BaseModel):
    """All that the editor needs of one frame."""

    id: int
    recording_id: int
    position: int
    camera_id: int
    camera_name: str
    moment_id: int
    time_s: float
    own_time: bool
    """Whether the file gives it this time; otherwise it lies between those of its neighbours."""
    sharpness: float
    mean_luma: float
    damage: Damage | None
    """What is wrong with the picture in its file."""
    width: int
    height: int
    image_url: str
    thumbnail_url: str
    candidates: list[CandidateOut]
    apart: list[ApartOut]
    annotation: AnnotationOut
    previous: PreviousOut | None
    changed_joints: list[JointIndex]
    """Joints that differ from ``previous``."""
    checks: list[CheckOut]
    comments: list[CommentOut]
    mark: Mark | None
    returned: bool
    approved_round: int | None
    """In which round it was approved, where it is locked since."""
    open_joints: list[JointIndex] | None
    """The only joints that may change, where single ones were sent back."""
    box: BoxOut | None


class PoseOut(BaseModel):
    """A frame's joints, for a small picture of it."""

    id: int
    position: int
    width: int
    height: int
    joints: list[int] | None
    """17 × x, y in whole pixels, and visibility; null where nobody is."""


class PoseList(BaseModel):
    """Joints of some frames in working order."""

    poses: list[PoseOut]
