"""The demo's cameras are known from its import on."""

from __future__ import annotations

import numpy as np
from sqlalchemy.orm import Session

from backend.core.database.tables import Calibration
from backend.demo.calibration import store_rendered_calibration
from backend.demo.prelabels import truth_of
from backend.multiview.calibrations import service
from tests.factories import make_recording


def test_the_rendered_cameras_see_the_joints_where_the_truth_has_them(session: Session) -> None:
    recording = make_recording(session, cameras=4, frames=1)
    store_rendered_calibration(session, recording, "play_mat")
    row = session.get_one(Calibration, recording.calibration_id)
    assert (row.origin, row.version, row.floor_z) == ("rendered", 1, 0.0)
    for camera, truth in zip(service.cameras_of(row), truth_of("play_mat").cameras, strict=True):
        infant = truth.frames[0].infant
        assert infant is not None
        miss = np.linalg.norm(camera.project(infant.joints3d) - infant.joints2d, axis=1)
        assert miss.max() < 0.1


def test_a_recording_of_one_camera_has_it_too(session: Session) -> None:
    recording = make_recording(session, cameras=1, frames=1)
    store_rendered_calibration(session, recording, "living_room")
    assert recording.calibration_id is not None
