"""People's work on boxes: drawing them, judging them, asking for a new mask."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.audit import service as audit
from backend.core.database.tables import Annotation, FrameBox, Job, Recording, User
from backend.core.database.tables.boxes import BoxOrigin, BoxStatus
from backend.core.database.tables.reviews import Mark, ReviewKind
from backend.core.events import announce
from backend.core.jobs import service as jobs
from backend.domain.boxes import Box
from backend.domain.errors import Conflict, NotFound, StaleVersion
from backend.domain.staleness import is_stale
from backend.domain.verdicts import Verdict
from backend.domain.workflow import Stage
from backend.labelling.annotations.repository import lock_annotation, to_skeleton
from backend.labelling.boxes import repository
from backend.labelling.boxes.payloads import BoxesPayload
from backend.labelling.boxes.proposals import BoxProposal, store_proposal
from backend.labelling.boxes.schemas import BoxOut
from backend.labelling.reviews.repository import mark_unmarked, put_mark
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

_STATUS_OF_MARK = {
    Mark.GOOD: BoxStatus.APPROVED,
    Mark.REVISE: BoxStatus.SENT_BACK,
    None: BoxStatus.PROPOSED,
}
_MARK_OF_STATUS = {status: mark for mark, status in _STATUS_OF_MARK.items()}


def mask_url(frame_id: int, version: int) -> str:
    """Address of a frame's mask at a version of its box."""
    return f"/api/v1/frames/{frame_id}/mask.png?v={version}"


def list_boxes(
    session: Session, recording_id: int, order: Literal["flagged", "position"]
) -> list[dict[str, Any]]:
    """Boxes of a session's kept frames, each as ``BoxOfFrame``.

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
    return _out(row, annotation) if row else None


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
    by_annotator = _require_box_edit(session, user, recording)
    annotation = _kept(session, frame_id)
    row = _held(session, annotation, version)
    clipped = box.clipped(frame.width, frame.height)
    if row is None:
        row = FrameBox(
            frame_id=frame_id,
            recording_id=recording.id,
            version=0,
            status=BoxStatus.PROPOSED.value,
            flagged=False,
            attempts=[],
            simulated=False,
        )
        session.add(row)
    if by_annotator:
        row.status = BoxStatus.PROPOSED.value
    row.x, row.y, row.width, row.height = clipped.x, clipped.y, clipped.width, clipped.height
    row.origin = BoxOrigin.HUMAN.value
    if row.imported_from_id not in (None, annotation.candidate_id):
        # The mask came with somebody else of the file, who is not the infant any more.
        row.mask_counts = row.mask_area = row.consistency = row.imported_from_id = None
    row.made_from = list(annotation.keypoints or [])
    _next_version(session, row, user, recording)
    return _out(row, annotation)


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
    return _out(row, annotation)


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
        _judge(session, user, recording, annotation, row, _STATUS_OF_MARK[mark])
        return
    if kept and mark is Mark.GOOD:
        raise Conflict("This frame has no box to approve: draw one, or run the mask again.")
    _put_mark(session, user, recording, frame_id, mark)


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
        session, recording.id, user.id, include_flagged=include_flagged
    )
    if not frame_ids:
        return 0
    repository.append_revisions(
        session, frame_ids, round_number=recording.round, author_id=user.id, model=None
    )
    mark_unmarked(
        session,
        recording_id=recording.id,
        kind=ReviewKind.BOXES,
        round_number=recording.round,
        inspector_id=user.id,
        frame_ids=frame_ids,
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
    _require_box_edit(session, user, recording)
    _kept(session, frame_id)
    return jobs.enqueue(
        session,
        BoxesPayload(frame_ids=[frame_id]),
        recording.id,
        user.id,
        title=f"Box of frame {frame.position + 1} in {recording.name}",
    )


def _require_box_edit(session: Session, user: User, recording: Recording) -> bool:
    """Let the inspector, or the annotator after boxes were returned; whether it is the latter."""
    if Stage(recording.stage) is Stage.BOXES_RETURNED:
        access.require_edit(session, user, recording)
        return True
    access.require_box_review(session, user, recording)
    return False


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
        current=_out(row, annotation).model_dump(mode="json") if row else None,
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
            "The joints changed since this box was made: run the mask again or draw the box anew."
        )
    _put_mark(session, user, recording, row.frame_id, _MARK_OF_STATUS[status])
    if row.status != status.value:
        row.status = status.value
        _next_version(session, row, user, recording)


def _put_mark(
    session: Session, user: User, recording: Recording, frame_id: int, mark: Mark | None
) -> None:
    put_mark(
        session,
        recording_id=recording.id,
        frame_id=frame_id,
        kind=ReviewKind.BOXES,
        round_number=recording.round,
        mark=mark,
        inspector_id=user.id,
    )


def _next_version(session: Session, row: FrameBox, user: User, recording: Recording) -> None:
    row.version += 1
    row.updated_by_id = user.id
    row.updated_at = session.execute(select(func.now())).scalar_one()
    repository.append_revisions(
        session, [row.frame_id], round_number=recording.round, author_id=user.id, model=None
    )
    announce(
        session,
        "box",
        {
            "id": row.frame_id,
            "recording_id": recording.id,
            "version": row.version,
            "status": row.status,
        },
    )


def _out(row: FrameBox, annotation: Annotation) -> BoxOut:
    return BoxOut.model_validate(
        {
            **{name: getattr(row, name) for name in BoxOut.model_fields if hasattr(row, name)},
            "has_mask": row.mask_counts is not None,
            "mask_url": mask_url(row.frame_id, row.version) if row.mask_counts else None,
            "stale": is_stale(to_skeleton(row.made_from), to_skeleton(annotation.keypoints)),
        }
    )
