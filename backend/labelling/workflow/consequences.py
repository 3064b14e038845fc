"""What follows from an event, in the transaction that fires it: people, rounds, jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.core.audit import service as audit
from backend.core.database.tables import (
    Comment,
    Job,
    Recording,
    RecordingPart,
    ReviewRound,
    User,
)
from backend.core.jobs import service as jobs
from backend.core.jobs.payloads import Payload
from backend.domain import parts as rules_of_parts
from backend.domain.handouts import Handout
from backend.domain.reviews import ReviewDecision, ReviewKind
from backend.domain.workflow import Event
from backend.labelling.boxes.payloads import BoxesPayload
from backend.labelling.reviews import approving
from backend.labelling.reviews import repository as reviews
from backend.labelling.workflow.payloads import PrelabelPayload
from backend.recordings import handing_out
from backend.recordings.parts import moments_of_frames, parts_of


@dataclass(frozen=True, slots=True)
class Fired:
    """An event that has just moved a recording to its next stage.

    Attributes:
        recording: The recording, locked for update.
        event: What happened.
        user: Who fired it; None for the worker.
        note: What the person wrote with it.
        model: For pre-labels and boxes, which weights; None for the best present.
        boxes_from: For pre-labels by a per-box model, which weights find the people.
        by_hand: For boxes: no model runs, people draw every box that is missing.
        job: The job that does the work that follows, where there is one already.
    """

    recording: Recording
    event: Event
    user: User | None
    note: str | None = None
    model: str | None = None
    by_hand: bool = False
    job: Job | None = None
    boxes_from: str | None = None


Consequence = Callable[[Session, Fired], None]


def take_inspection(session: Session, fired: Fired) -> None:
    """Whoever inspects first is the recording's inspector from then on."""
    if fired.user is not None and fired.recording.inspector_id is None:
        fired.recording.inspector_id = fired.user.id


def open_round(kind: ReviewKind) -> Consequence:
    """A review of this kind begins."""

    def consequence(session: Session, fired: Fired) -> None:
        submitter = fired.user if kind is ReviewKind.KEYPOINTS else None
        session.add(
            ReviewRound(
                recording_id=fired.recording.id,
                kind=kind.value,
                round=fired.recording.round,
                submitted_by_id=submitter.id if submitter else None,
                inspector_id=fired.recording.inspector_id,
            )
        )

    return consequence


def close_round(kind: ReviewKind, decision: ReviewDecision) -> Consequence:
    """The open review of this kind ends with a decision."""

    def consequence(session: Session, fired: Fired) -> None:
        row = session.scalar(
            select(ReviewRound)
            .where(
                ReviewRound.recording_id == fired.recording.id,
                ReviewRound.kind == kind.value,
                ReviewRound.decision.is_(None),
            )
            .order_by(ReviewRound.id.desc())
            .limit(1)
        )
        if row is None:
            return
        row.decision = decision.value
        row.decided_at = datetime.now(UTC)
        row.inspector_id = fired.user.id if fired.user else None
        row.note = fired.note

    return consequence


def lock_what_is_good(session: Session, fired: Fired) -> None:
    """What is vouched for stays approved; of frames with wrong joints, only those are open."""
    approving.lock_approved(session, fired.recording)


def open_all(session: Session, fired: Fired) -> None:
    """Nothing is locked for the annotator."""
    approving.unlock(session, fired.recording)


def order_prelabels(session: Session, fired: Fired) -> None:
    """A pose model is to look at every frame."""
    payload = PrelabelPayload(model=fired.model, boxes_from=fired.boxes_from)
    _order(session, fired, payload, "Pre-labels")


def order_boxes(session: Session, fired: Fired) -> None:
    """Masks and boxes are to be made, or left to people."""
    if fired.by_hand:
        _order(session, fired, BoxesPayload(by_hand=True), "Boxes by hand")
    else:
        _order(session, fired, BoxesPayload(model=fired.model), "Masks and boxes")


def _order(session: Session, fired: Fired, payload: Payload, what: str) -> None:
    if fired.job is not None:
        return
    user_id = fired.user.id if fired.user else None
    title = f"{what} of {fired.recording.name}"
    jobs.enqueue(session, payload, fired.recording.id, user_id, title=title)


def deal_out(session: Session, fired: Fired) -> None:
    """Where work goes round, what is ready goes to whoever has least to do."""
    recording = fired.recording
    if recording.annotator_id is not None:
        return
    if handing_out.rules(session).handout is not Handout.ROTATION:
        return
    # Two that become ready at once are dealt one after the other.
    handing_out.row(session, lock=True)
    person_id = handing_out.next_in_rotation(session, recording)
    person = session.get(User, person_id) if person_id is not None else None
    if person is None:
        return
    recording.annotator_id = person.id
    facts = {"annotator": person.name, "in_rotation": True}
    audit.record(session, None, "assigned", "recording", recording.id, facts)
    session.flush()


def leave_queue(session: Session, fired: Fired) -> None:
    """What is submitted is no longer held under a lease."""
    handing_out.end_lease(session, fired.recording.id)


def reopen_parts(session: Session, recording: Recording) -> None:
    """A recording came back: the parts in which something is to be revised are open again."""
    if not recording.in_parts:
        return
    rows = parts_of(session, recording.id)
    frames = reviews.unaddressed_frames(session, recording.id)
    frames += session.scalars(
        select(Comment.frame_id).where(
            Comment.recording_id == recording.id, Comment.resolved_at.is_(None)
        )
    ).all()
    moments = moments_of_frames(session, frames)
    ranges = [rules_of_parts.Part(row.first, row.last) for row in rows]
    back = [rows[i].id for i in rules_of_parts.to_reopen(ranges, moments.values())]
    session.execute(
        update(RecordingPart)
        .where(RecordingPart.id.in_(back))
        .values(submitted_at=None, submitted_by_id=None)
    )


CONSEQUENCES: Final[dict[Event, tuple[Consequence, ...]]] = {
    Event.PRELABEL: (order_prelabels,),
    Event.PRELABEL_FINISHED: (deal_out,),
    Event.PRELABELS_IMPORTED: (deal_out,),
    Event.SUBMIT: (leave_queue, open_round(ReviewKind.KEYPOINTS)),
    Event.RETURN: (
        take_inspection,
        lock_what_is_good,
        close_round(ReviewKind.KEYPOINTS, ReviewDecision.RETURNED),
    ),
    Event.APPROVE_KEYPOINTS: (
        take_inspection,
        open_all,
        close_round(ReviewKind.KEYPOINTS, ReviewDecision.APPROVED),
    ),
    Event.BOX: (order_boxes,),
    Event.START_BOX_REVIEW: (take_inspection, open_round(ReviewKind.BOXES)),
    Event.RETURN_BOXES: (
        take_inspection,
        close_round(ReviewKind.BOXES, ReviewDecision.RETURNED),
    ),
    Event.SUBMIT_BOXES: (order_boxes,),
    Event.APPROVE: (take_inspection, close_round(ReviewKind.BOXES, ReviewDecision.APPROVED)),
    Event.REOPEN: (open_all,),
}
"""What follows from each event, in order; events that are not here only change the stage."""
