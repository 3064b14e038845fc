"""Reading recordings with their counts, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from backend.core.database.tables import (
    Camera,
    Frame,
    Infant,
    Recording,
    ReviewRound,
    User,
)
from backend.core.jobs.repository import latest_of_recordings
from backend.core.jobs.schemas import Named
from backend.domain.workflow import Stage
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
from backend.recordings.counts import numbers_of, those_of
from backend.recordings.facts import facts_of


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
    numbers = numbers_of(session, ids)
    cameras = _cameras(session, ids)
    covers = _covers(session, ids)
    revise = _to_revise(session, recordings)
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
            frames=sum(those_of(numbers[r.id], "state").values()),
            counts=StateCounts(**those_of(numbers[r.id], "state")),
            boxes=BoxCounts(**those_of(numbers[r.id], "box")),
            open_comments=numbers[r.id].get("comment:open", 0),
            to_revise=revise.get(r.id, 0),
            cover_frame_id=covers.get(r.id),
            active_job=jobs.get(r.id),
        )
        for r in recordings
    ]  # fmt: skip


def _cameras(session: Session, ids: Sequence[int]) -> dict[int, int]:
    rows = session.execute(
        select(Camera.recording_id, func.count())
        .where(Camera.recording_id.in_(ids))
        .group_by(Camera.recording_id)
    )
    return {row[0]: row[1] for row in rows}


def _covers(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """The first frame of each recording: one look into the index for each."""
    first = (
        select(Frame.id)
        .where(Frame.recording_id == Recording.id)
        .order_by(Frame.position)
        .limit(1)
        .lateral("first")
    )
    rows = session.execute(
        select(Recording.id, first.c.id).join(first, true()).where(Recording.id.in_(ids))
    )
    return {row[0]: row[1] for row in rows}


def _to_revise(session: Session, recordings: Sequence[Recording]) -> dict[int, int]:
    """How many frames wait in those recordings in which something can wait."""
    ids = [r.id for r in recordings if r.round > 1 and r.stage != Stage.APPROVED.value]
    if not ids:
        return {}
    waiting = to_revise(lambda table: table.recording_id.in_(ids))
    rows = session.execute(
        select(waiting.c.recording_id, func.count()).group_by(waiting.c.recording_id)
    )
    return {row[0]: row[1] for row in rows}


def cameras_of(session: Session, recording_id: int) -> list[CameraOut]:
    """Cameras of a recording with their number of frames."""
    frames = facts_of(session, recording_id).frames
    cameras = session.scalars(
        select(Camera)
        .where(Camera.recording_id == recording_id)
        .order_by(Camera.index)
        .options(selectinload(Camera.files))
    )
    plain = CameraOut.model_fields.keys() - {"frames", "files", "source_filename"}
    return [
        CameraOut(
            **{field: getattr(camera, field) for field in plain},
            frames=frames.get(camera.id, 0),
            files=[CameraFileOut.model_validate(file) for file in camera.files],
            source_filename=_named(camera),
        )
        for camera in cameras
    ]


def _named(camera: Camera) -> str | None:
    """The first file's name, and how many more there are."""
    more = len(camera.files) - 1
    return f"{camera.source_filename} +{more}" if more > 0 else camera.source_filename


def rounds_of(session: Session, recording_id: int) -> list[RoundOut]:
    """Review rounds of a recording, oldest first."""
    rounds = session.scalars(
        select(ReviewRound).where(ReviewRound.recording_id == recording_id).order_by(ReviewRound.id)
    ).all()
    named = {key for row in rounds for key in (row.submitted_by_id, row.inspector_id)}
    users = {
        user.id: Named.model_validate(user)
        for user in session.scalars(select(User).where(User.id.in_(named - {None})))
    }
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
        for row in rounds
    ]


def discard_counts(session: Session, recording_id: int) -> dict[str, int]:
    """Discarded frames of a recording by reason."""
    return those_of(numbers_of(session, [recording_id])[recording_id], "reason")


def quality_of(session: Session, recording_id: int) -> dict[str, float]:
    """Medians of the quality measures, and the number of near-duplicates."""
    facts = facts_of(session, recording_id)
    if facts.median_sharpness is None or facts.median_luma is None:
        return {}
    return {
        "median_sharpness": facts.median_sharpness,
        "median_luma": facts.median_luma,
        "near_duplicates": float(facts.near_duplicates),
    }
