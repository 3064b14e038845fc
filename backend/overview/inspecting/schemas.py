"""Comparisons and rounds as the HTTP interface shows them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from backend.core.jobs.schemas import Named
from backend.domain.reviews import Mark, ReviewDecision, ReviewKind
from backend.domain.verdicts import DiscardReason, Verdict
from backend.labelling.annotations.schemas import JointIndex, Joints
from backend.labelling.marks.schemas import JointMarksOut


class AgainstOut(BaseModel):
    """Another skeleton of the frame against the annotator's."""

    joints: Joints
    pixels: list[float | None]
    """By joint; none where one of both has no place."""
    similarity: list[float | None]
    """By joint, as in OKS; none where the annotator placed nothing."""
    oks: float | None


class ComparisonOut(BaseModel):
    """A frame as the annotator has it, against the model and the round before."""

    frame_id: int
    round: int
    version: int
    width: int
    height: int
    verdict: Verdict
    reason: DiscardReason | None
    author: Named | None
    now: Joints | None
    model: AgainstOut | None
    """The person that was chosen; where none was, the likeliest infant."""
    model_name: str | None
    previous: AgainstOut | None
    """As it was submitted before this round began."""
    previous_round: int | None
    previous_author: Named | None
    marks: JointMarksOut
    """What was said of its joints in this round."""
    marks_before: JointMarksOut | None
    """What was said of them in the round before."""
    mark: Mark | None
    approved_round: int | None
    """In which round it was approved, where it is locked since."""
    open_joints: list[JointIndex] | None
    """The only joints that may change, where single ones were sent back."""


class FactsOut(BaseModel):
    """What the inspector's filters ask of a recording's frames, by columns of one length."""

    round: int
    id: list[int]
    agreement: list[float | None]
    """OKS of the model against the annotator; none where there is nothing to compare."""
    author: list[int | None]
    """Who wrote to it last."""
    propagated: list[bool]
    """Some of its joints were inferred from other frames, and taken as they were."""
    approved: list[bool]
    """Somebody vouches for it."""
    wrong: list[int]
    """How many of its joints were marked wrong, in this round or in the one before."""
    seen: list[bool]
    """The asking person looked at it in this round."""
    glanced: list[bool]
    """It was marked good in this round without having been looked at."""
    sampled: list[bool]
    """It belongs to a random sample of this round."""
    people: list[Named]
    """Everybody who wrote to a frame."""


class MovedJoint(BaseModel):
    """A joint that differs between two rounds."""

    joint: JointIndex
    pixels: float | None
    """None where it has no place in one of both."""
    before: int
    """Its visibility, as in COCO."""
    after: int


class FrameChange(BaseModel):
    """A frame that differs between two rounds."""

    frame_id: int
    position: int
    camera_name: str
    joints: list[MovedJoint]
    verdict_before: Verdict
    verdict_after: Verdict
    reason_before: DiscardReason | None
    reason_after: DiscardReason | None
    authors: list[Named]
    at: datetime | None
    """When a person last wrote to it in between."""
    writes: int


class RoundChanges(BaseModel):
    """What changed between the ends of two rounds; round 0 is what models proposed."""

    since: int
    until: int
    frames: list[FrameChange]
    total: int
    """How many frames differ; at most so many as are listed are shown."""
    joints: int
    """Joints that differ in all of them."""
    median_pixels: float | None
    """By how much the joints moved that have a place in both."""


class RoundTimes(BaseModel):
    """One passage through review, with how long it took."""

    id: int
    kind: ReviewKind
    round: int
    began_at: datetime | None
    """When the annotator got it."""
    submitted_by: Named | None
    submitted_at: datetime
    inspector: Named | None
    decision: ReviewDecision | None
    decided_at: datetime | None
    note: str | None
    frames_written: int
    """Frames that people wrote to in this round."""
    writes: int
    good: int
    by_sample: int
    """Of the good ones, those that a random sample vouched for."""
    revise: int
    wrong_joints: int
    frames_seen: int
    """Frames that the inspector looked at."""
    glanced: int
    """Of the good ones, those that were marked without having been looked at."""
    glanced_at: list[int]
    """Positions of the first of them."""
    seconds_seen: float
    """How long, all in all."""
