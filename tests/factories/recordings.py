"""Recordings for tests, with infants, cameras and frames."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    Camera,
    CameraFile,
    Frame,
    Infant,
    Moment,
    Recording,
    User,
)
from backend.core.database.tables.recordings import Source
from backend.domain.consents import Consent
from backend.domain.workflow import Stage
from tests.factories.people import unique

WIDTH, HEIGHT = 640, 480


def make_infant(session: Session, pseudonym: str | None = None) -> Infant:
    """An infant."""
    infant = Infant(pseudonym=pseudonym or unique("infant"))
    session.add(infant)
    session.flush()
    return infant


def make_recording(
    session: Session,
    stage: Stage = Stage.ANNOTATING,
    *,
    frames: int = 3,
    cameras: int = 1,
    annotator: User | None = None,
    inspector: User | None = None,
    infant: Infant | None = None,
    round_number: int = 1,
    name: str | None = None,
    source: Source = Source.HOME_VISIT,
    consent: Consent = Consent.RESEARCH_AND_RELEASE,
    age_months: float | None = 9.0,
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> Recording:
    """A recording session with ``frames`` moments seen by ``cameras`` cameras.

    Its frames have annotations at version 0, as after ingest, whatever the stage.
    """
    recording = Recording(
        name=name or unique("recording"),
        source=source.value,
        infant_id=(infant or make_infant(session)).id,
        age_months=age_months,
        consent=consent.value,
        stage=stage.value,
        round=round_number,
        annotator_id=annotator.id if annotator else None,
        inspector_id=inspector.id if inspector else None,
    )
    session.add(recording)
    session.flush()
    eyes = [
        Camera(recording_id=recording.id, index=i, name=f"camera {i + 1}",
               width=size[0], height=size[1], fps=30.0, source_filename=f"camera{i + 1}.mp4")
        for i in range(cameras)
    ]  # fmt: skip
    moments = [Moment(recording_id=recording.id, index=i, time_s=i / 3) for i in range(frames)]
    session.add_all([*eyes, *moments])
    session.flush()
    pictures = [
        _frame(recording, eye, moment, e * frames + m, size)
        for e, eye in enumerate(eyes)
        for m, moment in enumerate(moments)
    ]
    session.add_all(pictures)
    session.flush()
    session.add_all(Annotation(frame_id=f.id, recording_id=recording.id) for f in pictures)
    session.flush()
    return recording


def _frame(
    recording: Recording, camera: Camera, moment: Moment, position: int, size: tuple[int, int]
) -> Frame:
    key = uuid.uuid4().hex
    return Frame(
        recording_id=recording.id,
        camera_id=camera.id,
        moment_id=moment.id,
        position=position,
        time_s=moment.time_s,
        source_frame=moment.index * 10,
        width=size[0],
        height=size[1],
        sha256=key * 2,
        image_key=f"recordings/{recording.id}/frames/{key}.jpg",
        thumbnail_key=f"recordings/{recording.id}/thumbnails/{key}.jpg",
        sharpness=100.0 + position,
        mean_luma=120.0,
        clipped_dark=0.0,
        clipped_bright=0.0,
        dhash=position,
    )


def store_videos(session: Session, recording: Recording) -> None:
    """Say that each camera's video is stored; there is no file."""
    cameras = session.scalars(select(Camera).where(Camera.recording_id == recording.id))
    session.add_all(
        CameraFile(
            camera_id=camera.id,
            index=0,
            filename=f"{camera.name}.mp4",
            sha256="0" * 64,
            key=f"recordings/{recording.id}/source/{camera.id}.mp4",
        )
        for camera in cameras
    )
    session.flush()


def frames_of(session: Session, recording: Recording) -> list[Frame]:
    """Frames of a recording in working order."""
    return list(
        session.scalars(
            select(Frame).where(Frame.recording_id == recording.id).order_by(Frame.position)
        )
    )


def frame_ids_of(session: Session, recording: Recording) -> list[int]:
    """Ids of a recording's frames in working order."""
    return [frame.id for frame in frames_of(session, recording)]
