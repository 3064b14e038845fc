"""What a release says of its recordings, as it was frozen."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import Camera, ReleaseFrame, ReleaseRecording


def recording_of(frame: type[ReleaseFrame]) -> ColumnElement[bool]:
    """Joins a release's frames to what it says of their recordings."""
    return and_(
        ReleaseRecording.release_id == frame.release_id,
        ReleaseRecording.recording_id == frame.recording_id,
    )


def camera_names(session: Session, release_id: int) -> dict[int, dict[int, str]]:
    """By recording the names that people gave its cameras, by camera, in the cameras' order."""
    rows = session.execute(
        select(ReleaseRecording.recording_id, ReleaseRecording.cameras).where(
            ReleaseRecording.release_id == release_id
        )
    )
    return {row.recording_id: dict(row.cameras) for row in rows}


def film_cameras(session: Session, recordings: Collection[int]) -> list[int]:
    """Cameras of recordings that filmed; those of photographs have neither rate nor length."""
    filmed = func.coalesce(Camera.fps, Camera.frame_interval_s, Camera.duration_s)
    rows = select(Camera.id).where(Camera.recording_id.in_(recordings), filmed.is_not(None))
    return list(session.scalars(rows.order_by(Camera.id)))
