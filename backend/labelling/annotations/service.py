"""People's changes to a frame's joints and verdict: versioned, idempotent, kept for ever."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, AnnotationRevision, Frame, User
from backend.core.events import announce
from backend.core.jobs.schemas import Named
from backend.domain.document import (
    Document,
    MoveJoint,
    Operation,
    PlaceJoint,
    apply,
    operation_to_json,
    state_of,
)
from backend.domain.errors import Conflict, InvalidInput, StaleVersion
from backend.domain.pixels import is_inside
from backend.domain.skeleton import label
from backend.domain.verdicts import FrameState
from backend.labelling.annotations import repository
from backend.labelling.annotations.proposals import (
    FoundPerson,
    import_annotations,
    store_candidates,
)
from backend.labelling.annotations.schemas import AnnotationOut, JointOut, RevisionOut
from backend.recordings import access

__all__ = [
    "FoundPerson",
    "annotation_of",
    "annotation_out",
    "apply_operations",
    "history",
    "import_annotations",
    "store_candidates",
]


def annotation_out(
    row: Annotation | AnnotationRevision, author: User | None, at: datetime
) -> AnnotationOut:
    """A stored state for the HTTP interface.

    Args:
        row: The current annotation, or one of its revisions.
        author: The person who wrote it; None for a model, or when nobody did.
        at: When it was written.
    """
    skeleton = repository.to_skeleton(row.keypoints)
    return AnnotationOut.model_validate(
        {
            "version": row.version,
            "verdict": row.verdict,
            "reason": row.reason,
            "reason_text": row.reason_text,
            "state": row.state,
            "candidate_id": row.candidate_id,
            "joints": skeleton.to_json() if skeleton else None,
            "updated_by": Named(id=author.id, name=author.name) if author else None,
            "updated_at": at,
        }
    )


def annotation_of(session: Session, annotation: Annotation) -> AnnotationOut:
    """The current annotation of a frame with the name of who wrote it."""
    author_id = annotation.updated_by_id
    author = session.get(User, author_id) if author_id is not None else None
    return annotation_out(annotation, author, annotation.updated_at)


def apply_operations(
    session: Session,
    user: User,
    frame_id: int,
    version: int,
    operation_id: uuid.UUID,
    operations: Sequence[Operation],
) -> AnnotationOut:
    """Perform a person's operations on a frame, all or none, as one new version.

    Every write makes a revision, also one that changes nothing: to accept a frame as it is counts
    as having looked at it in this round.

    Args:
        session: The transaction.
        user: The annotator.
        frame_id: The frame.
        version: The version that the person saw.
        operation_id: The write's own id; a second write with it changes nothing and is answered
            as the first was.
        operations: What to do, in order.

    Raises:
        NotFound: there is no such frame.
        Conflict: not in this stage, or the operation id belongs to another write.
        Forbidden: not by this person.
        StaleVersion: the frame has moved on; ``current`` and ``base`` let the writer merge.
        InvalidInput: an operation does not fit.
    """
    # The share lock keeps the session from being submitted between the check and the commit.
    frame, recording = access.recording_of_frame(session, frame_id, lock="share")
    annotation = repository.lock_annotation(session, frame_id)
    wanted = [operation_to_json(operation) for operation in operations]
    # A write that was done has moved the version on, so only a stale one can be a repetition.
    # It is answered in any stage: the answer may have been lost just before submission.
    if version != annotation.version and (
        done := repository.revision_of_operation(session, operation_id)
    ):
        if (done.frame_id, done.author_id, done.operations) != (frame_id, user.id, wanted):
            raise _used_before()
        return annotation_out(done, user, done.created_at)
    access.require_edit(session, user, recording)
    if version != annotation.version:
        raise _stale(session, annotation, version)

    document = repository.to_document(annotation)
    candidates = repository.candidate_skeletons(session, frame_id)
    for operation in operations:
        _check_inside(operation, frame)
        document, _ = apply(document, operation, candidates)
    at = _append_revision(
        session,
        annotation,
        document,
        state_of(document, candidates),
        round_number=recording.round,
        author_id=user.id,
        operation_id=operation_id,
        operations=wanted,
    )
    announce(
        session,
        "frame",
        {
            "id": frame_id,
            "recording_id": recording.id,
            "version": annotation.version,
            "state": annotation.state,
        },
    )
    return annotation_out(annotation, user, at)


def history(session: Session, frame_id: int) -> list[RevisionOut]:
    """Every step of a frame, oldest first.

    Raises:
        NotFound: there is no such frame.
    """
    repository.get_annotation(session, frame_id)
    return [
        RevisionOut.model_validate(
            {
                "version": row.version,
                "round": row.round,
                "author": Named(id=author.id, name=author.name) if author else None,
                "model": row.model,
                "created_at": row.created_at,
                "operations": row.operations,
                "state": row.state,
                "verdict": row.verdict,
                "reason": row.reason,
                "reason_text": row.reason_text,
                "joints": _joints(row.keypoints),
            }
        )
        for row, author in repository.history(session, frame_id)
    ]


def _joints(values: Sequence[float] | None) -> list[JointOut] | None:
    skeleton = repository.to_skeleton(values)
    return [JointOut.model_validate(j) for j in skeleton.to_json()] if skeleton else None


def _stale(session: Session, annotation: Annotation, version: int) -> StaleVersion:
    """The refusal of a write that named an old version, with what is needed to merge."""
    base = None
    if version == 0:
        # Nobody made version 0: it is the state in which every frame is ingested.
        base = AnnotationOut.model_validate(
            {
                "version": 0,
                "verdict": "undecided",
                "reason": None,
                "reason_text": None,
                "state": "undecided",
                "candidate_id": None,
                "joints": None,
                "updated_by": None,
                "updated_at": annotation.updated_at,
            }
        )
    elif revision := repository.revision_at(session, annotation.frame_id, version):
        author = session.get(User, revision.author_id) if revision.author_id else None
        base = annotation_out(revision, author, revision.created_at)
    return StaleVersion(
        f"You changed version {version} of this frame; it is at version {annotation.version} now.",
        current=annotation_of(session, annotation).model_dump(mode="json"),
        base=base.model_dump(mode="json") if base else None,
    )


def _used_before() -> Conflict:
    return Conflict("This operation id was already used for another write.")


def _check_inside(operation: Operation, frame: Frame) -> None:
    """People place joints inside the image; whatever lies beyond its border is not present."""
    if not isinstance(operation, PlaceJoint | MoveJoint):
        return
    if isinstance(operation, PlaceJoint) and not operation.visibility:
        return
    if not is_inside(operation.x, operation.y, frame.width, frame.height):
        raise InvalidInput(
            f"The {label(operation.joint)} would lie outside the image"
            f" ({frame.width} × {frame.height} pixels)."
        )


def _append_revision(
    session: Session,
    annotation: Annotation,
    document: Document,
    state: FrameState,
    *,
    round_number: int,
    author_id: int,
    operation_id: uuid.UUID,
    operations: list[dict[str, object]],
) -> datetime:
    """Write the next version and its revision; returns when."""
    decision = document.decision
    after: dict[str, Any] = {
        "version": annotation.version + 1,
        "verdict": decision.verdict.value,
        "reason": decision.reason.value if decision.reason else None,
        "reason_text": decision.text,
        "state": state.value,
        "candidate_id": document.candidate_id,
        "keypoints": repository.from_skeleton(document.skeleton),
    }
    at: datetime | None = session.scalar(
        insert(AnnotationRevision)
        .values(
            frame_id=annotation.frame_id,
            round=round_number,
            author_id=author_id,
            operation_id=operation_id,
            operations=operations,
            **after,
        )
        .on_conflict_do_nothing(index_elements=["operation_id"])
        .returning(AnnotationRevision.created_at)
    )
    if at is None:
        raise _used_before()
    for name, value in after.items():
        setattr(annotation, name, value)
    annotation.updated_by_id = author_id
    annotation.updated_at = at
    session.flush()
    return at
