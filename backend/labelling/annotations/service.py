"""People's changes to a frame's joints and verdict: versioned, idempotent, kept for ever."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from backend.core.database.tables import Annotation, AnnotationRevision, Attempt, User
from backend.core.events import announce
from backend.core.jobs.schemas import Named
from backend.domain.carried import CARRYING, Carried, carried_after
from backend.domain.document import Document, state_of
from backend.domain.errors import Conflict
from backend.domain.keypoints import Skeleton
from backend.domain.operations import operation_from_json
from backend.domain.verdicts import FrameState
from backend.labelling.annotations import repository
from backend.labelling.annotations.found_people import FoundPerson
from backend.labelling.annotations.proposals import import_annotations, store_candidates
from backend.labelling.annotations.schemas import AnnotationOut, JointOut, RevisionOut

__all__ = [
    "FoundPerson",
    "annotation_at",
    "annotation_of",
    "annotation_out",
    "history",
    "import_annotations",
    "store_candidates",
    "write",
]


def annotation_out(
    row: Annotation | AnnotationRevision | Attempt, author: User | None, at: datetime
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
            "propagated": row.propagated,
            "playback_fps": row.playback_fps,
            "updated_by": Named(id=author.id, name=author.name) if author else None,
            "updated_at": at,
        }
    )


def annotation_of(session: Session, annotation: Annotation) -> AnnotationOut:
    """The current annotation of a frame with the name of who wrote it."""
    author_id = annotation.updated_by_id
    author = session.get(User, author_id) if author_id is not None else None
    return annotation_out(annotation, author, annotation.updated_at)


def write(
    session: Session,
    annotation: Annotation,
    document: Document,
    candidates: Mapping[int, Skeleton],
    *,
    round_number: int,
    author_id: int,
    operation_id: uuid.UUID,
    operations: list[dict[str, Any]],
    seconds_shown: float | None = None,
) -> None:
    """Make a document's joints and verdict the next version of a frame.

    Every write makes a revision, also one that changes nothing: to accept a frame as it is counts
    as having looked at it in this round.

    Args:
        session: The transaction.
        annotation: The frame, held for this transaction.
        document: The frame as it is to be.
        candidates: Skeletons of the frame's machine-made people by candidate id.
        round_number: The recording's round.
        author_id: The annotator.
        operation_id: The write's own id.
        operations: Those of the write that are about joints and verdict, as JSON.
        seconds_shown: How long the annotator looked at the frame; None where it is not known.

    Raises:
        Conflict: the operation id belongs to another write.
    """
    carried = _carried(annotation, operations)
    state = state_of(document, candidates)
    if state is FrameState.CORRECTED and carried and carried.whole(document.skeleton):
        state = FrameState.ACCEPTED  # a machine's joints as they are, if not this frame's model's
    _append_revision(
        session,
        annotation,
        document,
        state,
        carried,
        round_number=round_number,
        author_id=author_id,
        operation_id=operation_id,
        operations=operations,
        seconds_shown=seconds_shown,
    )
    announce(
        session,
        "frame",
        {
            "id": annotation.frame_id,
            "recording_id": annotation.recording_id,
            "version": annotation.version,
            "state": annotation.state,
        },
    )


def annotation_at(session: Session, annotation: Annotation, version: int) -> AnnotationOut | None:
    """A frame's joints and verdict at a version; None where the history does not know it."""
    if version == annotation.version:
        return annotation_of(session, annotation)
    if version == 0:
        # Nobody made version 0: it is the state in which every frame is ingested.
        return AnnotationOut.model_validate(
            {
                "version": 0,
                "verdict": "undecided",
                "reason": None,
                "reason_text": None,
                "state": "undecided",
                "candidate_id": None,
                "joints": None,
                "propagated": None,
                "updated_by": None,
                "updated_at": annotation.updated_at,
            }
        )
    revision = repository.revision_at(session, annotation.frame_id, version)
    if revision is None:
        return None
    author = session.get(User, revision.author_id) if revision.author_id else None
    return annotation_out(revision, author, revision.created_at)


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
                "back_to": back_to,
                "state": row.state,
                "verdict": row.verdict,
                "reason": row.reason,
                "reason_text": row.reason_text,
                "candidate_id": row.candidate_id,
                "joints": _joints(row.keypoints),
                "propagated": row.propagated,
                "playback_fps": row.playback_fps,
            }
        )
        for row, author, back_to in repository.history(session, frame_id)
    ]


def _joints(values: Sequence[float] | None) -> list[JointOut] | None:
    skeleton = repository.to_skeleton(values)
    return joints_out(skeleton) if skeleton else None


def joints_out(skeleton: Skeleton) -> list[JointOut]:
    """Joints for the HTTP interface."""
    return [JointOut.model_validate(joint) for joint in skeleton.to_json()]


def _append_revision(
    session: Session,
    annotation: Annotation,
    document: Document,
    state: FrameState,
    carried: Carried | None,
    *,
    round_number: int,
    author_id: int,
    operation_id: uuid.UUID,
    operations: list[dict[str, object]],
    seconds_shown: float | None,
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
        "propagated": carried.to_json() if carried else None,
    }
    at: datetime | None = session.connection().scalar(
        _WRITE,
        {
            "frame": annotation.frame_id,
            "round": round_number,
            "author_id": author_id,
            "operation_id": operation_id,
            "operations": operations,
            "seconds_shown": seconds_shown,
            **after,
        },
    )
    if at is None:
        raise Conflict("This operation id was already used for another write.")
    written = {"updated_by_id": author_id, "updated_at": at, "playback_fps": None}
    for name, value in (after | written).items():
        set_committed_value(annotation, name, value)
    return at


def _carried(annotation: Annotation, operations: Sequence[Mapping[str, Any]]) -> Carried | None:
    """What the joints owe to other frames after operations."""
    before = annotation.propagated
    if before is None and not any(operation["type"] in CARRYING for operation in operations):
        return None  # nearly every save
    now = Carried.from_json(before) if before else None
    return carried_after(now, map(operation_from_json, operations))


def _write_statement() -> Select[datetime]:
    """A revision and the row that it makes current, in one statement; gives when, or no row."""
    same = [
        "version", "verdict", "reason", "reason_text", "state", "candidate_id", "keypoints",
        "propagated",
    ]  # fmt: skip
    columns = AnnotationRevision.__table__.c
    after = {name: bindparam(name, type_=columns[name].type) for name in same}
    made = (
        insert(AnnotationRevision)
        .values(
            frame_id=bindparam("frame"),
            round=bindparam("round"),
            author_id=bindparam("author_id"),
            operation_id=bindparam("operation_id"),
            operations=bindparam("operations"),
            seconds_shown=bindparam("seconds_shown", type_=columns["seconds_shown"].type),
            **after,
        )
        .on_conflict_do_nothing(index_elements=["operation_id"])
        .returning(AnnotationRevision.frame_id, AnnotationRevision.created_at)
        .cte("made")
    )
    changed = (
        update(Annotation)
        .where(Annotation.frame_id == made.c.frame_id)
        .values(
            updated_by_id=bindparam("author_id"),
            updated_at=made.c.created_at,
            # Whoever writes to one frame has looked at it.
            playback_fps=null(),
            **after,
        )
        .returning(Annotation.updated_at)
        .cte("changed")
    )
    return select(changed.c.updated_at)


_WRITE = _write_statement()
