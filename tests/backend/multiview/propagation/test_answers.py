"""What is kept of an answer beside the estimates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backend.domain.trajectories.evidence import SessionEvidence
from backend.domain.trajectories.solve import solve
from backend.multiview.propagation import answers
from backend.multiview.propagation.schemas import CameraOffOut
from tests.backend.domain.trajectories.made import evidence_with, made_session

IDS = (11, 12, 15, 19)


def test_cameras_that_are_off_are_told_by_their_ids_and_right_ones_are_not() -> None:
    _, session = made_session(22, 60, 4)
    assert answers.cameras_off(IDS, solve(session)) is None
    first = session.cameras[0]
    assert first.camera is not None
    K = first.camera.K + np.array(((0, 0, 6.0), (0, 0, 0), (0, 0, 0)))
    moved = evidence_with(first, camera=replace(first.camera, K=K))
    touched = SessionEvidence((moved, *session.cameras[1:]), session.moments)

    off = answers.cameras_off(IDS, solve(touched))
    assert off is not None
    told = {one.camera_id: one.px for one in CameraOffOut.of(off)}
    assert max(told, key=lambda camera: told[camera]) == IDS[0]
    assert 3 < told[IDS[0]] < 7
    assert CameraOffOut.of(None) == []
