"""Reading recordings with their counts, a page at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, joinedload, selectinload

from backend.core.database.tables import (
    Annotation,
    Camera,
    Comment,
    Frame,
    FrameBox,
    Infant,
    Recording,
    ReviewRound,
    User,
)
from backend.core.jobs.repository import latest_of_recordings
from backend.core.jobs.schemas import Named
from backend.domain.boxes import BoxStatus
from backend.labelling.conditions import BOX_AWAITS_DECISION, BOX_STALE, KEPT
from backend.labelling.reviews.revising import to_revise
from backend.overview.recordings.schemas import (
    BoxCounts,
    CameraFileOut,
    CameraOut,
    InfantOut,
    RecordingSummary,
    RoundOut,
    StateCounts,
)


def find(
    session: Session,
    *conditions: ColumnElement[bool],
    text: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[RecordingSummary]:
    """Recordings that fulfil all conditions, newest first, with counts.

    Args:
        session: A session.
        *conditions: On ``Recording``.
        text: Part of the name or of the infant's pseudonym.
        before: Only with a lower id.
        limit: At most this many.
    """
    query = (
        select(Recording)
        .where(*conditions)
        .options(
            joinedload(Recording.infant),
            joinedload(Recording.annotator),
            joinedload(Recording.inspector),
        )
        .order_by(Recording.id.desc())
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    if text:
        query = query.where(
            or_(
                Recording.name.icontains(text, autoescape=True),
                Recording.infant.has(Infant.pseudonym.icontains(text, autoescape=True)),
            )
        )
    if before is not None:
        query = query.where(Recording.id < before)
    return summaries(session, session.scalars(query).all())


def summaries(session: Session, recordings: Sequence[Recording]) -> list[RecordingSummary]:
    """Counts for a page of recordings: a fixed number of queries, whatever its length."""
    ids = [recording.id for recording in recordings]
    if not ids:
        return []
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for recording_id, state, n in session.execute(
        select(Annotation.recording_id, Annotation.state, func.count())
        .where(Annotation.recording_id.in_(ids))
        .group_by(Annotation.recording_id, Annotation.state)
    ):
        counts[recording_id][state] = n
    cameras = _count(session, Camera.recording_id, ids)
    comments = _count(session, Comment.recording_id, ids, Comment.resolved_at.is_(None))
    covers: dict[int, int] = dict(
        session.execute(
            select(Frame.recording_id, Frame.id)
            .where(Frame.recording_id.in_(ids))
            .ext(distinct_on(Frame.recording_id))
            .order_by(Frame.recording_id, Frame.position)
        ).all()
    )
    boxes = _box_counts(session, ids)
    waiting = to_revise(lambda table: table.recording_id.in_(ids))
    revise: dict[int, int] = dict(
        session.execute(
            select(waiting.c.recording_id, func.count()).group_by(waiting.c.recording_id)
        ).all()
    )
    jobs = latest_of_recordings(session, ids)
    return [
        RecordingSummary(
            **{
                name: getattr(r, name)
                for name in (
                    "id", "name", "source", "stage", "stage_since", "round", "age_months",
                    "consent", "is_demo", "prelabel_model", "prelabel_sha256",
                    "prelabel_boxes_from", "prelabels_simulated", "created_at", "drift_flagged",
                )
            },
            infant=InfantOut.model_validate(r.infant),
            annotator=Named.model_validate(r.annotator) if r.annotator else None,
            inspector=Named.model_validate(r.inspector) if r.inspector else None,
            cameras=cameras.get(r.id, 0),
            frames=sum(counts[r.id].values()),
            counts=StateCounts(**counts[r.id]),
            boxes=boxes.get(r.id, BoxCounts()),
            open_comments=comments.get(r.id, 0),
            to_revise=revise.get(r.id, 0),
            cover_frame_id=covers.get(r.id),
            active_job=jobs.get(r.id),
        )
        for r in recordings
    ]  # fmt: skip


def _count(
    session: Session, column: Any, ids: Sequence[int], *conditions: ColumnElement[bool]
) -> dict[int, int]:
    rows = session.execute(
        select(column, func.count()).where(column.in_(ids), *conditions).group_by(column)
    )
    return {row[0]: row[1] for row in rows}


def _box_counts(session: Session, ids: Sequence[int]) -> dict[int, BoxCounts]:
    rows = session.execute(
        select(
            FrameBox.recording_id,
            func.count(),
            func.count().filter(BOX_AWAITS_DECISION),
            func.count().filter(BOX_STALE),
            func.count().filter(FrameBox.status == BoxStatus.APPROVED.value),
            func.count().filter(FrameBox.status == BoxStatus.SENT_BACK.value),
        )
        .join(Annotation, Annotation.frame_id == FrameBox.frame_id)
        .where(FrameBox.recording_id.in_(ids), KEPT)
        .group_by(FrameBox.recording_id)
    )
    return {
        recording_id: BoxCounts(
            total=total, flagged=flagged, stale=n_stale, approved=approved, sent_back=back
        )
        for recording_id, total, flagged, n_stale, approved, back in rows
    }


def cameras_of(session: Session, recording_id: int) -> list[CameraOut]:
    """Cameras of a recording with their number of frames."""
    frames = (
        select(Frame.camera_id, func.count().label("n"))
        .where(Frame.recording_id == recording_id)
        .group_by(Frame.camera_id)
        .subquery()
    )
    rows = session.execute(
        select(Camera, func.coalesce(frames.c.n, 0))
        .outerjoin(frames, frames.c.camera_id == Camera.id)
        .where(Camera.recording_id == recording_id)
        .order_by(Camera.index)
        .options(selectinload(Camera.files))
    )
    plain = CameraOut.model_fields.keys() - {"frames", "files", "source_filename"}
    return [
        CameraOut(
            **{field: getattr(camera, field) for field in plain},
            frames=n,
            files=[CameraFileOut.model_validate(file) for file in camera.files],
            source_filename=_named(camera),
        )
        for camera, n in rows
    ]


def _named(camera: Camera) -> str | None:
    """The first file's name, and how many more there are."""
    more = len(camera.files) - 1
    return f"{camera.source_filename} +{more}" if more > 0 else camera.source_filename


