"""Moments of several cameras: their frames, their joints, and how well the views agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, Calibration, Camera, Moment, Recording, User
from backend.domain.cameras import Camera as Lens
from backend.domain.errors import NotFound
from backend.domain.verdicts import DiscardReason
from backend.overview.moments import service
from backend.overview.moments.schemas import MomentJoints, MomentList, ViewErrors
from tests.factories import bearer, discard, frames_of, make_annotator, make_recording
from tests.vectors.make_cameras import look_at

API = "/api/v1"
JOINTS = np.random.default_rng(1).uniform((-0.3, -0.3, 0), (0.3, 0.3, 0.4), (17, 3))
EYES = ((2.0, 0.3, 1.2), (-1.4, 1.5, 1.0), (-0.9, -1.8, 1.4), (0.8, -1.5, 0.9))


def rig(count: int) -> list[Lens]:
    K = np.array([[500, 0, 320], [0, 500, 240], [0, 0, 1]])
    return [
        Lens(f"camera {i + 1}", 640, 480, K, np.zeros(5),
             T_camera_world=look_at(EYES[i], (0, 0, 0.2)))
        for i in range(count)
    ]  # fmt: skip


def calibrate(session: Session, recording: Recording, *, left_out: int | None = None) -> None:
    eyes = session.scalars(
        select(Camera).where(Camera.recording_id == recording.id).order_by(Camera.index)
    ).all()
    values = [
        camera.to_dict() | {"camera_id": eye.id, "rms_px": None}
        for eye, camera in zip(eyes, rig(len(eyes)), strict=True)
        if eye.index != left_out
    ]
    calibration = Calibration(
        recording_id=recording.id, version=1, origin="rendered", phase="session", cameras=values
    )
    session.add(calibration)
    session.flush()
    recording.calibration_id = calibration.id
    session.flush()


def annotate(session: Session, recording: Recording, visibility: int = 2) -> None:
    """The true joints in every frame, as pixels."""
    eyes = rig(4)
    index = {
        c.id: c.index
        for c in session.scalars(select(Camera).where(Camera.recording_id == recording.id))
    }
    for frame in frames_of(session, recording):
        pixels = eyes[index[frame.camera_id]].project(JOINTS)
        flat = np.column_stack((pixels, np.full(17, visibility))).ravel().tolist()
        change(session, frame.id, flat)


def change(session: Session, frame_id: int, flat: list[float]) -> None:
    annotation = session.get_one(Annotation, frame_id)
    annotation.keypoints = flat
    session.flush()


def moved(session: Session, frame_id: int, joint: int, dx: float) -> None:
    annotation = session.get_one(Annotation, frame_id)
    flat = list(annotation.keypoints or [])
    flat[3 * joint] += dx
    change(session, frame_id, flat)


@pytest.fixture
def annotator(session: Session) -> User:
    return make_annotator(session)


@pytest.fixture
def recording(session: Session, annotator: User) -> Recording:
    recording = make_recording(session, annotator=annotator, frames=3, cameras=4)
    calibrate(session, recording)
    annotate(session, recording)
    return recording


def errors(session: Session, recording: Recording, threshold_px: float = 15.0) -> ViewErrors:
    return ViewErrors.model_validate(service.view_errors(session, recording, threshold_px))


def test_moments_name_the_frame_of_every_camera(session: Session, recording: Recording) -> None:
    found = MomentList.model_validate(service.list_moments(session, recording))
    frames = frames_of(session, recording)
    assert [m.index for m in found.moments] == [0, 1, 2]
    assert [c.name for c in found.cameras] == ["camera 1", "camera 2", "camera 3", "camera 4"]
    for moment in found.moments:
        assert moment.frames == {str(f.camera_id): f.id for f in frames if f.moment_id == moment.id}
    assert found.calibration is not None
    assert [c.camera_id for c in found.calibration.cameras] == [c.id for c in found.cameras]


def test_a_recording_without_calibration_has_none(session: Session, annotator: User) -> None:
    recording = make_recording(session, annotator=annotator, cameras=2)
    found = MomentList.model_validate(service.list_moments(session, recording))
    assert found.calibration is None
    annotate(session, recording)
    told = errors(session, recording)
    assert all(e is None for m in told.moments for view in m.errors for e in view)


def test_joints_of_a_moment_come_camera_by_camera(session: Session, recording: Recording) -> None:
    moment = session.scalars(select(Moment).where(Moment.recording_id == recording.id)).first()
    assert moment is not None
    found = MomentJoints.model_validate(service.joints_of_moment(session, recording, moment.id))
    assert len(found.frames) == 4
    assert all(f.joints is not None and len(f.joints) == 17 for f in found.frames)


def test_a_moment_of_another_recording_is_not_found(session: Session, recording: Recording) -> None:
    other = make_recording(session)
    moment = session.scalars(select(Moment).where(Moment.recording_id == other.id)).first()
    assert moment is not None
    with pytest.raises(NotFound):
        service.joints_of_moment(session, recording, moment.id)


def test_true_joints_have_no_error(session: Session, recording: Recording) -> None:
    found = errors(session, recording)
    assert all(e == 0.0 for m in found.moments for view in m.errors for e in view)
    assert all(m.disagrees == [] for m in found.moments)


def test_the_view_that_disagrees_is_named_with_its_joint(
    session: Session, recording: Recording
) -> None:
    frame = frames_of(session, recording)[4]  # second camera, second moment
    moved(session, frame.id, 9, 33.0)
    found = errors(session, recording)
    assert found.moments[1].disagrees == [(frame.camera_id, 9)]
    assert found.moments[1].errors[1][9] == pytest.approx(33, abs=0.2)
    assert found.moments[0].disagrees == []
    assert errors(session, recording, threshold_px=40).moments[1].disagrees == []


def test_discarded_frames_do_not_count(
    session: Session, recording: Recording, annotator: User
) -> None:
    frames = frames_of(session, recording)
    moved(session, frames[3].id, 0, 50.0)
    discard(session, annotator, frames[3].id, DiscardReason.MOTION_BLUR)
    found = errors(session, recording).moments[0]
    assert found.errors[1] == [None] * 17
    assert found.errors[0] == [0.0] * 17


def test_a_camera_outside_of_the_calibration_is_left_out(session: Session, annotator: User) -> None:
    recording = make_recording(session, annotator=annotator, frames=1, cameras=4)
    calibrate(session, recording, left_out=2)
    annotate(session, recording)
    found = errors(session, recording).moments[0]
    assert found.errors[2] == [None] * 17
    assert found.errors[3] == [0.0] * 17


def test_a_camera_that_was_knocked_is_taken_where_it_stands_at_each_moment(
    session: Session, recording: Recording
) -> None:
    moments = session.scalars(
        select(Moment).where(Moment.recording_id == recording.id).order_by(Moment.index)
    ).all()
    calibration = session.get_one(Calibration, recording.calibration_id)
    eye = rig(4)[1]
    later = eye.moved(look_at(EYES[1], (0.15, 0, 0.2)))
    moves = [
        {"from_s": None, "T_camera_world": eye.pose.tolist(), "covariance": None},
        {"from_s": moments[2].time_s, "T_camera_world": later.pose.tolist(), "covariance": None},
    ]
    entries = [dict(entry) for entry in calibration.cameras]
    entries[1] |= {"T_camera_world": None, "moves": moves}
    calibration.cameras = entries
    for frame in frames_of(session, recording):
        if frame.camera_id == entries[1]["camera_id"] and frame.moment_id == moments[2].id:
            flat = np.column_stack((later.project(JOINTS), np.full(17, 2))).ravel().tolist()
            change(session, frame.id, flat)
    found = errors(session, recording)
    assert all(e == 0.0 for m in found.moments for view in m.errors for e in view)
    told = MomentList.model_validate(service.list_moments(session, recording)).calibration
    assert told is not None
    assert [(m.from_s, m.from_moment) for m in told.cameras[1].moves] == [
        (None, None), (moments[2].time_s, 2),
    ]  # fmt: skip


def test_the_number_of_queries_does_not_grow_with_the_recording(
    session: Session, annotator: User
) -> None:
    counts = []
    for frames in (2, 9):
        recording = make_recording(session, annotator=annotator, frames=frames, cameras=3)
        calibrate(session, recording)
        annotate(session, recording)
        session.expire_all()
        asked: list[str] = []

        def note(*args: Any, asked: list[str] = asked) -> None:
            asked.append(args[2])

        connection = session.connection()
        event.listen(connection, "before_cursor_execute", note)
        service.list_moments(session, recording)
        service.view_errors(session, recording, 15.0)
        event.remove(connection, "before_cursor_execute", note)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 10


def test_all_three_are_read_over_http(client: TestClient, committed: Session) -> None:
    annotator = make_annotator(committed)
    headers = bearer(committed, annotator)
    recording = make_recording(committed, annotator=annotator, frames=2, cameras=4)
    calibrate(committed, recording)
    annotate(committed, recording)
    committed.commit()
    path = f"{API}/recordings/{recording.id}"
    listed = client.get(f"{path}/moments", headers=headers)
    assert listed.status_code == 200
    moment = MomentList.model_validate(listed.json()).moments[1]
    joints = client.get(f"{path}/moments/{moment.id}/joints", headers=headers)
    assert len(MomentJoints.model_validate(joints.json()).frames) == 4
    told = client.get(f"{path}/view-errors?threshold_px=12", headers=headers)
    assert ViewErrors.model_validate(told.json()).threshold_px == 12
    assert client.get(f"{path}/view-errors?threshold_px=0", headers=headers).status_code == 422
    assert client.get(f"{path}/moments").status_code == 401
