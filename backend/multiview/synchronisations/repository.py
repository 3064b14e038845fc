"""Reading comparisons of clocks, and moving frames between moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.orm import Session, selectinload

from backend.core.database.tables import (
    Annotation,
    AnnotationRevision,
    Camera,
    Comment,
    Fit,
    Frame,
    Moment,
    PostureRange,
    Recording,
    Synchronisation,
    User,
)
from backend.core.jobs.schemas import Named
from backend.multiview.synchronisations.schemas import CameraOffset, SyncOut, SyncReport

_BATCH = 2000


def cameras_of(session: Session, recording_id: int) -> Sequence[Camera]:
    """Cameras of a recording in their order, with their files."""
    return session.scalars(
        select(Camera)
        .where(Camera.recording_id == recording_id)
        .order_by(Camera.index)
        .options(selectinload(Camera.files))
    ).all()


def to_out(row: Synchronisation, in_use: int | None, user: User | None) -> SyncOut:
    """One version as the interface shows it."""
    return SyncOut(
        id=row.id,
        recording_id=row.recording_id,
        version=row.version,
        method=row.method,
        offsets=[CameraOffset.model_validate(offset) for offset in row.offsets],
        report=SyncReport.model_validate(row.report),
        applied_at=row.applied_at,
        in_use=row.id == in_use,
        created_at=row.created_at,
        created_by=Named.model_validate(user) if user else None,
    )


def find(session: Session, recording: Recording, *, only: int | None = None) -> list[SyncOut]:
    """Versions of a recording, newest first; ``only`` one of them."""
    query = (
        select(Synchronisation, User)
        .outerjoin(User, User.id == Synchronisation.created_by_id)
        .where(Synchronisation.recording_id == recording.id)
        .order_by(Synchronisation.version.desc())
    )
    if only is not None:
        query = query.where(Synchronisation.id == only)
    return [to_out(row, recording.synchronisation_id, user) for row, user in session.execute(query)]


def next_version(session: Session, recording_id: int) -> int:
    """The number after the newest; the recording's row must be locked."""
    newest = session.scalar(
        select(func.max(Synchronisation.version)).where(
            Synchronisation.recording_id == recording_id
        )
    )
    return (newest or 0) + 1


def worked_on(session: Session, recording_id: int) -> bool:
    """Whether a person changed, commented on or fitted any frame: then frames stay as they are."""
    frames = select(Frame.id).where(Frame.recording_id == recording_id)
    found = session.scalar(
        select(
            exists().where(
                Annotation.recording_id == recording_id, Annotation.updated_by_id.is_not(None)
            )
            | exists().where(
                AnnotationRevision.frame_id.in_(frames), AnnotationRevision.author_id.is_not(None)
            )
            | exists().where(Comment.recording_id == recording_id)
            | exists().where(Fit.recording_id == recording_id)
            | exists().where(PostureRange.recording_id == recording_id)
        )
    )
    return bool(found)


def frame_times(session: Session, recording_id: int) -> dict[int, list[tuple[int, float, int]]]:
    """By camera (in their order) the frames as (id, camera time, moment id), by time."""
    found: dict[int, list[tuple[int, float, int]]] = {
        camera.id: [] for camera in cameras_of(session, recording_id)
    }
    for camera_id, frame_id, time_s, moment_id in session.execute(
        select(Frame.camera_id, Frame.id, Frame.time_s, Frame.moment_id)
        .where(Frame.recording_id == recording_id)
        .order_by(Frame.camera_id, Frame.time_s, Frame.id)
    ):
        found[camera_id].append((frame_id, time_s, moment_id))
    return found


def frame_intervals(session: Session, recording_id: int) -> dict[int, float]:
    """By camera, seconds between its source's frames; 0 where nothing tells."""
    return {
        camera.id: camera.frame_interval_s or (1 / camera.fps if camera.fps else 0.0)
        for camera in cameras_of(session, recording_id)
    }


def nearest_frame(session: Session, camera_id: int, time_s: float) -> tuple[int, float] | None:
    """Id and camera time of the frame nearest to a camera time."""
    row = session.execute(
        select(Frame.id, Frame.time_s)
        .where(Frame.camera_id == camera_id)
        .order_by(func.abs(Frame.time_s - time_s), Frame.id)
        .limit(1)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def fits_of(session: Session, moment_ids: Sequence[int]) -> list[dict[str, object]]:
    """What is lost with moments: their fits' verdicts, for the record."""
    rows = session.execute(
        select(Fit.id, Fit.moment_id, Fit.status).where(Fit.moment_id.in_(moment_ids))
    )
    return [{"fit": fit, "moment": moment, "status": status} for fit, moment, status in rows]


def rewrite_moments(
    session: Session,
    recording_id: int,
    times_s: Sequence[float],
    keep_ids: Sequence[int | None],
    frames: Sequence[Mapping[int, int]],
) -> list[int]:
    """Give a recording these moments and put frames into them, touching nothing else of frames.

    Args:
        session: The transaction; the recording's row is locked.
        recording_id: The session.
        times_s: Session time of each moment, ascending.
        keep_ids: The existing moment that each is, or None for a new one.
        frames: Per moment, frame id → its moment until now.

    Returns:
        Ids of the moments, in order. Moments that are no longer among them are removed.
    """
    # Indices and (camera, moment) are unique at every step: both are parked out of the way first.
    session.execute(
        update(Moment)
        .where(Moment.recording_id == recording_id)
        .values(index=-1 - Moment.id)
        .execution_options(synchronize_session=False)
    )
    count = len(times_s)
    fresh = [n for n in range(count) if keep_ids[n] is None]
    ids = list(keep_ids)
    if fresh:
        new = session.scalars(
            insert(Moment).returning(Moment.id, sort_by_parameter_order=True),
            [{"recording_id": recording_id, "index": n, "time_s": times_s[n]} for n in fresh],
        ).all()
        for n, moment_id in zip(fresh, new, strict=True):
            ids[n] = moment_id
    kept = [
        {"id": ids[n], "index": n, "time_s": times_s[n]}
        for n in range(count)
        if keep_ids[n] is not None
    ]
    if kept:
        session.execute(update(Moment), kept)
    final = [moment_id for moment_id in ids if moment_id is not None]
    moving = [
        (frame_id, final[n])
        for n, members in enumerate(frames)
        for frame_id, before in members.items()
        if before != final[n]
    ]
    if moving:
        parked = session.scalars(
            insert(Moment).returning(Moment.id, sort_by_parameter_order=True),
            [
                {"recording_id": recording_id, "index": count + k, "time_s": 0.0}
                for k in range(len(moving))
            ],
        ).all()
        for targets in (parked, [moment_id for _, moment_id in moving]):
            changes = [
                {"id": frame_id, "moment_id": target}
                for (frame_id, _), target in zip(moving, targets, strict=True)
            ]
            for begin in range(0, len(changes), _BATCH):
                session.execute(update(Frame), changes[begin : begin + _BATCH])
    session.execute(
        delete(Moment).where(
            Moment.recording_id == recording_id, (Moment.index < 0) | (Moment.index >= count)
        )
    )
    session.expire_all()
    return final