def rounds_of(session: Session, recording_id: int) -> list[RoundOut]:
    """Review rounds of a recording, oldest first."""
    users = {u.id: Named.model_validate(u) for u in session.scalars(select(User))}
    rows = session.scalars(
        select(ReviewRound).where(ReviewRound.recording_id == recording_id).order_by(ReviewRound.id)
    )
    return [
        RoundOut(
            id=row.id,
            kind=row.kind,
            round=row.round,
            submitted_by=users.get(row.submitted_by_id or 0),
            submitted_at=row.submitted_at,
            inspector=users.get(row.inspector_id or 0),
            decision=row.decision,
            decided_at=row.decided_at,
            note=row.note,
        )
        for row in rows
    ]


def discard_counts(session: Session, recording_id: int) -> dict[str, int]:
    """Discarded frames of a recording by reason."""
    rows = session.execute(
        select(Annotation.reason, func.count())
        .where(Annotation.recording_id == recording_id, Annotation.reason.is_not(None))
        .group_by(Annotation.reason)
    )
    return {str(reason): n for reason, n in rows}


def quality_of(session: Session, recording_id: int) -> dict[str, float]:
    """Medians of the quality measures, and the number of near-duplicates."""
    row = session.execute(
        select(
            func.percentile_cont(0.5).within_group(Frame.sharpness),
            func.percentile_cont(0.5).within_group(Frame.mean_luma),
            func.count(Frame.duplicate_of_id),
        ).where(Frame.recording_id == recording_id)
    ).one()
    if row[0] is None:
        return {}
    return {
        "median_sharpness": float(row[0]),
        "median_luma": float(row[1]),
        "near_duplicates": float(row[2]),
    }
