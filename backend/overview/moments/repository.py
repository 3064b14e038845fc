"""Reading moments, their frames and joints in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    Calibration,
    Camera,
    Candidate,
    Frame,
    Moment,
    Recording,
)
from backend.domain.verdicts import Verdict


def cameras_of(session: Session, recording_id: int) -> list[Camera]:
    """A recording's cameras in their order."""
    query = select(Camera).where(Camera.recording_id == recording_id).order_by(Camera.index)
    return list(session.scalars(query))


def moments_of(session: Session, recording_id: int) -> list[Moment]:
    """A recording's moments by time."""
    query = select(Moment).where(Moment.recording_id == recording_id).order_by(Moment.index)
    return list(session.scalars(query))


def frames_by_moment(session: Session, recording_id: int) -> dict[int, dict[str, int]]:
    """Frame ids by moment, and there by the camera's id as text, as JSON has it."""
    frames: dict[int, dict[str, int]] = {}
    for moment_id, camera_id, frame_id in session.execute(
        select(Frame.moment_id, Frame.camera_id, Frame.id).where(Frame.recording_id == recording_id)
    ):
        frames.setdefault(moment_id, {})[str(camera_id)] = frame_id
    return frames


def calibration_in_use(session: Session, recording: Recording) -> Calibration | None:
    """The version of the cameras that the recording works with."""
    if recording.calibration_id is None:
        return None
    return session.get(Calibration, recording.calibration_id)


def annotations_of_moment(
    session: Session, recording_id: int, moment_id: int
) -> list[dict[str, Any]]:
    """Frame, camera, version, verdict and keypoints (51 numbers or None), camera by camera."""
    rows = session.execute(
        select(
            Frame.id.label("frame_id"),
            Frame.camera_id,
            Annotation.version,
            Annotation.verdict,
            Annotation.keypoints,
        )
        .join(Annotation, Annotation.frame_id == Frame.id)
        .join(Camera, Camera.id == Frame.camera_id)
        .where(Frame.recording_id == recording_id, Frame.moment_id == moment_id)
        .order_by(Camera.index)
    )
    return [dict(row) for row in rows.mappings()]


def marks_of(
    session: Session, recording_id: int
) -> Iterable[tuple[int, int, str, list[float], list[float] | None]]:
    """Camera, moment, verdict, keypoints, and what the machine said, of frames not discarded."""
    rows = session.execute(
        select(
            Frame.camera_id,
            Frame.moment_id,
            Annotation.verdict,
            Annotation.keypoints,
            Candidate.skeleton,
        )
        .join(Annotation, Annotation.frame_id == Frame.id)
        .outerjoin(Candidate, Candidate.id == Annotation.candidate_id)
        .where(
            Frame.recording_id == recording_id,
            Annotation.keypoints.is_not(None),
            Annotation.verdict != Verdict.DISCARD.value,
        )
    )
    for camera_id, moment_id, verdict, keypoints, skeleton in rows:
        yield camera_id, moment_id, verdict, keypoints or [], skeleton
