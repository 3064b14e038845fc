"""People's work on boxes: drawing them, judging them, asking for a new mask."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from sqlalchemy.orm import Session

from backend.core.audit import service as audit
from backend.core.database.tables import Annotation, FrameBox, Job, Recording, User
from backend.core.jobs import service as jobs
from backend.domain.boxes import Box, BoxStatus, DrawnBox
from backend.domain.errors import Conflict, NotFound, StaleVersion
from backend.domain.keypoints import Skeleton
from backend.domain.reviews import Mark, ReviewKind, status_of_mark
from backend.domain.staleness import is_stale
from backend.domain.verdicts import Verdict
from backend.labelling.annotations.repository import lock_annotation, to_skeleton
from backend.labelling.boxes import repository, writing
from backend.labelling.boxes.payloads import BoxesPayload
from backend.labelling.boxes.proposals import BoxProposal, store_proposal
from backend.labelling.boxes.schemas import BoxOut
from backend.labelling.boxes.writing import mask_url
from backend.labelling.reviews.repository import put_mark
from backend.recordings import access

__all__ = [
    "BoxProposal",
    "approve_remaining",
    "box_of_frame",
    "draw_box",
    "judge_box",
    "list_boxes",
    "mark_box",
    "mask_of_frame",
    "request_rerun",
    "store_proposal",
]


def list_boxes(
    session: Session, recording_id: int, order: Literal["flagged", "position"]
) -> list[dict[str, Any]]:
    """Boxes of a recording's kept frames, each as ``BoxOfFrame``.

    Raises:
        NotFound: there is no such recording.
    """
    access.get_recording(session, recording_id)
    return [
        dict(row)
        | {"mask_url": mask_url(row["frame_id"], row["version"]) if row["has_mask"] else None}
        for row in repository.boxes_of_recording(session, recording_id, order)
    ]


def box_of_frame(session: Session, annotation: Annotation) -> BoxOut | None:
    """The box of a kept frame; None where there is none, or the frame is not kept."""
    if annotation.verdict != Verdict.KEEP.value:
        return None
    row = repository.find_box(session, annotation.frame_id)
    return writing.out(row, annotation) if row else None


def mask_of_frame(session: Session, frame_id: int) -> tuple[int, str]:
    """Version of a frame's box and its mask as COCO's compressed run-length text.

    Raises:
        NotFound: there is no mask.
    """
    row = repository.find_box(session, frame_id)
    if row is None or row.mask_counts is None:
        raise NotFound(f"Frame {frame_id} has no mask.")
    return row.version, row.mask_counts


def draw_box(session: Session, user: User, frame_id: int, box: Box, version: int | None) -> BoxOut:
    """Put a box where a person drew it.

    The annotator's box is to be looked at again; the inspector's own changes no judgement.

    Args:
        session: The transaction.
        user: The inspector in box review, or the annotator after boxes were returned.
        frame_id: The frame.
        box: Image pixels; clipped to the image.
        version: The version that the person saw; None where there was no box.

    Raises:
        NotFound: there is no such frame.
        Conflict: not in this stage, or the frame is not kept.
        Forbidden: not by this person.
        StaleVersion: the box has changed since.
        InvalidInput: the box lies outside the image.
    """
    frame, recording = access.recording_of_frame(session, frame_id, lock="share")
    by_annotator = writing.require_edit(session, user, recording, [frame_id])
    annotation = _kept(session, frame_id)
    row = _held(session, annotation, version)
    joints = to_skeleton(annotation.keypoints) or Skeleton.empty()
    status = BoxStatus(row.status) if row else BoxStatus.PROPOSED
    drawn = DrawnBox(box.clipped(frame.width, frame.height), joints, status)
    change = writing.Change(user, recording, annotation, by_annotator=by_annotator, redrawn=True)
    return writing.out(writing.put(session, change, row, drawn), annotation)


def judge_box(
    session: Session, user: User, frame_id: int, status: BoxStatus, version: int | None
) -> BoxOut:
    """Approve a box, send it back, or take the judgement back.

    Raises:
        NotFound: there is no such frame, or it has no box.
        Conflict: not in this stage, or a stale box would be approved.
        Forbidden: not by this person.
        StaleVersion: the box has changed since.
    """
    _, recording = access.recording_of_frame(session, frame_id, lock="share")
    access.require_box_review(session, user, recording)
    annotation = _kept(session, frame_id)
    row = _held(session, annotation, version)
    if row is None:
        raise NotFound(f"Frame {frame_id} has no box.")
    _judge(session, user, recording, annotation, row, status)
    return writing.out(row, annotation)


def mark_box(
    session: Session, user: User, recording: Recording, frame_id: int, mark: Mark | None
) -> None:
    """Mark a frame in box review: good approves its box, revise sends it back.

    Args:
        session: The transaction; it holds the recording, so that its stage cannot change.
        user: The inspector.
        recording: The frame's recording session.
        frame_id: The frame.
        mark: The mark; None takes it away.

    Raises:
        Conflict: not in this stage, or there is no fresh box to approve.
        Forbidden: not by this person.
    """
    access.require_box_review(session, user, recording)
    annotation = lock_annotation(session, frame_id)
    kept = annotation.verdict == Verdict.KEEP.value
    row = repository.find_box(session, frame_id, lock=True) if kept else None
    if row is not None:
        _judge(session, user, recording, annotation, row, status_of_mark(mark))
        return
    if kept and mark is Mark.GOOD:
        raise Conflict("This frame has no box to approve: draw one, or make a new mask.")
    put_mark(
        session,
        recording_id=recording.id,
        frame_id=frame_id,
        kind=ReviewKind.BOXES,
        round_number=recording.round,
        mark=mark,
        inspector_id=user.id,
    )


def approve_remaining(
    session: Session, user: User, recording: Recording, *, include_flagged: bool
) -> int:
    """Approve every box that nobody has judged and that fits its joints; returns how many.

    Args:
        session: The transaction; it holds the recording, so that its stage cannot change.
        user: The inspector.
        recording: The recording session.
        include_flagged: Also those that should be looked at one by one.

    Raises:
        Conflict: not in this stage.
        Forbidden: not by this person.
    """
    access.require_box_review(session, user, recording)
    frame_ids = repository.approve_proposed(
        session, recording.id, user.id, recording.round, include_flagged=include_flagged
    )
    if not frame_ids:
        return 0
    repository.append_revisions(
        session, frame_ids, round_number=recording.round, author_id=user.id, model=None
    )
    audit.record(
        session,
        user.id,
        "approved_remaining_boxes",
        "recording",
        recording.id,
        {
            "boxes": len(frame_ids),
            "include_flagged": include_flagged,
            "round": recording.round,
        },
    )
    return len(frame_ids)


def request_rerun(session: Session, user: User, frame_id: int) -> Job:
    """Ask for a new mask and box of one frame.

    Raises:
        NotFound: there is no such frame.
        Conflict: not in this stage, or the frame is not kept.
        Forbidden: not by this person.
    """
    frame, recording = access.recording_of_frame(session, frame_id, lock="share")
    writing.require_edit(session, user, recording, [frame_id])
    _kept(session, frame_id)
    return jobs.enqueue(
        session,
        BoxesPayload(frame_ids=[frame_id]),
        recording.id,
        user.id,
        title=f"Box of frame {frame.position + 1} in {recording.name}",
    )


def _kept(session: Session, frame_id: int) -> Annotation:
    annotation = lock_annotation(session, frame_id)
    if annotation.verdict != Verdict.KEEP.value or annotation.keypoints is None:
        raise Conflict("Only a kept frame has a box.", verdict=annotation.verdict)
    return annotation


def _held(session: Session, annotation: Annotation, version: int | None) -> FrameBox | None:
    """The frame's box, held for this transaction, if it is at the version that was named."""
    row = repository.find_box(session, annotation.frame_id, lock=True)
    if version == (row.version if row else None):
        return row
    raise StaleVersion(
        "This box has changed since you looked at it.",
        current=writing.out(row, annotation).model_dump(mode="json") if row else None,
    )


def _judge(
    session: Session,
    user: User,
    recording: Recording,
    annotation: Annotation,
    row: FrameBox,
    status: BoxStatus,
) -> None:
    stale = is_stale(to_skeleton(row.made_from), to_skeleton(annotation.keypoints))
    if status is BoxStatus.APPROVED and stale:
        raise Conflict(
            "The joints changed since this box was made: make a new mask or redraw the box."
        )
    drawn = replace(writing.drawn(row), status=status)
    writing.put(session, writing.Change(user, recording, annotation), row, drawn)
