"""A fit is made from kept views, usable masks, and the cameras of one calibration."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy.orm import Session

from backend.core.database.tables import Calibration, Recording, User
from backend.domain.document import MoveJoint, SetVerdict
from backend.domain.errors import InvalidInput
from backend.domain.verdicts import Decision, DiscardReason, Verdict
from backend.domain.workflow import Stage
from backend.multiview.fits.inputs import session_inputs
from tests.backend.multiview.fits.making import make_seen_recording
from tests.factories import edit, frame_ids_of, make_annotator, make_boxes


@pytest.fixture
def annotator(session: Session) -> User:
    return make_annotator(session)


def _in_use(session: Session, recording: Recording) -> Calibration:
    return session.get_one(Calibration, recording.calibration_id)


def test_discarded_views_are_left_out_and_the_rest_goes_on(
    session: Session, annotator: User
) -> None:
    recording = make_seen_recording(session, annotator, frames=2)
    verdict = SetVerdict(Decision(Verdict.DISCARD, DiscardReason.LIGHTING))
    edit(session, annotator, frame_ids_of(session, recording)[2], verdict)
    calibration = _in_use(session, recording)
    found = session_inputs(session, recording, calibration)
    assert [sorted(moment.views) for moment in found.moments] == [[0], [0, 1]]
    joints = found.joints()
    assert joints.shape == (2, 2, 17, 3)
    assert np.all(joints[0, 1] == 0)
    assert np.all(joints[1, 1, :, 2] > 0)


def test_a_mask_older_than_the_joints_is_not_used(session: Session, annotator: User) -> None:
    recording = make_seen_recording(session, annotator, frames=2)
    recording.stage = Stage.BOXING.value
    make_boxes(session, recording)
    recording.stage = Stage.ANNOTATING.value
    edit(session, annotator, frame_ids_of(session, recording)[0], MoveJoint(3, 50.0, 60.0))
    found = session_inputs(session, recording, _in_use(session, recording))
    assert found.moments[0].views[0].mask_counts is None
    assert found.moments[0].views[1].mask_counts is not None


def test_a_camera_without_calibration_is_none_and_keeps_its_place(
    session: Session, annotator: User
) -> None:
    recording = make_seen_recording(session, annotator, cameras=3)
    calibration = _in_use(session, recording)
    calibration.cameras = [calibration.cameras[0], calibration.cameras[2]]
    cameras = session_inputs(session, recording, calibration).cameras
    assert [camera is None for camera in cameras] == [False, True, False]


def test_a_single_view_gets_an_assumed_camera(session: Session, annotator: User) -> None:
    recording = make_seen_recording(session, annotator, cameras=1)
    (camera,) = session_inputs(session, recording, None).cameras
    assert camera is not None
    assert camera.K[0, 0] == pytest.approx(1.2 * 640)


def test_a_calibration_for_images_of_another_size_is_refused(
    session: Session, annotator: User
) -> None:
    recording = make_seen_recording(session, annotator)
    calibration = _in_use(session, recording)
    calibration.cameras = [c | {"width": 1920, "height": 1080} for c in calibration.cameras]
    with pytest.raises(InvalidInput, match="1920×1080 pixels, but its frames have 640×480"):
        session_inputs(session, recording, calibration)
